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

from rotation.api.access import Endpoint, Row, actor, first_or_404, note_look
from rotation.api.fields import Id, Moment, Period
from rotation.api.problems import reason_rows
from rotation.api.schema import ReasonSerializer
from rotation.booking.queries import bookable_meetings, suggestions_for, with_seats_free
from rotation.booking.words import fact_text
from rotation.directory.permissions import Action
from rotation.directory.queries import staff_open_to
from rotation.meetings.models import Meeting
from rotation.planning.suggestions import Suggestion


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


class Meetings(Endpoint):
    """Meetings of all departments, by time."""

    serializer_class = MeetingSerializer
    query_class = MeetingQuery
    queryset = Meeting.objects.all()
    rights = {
        "list": Action.SEE_MEETINGS,
        "retrieve": Action.SEE_MEETINGS,
        "suggestions": Action.SUGGEST_GUESTS,
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
