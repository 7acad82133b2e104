"""`api_token EMAIL`: a new key for a script."""

from argparse import ArgumentParser
from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from accounts.models import ApiToken, User

LONGEST_DAYS = 3650


class Command(BaseCommand):
    """Makes a token of a user; only its hash is stored, so the key is shown once."""

    help = "Make an API token for a user; its key is the last line, never shown again."
    requires_system_checks = ()  # it has no pages

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Add the user, and how long and under which name the token is valid."""
        parser.add_argument("email")
        parser.add_argument("--days", type=int, default=365, help="valid for so many days (365)")
        parser.add_argument("--name", default="", help="what it is for")

    def handle(self, *_: Any, **options: Any) -> None:  # noqa: ANN401 -- Django's
        """Print until when the token is valid, and its key.

        Raises:
            CommandError: nobody active has this address, or the days make no sense.
        """
        days, email = options["days"], options["email"].strip()
        if not 1 <= days <= LONGEST_DAYS:
            raise CommandError(f"--days must be from 1 to {LONGEST_DAYS}.")
        user = User.objects.filter(email__iexact=email, is_active=True).first()
        if user is None:
            raise CommandError(f"Nobody who may sign in has the address {email!r}.")
        now = timezone.now()
        expires_at = now + timedelta(days=days)
        name = options["name"][:80]
        key = ApiToken.issue(user, now=now, expires_at=expires_at, name=name)
        self.stdout.write(f"Token of {user.email}, valid until {expires_at:%Y-%m-%d}:")
        self.stdout.write(key)
