"""`meetings/`: what can be visited when, and who could go."""

from collections.abc import Mapping
from typing import Any

from django.db.models import F, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from config.celery import nudge
from rotation.api.access import Endpoint, Row, actor, by, first_or_404, note_look, require
from rotation.api.bookings import Because
from rotation.api.fields import Id, Moment, Period
from rotation.api.idempotency import once
from rotation.api.problems import reason_rows
from rotation.api.schema import ReasonSerializer
from rotation.booking.queries import bookable_meetings, suggestions_for, with_seats_free
from rotation.booking.words import fact_text
from rotation.directory.permissions import Action, Scope
from rotation.directory.queries import staff_open_to
from rotation.meetings.models import Meeting
from rotation.planning.suggestions import Suggestion
from rotation.workflows.change_booking import call_off_meeting, put_meeting


class MeetingSerializer(serializers.Serializer[Any]):
    """One occurrence of a series."""

    id = Id()
    series = Id()
    department = Id()
    title = serializers.CharField()
    starts_at = Moment()
    ends_at = Moment()
    seats = serializers.IntegerField()
    seats_free = serializers.IntegerField()
    cancelled_at = Moment(allow_null=True)


class MeetingQuery(Period):
    """What the list of meetings is narrowed to; the period counts their starts."""

    department = Id(required=False)
    series = Id(required=False)
    free = serializers.BooleanField(
        required=False,
        default=False,
        help_text=_("true: only those ahead with a seat, in time for the host's notice"),
    )


class FactSerializer(ReasonSerializer):
    """What speaks for a person: code, sentence, number."""

    value = serializers.IntegerField()


class SuggestionSerializer(serializers.Serializer[Any]):
    """Somebody who could go; without conflicts a POST to `bookings/` would succeed."""

    staff = Id()
    name = serializers.CharField()
    reasons = FactSerializer(many=True)
    conflicts = ReasonSerializer(many=True)


class NewTime(Because):
    """To when one meeting moves; it keeps its length."""

    starts_at = Moment()


class Meetings(Endpoint):
    """Meetings of all departments, by time."""

    serializer_class = MeetingSerializer
    query_class = MeetingQuery
    queryset = Meeting.objects.all()
    rights = {
        "list": Action.SEE_MEETINGS,
        "retrieve": Action.SEE_MEETINGS,
        "suggestions": Action.SUGGEST_GUESTS,
        "move": Action.OFFER_MEETING,
        "cancel": Action.OFFER_MEETING,
    }
    narrowing = {
        "department": "series__department",
        "series": "series",
        "from": "starts_at__gte",
        "to": "starts_at__lt",
    }

    def get_queryset(self) -> QuerySet[Any, Any]:
        """Return all meetings as rows."""
        return meeting_rows(with_seats_free(Meeting.objects.all()))

    def entries(self, query: Mapping[str, Any]) -> QuerySet[Any, Any]:
        """Return the rows that `query` asks for."""
        meetings = (
            bookable_meetings(timezone.now())
            if query["free"]
            else with_seats_free(Meeting.objects.all())
        )
        return meeting_rows(self.narrowed(meetings, query))

    @extend_schema(responses=SuggestionSerializer(many=True))
    @action(detail=True)
    def suggestions(self, request: Request, pk: int) -> Response:
        """Return who of those whom the caller may send could go, best first, with the reasons."""
        who, now = actor(request), timezone.now()
        meeting = first_or_404(Meeting.objects.select_related("series").filter(pk=pk))
        staff = {person.pk: person for person in staff_open_to(who, Action.BOOK_VISIT)}
        page = self.paginate_queryset(suggestions_for(meeting, list(staff.values()), now)) or []
        rows = [suggestion_row(found, staff[found.staff_id].name) for found in page]
        note_look(request, "api-suggestion", [row["staff"] for row in rows])
        return self.get_paginated_response(rows)

    @extend_schema(request=NewTime, responses=MeetingSerializer)
    @action(detail=True, methods=["post"])
    @once
    def move(self, request: Request, pk: int) -> Response:
        """Move one meeting as host; its guests move along and are told."""
        self._own(pk)
        wanted = self.body(NewTime)
        author, now = by(request, wanted["reason"]), timezone.now()
        put_meeting(pk, starts_at=wanted["starts_at"], by=author, now=now)
        return self._changed(pk)

    @extend_schema(request=Because, responses=MeetingSerializer)
    @action(detail=True, methods=["post"])
    @once
    def cancel(self, request: Request, pk: int) -> Response:
        """Call one meeting off as host; its visits are cancelled and everybody is told."""
        self._own(pk)
        author = by(request, self.body(Because)["reason"])
        call_off_meeting(pk, by=author, now=timezone.now())
        return self._changed(pk)

    def _own(self, pk: int) -> None:
        """Do nothing where the caller may change the meeting.

        Raises:
            Http404: there is none.
            PermissionDenied: it is another department's.
        """
        meeting = first_or_404(Meeting.objects.select_related("series").filter(pk=pk))
        scope = Scope(department_id=meeting.series.department_id)
        require(self.request, Action.OFFER_MEETING, scope)

    def _changed(self, pk: int) -> Response:
        nudge("rotation.relay_mail")
        return Response(first_or_404(self.get_queryset().filter(pk=pk)))


def meeting_rows(meetings: QuerySet[Any, Any]) -> QuerySet[Any, Any]:
    """Return `meetings` with their free seats as rows, without an object for each."""
    return meetings.select_related(None).values(
        "id", "series", "starts_at", "ends_at", "seats", "seats_free", "cancelled_at",
        department=F("series__department"), title=F("series__title"),
    )  # fmt: skip


def suggestion_row(found: Suggestion, name: str) -> Row:
    """Return one candidate with facts and conflicts in words."""
    return {
        "staff": found.staff_id,
        "name": name,
        "reasons": [
            {"code": fact, "message": fact_text(fact, value), "value": value}
            for fact, value in found.facts
        ],
        "conflicts": reason_rows(found.conflicts),
    }
