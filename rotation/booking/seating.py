"""A booking's seat and time, and how it is stored: the database has the last word."""

from django.db import IntegrityError, transaction

from rotation.booking.errors import BookingRefused, Code, Reason
from rotation.booking.models import Booking
from rotation.booking.queries import holding
from rotation.booking.rules import blocked_by, cost_of
from rotation.meetings.models import Meeting
from rotation.periods.intervals import Interval

# Which database constraint says which reason.
CONSTRAINTS = {
    "booking_overlaps_nothing": Code.OVERLAP,
    "booking_has_the_seat_alone": Code.NO_SEAT,
}


def take_seat(booking: Booking, meeting: Meeting) -> None:
    """Put the booking on the lowest free seat; the caller holds the meeting's lock."""
    taken = set(
        Booking.objects.filter(holding(), meeting=meeting)
        .exclude(pk=booking.pk)
        .values_list("seat", flat=True)
    )
    booking.meeting = meeting
    booking.seat = next(number for number in range(1, len(taken) + 2) if number not in taken)
    keep_in_step(booking, meeting)


def keep_in_step(booking: Booking, meeting: Meeting) -> None:
    """Give the booking the meeting's time, and what way and pause make of it."""
    interval, travel = Interval(meeting.starts_at, meeting.ends_at), meeting.series.travel
    blocked = blocked_by(interval, travel, booking.staff.team.buffer)
    booking.starts_at, booking.ends_at = meeting.starts_at, meeting.ends_at
    booking.blocked = (blocked.starts_at, blocked.ends_at)
    booking.cost_minutes = cost_of(interval, travel)


def save_booking(booking: Booking) -> None:
    """Save; what the database refuses becomes a reason, as it was said by the rules.

    Raises:
        BookingRefused: a constraint named in `CONSTRAINTS` was hit.
    """
    try:
        with transaction.atomic():
            booking.save()
    except IntegrityError as error:
        code = _constraint_code(error)
        if code is None:
            raise
        raise BookingRefused([Reason(code)]) from error


def _constraint_code(error: IntegrityError) -> Code | None:
    diagnosis = getattr(error.__cause__, "diag", None)
    return CONSTRAINTS.get(getattr(diagnosis, "constraint_name", None) or "")
