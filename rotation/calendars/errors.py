"""What can be wrong with a calendar that somebody sent."""

from typing import ClassVar

from rotation.periods.errors import RotationError


class UnreadableCalendar(RotationError):  # noqa: N818 -- a fact, not a fault
    """The bytes hold no calendar that can be read; `problem` says what stopped the parser."""

    code: ClassVar[str] = "unreadable_calendar"


class CalendarTooLarge(RotationError):  # noqa: N818 -- a fact, not a fault
    """`size` is beyond `limit`, in whichever unit was counted."""

    code: ClassVar[str] = "calendar_too_large"
