from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from rotation.periods.weeks import interval_of_week, monday_of, week_of, weeks_from

BERLIN = ZoneInfo("Europe/Berlin")
days = st.dates(date(2000, 1, 3), date(2100, 1, 1))


@given(days)
def test_a_week_is_the_monday_of_its_iso_week(day: date) -> None:
    monday = monday_of(day)

    assert monday.isocalendar()[:2] == day.isocalendar()[:2]
    assert monday.isocalendar().weekday == 1


def test_the_week_of_a_moment_is_the_week_of_its_local_day() -> None:
    late_on_sunday_in_utc = datetime(2026, 3, 1, 23, 30, tzinfo=UTC)

    assert week_of(late_on_sunday_in_utc, BERLIN) == date(2026, 3, 2)
    assert week_of(late_on_sunday_in_utc, UTC) == date(2026, 2, 23)


def test_a_week_is_an_hour_shorter_or_longer_when_the_clocks_change() -> None:
    spring = interval_of_week(date(2026, 3, 23), BERLIN)
    autumn = interval_of_week(date(2026, 10, 19), BERLIN)

    assert [spring.duration, autumn.duration] == [timedelta(hours=167), timedelta(hours=169)]


def test_weeks_go_on_over_the_turn_of_a_year_with_53_weeks() -> None:
    weeks = list(weeks_from(date(2026, 12, 23), 3))

    assert weeks == [date(2026, 12, 21), date(2026, 12, 28), date(2027, 1, 4)]
