"""Recurrence rules as people choose them: every week, every other week, once a month; pure."""

from datetime import date
from enum import StrEnum

DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
LAST_SURE_WEEK = 4  # not every month has a fifth Tuesday


class Rhythm(StrEnum):
    """How often a meeting comes round."""

    ONCE = "once"
    WEEKLY = "weekly"
    BIWEEKLY = "biweekly"
    MONTHLY = "monthly"


def rule_of(rhythm: Rhythm, first: date) -> str:
    """Return the RRULE (RFC 5545 section 3.3.10) of meetings from `first` on; empty for one.

    Monthly means the same weekday of the month: the second Tuesday, or the last one where the
    first date is a fifth.
    """
    day = DAYS[first.weekday()]
    return {
        Rhythm.ONCE: "",
        Rhythm.WEEKLY: f"FREQ=WEEKLY;BYDAY={day}",
        Rhythm.BIWEEKLY: f"FREQ=WEEKLY;INTERVAL=2;BYDAY={day}",
        Rhythm.MONTHLY: f"FREQ=MONTHLY;BYDAY={day};BYSETPOS={nth_in_month(first)}",
    }[rhythm]


def nth_in_month(day: date) -> int:
    """Return 2 for the second Tuesday of a month; -1, the last, for a fifth."""
    nth = (day.day - 1) // 7 + 1
    return nth if nth <= LAST_SURE_WEEK else -1


def rhythm_of(rrule: str, first: date) -> Rhythm | None:
    """Return the rhythm whose rule from `first` on is `rrule`; None where none has it.

    A monthly rule may also be written with the number before the day, as calendars do.
    """
    if rrule == f"FREQ=MONTHLY;BYDAY={nth_in_month(first)}{DAYS[first.weekday()]}":
        return Rhythm.MONTHLY
    return next((each for each in Rhythm if rule_of(each, first) == rrule), None)
