"""ISO weeks: a week is its Monday, in the zone of the organisation."""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta, tzinfo

from rotation.periods.intervals import Interval

WEEK = timedelta(weeks=1)
LATELY_WEEKS = 13  # a quarter: how far back coverage and suggestions look
FIRST_YEAR, LAST_YEAR = 2000, 2100


def monday_of(day: date) -> date:
    """Return the Monday of the ISO week of `day`."""
    return day - timedelta(days=day.weekday())


def week_of(at: datetime, zone: tzinfo) -> date:
    """Return the week in which the moment `at` lies in `zone`."""
    return monday_of(at.astimezone(zone).date())


def weeks_from(week: date, count: int) -> Iterator[date]:
    """Return `count` weeks, the first of them the week of `week`."""
    first = monday_of(week)
    return (first + index * WEEK for index in range(count))


def midnight(day: date, zone: tzinfo) -> datetime:
    """Return the first moment of `day` in `zone`."""
    return datetime.combine(day, time.min, zone)


def interval_of_week(week: date, zone: tzinfo) -> Interval:
    """Return the week as an interval; 167 or 169 hours long where clocks change."""
    return Interval(midnight(week, zone), midnight(week + WEEK, zone))


def is_plannable(day: date) -> bool:
    """Return whether `day` lies in the years that the product deals with."""
    return FIRST_YEAR <= day.year <= LAST_YEAR
