"""What pages show of the queues of full meetings."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from rotation.booking.facts import obstacles_of, places_in, visit_of
from rotation.booking.models import Waiting
from rotation.booking.queues import places_of, places_seen_by
from rotation.booking.words import reason_text
from rotation.directory.models import StaffMember
from rotation.directory.permissions import Action, Actor, may, scope_of_staff
from rotation.meetings.models import Meeting
from rotation.web.forms.booking import GuestForm


@dataclass(frozen=True, slots=True)
class Place:
    """One place in a queue, what would let a free seat go past it, and whether it may be left."""

    waiting: Waiting
    reasons: Sequence[str]
    may_leave: bool


@dataclass(frozen=True, slots=True)
class Queue:
    """The queue of a meeting as one user sees it.

    Attributes:
        places: Those whom the user may see.
        length: How many wait in all.
        form: The choice of who is put on the list; None where nobody can be.
    """

    places: Sequence[Place]
    length: int
    form: GuestForm | None


def queue_of(who: Actor, meeting: Meeting, people: Collection[StaffMember], now: datetime) -> Queue:
    """Return the queue of a meeting with `seats_free`; `people` may be put on the list.

    Two queries where nobody waits.
    """
    seen = places_seen_by(who).filter(meeting=meeting, state=Waiting.State.WAITING)
    places = list(seen.select_related("staff__user", "staff__team").order_by("pk"))
    waits = {place.staff_id for place in places}
    others = [person for person in people if person.pk not in waits]
    is_open = meeting.seats_free < 1 and _takes_guests(meeting, now)
    return Queue(
        places=_in_words(who, meeting, places, now),
        length=places_in(meeting.pk).count(),
        form=GuestForm(people=others, auto_id="wait_%s") if is_open and others else None,
    )


def _takes_guests(meeting: Meeting, now: datetime) -> bool:
    return meeting.cancelled_at is None and meeting.starts_at >= now + meeting.series.notice


def _in_words(
    who: Actor, meeting: Meeting, places: Sequence[Waiting], now: datetime
) -> list[Place]:
    if not places:
        return []
    obstacles = obstacles_of(places, meeting, visit_of(meeting), now)
    return [_place(who, place, [*map(reason_text, obstacles[place.pk])]) for place in places]


def _place(who: Actor, place: Waiting, reasons: Sequence[str]) -> Place:
    may_leave = may(who, Action.LEAVE_QUEUE, scope_of_staff(place.staff))
    return Place(place, reasons, may_leave)


def own_places(who: Actor, now: datetime) -> list[Place]:
    """Return where an IT person waits or has waited in vain lately, by time of the meeting.

    Why a seat went past is looked up for the places that were passed over.
    """
    places = places_of(who.staff_id or 0, now).select_related(
        "staff__user", "staff__team", "meeting__series__department"
    )
    return [_place(who, place, _why_passed(place, now)) for place in places]


def _why_passed(place: Waiting, now: datetime) -> list[str]:
    if not place.passed_over_at or place.ended_at:
        return []
    reasons = obstacles_of([place], place.meeting, visit_of(place.meeting), now)[place.pk]
    return [reason_text(reason) for reason in reasons]
