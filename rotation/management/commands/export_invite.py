"""`manage.py export_invite BOOKING_ID`: the newest REQUEST or CANCEL as bytes."""

import sys

from django.core.management.base import BaseCommand, CommandError, CommandParser

from rotation.invites.queries import newest_calendar_mail


class Command(BaseCommand):
    """Prints the newest REQUEST or CANCEL of a booking as the bytes handed to SMTP."""

    help = "Print the newest REQUEST or CANCEL of a booking as the bytes handed to SMTP."
    requires_system_checks = ()  # it has no pages

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the booking."""
        parser.add_argument("booking_id", type=int, metavar="BOOKING_ID")

    def handle(self, *args: object, **options: int) -> None:
        """Write the bytes and nothing else; exit 1 with a sentence where there are none."""
        del args
        mail = newest_calendar_mail(options["booking_id"])
        if mail is None:
            raise CommandError(f"Booking {options['booking_id']} has no invitation yet.")
        sys.stdout.buffer.write(bytes(mail.raw))
        sys.stdout.buffer.flush()
