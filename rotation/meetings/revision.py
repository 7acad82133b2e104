"""The occurrences of a series brought in line with a changed rule; what is over never changes.

An occurrence that was moved by itself stays where it was moved to (RFC 5545: the exception keeps
its own DTSTART); its RECURRENCE-ID becomes that of the day which took its day's place, and it goes
when its day goes.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.db.models import F, Q

from rotation.meetings.matching import matched_days
from rotation.meetings.models import Meeting, MeetingSeries
from rotation.meetings.queries import closed_days_of, local_day, seats_at, starts_of
from rotation.meetings.services import AHEAD, lock_meetings, make_meetings
from rotation.periods.intervals import Interval

# A day near the end of what is made ahead may go on to one shortly after it.
MARGIN = timedelta(weeks=6)
# While days change places, each is kept where no meeting can be.
ELSEWHERE = timedelta(days=365_000)


@dataclass(frozen=True, slots=True)
class Shape:
    """What the occurrences of a series looked like before the change."""

    time_zone: str
    duration: timedelta


@dataclass(slots=True)
class Revision:
    """What became of the occurrences that are still to come, each locked.

    Attributes:
        moved: With the start before the change.
        left_out: Those whose day is gone; they are cancelled.
        closed: Those that take no guests any more.
        changed: All whose bookings may be out of step.
    """

    added: list[Meeting] = field(default_factory=list)
    moved: list[tuple[Meeting, datetime]] = field(default_factory=list)
    left_out: list[Meeting] = field(default_factory=list)
    closed: list[Meeting] = field(default_factory=list)
    changed: list[Meeting] = field(default_factory=list)


def meetings_to_come(series_id: int, now: datetime) -> list[int]:
    """Return the occurrences that a change of the series may touch, by their ids."""
    ahead = Q(starts_at__gt=now) | Q(original_starts_at__gt=now)
    found = Meeting.objects.filter(ahead, series=series_id, left_out=False)
    return list(found.order_by("pk").values_list("pk", flat=True))


def revise_meetings(
    series: MeetingSeries,
    meetings: Collection[int],
    *,
    before: Shape,
    now: datetime,
    moves: Mapping[date, Interval] | None = None,
) -> Revision:
    """Bring the occurrences in line with the changed and stored `series`; return what became.

    Args:
        series: Locked.
        meetings: What `meetings_to_come` gave under the series' lock.
        before: What the series was like.
        now: What has begun by then stays as it is.
        moves: Where a calendar puts single days; then all others stand where the rule has them.
    """
    locked, zone = lock_meetings(meetings), ZoneInfo(before.time_zone)
    days = {each.original_starts_at.astimezone(zone).date(): each for each in locked}
    starts = starts_of(series, after=now, until=now + AHEAD + MARGIN)
    # A day that is said to have no meeting has none, also where another day is new.
    pairs = matched_days(set(days) - set(series.excluded_on), starts)
    work = _Work(series, before, now, closed_days_of(series), moves)
    for day, meeting in days.items():
        work.revise(meeting, starts[pairs[day]] if day in pairs else None)
    _store(locked)
    free = [start for day, start in starts.items() if day not in pairs.values()]
    work.found.added = make_meetings(series, [start for start in free if start < now + AHEAD])
    return work.found


def _store(meetings: list[Meeting]) -> None:
    """Store the occurrences; days may change places, so all leave before any arrives."""
    ids = [meeting.pk for meeting in meetings]
    stored = Meeting.objects.filter(pk__in=ids)
    stored.update(original_starts_at=F("original_starts_at") - ELSEWHERE)
    fields = ["original_starts_at", "starts_at", "ends_at", "seats", "cancelled_at", "left_out"]
    Meeting.objects.bulk_update(meetings, fields)


@dataclass(frozen=True, slots=True)
class _Work:
    series: MeetingSeries
    before: Shape
    now: datetime
    closed: Collection[date]
    moves: Mapping[date, Interval] | None
    found: Revision = field(default_factory=Revision)

    def revise(self, meeting: Meeting, start: datetime | None) -> None:
        """Give one occurrence its new day, or leave it out."""
        was, is_moved = meeting.starts_at, meeting.starts_at != meeting.original_starts_at
        if start is not None:
            meeting.original_starts_at = start
        if was <= self.now:
            return
        if self._has_lost_its_day(meeting, start):
            self._leave_out(meeting)
            return
        if start is not None:
            self._place(meeting, start, stays=is_moved and self.moves is None)
        self._settle(meeting, was)

    def _has_lost_its_day(self, meeting: Meeting, start: datetime | None) -> bool:
        ended_at = self.series.ended_at
        if ended_at and meeting.starts_at >= ended_at and start is None:
            return True
        return start is None and meeting.original_starts_at > self.now

    def _leave_out(self, meeting: Meeting) -> None:
        if meeting.cancelled_at is None:
            meeting.cancelled_at = self.now
            self.found.left_out.append(meeting)
            self.found.changed.append(meeting)
        meeting.left_out = True

    def _place(self, meeting: Meeting, start: datetime, *, stays: bool) -> None:
        length = meeting.ends_at - meeting.starts_at
        move = (self.moves or {}).get(local_day(self.series, start))
        if move and move.starts_at > self.now:
            meeting.starts_at, meeting.ends_at = move.starts_at, move.ends_at
        elif not stays:
            meeting.starts_at, meeting.ends_at = start, start + self.series.duration
        elif length == self.before.duration:
            meeting.ends_at = meeting.starts_at + self.series.duration

    def _settle(self, meeting: Meeting, was: datetime) -> None:
        """Give the occurrence its seats and note what became of it."""
        seats = seats_at(self.series, meeting.starts_at, self.closed)
        if meeting.cancelled_at is None:
            if meeting.starts_at != was:
                self.found.moved.append((meeting, was))
            if meeting.seats and not seats:
                self.found.closed.append(meeting)
            self.found.changed.append(meeting)
        meeting.seats = seats
