"""When hosts are reminded and when requests lapse: working days, clock changes, weekends."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rotation.booking.approval import (
    REMIND_BEFORE,
    is_working_time,
    lapses_at,
    reminds_at,
    working_days_after,
)

BERLIN = ZoneInfo("Europe/Berlin")
DAY = timedelta(days=1)
FAR = timedelta(weeks=8)


def at(day: int, hour: int = 10, month: int = 3) -> datetime:
    """Return an hour of a day of 2026 in Berlin; 2 March is a Monday."""
    return datetime(2026, month, day, hour, tzinfo=BERLIN)


def lapse(asked_at: datetime, starts_at: datetime, notice: timedelta = DAY) -> datetime:
    return lapses_at(asked_at, starts_at, notice, BERLIN)


@pytest.mark.parametrize(
    ("asked", "days", "then"),
    [
        (at(2), 2, at(4)),
        (at(6, 16), 2, at(10, 16)),  # Friday: Monday is the first day, Tuesday the second
        (at(7), 1, at(9)),  # Saturday
        (at(8), 1, at(9)),  # Sunday
        (at(27, 10), 1, at(30, 10)),  # over the night in which an hour is skipped
        (at(23, 10, 10), 1, at(26, 10, 10)),  # over the night in which an hour is had twice
    ],
)
def test_working_days_go_by_the_clock_on_the_wall(
    asked: datetime, days: int, then: datetime
) -> None:
    assert working_days_after(asked, days, BERLIN) == then


def test_a_request_lapses_after_five_working_days() -> None:
    assert lapse(at(2), at(2) + FAR) == at(9)


def test_a_request_lapses_when_the_notice_of_the_meeting_passes() -> None:
    assert lapse(at(2), at(6)) == at(5)


def test_a_request_close_to_the_notice_lives_a_day_but_not_longer_than_the_meeting() -> None:
    assert lapse(at(2), at(4, 9), notice=2 * DAY) == at(3)
    assert lapse(at(2), at(2, 22), notice=timedelta(hours=12)) == at(2, 22)


@pytest.mark.parametrize(
    ("asked", "end", "reminded"),
    [
        (at(2), at(9), at(4)),
        (at(2), at(5), at(4)),  # the day before the end
        (at(2), at(4), at(3)),
        (at(5, 20), at(12), at(9, 17)),  # Monday night: in the afternoon
        (at(5, 6), at(12), at(6, 17)),  # Monday before dawn: Friday afternoon
        (at(6), at(9, 12), at(6, 17)),  # a day before the end is Sunday
        (at(2), at(3), None),
        (at(2, 20), at(4, 6), at(2, 17)),
    ],
)
def test_a_reminder_comes_in_working_time_a_day_before_the_end(
    asked: datetime, end: datetime, reminded: datetime | None
) -> None:
    wanted = reminded if reminded and reminded > asked else None

    assert reminds_at(asked, end, BERLIN) == wanted


@given(
    asked=st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31)),  # noqa: DTZ001
    hours=st.integers(1, 24 * 60),
    notice=st.integers(0, 24 * 10),
)
def test_a_reminder_is_never_late_and_never_at_night(
    asked: datetime, hours: int, notice: int
) -> None:
    asked_at = asked.replace(tzinfo=BERLIN)
    starts_at = asked_at + timedelta(hours=hours)
    end = lapse(asked_at, starts_at, timedelta(hours=notice))
    reminded = reminds_at(asked_at, end, BERLIN)

    assert asked_at < end <= starts_at
    if reminded:
        assert asked_at < reminded <= end - REMIND_BEFORE
        assert is_working_time(reminded, BERLIN)
