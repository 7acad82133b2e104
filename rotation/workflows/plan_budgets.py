"""load -> budget: the share of each team for this week and the coming quarter."""

from datetime import datetime

from django.utils import timezone

from rotation.budget.hours import Load, team_share
from rotation.budget.models import TeamBudget
from rotation.budget.queries import net_minutes_of_teams
from rotation.budget.services import store_budgets
from rotation.directory.models import Team
from rotation.periods.weeks import week_of, weeks_from
from rotation.workload.load import TeamLoad
from rotation.workload.queries import loads_of_teams

WEEKS = 14  # this one and the next 13


def refresh_team_budgets(now: datetime) -> int:
    """Compute the budgets of all teams for `WEEKS` and return how many; safe to repeat."""
    weeks = list(weeks_from(week_of(now, timezone.get_default_timezone()), WEEKS))
    loads, capacities = loads_of_teams(now), net_minutes_of_teams(weeks)
    budgets = []
    for team_id in Team.objects.values_list("pk", flat=True):
        load = loads.get(team_id, TeamLoad())
        for week in weeks:
            capacity = capacities.get((team_id, week), 0)
            share = team_share(capacity, known_load(load))
            budgets.append(
                TeamBudget(
                    team_id=team_id,
                    week=week,
                    share=share.share,
                    at_floor=share.at_floor,
                    capacity_minutes=capacity,
                    backlog_minutes=load.backlog_minutes,
                    inflow_minutes=load.inflow_p80_minutes,
                    computed_at=now,
                )
            )
    store_budgets(budgets)
    return len(budgets)


def known_load(load: TeamLoad) -> Load | None:
    """Return what the budget reckons with; None while the load is not known."""
    if load.backlog_minutes is None or load.inflow_p80_minutes is None:
        return None
    return Load(inflow_minutes=load.inflow_p80_minutes, backlog_minutes=load.backlog_minutes)
