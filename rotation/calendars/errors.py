"""What can be wrong with a calendar that somebody sent."""

from typing import ClassVar

from rotation.periods.errors import RotationError


class UnreadableCalendar(RotationError):  # noqa: N818 -- a fact, not a fault
    """The bytes hold no calendar that can be read; `problem` says what stopped the parser."""

    code: ClassVar[str] = "unreadable_calendar"


class CalendarTooLarge(RotationError):  # noqa: N818 -- a fact, not a fault
    """`size` is beyond `limit`, in whichever unit was counted."""

    code: ClassVar[str] = "calendar_too_large"


class AddressRefused(RotationError):  # noqa: N818 -- a fact, not a fault
    """The address may not be asked; fields: `why` (malformed, not_https, not_public)."""

    code: ClassVar[str] = "address_refused"


class NoAnswer(RotationError):  # noqa: N818 -- a fact, not a fault
    """Nobody answered at an address, or not in time; fields: `reply`, one line that says how."""

    code: ClassVar[str] = "no_answer"
