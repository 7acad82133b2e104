"""The daily round: what lapsed is closed, what comes is made, budgets are brought up to date."""

from datetime import datetime

from rotation.audit.services import BY_RUNDGANG
from rotation.booking.queries import lapsed_requests
from rotation.booking.services import lapse_request
from rotation.meetings.services import extend_all_series
from rotation.workflows.plan_budgets import refresh_team_budgets


def close_day(now: datetime) -> None:
    """Do all that every day needs; a second time on the same day changes nothing."""
    for booking_id in lapsed_requests(now).values_list("pk", flat=True):
        lapse_request(booking_id, by=BY_RUNDGANG, now=now)
    extend_all_series(now)
    refresh_team_budgets(now)
