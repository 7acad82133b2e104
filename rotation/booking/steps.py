"""One booking a step on: its version looked at, its state allowed, stored with its line."""

from datetime import datetime
from typing import Any

from rotation.audit.models import Subject
from rotation.audit.services import By, record
from rotation.booking.errors import ChangedMeanwhile, WrongState
from rotation.booking.models import Booking
from rotation.booking.seating import save_booking
from rotation.booking.states import Step, is_done_already, next_state
from rotation.meetings.errors import MeetingOver


def check_version(booking: Booking, by: By) -> None:
    """Do nothing where `by` saw the booking as it is.

    Raises:
        ChangedMeanwhile: it has another version.
    """
    if by.version is not None and by.version != booking.version:
        raise ChangedMeanwhile(version=booking.version)


def allowed_state(booking: Booking, step: Step) -> str:
    """Return the state to which `step` leads.

    Raises:
        WrongState: the booking's state does not allow it.
    """
    state = next_state(booking.state, step)
    if state is None:
        raise WrongState(state=booking.state, action=step.value)
    return state


def refuse_begun(booking: Booking, now: datetime) -> None:
    """Do nothing before the meeting: what has begun is history and changes no more.

    Raises:
        MeetingOver: it has begun.
    """
    if booking.starts_at <= now:
        raise MeetingOver(starts_at=booking.starts_at)


def take_step_ahead(
    booking: Booking,
    step: Step,
    by: By,
    now: datetime,
    **updates: Any,  # noqa: ANN401 -- columns
) -> Booking:
    """Take a step that is possible before the meeting only; else as `take_step`.

    Raises:
        MeetingOver: it has begun.
    """
    if not is_done_already(booking.state, step):
        refuse_begun(booking, now)
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
    check_version(booking, by)
    before = facts_of(booking)
    booking.state = allowed_state(booking, step)
    for name, value in updates.items():
        setattr(booking, name, value)
    return store_step(booking, step, by, now, before)


def store_step(
    booking: Booking, step: Step, by: By, now: datetime, before: dict[str, Any]
) -> Booking:
    """Store the changed booking with its line of the trail, and return it.

    Raises:
        BookingRefused: the database found seat or time taken.
    """
    booking.version += 1
    save_booking(booking)
    record_step(booking, step, by, now, before=before)
    return booking


def record_step(
    booking: Booking, step: Step, by: By, now: datetime, *, before: dict[str, Any]
) -> None:
    """Store the line of one step, with what differs from `before`."""
    about = (Subject.BOOKING, booking.pk)
    record(by, now, about=about, action=step.value, old=before, new=facts_of(booking))


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
