"""Visits that change their meeting or their guest."""

from dataclasses import replace
from datetime import datetime

from django.db import transaction

from rotation.audit.services import By
from rotation.booking.locks import lock_booking
from rotation.booking.models import Booking
from rotation.booking.seating import take_seat
from rotation.booking.services import (
    book_visit,
    cancel_booking,
    place_guest,
    refuse_impossible,
)
from rotation.booking.states import Step
from rotation.booking.steps import (
    allowed_state,
    check_version,
    facts_of,
    refuse_begun,
    store_step,
)
from rotation.booking.waiting import seat_waiting
from rotation.calendars.identifiers import next_sequence
from rotation.directory.queries import active_staff
from rotation.meetings.models import Meeting
from rotation.meetings.services import lock_meeting


@transaction.atomic
def move_booking(booking_id: int, *, meeting_id: int, by: By, now: datetime) -> Booking:
    """Move the visit to another meeting and return the booking that holds there.

    Inside one series it keeps its UID and raises SEQUENCE, and where the host approves each
    guest it is a request again; in another series the old booking is cancelled and a new one,
    with a new UID, takes its place.

    Raises:
        BookingRefused: with every reason against the new meeting.
        WrongState: the visit is given up, or was recorded.
        MeetingOver: the meeting has begun.
    """
    booking = lock_booking(booking_id, with_meetings=[meeting_id])
    meeting = lock_meeting(meeting_id)
    _refuse_change(booking, by, now)
    if booking.meeting_id == meeting.pk:
        return booking
    if booking.meeting.series_id != meeting.series_id:
        cancel_booking(booking_id, by=by, now=now)
        return book_visit(
            staff_id=booking.staff_id,
            meeting_id=meeting.pk,
            by=_author_of_new(by),
            now=now,
            source=Booking.Source(booking.source),
        )
    waiting = refuse_impossible(booking.staff, meeting, now, without=booking.pk)
    moved = _put(booking, meeting, by, now)
    if waiting:
        seat_waiting(moved, by, now)
    return moved


@transaction.atomic
def swap_booking(booking_id: int, *, staff_id: int, by: By, now: datetime) -> Booking:
    """Send another person to the same meeting: the old booking is cancelled, a new one made.

    The seat changes hands and is never free: who waits for one has no claim on it.

    Raises:
        BookingRefused: with every reason against the other person.
        WrongState: the visit is given up, or was recorded.
        MeetingOver: the meeting has begun.
        StaffMember.DoesNotExist: nobody active has this id.
    """
    booking = lock_booking(booking_id, with_staff=[staff_id])
    _refuse_change(booking, by, now)
    if booking.staff_id == staff_id:
        return booking
    staff = active_staff().get(pk=staff_id)
    waiting = refuse_impossible(staff, booking.meeting, now, without=booking.pk)
    cancel_booking(booking_id, by=by, now=now)
    author = _author_of_new(by)
    swapped = place_guest(staff, booking.meeting, author, now, Booking.Source.SWAP)
    if waiting:
        seat_waiting(swapped, author, now)
    return swapped


def _refuse_change(booking: Booking, by: By, now: datetime) -> None:
    check_version(booking, by)
    allowed_state(booking, Step.MOVE)
    refuse_begun(booking, now)


def _author_of_new(by: By) -> By:
    """Return the author of a new booking, which nobody saw before."""
    return replace(by, version=None)


def _put(booking: Booking, meeting: Meeting, by: By, now: datetime) -> Booking:
    """Move inside the series; what a host approved was the other date."""
    before = facts_of(booking)
    take_seat(booking, meeting)
    booking.sequence = next_sequence(booking.sequence)
    booking.partstat = Booking.Partstat.NEEDS_ACTION
    if meeting.series.needs_approval:
        booking.state, booking.approved_at = Booking.State.REQUESTED, None
        booking.requested_at = now
    return store_step(booking, Step.MOVE, by, now, before)
