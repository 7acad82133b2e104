"""The daily round: leavers go, what comes is made, budgets are brought up to date."""

from datetime import datetime

from rotation.audit.services import forget_looks
from rotation.meetings.services import extend_all_series
from rotation.webhooks.services import forget_deliveries
from rotation.workflows.leave import close_leavers
from rotation.workflows.plan_budgets import refresh_team_budgets
from rotation.workload.retention import forget_tickets


def close_day(now: datetime) -> None:
    """Do all that every day needs; a second time on the same day changes nothing."""
    close_leavers(now)
    extend_all_series(now)
    refresh_team_budgets(now)
    forget_deliveries(now)
    forget_tickets(now)
    forget_looks(now)
