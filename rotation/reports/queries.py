"""Reads of the reports; the number of queries depends neither on teams nor on weeks."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from django.db.models import Count, Max, Min, Q, Sum
from django.db.models.functions import TruncWeek
from django.utils import timezone

from rotation.booking.models import Booking
from rotation.booking.queries import held_visits
from rotation.budget.hours import DEFAULT, Load, reactive_minutes
from rotation.budget.models import TeamBudget
from rotation.budget.queries import TeamHours, hours_of_teams
from rotation.directory.models import Department, Team
from rotation.periods.weeks import LATELY_WEEKS, WEEK, interval_of_week, week_of, weeks_from
from rotation.reports.figures import Balance, Coverage
from rotation.workload.load import traffic_light
from rotation.workload.queries import inflow_by_week, teams_too_small, teams_with_queues

WEEKS_BACK, WEEKS_AHEAD = 6, 7
TeamWeek = tuple[int, date]


@dataclass(frozen=True, slots=True)
class _Facts:
    """What the rows of the balance are made of, each read once."""

    this_week: date
    hours: Mapping[TeamWeek, TeamHours]
    booked: Mapping[TeamWeek, int]
    inflow: Mapping[TeamWeek, int]
    budgets: Mapping[TeamWeek, TeamBudget]
    linked: set[int]
    small: set[int]


def balance(
    teams: Iterable[Team], now: datetime, weeks: Iterable[date] | None = None
) -> list[Balance]:
    """Return a row for each team and week, teams in the order given; eleven queries.

    Without `weeks`: six past ones, this one and six to come.
    """
    found = list(teams)
    ids = [team.pk for team in found]
    this_week = week_of(now, timezone.get_default_timezone())
    span = WEEKS_BACK + WEEKS_AHEAD
    mondays = sorted(weeks or weeks_from(this_week - WEEKS_BACK * WEEK, span))
    facts = _Facts(
        this_week=this_week,
        hours=hours_of_teams(ids, mondays),
        booked=booked_minutes_of_teams(ids, mondays),
        inflow=inflow_by_week(week for week in mondays if week < this_week),
        budgets=_budgets(ids, mondays),
        linked=teams_with_queues(),
        small=teams_too_small(),
    )
    return [_balance_row(team_id, week, facts) for team_id in ids for week in mondays]


def booked_minutes_of_teams(team_ids: Iterable[int], weeks: Iterable[date]) -> dict[TeamWeek, int]:
    """Return what the visits of each team cost by week, in minutes; one query."""
    mondays = sorted(weeks)
    if not mondays:
        return {}
    zone = timezone.get_default_timezone()
    since = interval_of_week(mondays[0], zone).starts_at
    until = interval_of_week(mondays[-1], zone).ends_at
    rows = (
        Booking.objects.filter(
            staff__team__in=team_ids,
            state__in=Booking.SPENDING,
            starts_at__gte=since,
            starts_at__lt=until,
        )
        .annotate(week=TruncWeek("starts_at", tzinfo=zone))
        .order_by()
        .values_list("staff__team", "week")
        .annotate(minutes=Sum("cost_minutes"))
    )
    return {(team_id, week.date()): minutes for team_id, week, minutes in rows}


def _budgets(team_ids: Iterable[int], weeks: Iterable[date]) -> dict[TeamWeek, TeamBudget]:
    rows = TeamBudget.objects.filter(team__in=team_ids, week__in=weeks)
    return {(row.team_id, row.week): row for row in rows}


def _balance_row(team_id: int, week: date, facts: _Facts) -> Balance:
    key = (team_id, week)
    hours, budget = facts.hours.get(key, TeamHours()), facts.budgets.get(key)
    is_past, suppressed = week < facts.this_week, team_id in facts.small
    reactive = _came_in(key, facts) if is_past else _expected(budget)
    return Balance(
        team_id=team_id,
        week=week,
        share=budget.share if budget else DEFAULT.target,
        at_floor=budget.at_floor if budget else False,
        is_past=is_past,
        suppressed=suppressed,
        light=traffic_light(reactive, hours.net_minutes),
        granted_minutes=hours.granted_minutes,
        booked_minutes=facts.booked.get(key, 0),
        capacity_minutes=None if suppressed else hours.net_minutes,
        reactive_minutes=None if suppressed else reactive,
    )


def _came_in(key: TeamWeek, facts: _Facts) -> int | None:
    return facts.inflow.get(key, 0) if key[0] in facts.linked else None


def _expected(budget: TeamBudget | None) -> int | None:
    """What reactive work will need, as the budget of the week reckoned with it."""
    if budget is None or budget.inflow_minutes is None or budget.backlog_minutes is None:
        return None
    return round(reactive_minutes(Load(budget.inflow_minutes, budget.backlog_minutes)))


def coverage(
    now: datetime,
    department_ids: Iterable[int] | None = None,
    *,
    since: datetime | None = None,
) -> list[Coverage]:
    """Return how well each department that offers meetings is visited, by name; one query.

    Visits are counted from `since` (13 weeks ago) until `now`.
    """
    since = since or now - LATELY_WEEKS * WEEK
    departments = Department.objects.filter(meeting_series__isnull=False)
    if department_ids is not None:
        departments = departments.filter(pk__in=department_ids)
    booking = "meeting_series__meeting__booking"
    held = held_visits(now, f"{booking}__") & Q(**{f"{booking}__starts_at__lt": now})
    lately = held & Q(**{f"{booking}__starts_at__gte": since})
    coming = Q(
        **{
            f"{booking}__starts_at__gt": now,
            f"{booking}__state__in": Booking.OPEN,
        }
    )
    # A grouped query forgets the order of its table.
    rows = departments.order_by("sort_key", "pk").annotate(
        last_at=Max(f"{booking}__starts_at", filter=held),
        visits=Count(booking, filter=lately),
        next_at=Min(f"{booking}__starts_at", filter=coming),
    )
    weeks = Decimal((now - since) / WEEK)
    found = [_coverage_row(row, row.last_at, row.visits, row.next_at, now) for row in rows]
    return [replace(row, weeks=weeks) for row in found]


def _coverage_row(
    department: Department,
    last_at: datetime | None,
    visits: int,
    next_at: datetime | None,
    now: datetime,
) -> Coverage:
    zone = ZoneInfo(department.time_zone)
    return Coverage(
        department_id=department.pk,
        name=department.name,
        code=department.code,
        cadence_weeks=department.cadence_weeks,
        last_visit_on=last_at.astimezone(zone).date() if last_at else None,
        weeks_since=max(0, (now - last_at) // WEEK) if last_at else None,
        visits=visits,
        next_visit_at=next_at,
    )
