"""Half-open intervals of time: [starts_at, ends_at)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta


@dataclass(frozen=True, slots=True, order=True)
class Interval:
    """From `starts_at` up to, not including, `ends_at`; given in any zone, kept in UTC.

    Two times of one local zone would be compared and subtracted by the wall clock, an hour wrong
    where it changes.

    Raises:
        ValueError: the end is before the start, or a side has no time zone.
    """

    starts_at: datetime
    ends_at: datetime

    def __post_init__(self) -> None:
        if self.starts_at.tzinfo is None or self.ends_at.tzinfo is None:
            raise ValueError("an interval needs aware times")
        object.__setattr__(self, "starts_at", self.starts_at.astimezone(UTC))
        object.__setattr__(self, "ends_at", self.ends_at.astimezone(UTC))
        if self.ends_at < self.starts_at:
            raise ValueError("an interval cannot end before it starts")

    @property
    def duration(self) -> timedelta:
        """The real time between both ends."""
        return self.ends_at - self.starts_at

    def overlaps(self, other: "Interval") -> bool:
        """Return whether both share a moment; touching ends share none."""
        return self.starts_at < other.ends_at and other.starts_at < self.ends_at

    def contains(self, other: "Interval") -> bool:
        """Return whether `other` lies wholly inside."""
        return self.starts_at <= other.starts_at and other.ends_at <= self.ends_at

    def intersection(self, other: "Interval") -> "Interval | None":
        """Return the shared part; None where there is none."""
        if not self.overlaps(other):
            return None
        return Interval(max(self.starts_at, other.starts_at), min(self.ends_at, other.ends_at))


def union(intervals: Iterable[Interval]) -> list[Interval]:
    """Return the same time as sorted intervals that neither overlap nor touch."""
    merged: list[Interval] = []
    for interval in sorted(intervals):
        if merged and interval.starts_at <= merged[-1].ends_at:
            last = merged.pop()
            merged.append(Interval(last.starts_at, max(last.ends_at, interval.ends_at)))
        else:
            merged.append(interval)
    return merged


def shared_time(ones: Iterable[Interval], others: Iterable[Interval]) -> timedelta:
    """Return how much time both sets of intervals share, each moment counted once."""
    parts = [one.intersection(other) for one in union(ones) for other in union(others)]
    return sum((part.duration for part in parts if part), timedelta())
