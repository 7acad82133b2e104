"""`api_token EMAIL`: a new key for a script."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from accounts.models import TokenScope, User
from rotation.audit.models import Via
from rotation.audit.services import By
from rotation.workflows.keep_tokens import LONGEST_DAYS, make_token

BY_COMMAND = By(None, Via.COMMAND)


class Command(BaseCommand):
    """Makes a token of a user; only its hash is stored, so the key is shown once."""

    help = "Make an API token for a user; its key is the last line, never shown again."
    requires_system_checks = ()  # it has no pages

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Add the user, and for what, how long and under which name the token is valid."""
        parser.add_argument("email")
        parser.add_argument("--days", type=int, default=365, help="valid for so many days (365)")
        parser.add_argument("--name", default="", help="what it is for")
        scopes = ",".join(TokenScope.values)
        parser.add_argument("--scopes", default=scopes, help=f"what it may be used for ({scopes})")

    def handle(self, *_: Any, **options: Any) -> None:  # noqa: ANN401 -- Django's
        """Print until when the token is valid, and its key.

        Raises:
            CommandError: nobody active has this address, or days or scopes make no sense.
        """
        days, email = options["days"], options["email"].strip()
        scopes = [scope.strip() for scope in options["scopes"].split(",") if scope.strip()]
        if not 1 <= days <= LONGEST_DAYS:
            raise CommandError(f"--days must be from 1 to {LONGEST_DAYS}.")
        if not scopes or set(scopes) - set(TokenScope):
            raise CommandError(f"--scopes must be some of {','.join(TokenScope.values)}.")
        user = User.objects.filter(email__iexact=email, is_active=True).first()
        if user is None:
            raise CommandError(f"Nobody who may sign in has the address {email!r}.")
        name = options["name"][:80]
        key, token = make_token(
            user, name=name, scopes=scopes, days=days, by=BY_COMMAND, now=timezone.now()
        )
        self.stdout.write(f"Token of {user.email}, valid until {token.expires_at:%Y-%m-%d}:")
        self.stdout.write(key)
