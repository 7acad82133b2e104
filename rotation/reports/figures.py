"""The figures of the reports, each formula once; pure."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from rotation.periods.weeks import LATELY_WEEKS
from rotation.workload.load import Light


@dataclass(frozen=True, slots=True)
class Balance:
    """One team's week: reactive against proactive time, in minutes.

    Attributes:
        capacity_minutes: Net working time (N of docs/budget.md) of the members.
        reactive_minutes: Past weeks: tickets that came in x minutes for one ticket. This week
            and later: what the budget reckons with, P80 of inflow + backlog / 4 weeks.
        granted_minutes: The budgets of the members together.
        booked_minutes: What their requested, confirmed and attended visits cost.
        is_past: Whether the week is over.
        suppressed: Fewer than five members: load figures are None and only the light is shown.
    """

    team_id: int
    week: date
    share: Decimal
    at_floor: bool
    is_past: bool
    suppressed: bool
    light: Light
    granted_minutes: int
    booked_minutes: int
    capacity_minutes: int | None
    reactive_minutes: int | None

    @property
    def left_minutes(self) -> int:
        """Granted less booked; negative where more is booked than the present share grants."""
        return self.granted_minutes - self.booked_minutes

    @property
    def utilisation(self) -> Decimal | None:
        """(reactive + booked) / capacity; None where one of them is not known or not shown."""
        if not self.capacity_minutes or self.reactive_minutes is None:
            return None
        return Decimal(self.reactive_minutes + self.booked_minutes) / self.capacity_minutes


@dataclass(frozen=True, slots=True)
class Coverage:
    """How well one department is visited.

    A visit counts when it was attended, or was confirmed and nobody said it was missed.

    Attributes:
        last_visit_on: Day of the last visit in the department's zone; None for never.
        weeks_since: Whole weeks since then.
        visits: Visits of the period.
        weeks: How long the period is; 13 weeks unless another one was asked for.
        next_visit_at: Start of the next requested or confirmed visit.
    """

    department_id: int
    name: str
    code: str
    cadence_weeks: int
    last_visit_on: date | None
    weeks_since: int | None
    visits: int
    next_visit_at: datetime | None
    weeks: Decimal = Decimal(LATELY_WEEKS)

    @property
    def wanted(self) -> Decimal:
        """Visits that the cadence asks for in the period."""
        return self.weeks / self.cadence_weeks

    @property
    def coverage(self) -> Decimal:
        """Visits over wanted ones in the period, at most 1, to two places."""
        return min(Decimal(1), self.visits / self.wanted).quantize(Decimal("0.01"))

    @property
    def is_overdue(self) -> bool:
        """Whether the cadence has passed since the last visit, or there never was one."""
        return self.weeks_since is None or self.weeks_since >= self.cadence_weeks


def longest_unvisited(rows: list[Coverage]) -> list[Coverage]:
    """Return `rows` with the longest unvisited first: never visited, then by weeks, then name."""
    return sorted(
        rows,
        key=lambda row: (row.weeks_since is not None, -(row.weeks_since or 0), row.name),
    )
