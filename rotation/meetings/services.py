"""Writes of meetings: occurrences made ahead, moved and cancelled."""

from collections.abc import Collection, Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import transaction

from rotation.audit.models import Subject
from rotation.audit.services import By, record
from rotation.meetings.days import Days
from rotation.meetings.errors import DayWithoutGuests, MeetingOver, SeriesRefused
from rotation.meetings.models import Blackout, Meeting, MeetingSeries
from rotation.meetings.queries import (
    closed_days_of,
    local_day,
    running_series,
    seats_at,
    starts_of,
)
from rotation.meetings.recurrence import rule_fault

AHEAD = timedelta(weeks=26)
# What the trail tells of a series, before and after each change.
TOLD = (
    "department_id", "host_id", "title", "location", "rrule", "excluded_on", "extra_on",
    "starts_at", "duration", "time_zone", "seats", "needs_approval", "confidential", "notice",
    "travel", "guests_per_month", "ended_at", "feed_id", "missing_since",
)  # fmt: skip


@transaction.atomic
def extend_series(series: MeetingSeries, *, since: datetime, until: datetime) -> int:
    """Make the occurrences of `series` that start in [since, until); return how many are new.

    Repeat-safe: an occurrence that exists, moved or cancelled, stays as it is. The series is
    locked and read again: nobody changes its rule meanwhile.
    """
    series = lock_series(series.pk)
    known = Meeting.objects.filter(series=series, original_starts_at__gte=since, left_out=False)
    there = set(known.values_list("original_starts_at", flat=True))
    starts = starts_of(series, after=since, until=until).values()
    return len(make_meetings(series, [start for start in starts if start not in there]))


def make_meetings(series: MeetingSeries, starts: Iterable[datetime]) -> list[Meeting]:
    """Make the occurrences of the locked `series` at `starts`; none of them exists."""
    closed = closed_days_of(series)
    return Meeting.objects.bulk_create(
        Meeting(
            series=series,
            original_starts_at=start,
            starts_at=start,
            ends_at=start + series.duration,
            seats=seats_at(series, start, closed),
        )
        for start in starts
    )


def extend_all_series(now: datetime) -> int:
    """Make what is missing of the next `AHEAD` of every series; return how many are new."""
    return sum(extend_series(each, since=now, until=now + AHEAD) for each in running_series(now))


def lock_series(series_id: int) -> MeetingSeries:
    """Return the series, its row locked to the end of the transaction, with its department.

    Raises:
        MeetingSeries.DoesNotExist: there is no such series.
    """
    locked = MeetingSeries.objects.select_for_update(of=("self",), no_key=True)
    return locked.select_related("department", "host__user").get(pk=series_id)


def lock_meetings(meeting_ids: Collection[int]) -> list[Meeting]:
    """Return the meetings by id, their rows locked to the end of the transaction, with series.

    A series that takes only so many guests in a month is locked before its meetings: guests of
    two of them count together. The series is read after the locks: while they were waited for,
    its host may have changed it.
    """
    limited = MeetingSeries.objects.filter(meeting__in=meeting_ids, guests_per_month__isnull=False)
    list(limited.select_for_update(of=("self",), no_key=True).order_by("pk"))
    locked = list(
        Meeting.objects.select_for_update(of=("self",)).filter(pk__in=meeting_ids).order_by("pk")
    )
    related = MeetingSeries.objects.select_related("department", "host__user")
    series = related.in_bulk({meeting.series_id for meeting in locked})
    for meeting in locked:
        meeting.series = series[meeting.series_id]
    return locked


def lock_meeting(meeting_id: int) -> Meeting:
    """Return the meeting, locked as by `lock_meetings`.

    Raises:
        Meeting.DoesNotExist: there is no such meeting.
    """
    for meeting in lock_meetings([meeting_id]):
        return meeting
    raise Meeting.DoesNotExist


@transaction.atomic
def cancel_meeting(meeting_id: int, *, now: datetime) -> Meeting:
    """Cancel one occurrence and return it locked; a second time changes nothing.

    Raises:
        MeetingOver: it has begun.
    """
    meeting = lock_meeting(meeting_id)
    if meeting.cancelled_at:
        return meeting
    if meeting.starts_at <= now:
        raise MeetingOver(starts_at=meeting.starts_at)
    meeting.cancelled_at = now
    meeting.save(update_fields=["cancelled_at"])
    return meeting


@transaction.atomic
def move_meeting(meeting_id: int, *, starts_at: datetime, now: datetime) -> Meeting:
    """Move one occurrence, keep its length, and return it locked.

    Raises:
        MeetingOver: it has begun or is cancelled, or would begin in the past.
        DayWithoutGuests: guests are not welcome on the new day.
    """
    meeting = lock_meeting(meeting_id)
    if meeting.cancelled_at or min(meeting.starts_at, starts_at) <= now:
        raise MeetingOver(starts_at=meeting.starts_at)
    series, duration = meeting.series, meeting.ends_at - meeting.starts_at
    if (day := local_day(series, starts_at)) in closed_days_of(series):
        raise DayWithoutGuests(day=day)
    # In UTC: a sum of local times would lose or win the hour of a clock change.
    meeting.starts_at = starts_at.astimezone(UTC)
    meeting.ends_at = meeting.starts_at + duration
    meeting.seats = series.seats
    meeting.save(update_fields=["starts_at", "ends_at", "seats"])
    return meeting


@transaction.atomic
def offer_series(
    series: MeetingSeries, *, now: datetime, by: By, closed: Sequence[Days] | None = None
) -> MeetingSeries:
    """Store a new series and make its occurrences of the next `AHEAD`.

    Args:
        series: Not stored yet.
        now: The present moment.
        by: Who offers it.
        closed: The days on which guests are not welcome.

    Raises:
        SeriesRefused: the recurrence rule is not one of the known kinds.
    """
    check_rule(series)
    series.save()
    if closed is not None:
        close_days(series, closed)
    extend_series(series, since=now, until=now + AHEAD)
    record(by, now, about=(Subject.SERIES, series.pk), action="add", new=facts_of(series))
    return series


def check_rule(series: MeetingSeries) -> None:
    """Raise SeriesRefused where the recurrence rule is not one of the known kinds."""
    if series.rrule and (fault := rule_fault(series.rrule)):
        raise SeriesRefused(part=fault)


def close_days(series: MeetingSeries, closed: Sequence[Days]) -> None:
    """Put `closed` in the place of the days on which the series takes no guests."""
    Blackout.objects.filter(series=series).delete()
    Blackout.objects.bulk_create(
        Blackout(department=series.department, series=series, first_on=first, last_on=last)
        for first, last in sorted(set(closed))
    )


def facts_of(series: MeetingSeries) -> dict[str, Any]:
    """Return what the trail tells of a series; the address of its calendar never."""
    return {name: getattr(series, name) for name in TOLD}
