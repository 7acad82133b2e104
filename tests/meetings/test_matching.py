from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rotation.meetings.matching import matched_days

days = st.lists(st.dates(date(2026, 1, 1), date(2026, 6, 30)), unique=True, max_size=30)


def march(*numbers: int) -> list[date]:
    return [date(2026, 3, number) for number in numbers]


@pytest.mark.parametrize(
    ("old", "new", "pairs"),
    [
        (march(3, 10, 17), march(3, 10, 17), {3: 3, 10: 10, 17: 17}),  # another hour
        (march(3, 10, 17), march(4, 11, 18), {3: 4, 10: 11, 17: 18}),  # Tuesday to Wednesday
        (march(3, 10, 17, 24), march(3, 17), {3: 3, 17: 17}),  # every week to every other
        (march(3, 17), march(10, 24), {3: 10, 17: 24}),  # the other weeks
        (march(2, 3), march(3, 4), {3: 3, 2: 4}),  # what may stay stays
        (march(3), march(31), {3: 31}),  # a single meeting goes anywhere
        (march(3), [], {}),
    ],
)
def test_the_nearest_day_takes_the_place(
    old: list[date], new: list[date], pairs: dict[int, int]
) -> None:
    found = matched_days(old, new)

    assert {one.day: other.day for one, other in found.items()} == pairs


@given(days, days)
def test_each_day_is_paired_once_and_the_same_days_with_themselves(
    old: list[date], new: list[date]
) -> None:
    pairs = matched_days(old, new)

    assert len(set(pairs.values())) == len(pairs)
    assert set(pairs) <= set(old)
    assert set(pairs.values()) <= set(new)
    assert all(pairs[day] == day for day in set(old) & set(new)) or len(old) == len(new) == 1
