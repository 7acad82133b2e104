from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from rotation.periods.intervals import Interval
from rotation.periods.months import month_around

BERLIN = ZoneInfo("Europe/Berlin")


def test_a_month_begins_and_ends_by_the_clocks_of_the_zone() -> None:
    last_hour_of_march_in_utc = datetime(2026, 3, 31, 22, 30, tzinfo=UTC)

    assert month_around(last_hour_of_march_in_utc, BERLIN) == Interval(
        datetime(2026, 4, 1, tzinfo=BERLIN), datetime(2026, 5, 1, tzinfo=BERLIN)
    )
    assert month_around(last_hour_of_march_in_utc, UTC) == Interval(
        datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 4, 1, tzinfo=UTC)
    )


def test_december_ends_with_the_year() -> None:
    assert month_around(datetime(2026, 12, 31, 12, tzinfo=UTC), UTC).ends_at == datetime(
        2027, 1, 1, tzinfo=UTC
    )
