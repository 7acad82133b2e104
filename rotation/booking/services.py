"""Writes of bookings: each under its locks, each a line of the history."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from django.db import transaction

from rotation.audit.models import Subject
from rotation.audit.services import By, record
from rotation.booking.errors import (
    BookingRefused,
    ChangedMeanwhile,
    Code,
    NotYetHeld,
    SeatGone,
    WrongState,
)
from rotation.booking.locks import lock_booking
from rotation.booking.models import Booking
from rotation.booking.queries import reasons_why_not
from rotation.booking.seating import save_booking, take_seat
from rotation.booking.states import Step, is_done_already, next_state
from rotation.calendars.identifiers import new_uid, next_sequence
from rotation.directory.queries import active_staff
from rotation.meetings.errors import MeetingOver
from rotation.meetings.models import Meeting
from rotation.meetings.services import lock_meeting

TIME_AND_SEAT = frozenset({Code.NO_SEAT, Code.OVERLAP, Code.MEETING_CANCELLED, Code.MEETING_PAST})


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

    Raises:
        BookingRefused: with every reason against it.
        StaffMember.DoesNotExist: nobody active has this id.
        Meeting.DoesNotExist: there is no such meeting.
    """
    staff = active_staff().select_for_update(of=("self",)).get(pk=staff_id)
    meeting = lock_meeting(meeting_id)
    if reasons := reasons_why_not(staff, meeting, now):
        raise BookingRefused(reasons)
    requested = meeting.series.needs_approval
    booking = Booking(
        staff=staff,
        state=Booking.State.REQUESTED if requested else Booking.State.CONFIRMED,
        uid=new_uid(),
        source=source,
        created_at=now,
    )
    take_seat(booking, meeting)
    save_booking(booking)
    _record(booking, Step.BOOK, by, now, before={})
    return booking


@transaction.atomic
def confirm_booking(booking_id: int, *, by: By, now: datetime) -> Booking:
    """Confirm a requested booking as the host; a second time changes nothing.

    Raises:
        WrongState: the booking is no longer requested.
        MeetingOver: the meeting has begun.
    """
    return _step_ahead(lock_booking(booking_id), Step.CONFIRM, by, now, approved_at=now)


