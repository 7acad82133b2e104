"""The daily round: occurrences made ahead, team budgets brought up to date."""

from datetime import datetime

from rotation.meetings.services import extend_all_series
from rotation.workflows.plan_budgets import refresh_team_budgets


def close_day(now: datetime) -> None:
    """Do all that every day needs; a second time on the same day changes nothing."""
    extend_all_series(now)
    refresh_team_budgets(now)
