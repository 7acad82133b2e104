"""Reads of budgets; the number of queries depends neither on people nor on weeks."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, tzinfo
from decimal import Decimal

from django.utils import timezone

from rotation.budget.hours import (
    DEFAULT,
    Policy,
    Presence,
    eligible_minutes,
    net_minutes,
    proactive_minutes,
)
from rotation.budget.models import TeamBudget
from rotation.directory.models import Duty, StaffMember, Team
from rotation.directory.queries import Times, active_staff, times_of, working_times
from rotation.periods.intervals import Interval
from rotation.periods.weeks import WEEK, interval_of_week, monday_of, week_of

# Whoever dispatches tickets is as bound as whoever is on call (docs/budget.md).
FULL_DUTY, STAND_BY = (Duty.Kind.PRIMARY, Duty.Kind.DISPATCH), (Duty.Kind.SECONDARY,)
PersonWeek = tuple[int, date]
TeamWeek = tuple[int, date]


def granted_minutes(
    staff: Iterable[StaffMember],
    weeks: Iterable[date],
    policy: Policy = DEFAULT,
    *,
    times: Times | None = None,
) -> dict[PersonWeek, int]:
    """Return each person's proactive budget of each week in minutes; four queries.

    The share is the team's of that week, and the target where none was computed. With `times`,
    read already for an interval that covers the weeks: one query.
    """
    people, mondays = list(staff), sorted({monday_of(week) for week in weeks})
    if not people or not mondays:
        return {}
    shares = shares_of_teams({person.team_id for person in people}, mondays)
    presences = presences_of(people, mondays, times)
    return {
        (person.pk, week): proactive_minutes(
            eligible_minutes(presences[person.pk, week], policy),
            shares.get((person.team_id, week), policy.target),
        )
        for person in people
        for week in mondays
    }


@dataclass(frozen=True, slots=True)
class TeamHours:
    """A team's week in minutes: net working time, and the budgets of its members together."""

    net_minutes: int = 0
    granted_minutes: int = 0


def hours_of_teams(
    team_ids: Iterable[int], weeks: Iterable[date], policy: Policy = DEFAULT
) -> dict[TeamWeek, TeamHours]:
    """Return the net time and the granted time of each team and week; five queries.

    A team without members is missing from the answer.
    """
    people = list(active_staff().filter(team__in=team_ids))
    mondays = sorted({monday_of(week) for week in weeks})
    if not people or not mondays:
        return {}
    presences = presences_of(people, mondays)
    shares = shares_of_teams({person.team_id for person in people}, mondays)
    net: Counter[TeamWeek] = Counter()
    granted: Counter[TeamWeek] = Counter()
    for person in people:
        for week in mondays:
            key, presence = (person.team_id, week), presences[person.pk, week]
            net[key] += net_minutes(presence, policy)
            granted[key] += proactive_minutes(
                eligible_minutes(presence, policy), shares.get(key, policy.target)
            )
    return {key: TeamHours(net[key], granted[key]) for key in net}


def net_minutes_of_teams(weeks: Iterable[date], policy: Policy = DEFAULT) -> dict[TeamWeek, int]:
    """Return each team's net working time of each week in minutes; five queries.

    A team without members is missing from the answer.
    """
    teams = Team.objects.values_list("pk", flat=True)
    hours = hours_of_teams(teams, weeks, policy)
    return {key: found.net_minutes for key, found in hours.items()}


def shares_of_teams(team_ids: Iterable[int], weeks: Iterable[date]) -> dict[TeamWeek, Decimal]:
    """Return the computed shares by team and week; one query."""
    rows = TeamBudget.objects.filter(team__in=team_ids, week__in=weeks)
    return {
        (team_id, week): share
        for team_id, week, share in rows.values_list("team_id", "week", "share")
    }


def presences_of(
    people: Sequence[StaffMember], weeks: Sequence[date], times: Times | None = None
) -> dict[PersonWeek, Presence]:
    """Return when each person is there in each of the sorted `weeks`; three queries.

    With `times`, read already for an interval that covers the weeks: none.
    """
    zone = timezone.get_default_timezone()
    bounds = {week: interval_of_week(week, zone) for week in weeks}
    within = Interval(bounds[weeks[0]].starts_at, bounds[weeks[-1]].ends_at)
    ids = [person.pk for person in people]
    times = times or times_of(ids, within)
    worked = _by_week(working_times(people, times.patterns, within), bounds, zone)
    away = _by_week(times.absences, bounds, zone)
    primary = _by_week(times.duties_of(FULL_DUTY), bounds, zone)
    secondary = _by_week(times.duties_of(STAND_BY), bounds, zone)
    return {
        (pk, week): Presence(
            worked[pk, week], away[pk, week], primary[pk, week], secondary[pk, week]
        )
        for pk in ids
        for week in weeks
    }


def _by_week(
    times: Mapping[int, Sequence[Interval]], bounds: Mapping[date, Interval], zone: tzinfo
) -> dict[PersonWeek, list[Interval]]:
    parts: dict[PersonWeek, list[Interval]] = defaultdict(list)
    for pk, intervals in times.items():
        for interval in intervals:
            week = week_of(interval.starts_at, zone)
            if week in bounds and interval.ends_at <= bounds[week].ends_at:
                parts[pk, week].append(interval)  # most of them: a day's hours lie in one week
            else:
                for touched in _weeks_touched(interval, bounds, zone):
                    if part := interval.intersection(bounds[touched]):
                        parts[pk, touched].append(part)
    return parts


def _weeks_touched(
    interval: Interval, bounds: Mapping[date, Interval], zone: tzinfo
) -> Iterator[date]:
    """Yield the known weeks that `interval` touches; one of years is walked inside them only."""
    week = max(week_of(interval.starts_at, zone), min(bounds))
    last = min(week_of(interval.ends_at, zone), max(bounds))
    while week <= last:
        if week in bounds:
            yield week
        week += WEEK
