"""The balance of several teams in one figure or one chart; pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import groupby

from rotation.reports.figures import Balance


@dataclass(frozen=True, slots=True)
class WeekTotal:
    """One week of several teams, in minutes.

    Attributes:
        reactive_minutes: None when it is known of none of the teams.
    """

    week: date
    capacity_minutes: int
    reactive_minutes: int | None
    booked_minutes: int
    granted_minutes: int


def totals_by_week(rows: Iterable[Balance]) -> list[WeekTotal]:
    """Return the sums of the rows by week; teams whose figures are suppressed are left out."""
    shown = sorted((row for row in rows if not row.suppressed), key=lambda row: row.week)
    return [_total(week, list(group)) for week, group in groupby(shown, lambda row: row.week)]


def _total(week: date, rows: Sequence[Balance]) -> WeekTotal:
    known = [row.reactive_minutes for row in rows if row.reactive_minutes is not None]
    return WeekTotal(
        week=week,
        capacity_minutes=sum(row.capacity_minutes or 0 for row in rows),
        reactive_minutes=sum(known) if known else None,
        booked_minutes=sum(row.booked_minutes for row in rows),
        granted_minutes=sum(row.granted_minutes for row in rows),
    )


def proactive_share(totals: Iterable[WeekTotal]) -> Decimal | None:
    """Return booked over capacity of all weeks together; None without any capacity."""
    weeks = list(totals)
    capacity = sum(week.capacity_minutes for week in weeks)
    if not capacity:
        return None
    return Decimal(sum(week.booked_minutes for week in weeks)) / capacity
