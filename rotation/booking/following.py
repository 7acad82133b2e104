"""Bookings kept in step with meetings that moved, closed, lost seats or were called off."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from django.db import transaction
from psycopg.types.range import TimestamptzRange

from rotation.audit.services import By
from rotation.booking.errors import BookingRefused
from rotation.booking.models import Booking
from rotation.booking.seating import keep_in_step, take_seat
from rotation.booking.states import Step
from rotation.booking.steps import facts_of, store_step, take_step
from rotation.calendars.identifiers import next_sequence
from rotation.meetings.models import Meeting

NO_TIME = TimestamptzRange(empty=True)


class Fate(StrEnum):
    """What becomes of a booking whose meeting changes."""

    KEPT = "kept"
    MOVED = "moved"
    TOLD = "told"
    CALLED_OFF = "called_off"
    NOT_WELCOME = "not_welcome"
    NO_SEAT = "no_seat"
    OVERLAP = "overlap"


# The guest has the visit no longer.
LOST = frozenset({Fate.CALLED_OFF, Fate.NOT_WELCOME, Fate.NO_SEAT, Fate.OVERLAP})


@dataclass(frozen=True, slots=True)
class Followed:
    """One booking after its meeting changed, what became of it, and when it was before."""

    booking: Booking
    fate: Fate
    was_at: datetime


def follow_meeting(meeting: Meeting, *, by: By, now: datetime) -> list[Booking]:
    """Bring the bookings of one changed meeting in step and return them, as `follow_meetings`."""
    return [each.booking for each in follow_meetings([meeting], by=by, now=now)]


@transaction.atomic
def follow_meetings(
    meetings: Collection[Meeting], *, by: By, now: datetime, retold: bool = False
) -> list[Followed]:
    """Bring the bookings of changed meetings in step; return what became of each, by time.

    A moved meeting takes its guests along (same UID, SEQUENCE + 1). Where a meeting is cancelled
    or has fewer seats than guests, where a guest then has another visit at that time, the
    booking is cancelled. Seats are lost by the requested before the confirmed, and among them by
    who was booked last. `retold`: what the invitation says has changed, whatever the time.
    The caller locked the guests, the series and then `meetings`.
    """
    known = {meeting.pk: meeting for meeting in meetings}
    found = _open_bookings(known)
    leaving = dict(_leaving(found, known))
    gone = [
        _leave(booking, leaving[booking.pk], by, now) for booking in found if booking.pk in leaving
    ]
    staying = [booking for booking in found if booking.pk not in leaving]
    _make_way(staying, known)
    follow = [_follow(each, known[each.meeting_id], by, now, retold=retold) for each in staying]
    return sorted([*gone, *follow], key=lambda each: (each.was_at, each.booking.pk))


def _open_bookings(meetings: Collection[int]) -> list[Booking]:
    locked = Booking.objects.select_for_update(of=("self",))
    found = locked.select_related("staff__user", "staff__team")
    return list(found.filter(meeting__in=meetings, state__in=Booking.OPEN).order_by("pk"))


def _leaving(
    bookings: Sequence[Booking], meetings: dict[int, Meeting]
) -> Iterator[tuple[int, Fate]]:
    """Yield (booking, why) of those that have no seat in their meeting any more."""
    guests: dict[int, list[Booking]] = defaultdict(list)
    for booking in sorted(bookings, key=_first_come):
        guests[booking.meeting_id].append(booking)
    for meeting_id, seated in guests.items():
        meeting = meetings[meeting_id]
        kept = 0 if meeting.cancelled_at else meeting.seats
        for booking in seated[kept:]:
            yield booking.pk, _why_left(meeting)


def _first_come(booking: Booking) -> tuple[bool, datetime, int]:
    return booking.state == Booking.State.REQUESTED, booking.created_at, booking.pk


def _why_left(meeting: Meeting) -> Fate:
    if meeting.cancelled_at:
        return Fate.CALLED_OFF
    return Fate.NO_SEAT if meeting.seats else Fate.NOT_WELCOME


def _leave(booking: Booking, fate: Fate, by: By, now: datetime) -> Followed:
    was_at, sequence = booking.starts_at, next_sequence(booking.sequence)
    return Followed(take_step(booking, Step.CANCEL, by, now, sequence=sequence), fate, was_at)


def _make_way(bookings: Sequence[Booking], meetings: dict[int, Meeting]) -> None:
    """Free the time of all that move, so that two visits of one person can change places."""
    moving = [each.pk for each in bookings if not _is_at(each, meetings[each.meeting_id])]
    if len(moving) > 1:
        Booking.objects.filter(pk__in=moving).update(blocked=NO_TIME)


def _is_at(booking: Booking, meeting: Meeting) -> bool:
    return (booking.starts_at, booking.ends_at) == (meeting.starts_at, meeting.ends_at)


def _follow(booking: Booking, meeting: Meeting, by: By, now: datetime, *, retold: bool) -> Followed:
    was_at, moves, before = booking.starts_at, not _is_at(booking, meeting), facts_of(booking)
    held = (booking.seat, booking.blocked.lower, booking.blocked.upper, booking.cost_minutes)
    booking.meeting = meeting
    if booking.seat > meeting.seats:
        take_seat(booking, meeting)
    keep_in_step(booking, meeting)
    if moves or retold:
        booking.sequence = next_sequence(booking.sequence)
        booking.partstat = Booking.Partstat.NEEDS_ACTION
    elif (booking.seat, *booking.blocked, booking.cost_minutes) == held:
        return Followed(booking, Fate.KEPT, was_at)
    fate = Fate.MOVED if moves else Fate.TOLD if retold else Fate.KEPT
    try:
        return Followed(store_step(booking, Step.FOLLOW, by, now, before), fate, was_at)
    except BookingRefused:
        return _leave(_unmoved(booking, held[1], held[2]), Fate.OVERLAP, by, now)


def _unmoved(booking: Booking, starts_at: datetime, ends_at: datetime) -> Booking:
    """Return the booking as it is stored, with the time that it held before all made way."""
    stored = Booking.objects.select_related("staff__user", "staff__team").get(pk=booking.pk)
    stored.blocked = (starts_at, ends_at)
    stored.meeting = booking.meeting
    return stored
