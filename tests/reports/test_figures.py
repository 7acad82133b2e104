"""The formulas of the reports."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from rotation.reports.figures import Balance, Coverage, longest_unvisited
from rotation.workload.load import Light

WEEK = Balance(
    team_id=1, week=date(2026, 3, 2), share=Decimal("0.1"), at_floor=False, is_past=False,
    suppressed=False, light=Light.GREEN, granted_minutes=900, booked_minutes=300,
    capacity_minutes=9000, reactive_minutes=6000,
)  # fmt: skip
SALES = Coverage(
    department_id=1, name="Sales", code="SA", cadence_weeks=4, last_visit_on=date(2026, 2, 2),
    weeks_since=3, visits=2, next_visit_at=None,
)  # fmt: skip


def test_what_is_left_is_granted_less_booked() -> None:
    assert WEEK.left_minutes == 600


def test_utilisation_is_reactive_and_booked_time_over_capacity() -> None:
    assert WEEK.utilisation == Decimal("0.7")


@pytest.mark.parametrize("unknown", [{"capacity_minutes": 0}, {"capacity_minutes": None}])
def test_without_capacity_there_is_no_utilisation(unknown: dict[str, int | None]) -> None:
    assert replace(WEEK, **unknown).utilisation is None  # type: ignore[arg-type]  # one field
    assert replace(WEEK, reactive_minutes=None).utilisation is None


@pytest.mark.parametrize(("visits", "coverage"), [(0, "0"), (2, "0.62"), (3, "0.92"), (9, "1")])
def test_coverage_is_visits_over_what_the_cadence_wants(visits: int, coverage: str) -> None:
    assert replace(SALES, visits=visits).coverage == Decimal(coverage)


@pytest.mark.parametrize(("weeks", "overdue"), [(0, False), (3, False), (4, True), (None, True)])
def test_a_department_is_overdue_when_its_cadence_has_passed(
    weeks: int | None, *, overdue: bool
) -> None:
    assert replace(SALES, weeks_since=weeks).is_overdue is overdue


def test_never_visited_departments_come_first_then_the_longest_unvisited() -> None:
    rows = [
        replace(SALES, name=name, weeks_since=weeks)
        for name, weeks in (("A", 2), ("B", 9), ("D", None), ("C", None), ("E", 9))
    ]
    assert [row.name for row in longest_unvisited(rows)] == ["C", "D", "B", "E", "A"]
