"""calendars -> meetings -> booking -> invite: series from a host's calendar, kept as it says.

A calendar that is away, broken or suddenly empty changes nothing: no reading takes away all the
meetings that a series has ahead. Such a series is marked as missing, and its host ends it.
"""

import hashlib
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from django.db import transaction
from django.db.models import F, Q

from rotation.audit.services import BY_RUNDGANG, By
from rotation.calendars.errors import (
    AddressRefused,
    CalendarTooLarge,
    NoAnswer,
    UnreadableCalendar,
)
from rotation.calendars.events import CalendarEvent, EventProblem, read_events
from rotation.calendars.fetching import Ask, Fetched, Stamp, fetch_calendar
from rotation.calendars.outside import ask as ask_outside
from rotation.directory.models import Department
from rotation.meetings.models import (
    LONGEST_MEETING,
    MOST_EXCEPTIONS,
    CalendarFeed,
    Meeting,
    MeetingSeries,
)
from rotation.meetings.queries import next_start_of, running_series
from rotation.meetings.recurrence import rule_fault
from rotation.meetings.services import offer_series
from rotation.workflows.change_series import SeriesChange, change_series

EVERY = timedelta(minutes=15)
PATIENCE_SECONDS = 60.0
LONGEST_TITLE = 160
LONGEST_RULE = 200
LONGEST_NAME = 80
Fault = CalendarFeed.Fault
# What can go wrong with a calendar that is fetched and read.
FEED_ERRORS = (AddressRefused, CalendarTooLarge, NoAnswer, UnreadableCalendar)


@dataclass(frozen=True, slots=True)
class Found:
    """One event of a calendar: what it would be as a series, or why it cannot be one.

    Attributes:
        detail: The part of the rule that is not known, where that is the problem.
        coming: When it takes place next.
        is_offered: Whether the department has it already.
    """

    event: CalendarEvent
    problem: EventProblem = EventProblem.NONE
    detail: str = ""
    coming: datetime | None = None
    is_offered: bool = False


@dataclass(frozen=True, slots=True)
class Offer:
    """What all series that are picked from a calendar have in common."""

    department_id: int
    host_id: int | None = None
    seats: int = 1
    needs_approval: bool = False
    notice: timedelta = timedelta(hours=24)
    feed: CalendarFeed | None = None


def found_in(data: bytes, department_id: int, now: datetime) -> list[Found]:
    """Return the events of a calendar, those that can be offered first, each group by title.

    Raises:
        CalendarTooLarge: it holds more than is read.
        UnreadableCalendar: it is no calendar.
    """
    known = set(
        running_series(now)
        .filter(department=department_id)
        .exclude(feed_uid="")
        .values_list("feed_uid", flat=True)
    )
    found = [_judged(event, now) for event in read_events(data)]
    marked = [replace(each, is_offered=each.event.uid in known) for each in found]
    return sorted(marked, key=lambda each: (each.problem != "", each.event.title.casefold()))


def _judged(event: CalendarEvent, now: datetime) -> Found:
    if event.problem:
        return Found(event, event.problem)
    if event.rrule and (fault := rule_fault(event.rrule[: LONGEST_RULE + 1])):
        return Found(event, EventProblem.RULE, fault)
    if event.duration > LONGEST_MEETING:
        return Found(event, EventProblem.TOO_LONG)
    coming = next_start_of(MeetingSeries(**_columns(event, now)), now)
    return Found(event, EventProblem.NONE if coming else EventProblem.OVER, coming=coming)


def _columns(event: CalendarEvent, now: datetime) -> dict[str, Any]:
    """Return what the event says, as columns of a series; days that are over are left out."""
    today = (now - timedelta(days=2)).date()
    return {
        "title": event.title[:LONGEST_TITLE],
        "location": event.location,
        "rrule": event.rrule,
        "starts_at": event.starts_at,
        "duration": event.duration,
        "time_zone": event.time_zone,
        "excluded_on": [day for day in event.excluded_on if day >= today][:MOST_EXCEPTIONS],
        "extra_on": [day for day in event.extra_on if day >= today][:MOST_EXCEPTIONS],
    }


@transaction.atomic
def offer_events(
    found: Sequence[Found], offer: Offer, *, by: By, now: datetime
) -> list[MeetingSeries]:
    """Offer the events that can be and are not yet, and return their new series."""
    return [
        _offer(each.event, offer, by, now)
        for each in found
        if not each.problem and not each.is_offered
    ]


def _offer(event: CalendarEvent, offer: Offer, by: By, now: datetime) -> MeetingSeries:
    series = MeetingSeries(
        department_id=offer.department_id,
        host_id=offer.host_id,
        seats=offer.seats,
        needs_approval=offer.needs_approval,
        notice=offer.notice,
        confidential=event.is_confidential,
        feed=offer.feed,
        feed_uid=event.uid,
        feed_digest=digest_of(event),
        **_columns(event, now),
    )
    offer_series(series, now=now, by=by)
    if event.moves:
        author = replace(by, version=None)
        change_series(series.pk, SeriesChange(moves=event.moves), by=author, now=now)
    return series


