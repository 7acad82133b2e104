from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from rotation.periods.intervals import Interval
from rotation.periods.working_time import (
    WorkingHours,
    is_working,
    weekly_minutes,
    working_intervals,
)

BERLIN = ZoneInfo("Europe/Berlin")
OFFICE = [WorkingHours(day, time(8), time(16, 30)) for day in range(5)]
SUNDAYS = [WorkingHours(6, time(1), time(5))]


def test_a_week_of_five_days_has_their_minutes() -> None:
    assert weekly_minutes(OFFICE, date(2026, 3, 2)) == 5 * 510


def test_hours_hold_from_their_first_day_to_the_day_before_their_end() -> None:
    wednesday = date(2026, 3, 4)
    mornings = [WorkingHours(day, time(8), time(12), ends_on=wednesday) for day in range(5)]
    days = [WorkingHours(day, time(8), time(16), starts_on=wednesday) for day in range(5)]

    found = working_intervals([*mornings, *days], date(2026, 3, 2), date(2026, 3, 6), BERLIN)

    assert [part.duration // timedelta(hours=1) for part in found] == [4, 4, 8, 8, 8]


def test_a_week_is_counted_by_the_contract_of_the_day() -> None:
    wednesday = date(2026, 3, 4)
    mornings = [WorkingHours(day, time(8), time(12), ends_on=wednesday) for day in range(5)]
    days = [WorkingHours(day, time(8), time(16), starts_on=wednesday) for day in range(5)]

    asked = [wednesday - timedelta(days=1), wednesday]

    assert [weekly_minutes([*mornings, *days], day) // 60 for day in asked] == [20, 40]


def test_wall_time_stays_when_the_clocks_change() -> None:
    friday, monday = date(2026, 3, 27), date(2026, 3, 30)

    starts = [time.starts_at.hour for time in working_intervals(OFFICE, friday, monday, BERLIN)]

    assert starts == [7, 6]


def test_a_shift_over_the_missing_hour_is_an_hour_shorter() -> None:
    day = date(2026, 3, 29)
    [shift] = working_intervals(SUNDAYS, day, day, BERLIN)

    assert shift.duration == timedelta(hours=3)


def test_hours_that_the_clocks_skip_are_no_working_time() -> None:
    day = date(2026, 3, 29)
    [skipped] = working_intervals([WorkingHours(6, time(2, 30), time(3))], day, day, BERLIN)

    assert skipped.duration == timedelta()


def test_touching_hours_are_one_working_time() -> None:
    pattern = [WorkingHours(0, time(8), time(12)), WorkingHours(0, time(12), time(16))]
    noon = datetime(2026, 3, 2, 11, tzinfo=BERLIN)

    assert is_working(pattern, Interval(noon, noon + timedelta(hours=2)), BERLIN)


def test_a_visit_that_ends_after_hours_is_outside() -> None:
    late = datetime(2026, 3, 2, 16, tzinfo=BERLIN)

    assert not is_working(OFFICE, Interval(late, late + timedelta(hours=1)), BERLIN)
    assert not is_working([], Interval(late, late + timedelta(minutes=5)), BERLIN)
