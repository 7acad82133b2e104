"""`waiting/`: who waits for a seat in which full meeting."""

from http import HTTPStatus
from typing import Any

from django.db.models import F, Q, QuerySet
from django.utils import timezone
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from rotation.api.access import Endpoint, actor, by, first_or_404, require
from rotation.api.fields import Id, Moment
from rotation.api.idempotency import once
from rotation.booking.models import Waiting
from rotation.booking.queues import places_seen_by, with_place
from rotation.directory.permissions import Action, scope_of_staff
from rotation.directory.queries import staff_seen_by
from rotation.meetings.models import Meeting
from rotation.workflows import promote_waiting


class WaitingSerializer(serializers.Serializer[Any]):
    """One person's place in the queue of a full meeting."""

    id = Id()
    staff = Id()
    meeting = Id()
    department = Id()
    state = serializers.ChoiceField(Waiting.State.choices)
    place = serializers.IntegerField(
        help_text="from 1: the first gets the next free seat; 0: the place has ended"
    )
    passed_over = serializers.BooleanField(
        help_text="a free seat went past, as a rule spoke against the person; the place stays"
    )
    booking = Id(allow_null=True, help_text="the booking that the place became")
    created_at = Moment()
    ended_at = Moment(allow_null=True)


class WaitingQuery(serializers.Serializer[Any]):
    """What the list of places is narrowed to."""

    staff = Id(required=False)
    meeting = Id(required=False)
    department = Id(required=False)
    state = serializers.ChoiceField(Waiting.State.choices, required=False)


class Join(serializers.Serializer[Any]):
    """Who is to wait for what."""

    staff = Id()
    meeting = Id()


def waiting_rows(places: QuerySet[Waiting]) -> QuerySet[Any, Any]:
    """Return `places` with their place as rows; a row is the serializer's fields."""
    return places.annotate(passed_over=Q(passed_over_at__isnull=False)).values(
        "id", "staff", "meeting", "state", "place", "passed_over", "booking", "created_at",
        "ended_at", department=F("meeting__series__department"),
    )  # fmt: skip


ANSWER = extend_schema(request=None, responses=WaitingSerializer)


@extend_schema_view(retrieve=extend_schema(responses=WaitingSerializer))
class Queues(Endpoint):
    """Places in queues, of people whose visits the caller may see; ended ones included."""

    queryset = Waiting.objects.none()
    serializer_class = WaitingSerializer
    query_class = WaitingQuery
    person = "staff"
    rights = {
        "create": Action.BOOK_VISIT,
        "leave": Action.LEAVE_QUEUE,
        "destroy": Action.LEAVE_QUEUE,
    }
    narrowing = {
        "staff": "staff",
        "meeting": "meeting",
        "department": "meeting__series__department",
        "state": "state",
    }

    def get_queryset(self) -> QuerySet[Any, Any]:
        """Return the rows that the caller may see, in the order of coming."""
        return waiting_rows(places_seen_by(actor(self.request)).order_by("pk"))

    @extend_schema(request=Join, responses={201: WaitingSerializer})
    @once
    def create(self, request: Request) -> Response:
        """Put a person at the end of a full meeting's queue; who waits already keeps the place."""
        wanted = self.body(Join)
        staff = first_or_404(staff_seen_by(actor(request)).filter(pk=wanted["staff"]))
        require(request, Action.BOOK_VISIT, scope_of_staff(staff))
        meeting = first_or_404(Meeting.objects.filter(pk=wanted["meeting"]))
        place = promote_waiting.wait(
            staff_id=staff.pk, meeting_id=meeting.pk, by=by(request), now=timezone.now()
        )
        return self._answer(place.pk, HTTPStatus.CREATED)

    @ANSWER
    @action(detail=True, methods=["post"])
    @once
    def leave(self, request: Request, pk: int) -> Response:
        """Give the place up; one that has ended stays as it is."""
        return self._answer(self._left(request, pk))

    @extend_schema(responses={204: None})
    def destroy(self, request: Request, pk: int) -> Response:
        """Give the place up, as `leave/`."""
        self._left(request, pk)
        return Response(status=HTTPStatus.NO_CONTENT)

    def _left(self, request: Request, pk: int) -> int:
        seen = places_seen_by(actor(request)).select_related("staff")
        place = first_or_404(seen.filter(pk=pk))
        require(request, Action.LEAVE_QUEUE, scope_of_staff(place.staff))
        return promote_waiting.leave(pk, by=by(request), now=timezone.now()).pk

    def _answer(self, pk: int, status: HTTPStatus = HTTPStatus.OK) -> Response:
        rows = waiting_rows(with_place(Waiting.objects.filter(pk=pk)))
        return Response(first_or_404(rows), status=status)
