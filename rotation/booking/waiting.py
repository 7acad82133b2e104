"""Writes of the queue of a full meeting: who joins, leaves, gets a seat, or waited in vain.

Every write holds the meeting's lock, so that places are in the order of coming, and nobody waits
where he has a seat.
"""

from datetime import datetime
from typing import Any

from django.db import transaction

from rotation.audit.models import Subject
from rotation.audit.services import By, record
from rotation.booking.errors import AlreadySeated, BookingRefused, Code, Reason, SeatFree
from rotation.booking.facts import candidates_for, places_in, visits_for
from rotation.booking.locks import lock_staff
from rotation.booking.models import Booking, Waiting
from rotation.booking.rules import reasons_against
from rotation.directory.models import StaffMember
from rotation.directory.queries import active_staff
from rotation.meetings.models import Meeting
from rotation.meetings.services import lock_meeting

# A seat may become free: these alone open the queue. The others of `NEVER` no waiting will mend.
FULL = frozenset({Code.NO_SEAT, Code.HOST_LIMIT})
NEVER = frozenset(
    {Code.MEETING_CANCELLED, Code.MEETING_PAST, Code.NOTICE_TOO_SHORT, Code.OWN_DEPARTMENT}
)


@transaction.atomic
def wait_for_seat(*, staff_id: int, meeting_id: int, by: By, now: datetime) -> Waiting:
    """Put a person at the end of a full meeting's queue; who waits already keeps the place.

    What may change until a seat becomes free (an absence, a budget) does not stop anybody here.

    Raises:
        SeatFree: there is a seat, so nobody has to wait.
        AlreadySeated: the person has a seat in the meeting.
        BookingRefused: no seat would help; with every such reason.
        StaffMember.DoesNotExist: nobody active has this id.
        Meeting.DoesNotExist: there is no such meeting.
    """
    staff = active_staff().select_for_update(of=("self",)).get(pk=staff_id)
    meeting = lock_meeting(meeting_id)
    if there := places_in(meeting.pk).filter(staff=staff).first():
        return there
    _refuse_waiting(staff, meeting, now)
    place = Waiting.objects.create(
        staff=staff, meeting=meeting, asked_by_id=by.user_id, created_at=now
    )
    _record(place, "add", by, now, before={})
    return place


def _refuse_waiting(staff: StaffMember, meeting: Meeting, now: datetime) -> None:
    seats = Booking.objects.filter(staff=staff, meeting=meeting, state__in=Booking.HOLDING)
    if seated := seats.first():
        raise AlreadySeated(booking=seated.pk)
    visit = visits_for(meeting, [staff.pk], now)[staff.pk]
    reasons = reasons_against(visit, candidates_for(meeting, [staff])[staff.pk], now)
    if never := [reason for reason in reasons if reason.code in NEVER or not meeting.seats]:
        raise BookingRefused(never)  # without guest seats none becomes free
    if FULL.isdisjoint(reason.code for reason in reasons):
        raise SeatFree(meeting=meeting.pk)


@transaction.atomic
def leave_queue(place_id: int, *, by: By, now: datetime) -> Waiting:
    """Give a place up; one that has ended already stays as it is.

    Raises:
        Waiting.DoesNotExist: there is no such place.
    """
    lock_meeting(Waiting.objects.values_list("meeting", flat=True).get(pk=place_id))
    place = Waiting.objects.select_related("staff__user").get(pk=place_id)
    if place.state == Waiting.State.WAITING:
        _end(place, Waiting.State.LEFT, "leave", by, now)
    return place


def seat_waiting(booking: Booking, by: By, now: datetime) -> bool:
    """End the guest's place in the queue of the meeting in which a seat was taken just now.

    Return whether there was one.
    """
    place = places_in(booking.meeting_id).filter(staff=booking.staff_id).first()
    if place:
        place.booking = booking
        _end(place, Waiting.State.PROMOTED, "promote", by, now)
    return place is not None


@transaction.atomic
def lapse_queue(meeting_id: int, *, by: By, now: datetime) -> int:
    """End the places for which no seat can come any more; return how many.

    All of them once the meeting is cancelled or its notice has passed; those of leavers always.
    """
    meeting = lock_meeting(meeting_id)
    over = meeting.cancelled_at is not None or meeting.starts_at < now + meeting.series.notice
    places = places_in(meeting.pk)
    ended = list(places if over else places.exclude(staff__in=active_staff()))
    for place in ended:
        _end(place, Waiting.State.LAPSED, "lapse", by, now)
    return len(ended)


def lock_queue(meeting_id: int) -> tuple[Meeting, list[Waiting]]:
    """Return the meeting and its queue in order, people, then meeting locked.

    Who joined between looking and locking is left out: they stand last, and come next time.
    """
    known = set(places_in(meeting_id).values_list("staff", flat=True))
    lock_staff(known)
    meeting = lock_meeting(meeting_id)
    places = places_in(meeting.pk).filter(staff__in=known & _active(known))
    return meeting, list(places.select_related("staff__user", "staff__team"))


def _active(staff_ids: set[int]) -> set[int]:
    return set(active_staff().filter(pk__in=staff_ids).values_list("pk", flat=True))


def pass_over(place: Waiting, reasons: list[Reason], by: By, now: datetime) -> None:
    """Note that a free seat goes past, and why; the place stays. Told once for the same reasons."""
    if place.passed_over_at is None:
        place.passed_over_at = now
        place.save(update_fields=["passed_over_at"])
        codes = {"reasons": [reason.code for reason in reasons]}
        record(by, now, about=(Subject.WAITING, place.pk), action="pass_over", new=codes)


def _end(place: Waiting, state: Waiting.State, action: str, by: By, now: datetime) -> None:
    before = _facts_of(place)
    place.state, place.ended_at = state, now
    place.save(update_fields=["state", "ended_at", "booking"])
    _record(place, action, by, now, before=before)


def _record(place: Waiting, action: str, by: By, now: datetime, *, before: dict[str, Any]) -> None:
    about, facts = (Subject.WAITING, place.pk), _facts_of(place)
    record(by, now, about=about, action=action, old=before, new=facts)


def _facts_of(place: Waiting) -> dict[str, Any]:
    return {
        "state": place.state,
        "staff": place.staff_id,
        "meeting": place.meeting_id,
        "booking": place.booking_id,
    }
