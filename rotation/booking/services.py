"""Writes of bookings: each under its locks, each a line of the history."""

from datetime import datetime

from django.db import transaction

from rotation.audit.services import By
from rotation.booking.errors import BookingRefused, NotYetHeld
from rotation.booking.facts import NOBODY, candidates_for, visits_for
from rotation.booking.locks import lock_booking
from rotation.booking.models import Booking
from rotation.booking.queries import end_of_request
from rotation.booking.rules import reasons_against
from rotation.booking.seating import save_booking, take_seat
from rotation.booking.states import Step
from rotation.booking.steps import record_step, take_step, take_step_ahead
from rotation.booking.waiting import seat_waiting
from rotation.calendars.identifiers import new_uid, next_sequence
from rotation.directory.models import StaffMember
from rotation.directory.queries import active_staff
from rotation.meetings.models import Meeting
from rotation.meetings.services import lock_meeting


@transaction.atomic
def book_visit(
    *,
    staff_id: int,
    meeting_id: int,
    by: By,
    now: datetime,
    source: Booking.Source = Booking.Source.MANUAL,
) -> Booking:
    """Book one person into one meeting; where the host approves, the request holds the seat.

    The booking comes with all that mails say of it, and with `has_waited`.

    Raises:
        BookingRefused: with every reason against it.
        StaffMember.DoesNotExist: nobody active has this id.
        Meeting.DoesNotExist: there is no such meeting.
    """
    staff = active_staff().select_for_update(of=("self",)).get(pk=staff_id)
    meeting = lock_meeting(meeting_id)
    waiting = refuse_impossible(staff, meeting, now)
    booking = place_guest(staff, meeting, by, now, source)
    booking.has_waited = bool(waiting) and seat_waiting(booking, by, now)
    return booking


def refuse_impossible(
    staff: StaffMember, meeting: Meeting, now: datetime, *, without: int = NOBODY
) -> int:
    """Return how many people wait for a seat in the meeting, where the visit may be.

    Raises:
        BookingRefused: with every reason against it.
    """
    visit = visits_for(meeting, [staff.pk], now, without=without)[staff.pk]
    candidate = candidates_for(meeting, [staff], without=without)[staff.pk]
    if reasons := reasons_against(visit, candidate, now):
        raise BookingRefused(reasons)
    return visit.waiting


def place_guest(
    staff: StaffMember,
    meeting: Meeting,
    by: By,
    now: datetime,
    source: Booking.Source,
    *,
    booked_by: int | None = None,
) -> Booking:
    """Store the visit of a person whom no rule is against; the caller holds both locks.

    `booked_by` wanted the visit, where that is another user than the author of this change.
    """
    requested = meeting.series.needs_approval
    booking = Booking(
        staff=staff,
        state=Booking.State.REQUESTED if requested else Booking.State.CONFIRMED,
        uid=new_uid(),
        source=source,
        created_at=now,
        requested_at=now if requested else None,
        booked_by_id=booked_by or by.user_id,
    )
    take_seat(booking, meeting)
    save_booking(booking)
    record_step(booking, Step.BOOK, by, now, before={})
    return booking


@transaction.atomic
def confirm_booking(booking_id: int, *, by: By, now: datetime) -> Booking:
    """Confirm a requested booking as the host; a second time changes nothing.

    A request that was changed has another SEQUENCE than what the guest was told last, be that a
    REQUEST or the CANCEL that took it back (RFC 5546 section 2.1.4).

    Raises:
        WrongState: the booking is no longer requested.
        MeetingOver: the meeting has begun.
    """
    booking = lock_booking(booking_id)
    sequence = next_sequence(booking.sequence) if booking.sequence else booking.sequence
    return take_step_ahead(booking, Step.CONFIRM, by, now, approved_at=now, sequence=sequence)


@transaction.atomic
def decline_booking(booking_id: int, *, by: By, now: datetime) -> Booking:
    """Decline a guest as the host, which frees the seat.

    Raises:
        WrongState: the visit is already given up, or was recorded.
        MeetingOver: the meeting has begun.
    """
    booking = lock_booking(booking_id)
    return take_step_ahead(
        booking,
        Step.DECLINE,
        by,
        now,
        declined_by=Booking.Side.HOST,
        sequence=next_sequence(booking.sequence),
    )


@transaction.atomic
def cancel_booking(booking_id: int, *, by: By, now: datetime) -> Booking:
    """Give the visit up, which frees the seat and raises SEQUENCE (RFC 5546 section 3.2.5).

    Raises:
        WrongState: the visit is already given up, or was recorded.
        MeetingOver: the meeting has begun.
    """
    booking = lock_booking(booking_id)
    return take_step_ahead(booking, Step.CANCEL, by, now, sequence=next_sequence(booking.sequence))


@transaction.atomic
def lapse_request(booking_id: int, *, by: By, now: datetime) -> Booking:
    """Close a request that no host answered in time (`approval.lapses_at`), which frees the seat.

    Others stay as they are: somebody was faster.
    """
    booking = lock_booking(booking_id)
    if booking.state != Booking.State.REQUESTED or end_of_request(booking) > now:
        return booking
    sequence = next_sequence(booking.sequence)
    return take_step(booking, Step.LAPSE, by, now, lapsed_at=now, sequence=sequence)


@transaction.atomic
def record_attendance(booking_id: int, *, attended: bool, by: By, now: datetime) -> Booking:
    """Say after the meeting whether the guest was there; may be corrected.

    Raises:
        NotYetHeld: the meeting has not begun.
        WrongState: the visit was not confirmed.
    """
    booking = lock_booking(booking_id)
    if booking.starts_at > now:
        raise NotYetHeld(starts_at=booking.starts_at)
    return take_step(booking, Step.ATTEND if attended else Step.MISS, by, now)
