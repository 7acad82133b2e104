"""Reads of load, per team and never per person; a constant number of queries."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from datetime import date, datetime, tzinfo
from decimal import Decimal

from django.db.models import Count, DateField, Min, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce, TruncDate, TruncWeek
from django.utils import timezone

from rotation.directory.models import StaffMember
from rotation.periods.weeks import WEEK, interval_of_week, monday_of, week_of, weeks_from
from rotation.workload.load import (
    HISTORY,
    SMALLEST_GROUP,
    TeamLoad,
    backlog_minutes,
    inflow_minutes,
)
from rotation.workload.models import TeamEffort, Ticket, TicketQueue, TicketSource, TicketWeek

TeamWeek = tuple[int, date]
MEDIAN, P80 = Decimal("0.5"), Decimal("0.8")


def open_tickets(at: datetime) -> QuerySet[Ticket]:
    """Return what was open at `at`: created before and not done before."""
    return Ticket.objects.filter(created_at__lt=at, deleted=False).filter(
        Q(done_at=None) | Q(done_at__gte=at)
    )


def open_work() -> QuerySet[Ticket]:
    """Return what is open now, by the state that the sources told last."""
    return Ticket.objects.filter(resolved_at=None, closed_at=None, deleted=False)


def tickets_created(first: date, last: date, zone: tzinfo) -> dict[tuple[int | None, date], int]:
    """Return how many tickets came in by team (None: of no team) and week; one query.

    From the week `first` to the week `last`, both included; weeks are those of `zone`. Tickets
    that retention deleted count as they did; their weeks are those of the house.
    """
    since, until = interval_of_week(first, zone).starts_at, interval_of_week(last, zone).ends_at
    stored = (
        Ticket.objects.filter(created_at__gte=since, created_at__lt=until, deleted=False)
        .order_by()
        .annotate(monday=TruncWeek("created_at", tzinfo=zone, output_field=DateField()))
        .values_list("queue__team", "monday")
        .annotate(count=Count("pk"))
    )
    kept = (
        TicketWeek.objects.filter(week__gte=first, week__lte=last, created_count__gt=0)
        .order_by()
        .values_list("queue__team", "week")
        .annotate(count=Sum("created_count"))
    )
    found: Counter[tuple[int | None, date]] = Counter()
    for team_id, week, count in stored.union(kept, all=True):
        found[team_id, week] += count
    return found


def inflow_by_week(weeks: Iterable[date]) -> dict[TeamWeek, int]:
    """Return the work that came in, in minutes, by team and past week; two queries."""
    mondays = sorted(weeks)
    if not mondays:
        return {}
    counts = tickets_created(mondays[0], mondays[-1], timezone.get_default_timezone())
    efforts = ticket_minutes_of_teams()
    return {
        (team_id, week): count * efforts.get(team_id, TeamEffort.DEFAULT_MINUTES)
        for (team_id, week), count in counts.items()
        if team_id is not None and week in mondays
    }


def ticket_minutes_of_teams() -> dict[int, int]:
    """Return what one ticket takes, by team; teams that said nothing are missing; one query."""
    return dict(TeamEffort.objects.values_list("team_id", "ticket_minutes"))


def loads_of_teams(now: datetime) -> dict[int, TeamLoad]:
    """Return the load of every team that a ticket queue belongs to; five queries.

    Backlog: open tickets x minutes for one ticket, weighted by state. Inflow: median and 80 %
    quantile of the last 13 whole weeks since the team's first ticket. Teams without a queue
    are missing; with fewer than 8 whole weeks inflow is None.
    """
    zone = timezone.get_default_timezone()
    this_week = week_of(now, zone)
    efforts = ticket_minutes_of_teams()
    waiting = _open_by_state()
    counts = tickets_created(this_week - HISTORY * WEEK, this_week - WEEK, zone)
    starts = _first_weeks(zone)
    loads = {}
    for team_id in teams_with_queues():
        minutes = efforts.get(team_id, TeamEffort.DEFAULT_MINUTES)
        past = weeks_from(this_week - HISTORY * WEEK, HISTORY)
        # The week of the first ticket is seldom whole.
        known = [week for week in past if team_id in starts and week > starts[team_id]]
        history = [counts.get((team_id, week), 0) for week in known]
        loads[team_id] = TeamLoad(
            backlog_minutes=backlog_minutes(waiting.get(team_id, {}), minutes),
            inflow_p50_minutes=inflow_minutes(history, minutes, MEDIAN),
            inflow_p80_minutes=inflow_minutes(history, minutes, P80),
        )
    return loads


def teams_with_queues() -> set[int]:
    """Return the teams whose load is known to some source; one query."""
    return set(TicketQueue.objects.exclude(team=None).values_list("team_id", flat=True))


def _open_by_state() -> Mapping[int, dict[str, int]]:
    found: dict[int, dict[str, int]] = defaultdict(dict)
    rows = (
        open_work()
        .exclude(queue__team=None)
        .order_by()
        .values_list("queue__team", "state")
        .annotate(count=Count("pk"))
    )
    for team_id, state, count in rows:
        found[team_id][state] = count
    return found


def _first_weeks(zone: tzinfo) -> dict[int, date]:
    """Return the week of each team's first ticket, deleted ones included; one query."""
    stored = (
        Ticket.objects.exclude(queue__team=None)
        .order_by()
        .values_list("queue__team")
        .annotate(first=TruncDate(Min("created_at"), tzinfo=zone))
    )
    kept = (
        TicketWeek.objects.exclude(queue__team=None)
        .filter(created_count__gt=0)
        .order_by()
        .values_list("queue__team")
        .annotate(first=Min("week"))
    )
    found: dict[int, date] = {}
    for team_id, first in stored.union(kept, all=True):
        found[team_id] = min(monday_of(first), found.get(team_id, date.max))
    return found


def teams_too_small() -> set[int]:
    """Return the teams whose figures are suppressed: fewer than five members; one query."""
    sizes = StaffMember.objects.filter(has_left=False).order_by().values_list("team")
    return {team_id for team_id, size in sizes.annotate(size=Count("pk")) if size < SMALLEST_GROUP}


def sources_with_counts() -> QuerySet[TicketSource]:
    """Return the sources by name, each with its tickets, queues, and queues without a team."""
    tickets = Ticket.objects.filter(source=OuterRef("pk")).order_by().values("source")
    return TicketSource.objects.annotate(
        ticket_count=Coalesce(Subquery(tickets.annotate(count=Count("pk")).values("count")), 0),
        queue_count=Count("queues"),
        open_queue_count=Count("queues", filter=Q(queues__team=None)),
    ).order_by("name")


def tickets_without_team(source: TicketSource) -> dict[str, int]:
    """Return the tickets in queues that no team works on, by queue, the most first; one query."""
    rows = (
        Ticket.objects.filter(source=source, queue__team=None)
        .exclude(queue=None)
        .order_by()
        .values_list("queue__key")
        .annotate(count=Count("pk"))
    )
    return dict(sorted(rows, key=lambda row: (-row[1], row[0])))