@transaction.atomic
def decline_booking(booking_id: int, *, by: By, now: datetime) -> Booking:
    """Decline a guest as the host, which frees the seat.

    Raises:
        WrongState: the visit is already given up, or was recorded.
        MeetingOver: the meeting has begun.
    """
    booking = lock_booking(booking_id)
    return _step_ahead(
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
    return _step_ahead(booking, Step.CANCEL, by, now, sequence=next_sequence(booking.sequence))


@transaction.atomic
def lapse_request(booking_id: int, *, by: By, now: datetime) -> Booking:
    """Close a request that no host answered before the meeting began; others stay as they are."""
    booking = lock_booking(booking_id)
    if booking.state != Booking.State.REQUESTED or booking.starts_at > now:
        return booking
    return take_step(booking, Step.CANCEL, by, now)


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


@transaction.atomic
def move_booking(booking_id: int, *, meeting_id: int, by: By, now: datetime) -> Booking:
    """Move the visit to another meeting and return the booking that holds there.

    Inside one series it keeps its UID and raises SEQUENCE; in another series the old booking
    is cancelled and a new one, with a new UID, takes its place.

    Raises:
        BookingRefused: with every reason against the new meeting.
        WrongState: the visit is given up, or was recorded.
        MeetingOver: the meeting has begun.
    """
    booking = lock_booking(booking_id, with_meetings=[meeting_id])
    meeting = lock_meeting(meeting_id)
    if booking.meeting_id == meeting.pk:
        return booking
    _check_version(booking, by)
    _allow(booking, Step.MOVE)
    _refuse_begun(booking, now)
    if booking.meeting.series_id != meeting.series_id:
        cancel_booking(booking_id, by=by, now=now)
        return book_visit(
            staff_id=booking.staff_id,
            meeting_id=meeting.pk,
            by=replace(by, version=None),  # nobody saw the new booking
            now=now,
            source=Booking.Source(booking.source),
        )
    if reasons := reasons_why_not(booking.staff, meeting, now, without=booking.pk):
        raise BookingRefused(reasons)
    return _reseat(booking, meeting, Step.MOVE, by, now)


@transaction.atomic
def swap_booking(booking_id: int, *, staff_id: int, by: By, now: datetime) -> Booking:
    """Send another person to the same meeting: the old booking is cancelled, a new one made.

    Raises:
        BookingRefused: with every reason against the other person.
        WrongState: the visit is given up, or was recorded.
        MeetingOver: the meeting has begun.
        StaffMember.DoesNotExist: nobody active has this id.
    """
    booking = lock_booking(booking_id, with_staff=[staff_id])
    if booking.staff_id == staff_id:
        return booking
    _check_version(booking, by)
    _allow(booking, Step.MOVE)
    cancel_booking(booking_id, by=by, now=now)
    return book_visit(
        staff_id=staff_id,
        meeting_id=booking.meeting_id,
        by=replace(by, version=None),  # nobody saw the new booking
        now=now,
        source=Booking.Source.SWAP,
    )


@transaction.atomic
def record_answer(booking_id: int, *, partstat: str, by: By, now: datetime) -> Booking:
    """Store the guest's answer: DECLINED frees the seat, a later yes takes it again.

    Raises:
        SeatGone: the guest had declined, and seat or time is no longer free.
    """
    booking = lock_booking(booking_id)
    if partstat == booking.partstat:
        return booking
    is_ahead = booking.ends_at > now  # afterwards an answer is kept for the record only
    if is_ahead and partstat == "DECLINED" and next_state(booking.state, Step.DECLINE):
        return take_step(
            booking, Step.DECLINE, by, now, partstat=partstat, declined_by=Booking.Side.GUEST
        )
    if is_ahead and booking.declined_by == Booking.Side.GUEST:
        return _take_again(booking, partstat, by, now)
    before = facts_of(booking)
    booking.partstat = partstat
    return store_step(booking, Step.ANSWER, by, now, before)


def _check_version(booking: Booking, by: By) -> None:
    if by.version is not None and by.version != booking.version:
        raise ChangedMeanwhile(version=booking.version)


def _allow(booking: Booking, step: Step) -> str:
    state = next_state(booking.state, step)
    if state is None:
        raise WrongState(state=booking.state, action=step.value)
    return state


def _refuse_begun(booking: Booking, now: datetime) -> None:
    """What has begun is history: it is recorded, and changes no more."""
    if booking.starts_at <= now:
        raise MeetingOver(starts_at=booking.starts_at)


def _step_ahead(
    booking: Booking,
    step: Step,
    by: By,
    now: datetime,
    **updates: Any,  # noqa: ANN401 -- columns
) -> Booking:
    if not is_done_already(booking.state, step):
        _refuse_begun(booking, now)
    return take_step(booking, step, by, now, **updates)


def take_step(
    booking: Booking,
    step: Step,
    by: By,
    now: datetime,
    **updates: Any,  # noqa: ANN401 -- columns
) -> Booking:
    """Take the locked booking a step on, `updates` set, and return it; done already: as it is.

    Raises:
        ChangedMeanwhile: it has another version than `by` saw.
        WrongState: its state does not allow the step.
    """
    if is_done_already(booking.state, step):
        return booking
    _check_version(booking, by)
    before = facts_of(booking)
    booking.state = _allow(booking, step)
    for name, value in updates.items():
        setattr(booking, name, value)
    return store_step(booking, step, by, now, before)


def _reseat(booking: Booking, meeting: Meeting, step: Step, by: By, now: datetime) -> Booking:
    before = facts_of(booking)
    take_seat(booking, meeting)
    booking.sequence = next_sequence(booking.sequence)
    booking.partstat = Booking.Partstat.NEEDS_ACTION
    return store_step(booking, step, by, now, before)


def _take_again(booking: Booking, partstat: str, by: By, now: datetime) -> Booking:
    """A yes after the guest's own no: the calendar already shows it, so SEQUENCE stays.

    A request that no host has approved is a request again.
    """
    against = reasons_why_not(booking.staff, booking.meeting, now)
    if reasons := tuple(reason for reason in against if reason.code in TIME_AND_SEAT):
        raise SeatGone(reasons=reasons)
    before = facts_of(booking)
    booking.state, booking.declined_by = _state_before_decline(booking), Booking.Side.NOBODY
    booking.partstat = partstat
    take_seat(booking, booking.meeting)
    return store_step(booking, Step.REACCEPT, by, now, before)


def _state_before_decline(booking: Booking) -> Booking.State:
    approved = booking.approved_at or not booking.meeting.series.needs_approval
    return Booking.State.CONFIRMED if approved else Booking.State.REQUESTED


def store_step(
    booking: Booking, step: Step, by: By, now: datetime, before: dict[str, Any]
) -> Booking:
    """Store the changed booking with its line of the trail, and return it.

    Raises:
        BookingRefused: the database found seat or time taken.
    """
    booking.version += 1
    save_booking(booking)
    _record(booking, step, by, now, before=before)
    return booking


def facts_of(booking: Booking) -> dict[str, Any]:
    """Return what the trail tells of a booking, before and after each change."""
    return {
        "state": booking.state,
        "declined_by": booking.declined_by,
        "partstat": booking.partstat,
        "staff": booking.staff_id,
        "meeting": booking.meeting_id,
        "starts_at": booking.starts_at,
        "ends_at": booking.ends_at,
    }


def _record(booking: Booking, step: Step, by: By, now: datetime, *, before: dict[str, Any]) -> None:
    about = (Subject.BOOKING, booking.pk)
    record(by, now, about=about, action=step.value, old=before, new=facts_of(booking))
