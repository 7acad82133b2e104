"""Reads of the queues of full meetings."""

from datetime import datetime, timedelta

from django.db.models import (
    Case,
    Count,
    DateTimeField,
    Exists,
    ExpressionWrapper,
    F,
    IntegerField,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
    When,
)
from django.db.models.expressions import Combinable
from django.db.models.functions import Coalesce
from django.db.models.lookups import GreaterThan

from rotation.booking.facts import number_of
from rotation.booking.models import Booking, Waiting
from rotation.directory.permissions import Action, Actor, reach
from rotation.meetings.models import Meeting

# How long somebody who waited in vain reads of it.
TOLD_FOR = timedelta(days=14)


def queues_to_move_up(now: datetime) -> QuerySet[Meeting]:
    """Return the meetings with a seat and a queue whose notice is still kept, by time."""
    taken = Booking.objects.filter(state__in=Booking.HOLDING, meeting=OuterRef("pk"))
    return _queued_meetings().filter(
        GreaterThan(F("seats"), number_of(taken)),
        cancelled_at=None,
        starts_at__gte=_earliest(now),
    )


def queues_to_end(now: datetime) -> QuerySet[Meeting]:
    """Return the meetings in whose queue somebody waits for a seat that cannot come any more."""
    over = Q(starts_at__lt=_earliest(now)) | ~Q(cancelled_at=None)
    gone = _waiting().filter(meeting=OuterRef("pk"), staff__has_left=True)
    return _queued_meetings().filter(over | Q(Exists(gone)))


def _queued_meetings() -> QuerySet[Meeting]:
    return Meeting.objects.filter(Exists(_waiting().filter(meeting=OuterRef("pk"))))


def _earliest(now: datetime) -> Combinable:
    """Return when a meeting has to start so that its host still hears of guests in time."""
    return ExpressionWrapper(Value(now) + F("series__notice"), output_field=DateTimeField())


def _waiting() -> QuerySet[Waiting]:
    return Waiting.objects.filter(state=Waiting.State.WAITING)


def has_queue(meeting_id: int) -> bool:
    """Return whether anybody waits for a seat in the meeting; one query."""
    return _waiting().filter(meeting=meeting_id).exists()


def with_place(places: QuerySet[Waiting]) -> QuerySet[Waiting]:
    """Return `places` with `place`, counted from 1 in the meeting's queue; 0 for one that ended."""
    ahead = (
        _waiting()
        .filter(meeting=OuterRef("meeting"), pk__lte=OuterRef("pk"))
        .order_by()
        .values("meeting")
        .annotate(number=Count("pk"))
        .values("number")
    )
    number = Coalesce(Subquery(ahead, output_field=IntegerField()), 0)
    waits = When(state=Waiting.State.WAITING, then=number)
    place = Case(waits, default=0, output_field=IntegerField())
    return places.annotate(place=place)  # type: ignore[no-redef]  # declared on Waiting


def places_seen_by(actor: Actor) -> QuerySet[Waiting]:
    """Return the places, ended ones included, of people whose visits `actor` may see."""
    limits, places = reach(actor, Action.SEE_BOOKING), with_place(Waiting.objects.all())
    if limits.everywhere:
        return places
    departments = {limits.department_id, *limits.deputised_ids} - {None}
    return places.filter(
        Q(staff__team__in=limits.team_ids)
        | Q(staff=limits.staff_id)
        | Q(meeting__series__department__in=departments)
    )


def places_of(staff_id: int, now: datetime) -> QuerySet[Waiting]:
    """Return where a person waits, by time of the meeting, with meeting and department.

    What lapsed in the last `TOLD_FOR` stands among them, so that nobody is left wondering.
    """
    lapsed = Q(state=Waiting.State.LAPSED, ended_at__gt=now - TOLD_FOR)
    places = Waiting.objects.filter(Q(state=Waiting.State.WAITING) | lapsed, staff=staff_id)
    return with_place(places.select_related("meeting__series__department")).order_by(
        "meeting__starts_at", "pk"
    )
