"""plan -> booking -> invite: change a booking and queue what has to be told, in one transaction."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from django.db import transaction

from rotation.audit.models import Subject
from rotation.audit.services import By, record
from rotation.booking import moves, services
from rotation.booking.following import follow_meeting
from rotation.booking.locks import lock_guests
from rotation.booking.models import Booking
from rotation.invites.services import queue_first_invites, queue_invites
from rotation.meetings.models import Meeting
from rotation.meetings.services import cancel_meeting, lock_meeting, move_meeting
from rotation.workflows.promote_waiting import promote_soon


@transaction.atomic
def book(*, staff_id: int, meeting_id: int, by: By, now: datetime) -> Booking:
    """Book a visit and queue its mails; raises as `booking.services.book_visit`."""
    booking = services.book_visit(staff_id=staff_id, meeting_id=meeting_id, by=by, now=now)
    queue_first_invites(booking, by.reason, now)
    return booking


@transaction.atomic
def confirm(booking_id: int, *, by: By, now: datetime) -> Booking:
    """Approve a guest and invite; raises as `booking.services.confirm_booking`."""
    booking = services.confirm_booking(booking_id, by=by, now=now)
    queue_invites([booking], now)
    return booking


@transaction.atomic
def decline(booking_id: int, *, by: By, now: datetime) -> Booking:
    """Decline a guest as host and tell; raises as `booking.services.decline_booking`."""
    booking = services.decline_booking(booking_id, by=by, now=now)
    queue_invites([booking], now)
    promote_soon([booking.meeting_id])
    return booking


@transaction.atomic
def cancel(booking_id: int, *, by: By, now: datetime) -> Booking:
    """Give a visit up and tell; raises as `booking.services.cancel_booking`."""
    booking = services.cancel_booking(booking_id, by=by, now=now)
    queue_invites([booking], now)
    promote_soon([booking.meeting_id])
    return booking


@transaction.atomic
def move(booking_id: int, *, meeting_id: int, by: By, now: datetime) -> Booking:
    """Move a visit and tell; raises as `booking.moves.move_booking`."""
    left = Booking.objects.values_list("meeting", flat=True).get(pk=booking_id)
    moved = moves.move_booking(booking_id, meeting_id=meeting_id, by=by, now=now)
    queue_invites(_both(booking_id, moved), now)
    promote_soon([left])
    return moved


@transaction.atomic
def swap(booking_id: int, *, staff_id: int, by: By, now: datetime) -> Booking:
    """Send another person and tell both; raises as `booking.moves.swap_booking`."""
    swapped = moves.swap_booking(booking_id, staff_id=staff_id, by=by, now=now)
    queue_invites(_both(booking_id, swapped), now)
    return swapped


@transaction.atomic
def call_off_meeting(meeting_id: int, *, by: By, now: datetime) -> Meeting:
    """Cancel one occurrence as host; its visits are cancelled and everybody is told.

    Raises:
        MeetingOver: it has begun.
    """
    lock_guests(meeting_id)
    before = _facts_of(lock_meeting(meeting_id))
    meeting = cancel_meeting(meeting_id, now=now)
    return _followed(meeting, "cancel", by, now, before)


@transaction.atomic
def put_meeting(meeting_id: int, *, starts_at: datetime, by: By, now: datetime) -> Meeting:
    """Move one occurrence as host; its visits follow and everybody is told.

    Raises:
        MeetingOver: it has begun or was cancelled, or would begin in the past.
        DayWithoutGuests: guests are not welcome on the new day.
    """
    lock_guests(meeting_id)
    before = _facts_of(lock_meeting(meeting_id))
    meeting = move_meeting(meeting_id, starts_at=starts_at, now=now)
    return _followed(meeting, "move", by, now, before)


def _followed(
    meeting: Meeting, action: str, by: By, now: datetime, before: dict[str, Any]
) -> Meeting:
    """Take the visits of a changed meeting along, tell, and return the meeting."""
    author = replace(by, version=None)  # nobody saw the bookings' versions
    queue_invites(follow_meeting(meeting, by=author, now=now), now)
    if (after := _facts_of(meeting)) != before:
        record(by, now, about=(Subject.MEETING, meeting.pk), action=action, old=before, new=after)
    return meeting


def _facts_of(meeting: Meeting) -> dict[str, Any]:
    return {
        "series": meeting.series_id,
        "starts_at": meeting.starts_at,
        "ends_at": meeting.ends_at,
        "cancelled_at": meeting.cancelled_at,
    }


def _both(old_id: int, new: Booking) -> list[Booking]:
    return [new] if new.pk == old_id else [Booking.objects.get(pk=old_id), new]
