"""Storing the budgets of teams."""

from datetime import date
from decimal import Decimal

import pytest

from rotation.budget.models import TeamBudget
from rotation.budget.services import store_budgets
from rotation.directory.models import Team
from tests.builders import NOW, make_team

pytestmark = pytest.mark.django_db


def budget(team: Team, week: date, share: str) -> TeamBudget:
    return TeamBudget(
        team=team, week=week, share=Decimal(share), capacity_minutes=1, computed_at=NOW
    )


def test_a_stored_budget_replaces_the_one_of_its_team_and_week_only() -> None:
    one, other = make_team("A"), make_team("B")
    first, second = date(2026, 3, 2), date(2026, 3, 9)
    store_budgets(
        [budget(team, week, "0.100") for team in (one, other) for week in (first, second)]
    )
    store_budgets([budget(one, first, "0.050")])
    assert sorted(TeamBudget.objects.values_list("team__name", "week", "share")) == [
        ("A", first, Decimal("0.050")),
        ("A", second, Decimal("0.100")),
        ("B", first, Decimal("0.100")),
        ("B", second, Decimal("0.100")),
    ]


def test_nothing_to_store_is_no_fault() -> None:
    store_budgets([])
    assert not TeamBudget.objects.exists()
