"""Reads of meetings."""

from collections.abc import Collection
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.db.models import Q, QuerySet

from rotation.directory.permissions import Action, Actor, reach
from rotation.meetings.days import Days
from rotation.meetings.models import Blackout, CalendarFeed, Meeting, MeetingSeries
from rotation.meetings.recurrence import RecurrenceSet

DAY = timedelta(days=1)


def upcoming_meetings(now: datetime) -> QuerySet[Meeting]:
    """Return the meetings that are still to come and not cancelled, by time, with their series."""
    return Meeting.objects.filter(starts_at__gt=now, cancelled_at=None).select_related(
        "series__department", "series__host__user"
    )


def running_series(now: datetime) -> QuerySet[MeetingSeries]:
    """Return the series that have not ended."""
    return MeetingSeries.objects.filter(Q(ended_at=None) | Q(ended_at__gt=now))


def series_hosted_by(actor: Actor) -> QuerySet[MeetingSeries]:
    """Return the series that the actor may change, ended ones included, with their calendars."""
    limits = reach(actor, Action.OFFER_MEETING)
    series = MeetingSeries.objects.select_related("department", "host__user", "feed")
    return series if limits.everywhere else series.filter(department=limits.department_id)


def feeds_hosted_by(actor: Actor) -> QuerySet[CalendarFeed]:
    """Return the calendars from which the actor's series are read."""
    limits = reach(actor, Action.OFFER_MEETING)
    feeds = CalendarFeed.objects.select_related("department")
    return feeds if limits.everywhere else feeds.filter(department=limits.department_id)


def recurrence_set(series: MeetingSeries) -> RecurrenceSet:
    """Return which days of the series hold a meeting, its end left aside."""
    return RecurrenceSet(
        rrule=series.rrule,
        first=series.starts_at,
        time_zone=series.time_zone,
        excluded_on=frozenset(series.excluded_on),
        extra_on=frozenset(series.extra_on),
    )


def starts_of(series: MeetingSeries, *, after: datetime, until: datetime) -> dict[date, datetime]:
    """Return the starts in [after, until) and before the series' end, by their local days."""
    end = min(until, series.ended_at) if series.ended_at else until
    return recurrence_set(series).starts(after=after, until=end)


def next_start_of(series: MeetingSeries, now: datetime) -> datetime | None:
    """Return the start after `now` that the rule gives next, within two years; None: none."""
    starts = starts_of(series, after=now, until=now + 2 * 366 * DAY)
    return next(iter(starts.values()), None)


def last_day_of(series: MeetingSeries) -> date | None:
    """Return the last day on which a meeting may begin; None for a series that goes on."""
    end = series.ended_at
    return local_day(series, end - timedelta(microseconds=1)) if end else None


def local_day(series: MeetingSeries, at: datetime) -> date:
    """Return the day of a moment on the series' own clocks."""
    return at.astimezone(ZoneInfo(series.time_zone)).date()


def closed_periods_of(series: MeetingSeries) -> list[Days]:
    """Return the days without guests that are said of the series itself."""
    said = Blackout.objects.filter(series=series.pk)
    return list(said.values_list("first_on", "last_on"))


def closed_periods_of_department(department_id: int) -> list[Days]:
    """Return the days without guests that are said of a whole department."""
    said = Blackout.objects.filter(department=department_id, series=None)
    return list(said.values_list("first_on", "last_on"))


def closed_days_of(series: MeetingSeries) -> frozenset[date]:
    """Return every day on which the series takes no guests; one query."""
    said = Blackout.objects.filter(
        Q(series=None) | Q(series=series.pk), department=series.department_id
    )
    return frozenset(
        first + number * DAY
        for first, last in said.values_list("first_on", "last_on")
        for number in range((last - first).days + 1)
    )


def seats_at(series: MeetingSeries, at: datetime, closed: Collection[date]) -> int:
    """Return how many guests a meeting at `at` takes: none on a closed day."""
    return 0 if local_day(series, at) in closed else series.seats


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
