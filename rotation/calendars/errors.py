"""What can be wrong with a calendar that somebody sent."""

from rotation.periods.errors import RotationError


class UnreadableCalendar(RotationError):
    """The bytes hold no calendar that can be read; `problem` says what stopped the parser."""

    code = "unreadable_calendar"


class CalendarTooLarge(RotationError):
    """`size` is beyond `limit`, in whichever unit was counted."""

    code = "calendar_too_large"
