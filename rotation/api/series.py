"""`meeting-series/`: the recurring meetings that take guests."""

from datetime import timedelta
from http import HTTPStatus
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from rotation.api.access import Endpoint, Row, by, first_or_404, require
from rotation.api.fields import Id, Moment
from rotation.api.idempotency import once
from rotation.directory.models import Department, Host
from rotation.directory.permissions import Action, Scope
from rotation.directory.validators import (
    validate_one_line,
    validate_plain_text,
    validate_time_zone,
)
from rotation.meetings.models import LONGEST_MEETING, LONGEST_WAY, MOST_SEATS, MeetingSeries
from rotation.meetings.services import offer_series

LINE = (validate_plain_text, validate_one_line)
MINUTE = timedelta(minutes=1)


class SeriesSerializer(serializers.Serializer[Any]):
    """A department's recurring meeting."""

    id = Id(read_only=True)
    department = Id()
    title = serializers.CharField(max_length=160, validators=LINE)
    rrule = serializers.CharField(
        max_length=200,
        required=False,
        allow_blank=True,
        default="",
        help_text=_("RFC 5545, such as FREQ=WEEKLY;BYDAY=TU; empty for a single meeting"),
    )
    starts_at = Moment()
    duration_minutes = serializers.IntegerField(
        required=False, default=60, min_value=1, max_value=LONGEST_MEETING // MINUTE
    )
    time_zone = serializers.CharField(
        required=False, max_length=64, validators=(validate_time_zone,), help_text="Europe/Berlin"
    )
    seats = serializers.IntegerField(required=False, default=1, min_value=1, max_value=MOST_SEATS)
    needs_approval = serializers.BooleanField(required=False, default=False)
    location = serializers.CharField(
        required=False, allow_blank=True, default="", max_length=300, validators=LINE
    )
    confidential = serializers.BooleanField(required=False, default=False)
    notice_hours = serializers.IntegerField(
        required=False, default=24, min_value=0, max_value=24 * 365
    )
    travel_minutes = serializers.IntegerField(
        required=False, default=0, min_value=0, max_value=LONGEST_WAY // MINUTE
    )


class SeriesQuery(serializers.Serializer[Any]):
    """What the list of series is narrowed to."""

    department = Id(required=False)


class Series(Endpoint):
    """Meeting series of all departments."""

    serializer_class = SeriesSerializer
    query_class = SeriesQuery
    queryset = MeetingSeries.objects.order_by("department__sort_key", "title", "pk")
    rights = {
        "list": Action.SEE_MEETINGS,
        "retrieve": Action.SEE_MEETINGS,
        "create": Action.OFFER_MEETING,
    }
    narrowing = {"department": "department"}

    def rows(self, page: Any) -> list[Row]:  # noqa: ANN401 -- series
        """Return the series' fields; no query."""
        return [series_row(series) for series in page]

    @extend_schema(request=SeriesSerializer, responses={201: SeriesSerializer})
    @once
    def create(self, request: Request) -> Response:
        """Offer a series as host of its department; its meetings of half a year are made."""
        wanted = self.body(SeriesSerializer)
        department = first_or_404(Department.objects.filter(pk=wanted["department"]))
        require(request, Action.OFFER_MEETING, Scope(department_id=department.pk))
        host = Host.objects.filter(user=request.user.pk, department=department).first()
        series = MeetingSeries(
            department=department,
            host=host,
            duration=wanted.pop("duration_minutes") * MINUTE,
            travel=wanted.pop("travel_minutes") * MINUTE,
            notice=timedelta(hours=wanted.pop("notice_hours")),
            time_zone=wanted.pop("time_zone", department.time_zone),
            **{name: value for name, value in wanted.items() if name != "department"},
        )
        offer_series(series, now=timezone.now(), by=by(request))
        return Response(series_row(series), status=HTTPStatus.CREATED)


def series_row(series: MeetingSeries) -> Row:
    """Return the fields of the serializer; no query."""
    return {
        "id": series.pk,
        "department": series.department_id,
        "title": series.title,
        "rrule": series.rrule,
        "starts_at": series.starts_at,
        "duration_minutes": series.duration // MINUTE,
        "time_zone": series.time_zone,
        "seats": series.seats,
        "needs_approval": series.needs_approval,
        "location": series.location,
        "confidential": series.confidential,
        "notice_hours": series.notice // timedelta(hours=1),
        "travel_minutes": series.travel // MINUTE,
    }
