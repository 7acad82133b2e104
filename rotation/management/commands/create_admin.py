"""`create_admin EMAIL`: the first sign-in of an installation without a demo."""

import sys
from argparse import ArgumentParser
from getpass import getpass
from typing import Any

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.core.validators import validate_email

from accounts.models import Role, User


class Command(BaseCommand):
    """Creates an administrator, or makes one of a user who is there; sets the password."""

    help = "Create an administrator who signs in with EMAIL; asks for the password."
    requires_system_checks = ()  # it has no pages

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Add the address, the name, and where the password comes from."""
        parser.add_argument("email")
        parser.add_argument("--name", default="")
        parser.add_argument(
            "--password-stdin", action="store_true", help="read the password from standard input"
        )

    def handle(self, *_: Any, **options: Any) -> None:  # noqa: ANN401 -- Django's
        """Store the administrator and say so.

        Raises:
            CommandError: the address is none, or the password is too weak.
        """
        email = options["email"].strip().lower()
        user = User.objects.filter(email__iexact=email).first() or User(email=email)
        user.name = options["name"] or user.name or email.partition("@")[0]
        try:
            validate_email(email)
            password = _password(from_stdin=options["password_stdin"])
            validate_password(password, user)
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from error
        user.roles = sorted({*user.roles, Role.ADMIN.value})
        user.is_active = True
        user.set_password(password)
        user.save()
        self.stdout.write(f"{user.email} can sign in as an administrator.")


def _password(*, from_stdin: bool) -> str:
    """Return the password, asked for twice where a person types it."""
    if from_stdin:
        return sys.stdin.readline().rstrip("\r\n")
    password = getpass("Password: ")
    if getpass("Once more: ") != password:
        raise CommandError("The two passwords are not the same.")
    return password
