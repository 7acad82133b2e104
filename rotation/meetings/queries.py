"""Reads of meetings."""

from datetime import datetime

from django.db.models import QuerySet

from rotation.directory.permissions import Actor
from rotation.meetings.models import Meeting, MeetingSeries


def upcoming_meetings(now: datetime) -> QuerySet[Meeting]:
    """Return the meetings that are still to come and not cancelled, by time, with their series."""
    return Meeting.objects.filter(starts_at__gt=now, cancelled_at=None).select_related(
        "series__department", "series__host__user"
    )


def is_offered(series: MeetingSeries) -> bool:
    """Return whether the department offers the very same meetings already."""
    same = MeetingSeries.objects.filter(
        department=series.department,
        title=series.title,
        starts_at=series.starts_at,
        rrule=series.rrule,
        ended_at=None,
    )
    return same.exists()


def meetings_hosted_by(actor: Actor, now: datetime) -> QuerySet[Meeting]:
    """Return the meetings ahead of the host's own department; those of all without one."""
    meetings = upcoming_meetings(now)
    if actor.department_id is None:
        return meetings
    return meetings.filter(series__department=actor.department_id)
