"""`manage.py audit_outbox`: is there a guest whom nobody told?"""

import sys
from typing import TYPE_CHECKING

from django.core.management.base import BaseCommand
from django.utils import timezone

from rotation.booking.models import Booking
from rotation.invites.queries import NewestMail, untold_guests

if TYPE_CHECKING:
    from django_stubs_ext import WithAnnotations

FINDINGS = {
    "failed": "the mail failed",
    "queued": "the mail is waiting",
}


class Command(BaseCommand):
    """Names the coming bookings whose guest was not told what holds."""

    help = "Name coming bookings whose guest was never told; exit 1 where there are any."
    requires_system_checks = ()  # it has no pages

    def handle(self, *args: object, **options: object) -> None:
        """Print one line per booking, and exit 1 where there is one."""
        del args, options
        untold = list(untold_guests(timezone.now()))
        for booking in untold:
            self.stdout.write(_line(booking))
        if untold:
            sys.exit(1)
        self.stdout.write("Every guest was told.")


def _line(booking: "WithAnnotations[Booking, NewestMail]") -> str:
    found = "no mail was queued" if booking.guest_due else FINDINGS[booking.mail_state]
    start = timezone.localtime(booking.starts_at).isoformat(timespec="minutes")
    words = (f"booking {booking.pk}", start, booking.staff.user.email, found, booking.mail_error)
    return ": ".join(word for word in words if word)
