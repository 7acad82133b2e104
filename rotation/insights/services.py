"""Writes of notes."""

from datetime import datetime

from django.db import transaction

from rotation.booking.locks import lock_booking
from rotation.insights.errors import NothingToTell
from rotation.insights.models import TOLD_OF, Note


@transaction.atomic
def write_note(booking_id: int, *, text: str, now: datetime) -> Note:
    """Store what was learned in a visit; a second text replaces the first.

    Raises:
        NothingToTell: the meeting has not begun, or the guest was not there.
    """
    booking = lock_booking(booking_id)
    if booking.state not in TOLD_OF or booking.starts_at > now:
        raise NothingToTell(state=booking.state)
    note, _ = Note.objects.update_or_create(
        booking=booking, defaults={"text": text.strip(), "written_at": now}
    )
    return note
