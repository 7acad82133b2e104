"""Working time: a weekly pattern of local hours, laid over real days."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo

from rotation.periods.intervals import Interval, union


@dataclass(frozen=True, slots=True)
class WorkingHours:
    """Local hours on one weekday (0 = Monday), from `starts` to `ends`.

    They hold on the days of [starts_on, ends_on): the contract that they stand in.
    """

    weekday: int
    starts: time
    ends: time
    starts_on: date = date.min
    ends_on: date = date.max

    @property
    def minutes(self) -> int:
        """How long they are on a day without a clock change."""
        return (self.ends.hour - self.starts.hour) * 60 + self.ends.minute - self.starts.minute

    def hold_on(self, day: date) -> bool:
        """Return whether their contract is in force on `day`."""
        return self.starts_on <= day < self.ends_on


def weekly_minutes(pattern: Iterable[WorkingHours], on: date) -> int:
    """Return the minutes of a week that the contract in force on a day asks for."""
    return sum(hours.minutes for hours in pattern if hours.hold_on(on))


def working_intervals(
    pattern: Iterable[WorkingHours], first: date, last: date, zone: tzinfo
) -> list[Interval]:
    """Return when somebody with `pattern` works from the day `first` to the day `last`.

    Local wall time on every day: 9 o'clock stays 9 o'clock when the clocks change. Each day goes
    by the contract of that day, so one that begins on a Wednesday changes half a week.
    """
    by_weekday: dict[int, list[WorkingHours]] = {}
    for hours in pattern:
        by_weekday.setdefault(hours.weekday, []).append(hours)
    days = (first + timedelta(days=index) for index in range((last - first).days + 1))
    return union(
        _laid_on(day, hours, zone)
        for day in days
        for hours in by_weekday.get(day.weekday(), ())
        if hours.hold_on(day)
    )


def _laid_on(day: date, hours: WorkingHours, zone: tzinfo) -> Interval:
    """Return the hours of one day; those that a clock change skips are empty."""
    starts_at = datetime.combine(day, hours.starts, zone).astimezone(UTC)
    ends_at = datetime.combine(day, hours.ends, zone).astimezone(UTC)
    return Interval(starts_at, max(starts_at, ends_at))


def is_working(pattern: Iterable[WorkingHours], interval: Interval, zone: tzinfo) -> bool:
    """Return whether `interval` lies wholly inside working hours."""
    first = interval.starts_at.astimezone(zone).date()
    last = interval.ends_at.astimezone(zone).date()
    return any(
        worked.contains(interval) for worked in working_intervals(pattern, first, last, zone)
    )
