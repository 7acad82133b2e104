"""meetings -> booking -> invite: change a series, take its visits along, queue what is to be told.

What a change does can be seen before: `preview_series` does it all and takes it back.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any

from django.db import transaction

from rotation.audit.models import Subject
from rotation.audit.services import By, record
from rotation.booking.errors import ChangedMeanwhile
from rotation.booking.following import Fate, Followed, follow_meetings
from rotation.booking.locks import lock_staff
from rotation.booking.models import Booking
from rotation.directory.models import Department
from rotation.invites.services import queue_invites
from rotation.meetings.days import Days
from rotation.meetings.models import Blackout, Meeting, MeetingSeries
from rotation.meetings.queries import closed_periods_of, running_series
from rotation.meetings.revision import Revision, Shape, meetings_to_come, revise_meetings
from rotation.meetings.services import check_rule, close_days, facts_of, lock_series
from rotation.periods.intervals import Interval

# What an invitation says beside the time: the guests get a new one.
SAID = ("title", "location", "confidential")
ATTEMPTS = 3


class GuestsChanged(ChangedMeanwhile):
    """Somebody was booked between looking and locking; a second look finds everybody."""


@dataclass(frozen=True, slots=True)
class SeriesChange:
    """What is to become of a series.

    Attributes:
        values: The new values of its columns, by name.
        closed: The days on which it takes no guests; None: as they are.
        moves: Where a calendar puts single days; None: what was moved by hand stays there.
    """

    values: Mapping[str, Any] = field(default_factory=dict)
    closed: Sequence[Days] | None = None
    moves: Mapping[date, Interval] | None = None


@dataclass(frozen=True, slots=True)
class Effects:
    """What a change of a series does, or did.

    Attributes:
        moved: Meetings with their start before.
        guests: Every visit that is touched, with what becomes of it, by time.
    """

    series: MeetingSeries
    added: Sequence[Meeting] = ()
    moved: Sequence[tuple[Meeting, datetime]] = ()
    left_out: Sequence[Meeting] = ()
    closed: Sequence[Meeting] = ()
    guests: Sequence[Followed] = ()

    @property
    def told(self) -> list[Followed]:
        """The visits whose guests get a mail."""
        return [each for each in self.guests if each.fate is not Fate.KEPT]

    @property
    def touches_nobody(self) -> bool:
        """Whether no meeting that exists and no guest is concerned."""
        return not (self.moved or self.left_out or self.closed or self.told)


def change_series(series_id: int, change: SeriesChange, *, by: By, now: datetime) -> Effects:
    """Change the series and all its meetings to come; its visits follow and everybody is told.

    Raises:
        SeriesRefused: the recurrence rule is not one of the known kinds.
        ChangedMeanwhile: it has another version than `by` saw.
        MeetingSeries.DoesNotExist: there is no such series.
    """
    for _ in range(ATTEMPTS - 1):
        try:
            return _change_series(series_id, change, by, now)
        except GuestsChanged:
            continue
    return _change_series(series_id, change, by, now)


@transaction.atomic
def preview_series(series_id: int, change: SeriesChange, *, by: By, now: datetime) -> Effects:
    """Return what `change_series` would do, and do nothing; raises as it does."""
    effects = change_series(series_id, change, by=by, now=now)
    transaction.set_rollback(True)
    return effects


def end_series(series_id: int, *, ended_at: datetime, by: By, now: datetime) -> Effects:
    """End the series: no meeting begins at `ended_at` or later; raises as `change_series`."""
    change = SeriesChange({"ended_at": max(ended_at, now), "missing_since": None})
    return change_series(series_id, change, by=by, now=now)


@transaction.atomic
def preview_end(series_id: int, *, ended_at: datetime, by: By, now: datetime) -> Effects:
    """Return what `end_series` would do, and do nothing."""
    effects = end_series(series_id, ended_at=ended_at, by=by, now=now)
    transaction.set_rollback(True)
    return effects


@transaction.atomic
def close_department(
    department: Department, closed: Sequence[Days], *, by: By, now: datetime
) -> list[Effects]:
    """Put `closed` in the place of the days on which the department takes no guests.

    Returns what each running series' meetings do; its visits on these days are cancelled.
    """
    said = Blackout.objects.filter(department=department, series=None)
    before = sorted(said.values_list("first_on", "last_on"))
    said.delete()
    Blackout.objects.bulk_create(
        Blackout(department=department, first_on=first, last_on=last)
        for first, last in sorted(set(closed))
    )
    record(
        by,
        now,
        about=(Subject.DEPARTMENT, department.pk),
        action="change",
        old={"closed": before},
        new={"closed": sorted(set(closed))},
    )
    series = running_series(now).filter(department=department).order_by("pk")
    author = replace(by, version=None)
    keys = list(series.values_list("pk", flat=True))
    _lock_guests(keys, now)
    for key in keys:
        lock_series(key)
    return [change_series(key, SeriesChange(), by=author, now=now) for key in keys]


@transaction.atomic
def preview_closing(
    department: Department, closed: Sequence[Days], *, by: By, now: datetime
) -> list[Effects]:
    """Return what `close_department` would do, and do nothing."""
    effects = close_department(department, closed, by=by, now=now)
    transaction.set_rollback(True)
    return effects


@transaction.atomic
def _change_series(series_id: int, change: SeriesChange, by: By, now: datetime) -> Effects:
    locked = _lock_guests([series_id], now)
    series = lock_series(series_id)
    if by.version not in {None, series.version}:
        raise ChangedMeanwhile(version=series.version)
    before, shape = _facts(series), Shape(series.time_zone, series.duration)
    told_anew = _apply(series, change)
    revision = revise_meetings(
        series, meetings_to_come(series.pk, now), before=shape, now=now, moves=change.moves
    )
    _refuse_strangers(revision, locked)
    author = replace(by, version=None)  # nobody saw the bookings' versions
    guests = follow_meetings(revision.changed, by=author, now=now, retold=told_anew)
    queue_invites([each.booking for each in guests if each.fate is not Fate.KEPT], now)
    if (after := _facts(series)) != before:
        about = (Subject.SERIES, series.pk)
        record(by, now, about=about, action=_action(before, after), old=before, new=after)
    return Effects(
        series, revision.added, revision.moved, revision.left_out, revision.closed, guests
    )


def _apply(series: MeetingSeries, change: SeriesChange) -> bool:
    """Store the new values; return whether invitations say something else now."""
    said = [getattr(series, name) for name in SAID]
    for name, value in change.values.items():
        setattr(series, name, value)
    check_rule(series)
    if change.closed is not None:
        close_days(series, change.closed)
    series.version += 1
    series.save()
    return said != [getattr(series, name) for name in SAID]


def _facts(series: MeetingSeries) -> dict[str, Any]:
    return {**facts_of(series), "closed": closed_periods_of(series)}


def _action(before: Mapping[str, Any], after: Mapping[str, Any]) -> str:
    ends = before["ended_at"] is None and after["ended_at"] is not None
    return "end" if ends else "change"


def _lock_guests(series_ids: Iterable[int], now: datetime) -> set[int]:
    """Lock who has a visit ahead in these series, and return them; people come first."""
    visits = Booking.objects.filter(
        meeting__series__in=list(series_ids), state__in=Booking.OPEN, starts_at__gt=now
    )
    guests = set(visits.values_list("staff_id", flat=True))
    lock_staff(guests)
    return guests


def _refuse_strangers(revision: Revision, locked: Collection[int]) -> None:
    """Raise GuestsChanged where a guest of the locked meetings is not locked."""
    visits = Booking.objects.filter(meeting__in=revision.changed, state__in=Booking.OPEN)
    if visits.exclude(staff__in=locked).exists():
        raise GuestsChanged(version=0)
