"""Tickets of the demo: half a year of them in each team's queue, and what is still open."""

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, time, timedelta
from itertools import count
from random import Random

from django.utils import timezone

from rotation.budget.queries import net_minutes_of_teams
from rotation.directory.models import Team
from rotation.periods.weeks import WEEK, weeks_from
from rotation.workflows.demo.house import TeamPlan
from rotation.workflows.demo.sizes import HISTORY_WEEKS
from rotation.workload.models import TeamEffort, TicketQueue, TicketSource
from rotation.workload.pushed import reader_of_records
from rotation.workload.upsert import upsert_tickets

SOURCE = "demo"
BACKLOG_PART = 0.15  # of the reactive work that a week has to carry
BURN_WEEKS = 4
SPREAD = 0.06  # of the weekly counts, around their mean
P80 = 1.05  # how far the 80 % quantile of such counts lies above the mean
OPEN_STATES = ("open", "open", "new", "waiting")
CATEGORIES = ("Arbeitsplatz", "Anwendung", "Netz", "Zugang", "Drucker", "Telefonie")
BY_WEEKDAY = (26, 22, 20, 18, 14)  # Mondays are the worst


def make_tickets(teams: Mapping[int, TeamPlan], this_week: date, now: datetime, seed: str) -> None:
    """Store each team's tickets so that its load reaches about the ratio of its plan."""
    source = TicketSource.objects.create(name=SOURCE)
    names = dict(Team.objects.values_list("pk", "name"))
    TicketQueue.objects.bulk_create(
        TicketQueue(source=source, key=names[team_id], team_id=team_id) for team_id in teams
    )
    TeamEffort.objects.bulk_create(
        TeamEffort(team_id=team_id, ticket_minutes=plan.ticket_minutes)
        for team_id, plan in teams.items()
    )
    capacity = _usual_capacity(this_week)
    numbers = count(1)
    for team_id, plan in teams.items():
        random = Random(f"{seed} tickets {names[team_id]}")  # noqa: S311 -- a demo
        weekly_work = capacity[team_id] * plan.load_ratio / plan.ticket_minutes
        times = sorted(_creation_times(weekly_work, this_week, now, random))
        done = len(times) - round(weekly_work * BACKLOG_PART * BURN_WEEKS)
        records = (
            _record(f"R{next(numbers):06}", names[team_id], at, index >= done, now, random)
            for index, at in enumerate(times)
        )
        upsert_tickets(source, reader_of_records(records), now)


def _usual_capacity(this_week: date) -> dict[int, int]:
    """Net minutes of a good week out of the next eight: few holidays, hardly anybody away."""
    found: dict[int, list[int]] = {}
    for (team_id, _), minutes in net_minutes_of_teams(weeks_from(this_week, 8)).items():
        found.setdefault(team_id, []).append(minutes)
    return {team_id: sorted(minutes)[5] for team_id, minutes in found.items()}


def _creation_times(
    weekly_work: float, this_week: date, now: datetime, random: Random
) -> Iterator[datetime]:
    """Yield when tickets came in; `weekly_work` counts those that a week has to carry."""
    zone = timezone.get_default_timezone()
    weekly = weekly_work * (1 - BACKLOG_PART) / P80
    for index in range(-HISTORY_WEEKS, 1):
        for _ in range(round(weekly * random.uniform(1 - SPREAD, 1 + SPREAD))):
            (weekday,) = random.choices(range(5), BY_WEEKDAY)
            day = this_week + index * WEEK + timedelta(days=weekday)
            minute = int(random.triangular(7 * 60, 17 * 60, 10 * 60))
            created_at = datetime.combine(day, time(minute // 60, minute % 60), zone)
            if created_at < now:
                yield created_at.astimezone(UTC)


def _record(
    number: str,
    queue: str,
    created_at: datetime,
    is_open: bool,  # noqa: FBT001 -- private
    now: datetime,
    random: Random,
) -> dict[str, object]:
    done_at = min(created_at + timedelta(hours=random.lognormvariate(1.8, 1.2)), now)
    state = random.choice(OPEN_STATES) if is_open else random.choice(("resolved", "closed"))
    return {
        "external_id": number,
        "source_updated_at": created_at if is_open else done_at,
        "created_at": created_at,
        "kind": random.choice(("incident", "incident", "request")),
        "state": state,
        "raw_state": state,
        "queue_key": queue,
        "resolved_at": None if is_open else done_at,
        "closed_at": done_at if state == "closed" else None,
        "priority": random.choices((1, 2, 3, 4), (1, 6, 70, 23))[0],
        "category_key": random.choice(CATEGORIES),
    }
