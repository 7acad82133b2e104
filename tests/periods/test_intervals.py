from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rotation.periods.intervals import Interval, shared_time, union

START = datetime(2026, 3, 2, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
intervals = st.builds(
    lambda start, length: Interval(START + start * MINUTE, START + (start + length) * MINUTE),
    st.integers(0, 200),
    st.integers(1, 60),
)


def minutes_of(times: list[Interval]) -> set[int]:
    return {
        minute
        for time in times
        for minute in range((time.starts_at - START) // MINUTE, (time.ends_at - START) // MINUTE)
    }


@given(intervals, intervals)
def test_two_intervals_overlap_when_they_share_a_minute(one: Interval, other: Interval) -> None:
    shared = minutes_of([one]) & minutes_of([other])

    assert one.overlaps(other) == bool(shared)
    assert minutes_of([part] if (part := one.intersection(other)) else []) == shared


@given(st.lists(intervals, max_size=8))
def test_union_covers_the_same_minutes_without_overlap(times: list[Interval]) -> None:
    merged = union(times)

    assert minutes_of(merged) == minutes_of(times)
    assert all(a.ends_at < b.starts_at for a, b in pairwise(merged))


@given(st.lists(intervals, max_size=6), st.lists(intervals, max_size=6))
def test_shared_time_counts_each_minute_once(ones: list[Interval], others: list[Interval]) -> None:
    shared = minutes_of(ones) & minutes_of(others)

    assert shared_time(ones, others) == len(shared) * MINUTE


def test_touching_intervals_do_not_overlap() -> None:
    first = Interval(START, START + MINUTE)

    assert not first.overlaps(Interval(START + MINUTE, START + 2 * MINUTE))


def test_an_interval_over_a_clock_change_is_as_long_as_it_really_is() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    night = Interval(
        datetime(2026, 10, 25, 1, tzinfo=berlin), datetime(2026, 10, 25, 4, tzinfo=berlin)
    )

    assert night.duration == timedelta(hours=4)


def test_both_turns_of_a_repeated_hour_are_apart() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    first = datetime(2026, 10, 25, 2, tzinfo=berlin)
    again = first.replace(fold=1)

    assert not Interval(first, first.replace(minute=45)).overlaps(
        Interval(again, again.replace(minute=45))
    )


def test_an_interval_cannot_end_before_it_starts() -> None:
    with pytest.raises(ValueError, match="end before"):
        Interval(START, START - MINUTE)


def test_an_interval_needs_a_time_zone() -> None:
    naive = START.replace(tzinfo=None)
    with pytest.raises(ValueError, match="aware"):
        Interval(naive, naive)
