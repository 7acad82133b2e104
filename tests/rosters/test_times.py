"""Hours of a week spread over days, and spans by a person's clock."""

from datetime import date, time
from decimal import Decimal
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from rotation.periods.working_time import weekly_minutes
from rotation.rosters.times import Moment, span_of, spread_hours

ZONE = ZoneInfo("Europe/Berlin")
DAYS = st.lists(st.integers(0, 6), min_size=1, unique=True).map(sorted)
MOMENTS = st.tuples(
    st.dates(date(2020, 1, 1), date(2030, 1, 1)),
    st.none() | st.times().map(lambda clock: clock.replace(microsecond=0)),
)


@given(st.decimals(min_value=1, max_value=70, places=2), DAYS)
def test_spread_hours_are_as_many_as_were_told(weekly: Decimal, days: list[int]) -> None:
    hours = spread_hours(weekly, days)

    if hours is None:
        assert weekly * 60 / len(days) > 15 * 60
    else:
        assert weekly_minutes(hours, date(2026, 3, 2)) == int(weekly * 60)
        lengths = {each.minutes for each in hours}
        assert max(lengths) - min(lengths) <= 1


def test_hours_that_fit_into_no_day_are_none() -> None:
    assert spread_hours(Decimal(80), [0]) is None
    assert spread_hours(Decimal(0), [0, 1]) is None
    assert spread_hours(Decimal(-1), [0, 1]) is None


@given(MOMENTS, MOMENTS)
def test_a_span_is_forward_or_none(first: Moment, last: Moment) -> None:
    span = span_of(first, last, ZONE)

    if span is None:
        assert (first[0], first[1] or time()) >= (last[0], last[1] or time()) or first[0] == last[0]
    else:
        assert span.starts_at < span.ends_at
        assert span.starts_at.astimezone(ZONE).date() == first[0]
