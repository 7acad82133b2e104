"""Why a change of a meeting is refused."""

from typing import ClassVar

from rotation.periods.errors import RotationError


class MeetingOver(RotationError):  # noqa: N818 -- a fact, not a fault
    """The meeting has begun or is cancelled, or would begin in the past; fields: `starts_at`."""

    code: ClassVar[str] = "meeting_over"


class SeriesRefused(RotationError):  # noqa: N818 -- a fact, not a fault
    """The recurrence rule is not one of the known kinds; fields: `part`."""

    code: ClassVar[str] = "rule_not_supported"


class DayWithoutGuests(RotationError):  # noqa: N818 -- a fact, not a fault
    """Guests are not welcome on the day to which a meeting would move; fields: `day`."""

    code: ClassVar[str] = "day_without_guests"
