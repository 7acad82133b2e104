"""Writes of team budgets."""

from collections.abc import Iterable

from django.db import transaction

from rotation.budget.models import TeamBudget


@transaction.atomic
def store_budgets(budgets: Iterable[TeamBudget]) -> None:
    """Store the budgets, each replacing the one of the same team and week; one statement."""
    TeamBudget.objects.bulk_create(
        budgets,
        update_conflicts=True,
        unique_fields=["team", "week"],
        update_fields=[
            "share", "at_floor", "capacity_minutes", "backlog_minutes", "inflow_minutes",
            "computed_at",
        ],
    )  # fmt: skip
