"""Writes of notes."""

from datetime import datetime

from django.db import transaction

from rotation.audit.models import Subject
from rotation.audit.services import By, record
from rotation.booking.locks import lock_booking
from rotation.insights.errors import NothingToTell
from rotation.insights.models import TOLD_OF, Note


@transaction.atomic
def write_note(booking_id: int, *, text: str, by: By, now: datetime) -> Note:
    """Store what was learned in a visit; a second text replaces the first.

    The trail tells that there is a text, not what it says.

    Raises:
        NothingToTell: the meeting has not begun, or the guest was not there.
    """
    booking = lock_booking(booking_id)
    if booking.state not in TOLD_OF or booking.starts_at > now:
        raise NothingToTell(state=booking.state)
    note, is_new = Note.objects.update_or_create(
        booking=booking, defaults={"text": text.strip(), "written_at": now}
    )
    record(
        by,
        now,
        about=(Subject.NOTE, note.pk),
        action="add" if is_new else "change",
        new={"booking": booking_id},
    )
    return note
