"""plan -> booking -> invite: change a booking and queue what has to be told, in one transaction."""

from datetime import datetime

from django.db import transaction

from rotation.audit.services import By
from rotation.booking import services
from rotation.booking.following import follow_meeting
from rotation.booking.locks import lock_guests
from rotation.booking.models import Booking
from rotation.invites.services import queue_invites
from rotation.meetings.models import Meeting
from rotation.meetings.services import cancel_meeting, move_meeting


@transaction.atomic
def book(*, staff_id: int, meeting_id: int, by: By, now: datetime) -> Booking:
    """Book a visit and queue its mails; raises as `booking.services.book_visit`."""
    booking = services.book_visit(staff_id=staff_id, meeting_id=meeting_id, by=by, now=now)
    queue_invites([booking], now)
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
    return booking


@transaction.atomic
def cancel(booking_id: int, *, by: By, now: datetime) -> Booking:
    """Give a visit up and tell; raises as `booking.services.cancel_booking`."""
    booking = services.cancel_booking(booking_id, by=by, now=now)
    queue_invites([booking], now)
    return booking


@transaction.atomic
def move(booking_id: int, *, meeting_id: int, by: By, now: datetime) -> Booking:
    """Move a visit and tell; raises as `booking.services.move_booking`."""
    moved = services.move_booking(booking_id, meeting_id=meeting_id, by=by, now=now)
    queue_invites(_both(booking_id, moved), now)
    return moved


@transaction.atomic
def swap(booking_id: int, *, staff_id: int, by: By, now: datetime) -> Booking:
    """Send another person and tell both; raises as `booking.services.swap_booking`."""
    swapped = services.swap_booking(booking_id, staff_id=staff_id, by=by, now=now)
    queue_invites(_both(booking_id, swapped), now)
    return swapped


@transaction.atomic
def call_off_meeting(meeting_id: int, *, by: By, now: datetime) -> Meeting:
    """Cancel one occurrence as host; its visits are cancelled and everybody is told."""
    lock_guests(meeting_id)
    meeting = cancel_meeting(meeting_id, now=now)
    queue_invites(follow_meeting(meeting, by=by, now=now), now)
    return meeting


@transaction.atomic
def put_meeting(meeting_id: int, *, starts_at: datetime, by: By, now: datetime) -> Meeting:
    """Move one occurrence as host; its visits follow and everybody is told.

    Raises:
        MeetingOver: it has begun or was cancelled, or would begin in the past.
    """
    lock_guests(meeting_id)
    meeting = move_meeting(meeting_id, starts_at=starts_at, now=now)
    queue_invites(follow_meeting(meeting, by=by, now=now), now)
    return meeting


def _both(old_id: int, new: Booking) -> list[Booking]:
    return [new] if new.pk == old_id else [Booking.objects.get(pk=old_id), new]
