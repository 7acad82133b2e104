"""The guest's answer, by mail, link or page."""

from datetime import datetime

from django.db import transaction

from rotation.audit.services import By
from rotation.booking.errors import Code, SeatGone
from rotation.booking.locks import lock_booking
from rotation.booking.models import Booking
from rotation.booking.queries import reasons_why_not
from rotation.booking.seating import take_seat
from rotation.booking.states import Step, next_state
from rotation.booking.steps import facts_of, store_step, take_step
from rotation.booking.waiting import seat_waiting

TIME_AND_SEAT = frozenset({Code.NO_SEAT, Code.OVERLAP, Code.MEETING_CANCELLED, Code.MEETING_PAST})


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


def _take_again(booking: Booking, partstat: str, by: By, now: datetime) -> Booking:
    """A yes after the guest's own no: the calendar already shows it, so SEQUENCE stays.

    A request that no host has approved is a request again. A seat for which others wait is gone.
    """
    against = reasons_why_not(booking.staff, booking.meeting, now)
    if reasons := tuple(reason for reason in against if reason.code in TIME_AND_SEAT):
        raise SeatGone(reasons=reasons)
    before = facts_of(booking)
    booking.state, booking.declined_by = _state_before_decline(booking), Booking.Side.NOBODY
    booking.partstat = partstat
    if booking.state == Booking.State.REQUESTED:
        booking.requested_at = now
    take_seat(booking, booking.meeting)
    stored = store_step(booking, Step.REACCEPT, by, now, before)
    seat_waiting(stored, by, now)
    return stored


def _state_before_decline(booking: Booking) -> Booking.State:
    approved = booking.approved_at or not booking.meeting.series.needs_approval
    return Booking.State.CONFIRMED if approved else Booking.State.REQUESTED
