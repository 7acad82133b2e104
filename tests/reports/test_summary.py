from datetime import date
from decimal import Decimal

from rotation.reports.figures import Balance
from rotation.reports.summary import WeekTotal, proactive_share, totals_by_week
from rotation.workload.load import Light

FIRST, SECOND = date(2026, 3, 2), date(2026, 3, 9)


def row(week: date, *, suppressed: bool = False, reactive: int | None = 600) -> Balance:
    return Balance(
        team_id=1,
        week=week,
        share=Decimal("0.1"),
        at_floor=False,
        is_past=False,
        suppressed=suppressed,
        light=Light.GREEN,
        granted_minutes=100,
        booked_minutes=60,
        capacity_minutes=None if suppressed else 1000,
        reactive_minutes=None if suppressed else reactive,
    )


def test_teams_are_added_up_week_by_week() -> None:
    rows = [row(SECOND), row(FIRST), row(SECOND, reactive=None)]

    assert totals_by_week(rows) == [
        WeekTotal(FIRST, 1000, 600, 60, 100),
        WeekTotal(SECOND, 2000, 600, 120, 200),
    ]


def test_a_small_team_is_in_no_sum() -> None:
    assert totals_by_week([row(FIRST), row(FIRST, suppressed=True)]) == [
        WeekTotal(FIRST, 1000, 600, 60, 100)
    ]
    assert totals_by_week([row(FIRST, suppressed=True)]) == []


def test_load_that_nobody_knows_stays_unknown() -> None:
    [total] = totals_by_week([row(FIRST, reactive=None)])

    assert total.reactive_minutes is None


def test_the_proactive_share_is_booked_over_capacity() -> None:
    assert proactive_share(totals_by_week([row(FIRST), row(SECOND)])) == Decimal("0.06")
    assert proactive_share([]) is None
