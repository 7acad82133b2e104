"""Why a booking is refused."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, ClassVar

from rotation.periods.errors import RotationError


class Code(StrEnum):
    """The closed list of reasons against a booking; API and pages share it."""

    NO_SEAT = "no_seat"
    OVERLAP = "overlap"
    CHANGED_MEANWHILE = "changed_meanwhile"
    ABSENT = "absent"
    ON_DUTY = "on_duty"
    OVER_BUDGET = "over_budget"
    OWN_DEPARTMENT = "own_department"
    OUTSIDE_WORKING_HOURS = "outside_working_hours"
    BUSY = "busy"
    MEETING_CANCELLED = "meeting_cancelled"
    MEETING_PAST = "meeting_past"
    NOTICE_TOO_SHORT = "notice_too_short"
    HOST_LIMIT = "host_limit"


# What others did a moment ago: trying another seat or person may help (409, not 422).
STATE_OF_OTHERS = frozenset({Code.NO_SEAT, Code.OVERLAP, Code.CHANGED_MEANWHILE})


@dataclass(frozen=True, slots=True)
class Reason:
    """One reason against a booking, with the facts its words need."""

    code: Code
    facts: dict[str, Any] = field(default_factory=dict)


class BookingRefused(RotationError):  # noqa: N818 -- a fact, not a fault
    """The booking cannot be; `reasons` names every cause at once."""

    code: ClassVar[str] = "booking_refused"

    def __init__(self, reasons: Sequence[Reason]) -> None:
        super().__init__(reasons=tuple(reasons))
        self.reasons = tuple(reasons)

    @property
    def is_conflict(self) -> bool:
        """Whether the state of others is among the causes."""
        return any(reason.code in STATE_OF_OTHERS for reason in self.reasons)


class WrongState(RotationError):  # noqa: N818 -- a fact, not a fault
    """The booking's state does not allow the action; fields: `state`, `action`."""

    code: ClassVar[str] = "wrong_state"


class NotYetHeld(RotationError):  # noqa: N818 -- a fact, not a fault
    """The meeting has not begun, so nobody has attended or missed it; fields: `starts_at`."""

    code: ClassVar[str] = "meeting_not_begun"


class ChangedMeanwhile(RotationError):  # noqa: N818 -- a fact, not a fault
    """Somebody else changed the booking since it was seen; fields: `version`."""

    code: ClassVar[str] = "changed_meanwhile"


class SeatGone(RotationError):  # noqa: N818 -- a fact, not a fault
    """The guest accepts after a decline, and seat or time is no longer free; fields: `reasons`."""

    code: ClassVar[str] = "seat_gone"


class SeatFree(RotationError):  # noqa: N818 -- a fact, not a fault
    """The meeting has a seat, so nobody has to wait for one; fields: `meeting`."""

    code: ClassVar[str] = "seat_free"


class AlreadySeated(RotationError):  # noqa: N818 -- a fact, not a fault
    """The person has a seat in the meeting, so there is nothing to wait for; fields: `booking`."""

    code: ClassVar[str] = "already_seated"
