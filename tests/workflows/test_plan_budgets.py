"""From load to the shares of teams."""

from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest
from pytest_django import DjangoAssertNumQueries

from rotation.budget.models import TeamBudget
from rotation.directory.models import Team
from rotation.periods.weeks import WEEK
from rotation.workflows.plan_budgets import refresh_team_budgets
from tests.builders import NOW, make_absence, make_queue, make_staff, make_team, make_tickets

pytestmark = pytest.mark.django_db
MONDAY = date(2026, 3, 2)
NET = 2295  # of one person of make_staff in a whole week


def weekly_tickets(team: Team, count: int, *, closed: bool = True) -> None:
    queue = make_queue(team)
    for weeks in range(1, 14):
        at = NOW - weeks * WEEK
        done = {"state": "closed", "closed_at": at} if closed else {}
        make_tickets(queue, count, created_at=at, **done)


def figures(team: Team, week: date = MONDAY) -> tuple[Decimal, bool, int, int | None, int | None]:
    found = TeamBudget.objects.get(team=team, week=week)
    return (
        found.share, found.at_floor, found.capacity_minutes, found.backlog_minutes,
        found.inflow_minutes,
    )  # fmt: skip


def test_each_team_gets_this_week_and_the_next_thirteen() -> None:
    make_team("A"), make_team("B")
    assert refresh_team_budgets(NOW) == 28
    weeks = TeamBudget.objects.filter(team__name="A").values_list("week", flat=True)
    assert list(weeks) == [MONDAY + index * WEEK for index in range(14)]


def test_calm_teams_stand_at_the_ceiling_and_busy_ones_at_the_floor() -> None:
    calm, busy, unknown = (make_team(name) for name in ("Calm", "Busy", "Unknown"))
    for team in (calm, busy, unknown):
        make_staff(team.name, team=team)
    weekly_tickets(calm, 20)
    weekly_tickets(busy, 40, closed=False)
    refresh_team_budgets(NOW)
    assert figures(calm) == (Decimal("0.200"), False, NET, 0, 900)
    assert figures(busy) == (Decimal("0.050"), True, NET, 13 * 1800, 1800)
    assert figures(unknown) == (Decimal("0.100"), False, NET, None, None)


def test_a_week_of_absence_lowers_the_share_of_the_others() -> None:
    team = make_team()
    make_staff("Ada", team=team)
    absent = make_staff("Ben", team=team)
    make_absence(absent, NOW + WEEK - timedelta(days=1), WEEK)
    weekly_tickets(team, 45)
    refresh_team_budgets(NOW)
    assert figures(team) == (Decimal("0.200"), False, 2 * NET, 0, 2025)
    assert figures(team, MONDAY + WEEK)[0] < Decimal("0.200")


def test_a_second_run_replaces_and_adds_nothing() -> None:
    team = make_team()
    make_staff(team=team)
    refresh_team_budgets(NOW)
    later: datetime = NOW + timedelta(hours=1)
    weekly_tickets(team, 60)
    refresh_team_budgets(later)
    assert TeamBudget.objects.count() == 14
    assert set(TeamBudget.objects.values_list("computed_at", flat=True)) == {later}
    assert figures(team)[0] == Decimal("0.050")


def test_many_teams_take_no_more_queries_than_one(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    for name in ("A", "B", "C"):
        make_staff(name, team=make_team(name))
        with django_assert_num_queries(14):
            refresh_team_budgets(NOW)