def feed_at(department: Department, address: str, stamp: Stamp, now: datetime) -> CalendarFeed:
    """Return the calendar at `address`, stored now if it is not yet, as read just now."""
    name = urlsplit(address).hostname or ""
    feed, _ = CalendarFeed.objects.update_or_create(
        department=department,
        address=address,
        defaults={
            "etag": stamp.etag, "last_modified": stamp.last_modified, "tried_at": now,
            "read_at": now, "fault": Fault.NONE,
        },
        create_defaults={
            "name": name[:LONGEST_NAME], "etag": stamp.etag, "last_modified": stamp.last_modified,
            "tried_at": now, "read_at": now,
        },
    )  # fmt: skip
    return feed


@transaction.atomic
def forget_feed(feed_id: int, *, by: By, now: datetime) -> None:
    """Forget a calendar and its address; its series go on as they are."""
    alone = SeriesChange({"feed": None, "missing_since": None})
    keys = MeetingSeries.objects.filter(feed=feed_id).order_by("pk").values_list("pk", flat=True)
    for key in list(keys):
        change_series(key, alone, by=replace(by, version=None), now=now)
    CalendarFeed.objects.filter(pk=feed_id).delete()


def digest_of(event: CalendarEvent) -> str:
    """Return what changes whenever the event says something else."""
    said = replace(event, moves={})
    moves = sorted(event.moves.items())
    return hashlib.sha256(repr((said, moves)).encode()).hexdigest()


def read_due_feeds(now: datetime, *, seconds: float = PATIENCE_SECONDS) -> int:
    """Read the calendars that were not tried lately, the longest waiting first; return how many."""
    until, read = time.monotonic() + seconds, 0
    due = CalendarFeed.objects.filter(Q(tried_at=None) | Q(tried_at__lte=now - EVERY))
    oldest_first = due.order_by(F("tried_at").asc(nulls_first=True), "pk")
    for key in oldest_first.values_list("pk", flat=True):
        if time.monotonic() > until:
            break
        read_feed(key, by=BY_RUNDGANG, now=now)
        read += 1
    return read


def read_feed(feed_id: int, *, by: By, now: datetime, ask: Ask = ask_outside) -> CalendarFeed:
    """Fetch a calendar and bring its series in line; return it with what became of it.

    Nothing is held while the server is asked. What went wrong stands in `fault`.

    Raises:
        CalendarFeed.DoesNotExist: there is no such calendar.
    """
    feed = CalendarFeed.objects.get(pk=feed_id)
    feed.tried_at = now
    try:
        fetched = fetch_calendar(feed.address, Stamp(feed.etag, feed.last_modified), ask=ask)
        if fetched is not None:
            follow_calendar(feed, read_events(fetched.data), by=by, now=now)
    except FEED_ERRORS as error:
        feed.fault = fault_of(error)
    else:
        _note_read(feed, fetched, now)
    fields = ["tried_at", "read_at", "fault", "etag", "last_modified"]
    CalendarFeed.objects.filter(pk=feed.pk).update(**{name: getattr(feed, name) for name in fields})
    return feed


def fault_of(error: AddressRefused | CalendarTooLarge | NoAnswer | UnreadableCalendar) -> Fault:
    """Return what went wrong with a calendar at an address."""
    match error:
        case AddressRefused():
            return Fault.NOT_ALLOWED
        case CalendarTooLarge():
            return Fault.TOO_LARGE
        case UnreadableCalendar():
            return Fault.UNREADABLE
    return Fault.REFUSED if "status" in error.fields else Fault.UNREACHABLE


def _note_read(feed: CalendarFeed, fetched: Fetched | None, now: datetime) -> None:
    feed.read_at, feed.fault = now, Fault.NONE
    if fetched is not None:
        feed.etag, feed.last_modified = fetched.stamp.etag, fetched.stamp.last_modified


def follow_calendar(
    feed: CalendarFeed, events: Iterable[CalendarEvent], *, by: By, now: datetime
) -> None:
    """Bring the series of a calendar in line with its events, each in its own transaction."""
    by_uid = {event.uid: event for event in events}
    for series in running_series(now).filter(feed=feed).order_by("pk"):
        _follow(series, by_uid.get(series.feed_uid), by, now)


def _follow(series: MeetingSeries, event: CalendarEvent | None, by: By, now: datetime) -> None:
    if event is None or _judged(event, now).problem:
        if series.missing_since is None and _has_meetings_ahead(series, now):
            change_series(series.pk, SeriesChange({"missing_since": now}), by=by, now=now)
        return
    digest = digest_of(event)
    if digest == series.feed_digest and series.missing_since is None:
        return
    values = {**_columns(event, now), "feed_digest": digest, "missing_since": None}
    change = SeriesChange(values, moves=event.moves)
    change_series(series.pk, change, by=by, now=now)


def _has_meetings_ahead(series: MeetingSeries, now: datetime) -> bool:
    ahead = Meeting.objects.filter(series=series, starts_at__gt=now, cancelled_at=None)
    return ahead.exists()
