from datetime import UTC, date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from rotation.meetings.recurrence import occurrences, rule_fault
from rotation.meetings.rhythms import Rhythm, nth_in_month, rule_of

days = st.dates(date(2020, 1, 1), date(2090, 12, 31))
repeating = st.sampled_from([Rhythm.WEEKLY, Rhythm.BIWEEKLY, Rhythm.MONTHLY])


def test_a_single_meeting_has_no_rule() -> None:
    assert rule_of(Rhythm.ONCE, date(2027, 1, 19)) == ""


def test_a_fifth_weekday_of_the_month_is_the_last_one() -> None:
    assert [nth_in_month(date(2027, 3, day)) for day in (2, 9, 16, 23, 30)] == [1, 2, 3, 4, -1]


@given(day=days, rhythm=repeating)
def test_every_rule_is_one_that_a_series_may_have(day: date, rhythm: Rhythm) -> None:
    assert rule_fault(rule_of(rhythm, day)) is None


@given(day=days, rhythm=repeating)
def test_the_first_meeting_is_on_the_first_date(day: date, rhythm: Rhythm) -> None:
    first = datetime(day.year, day.month, day.day, 10, tzinfo=UTC)
    found = occurrences(
        rule_of(rhythm, day), first, "UTC", after=first, until=first + timedelta(weeks=10)
    )

    assert next(found) == first
    assert next(found).weekday() == first.weekday()
