"""Replace the demo organisation by one of another size."""

import time
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from rotation.directory.models import StaffMember
from rotation.workflows.demo.build import SEED, replace_demo
from rotation.workflows.demo.errors import NotADemo
from rotation.workflows.demo.sizes import SIZES


class Command(BaseCommand):
    """Takes the whole demo away and builds a new one; refuses any other database."""

    help = __doc__ or ""

    def add_arguments(self, parser: CommandParser) -> None:
        """Take size and seed."""
        parser.add_argument("--size", choices=sorted(SIZES), default="S", help="S, M or L")
        parser.add_argument("--seed", default=SEED, help="the same seed makes the same people")

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ANN401, ARG002 -- Django's
        """Replace and tell how large it became."""
        started = time.monotonic()
        try:
            replace_demo(timezone.now(), options["size"], options["seed"])
        except NotADemo as error:
            raise CommandError(
                "This database is not marked as a demo, so it is left as it is. "
                "Name another one in DATABASE_URL."
            ) from error
        people = StaffMember.objects.count()
        seconds = time.monotonic() - started
        self.stdout.write(f"The demo now has {people} IT people; built in {seconds:.1f} s.")
