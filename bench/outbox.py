"""Queued mails to send: real invitations, rendered once and copied under new Message-IDs."""

from datetime import timedelta

from django.utils import timezone

from rotation.booking.models import Booking
from rotation.calendars.identifiers import message_id, new_token
from rotation.invites.models import Mail
from rotation.invites.services import queue_invites
from tests.builders import make_booking, make_department, make_meeting, make_series, make_staff

SOON = timedelta(days=20)


def queue(count: int) -> list[Mail]:
    """Empty the outbox and queue so many mails, each with a Message-ID of its own."""
    Mail.objects.all().delete()
    return queue_more(count)


def queue_more(count: int) -> list[Mail]:
    """Queue so many mails beside what the outbox holds."""
    now = timezone.now()
    guest = make_staff("Written to", works=False)
    series = make_series(department=make_department("Told of"))
    meetings = [
        make_meeting(series=series, starts_at=now + SOON + number * timedelta(hours=2))
        for number in range(count)
    ]
    bookings = [make_booking(staff=guest, meeting=meeting) for meeting in meetings]
    [pattern] = queue_invites(bookings[:1], now)
    copies = [_copy(pattern, booking) for booking in bookings[1:]]
    return [pattern, *Mail.objects.bulk_create(copies)]


def _copy(pattern: Mail, booking: Booking) -> Mail:
    name = message_id(new_token())
    raw = bytes(pattern.raw).replace(pattern.message_id.encode(), name.encode())
    values = {
        field.attname: getattr(pattern, field.attname)
        for field in Mail._meta.concrete_fields  # noqa: SLF001 -- Django's documented name
        if not field.primary_key
    }
    own = {"booking_id": booking.pk, "uid": booking.uid, "message_id": name, "raw": raw}
    return Mail(**{**values, **own})


def clear() -> None:
    """Take away what `queue` made."""
    Mail.objects.all().delete()
    Booking.objects.filter(staff__user__name="Written to").delete()
