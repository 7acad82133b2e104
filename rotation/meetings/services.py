"""Writes of meetings: occurrences made ahead, moved and cancelled."""

from collections.abc import Collection
from datetime import UTC, datetime, timedelta

from django.db import transaction

from rotation.meetings.errors import MeetingOver, SeriesRefused
from rotation.meetings.models import Meeting, MeetingSeries
from rotation.meetings.recurrence import occurrences, rule_fault

AHEAD = timedelta(weeks=26)


@transaction.atomic
def extend_series(series: MeetingSeries, *, since: datetime, until: datetime) -> int:
    """Make the occurrences of `series` that start in [since, until); return how many are new.

    Repeat-safe: an occurrence that exists, moved or cancelled, stays as it is.
    """
    if series.ended_at:
        until = min(until, series.ended_at)
    known = Meeting.objects.filter(series=series, original_starts_at__gte=since)
    there = set(known.values_list("original_starts_at", flat=True))
    starts = occurrences(series.rrule, series.starts_at, series.time_zone, after=since, until=until)
    new = [
        Meeting(
            series=series,
            original_starts_at=start,
            starts_at=start,
            ends_at=start + series.duration,
            seats=series.seats,
        )
        for start in starts
        if start not in there
    ]
    Meeting.objects.bulk_create(new, ignore_conflicts=True)  # another worker may be faster
    return len(new)


def extend_all_series(now: datetime) -> int:
    """Make what is missing of the next `AHEAD` of every series; return how many are new."""
    return sum(
        extend_series(series, since=now, until=now + AHEAD)
        for series in MeetingSeries.objects.filter(ended_at=None)
    )


def lock_meetings(meeting_ids: Collection[int]) -> list[Meeting]:
    """Return the meetings by id, their rows locked to the end of the transaction, with series.

    A series that takes only so many guests in a month is locked before its meetings: guests of
    two of them count together.
    """
    limited = MeetingSeries.objects.filter(meeting__in=meeting_ids, guests_per_month__isnull=False)
    list(limited.select_for_update(of=("self",), no_key=True).order_by("pk"))
    meetings = Meeting.objects.select_related("series__department", "series__host__user")
    locked = meetings.select_for_update(of=("self",)).filter(pk__in=meeting_ids)
    return list(locked.order_by("pk"))


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
    """
    meeting = lock_meeting(meeting_id)
    if meeting.cancelled_at or min(meeting.starts_at, starts_at) <= now:
        raise MeetingOver(starts_at=meeting.starts_at)
    duration = meeting.ends_at - meeting.starts_at
    # In UTC: a sum of local times would lose or win the hour of a clock change.
    meeting.starts_at = starts_at.astimezone(UTC)
    meeting.ends_at = meeting.starts_at + duration
    meeting.save(update_fields=["starts_at", "ends_at"])
    return meeting


@transaction.atomic
def offer_series(series: MeetingSeries, *, now: datetime) -> MeetingSeries:
    """Store a new series and make its occurrences of the next `AHEAD`.

    Raises:
        SeriesRefused: the recurrence rule is not one of the known kinds.
    """
    fault = rule_fault(series.rrule) if series.rrule else None
    if fault:
        raise SeriesRefused(part=fault)
    series.save()
    extend_series(series, since=now, until=now + AHEAD)
    return series
