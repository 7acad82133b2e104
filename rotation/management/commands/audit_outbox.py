"""`manage.py audit_outbox`: is there a guest whom nobody told?"""

import sys

from django.core.management.base import BaseCommand
from django.utils import timezone

from rotation.invites.models import Mail
from rotation.invites.queries import UntoldGuest, untold_guests

FINDINGS = {
    Mail.State.FAILED.value: "the mail failed",
    Mail.State.QUEUED.value: "the mail is waiting",
}


class Command(BaseCommand):
    """Names the coming bookings whose guest was not told what holds."""

    help = "Name coming bookings whose guest was never told; exit 1 where there are any."
    requires_system_checks = ()  # it has no pages

    def handle(self, *args: object, **options: object) -> None:
        """Print one line per booking, and exit 1 where there is one."""
        del args, options
        untold = untold_guests(timezone.now())
        for guest in untold:
            self.stdout.write(_line(guest))
        if untold:
            sys.exit(1)
        self.stdout.write("Every guest was told.")


def _line(guest: UntoldGuest) -> str:
    booking, mail = guest.booking, guest.mail
    start = timezone.localtime(booking.starts_at).isoformat(timespec="minutes")
    found = (FINDINGS[mail.state], mail.last_error) if mail else ("no mail was queued",)
    words = (f"booking {booking.pk}", start, booking.staff.user.email, *found)
    return ": ".join(word for word in words if word)
