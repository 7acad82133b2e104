"""`meeting-series/`: the recurring meetings that take guests, and every change of them."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from http import HTTPStatus
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from config.celery import nudge
from rotation.api.access import Endpoint, Row, by, first_or_404, note_look, require
from rotation.api.bookings import Because
from rotation.api.fields import Day, Id, Moment
from rotation.api.idempotency import once
from rotation.booking.following import Fate
from rotation.directory.models import Department, Host
from rotation.directory.permissions import Action, Scope
from rotation.directory.validators import (
    validate_one_line,
    validate_plain_text,
    validate_time_zone,
)
from rotation.meetings.days import LONGEST_PERIOD, MOST_PERIODS
from rotation.meetings.models import (
    LONGEST_MEETING,
    LONGEST_WAY,
    MOST_EXCEPTIONS,
    MOST_SEATS,
    MeetingSeries,
)
from rotation.meetings.services import offer_series
from rotation.workflows import change_series
from rotation.workflows.change_series import Effects, SeriesChange

LINE = (validate_plain_text, validate_one_line)
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
UNITS = {
    "duration_minutes": ("duration", MINUTE),
    "travel_minutes": ("travel", MINUTE),
    "notice_hours": ("notice", HOUR),
}
DEFAULTS: Mapping[str, Any] = {
    "rrule": "", "duration_minutes": 60, "seats": 1, "needs_approval": False, "location": "",
    "confidential": False, "notice_hours": 24, "travel_minutes": 0,
}  # fmt: skip


class PeriodSerializer(serializers.Serializer[Any]):
    """Some days, the first and the last of them included."""

    first_on = Day()
    last_on = Day()

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Return the days; raises ValidationError where they end before they begin."""
        if not 0 <= (attrs["last_on"] - attrs["first_on"]).days < LONGEST_PERIOD:
            text = _("It ends before it begins, or is longer than a year.")
            raise serializers.ValidationError({"last_on": text})
        return attrs


class SeriesChangeSerializer(serializers.Serializer[Any]):
    """What of a series is to change; the rest stays."""

    title = serializers.CharField(required=False, max_length=160, validators=LINE)
    rrule = serializers.CharField(
        max_length=200,
        required=False,
        allow_blank=True,
        help_text=_("RFC 5545, such as FREQ=WEEKLY;BYDAY=TU; empty for a single meeting"),
    )
    excluded_on = serializers.ListField(
        child=Day(), required=False, max_length=MOST_EXCEPTIONS, help_text=_("EXDATE, as days")
    )
    extra_on = serializers.ListField(
        child=Day(), required=False, max_length=MOST_EXCEPTIONS, help_text=_("RDATE, as days")
    )
    starts_at = Moment(required=False)
    duration_minutes = serializers.IntegerField(
        required=False, min_value=1, max_value=LONGEST_MEETING // MINUTE
    )
    time_zone = serializers.CharField(
        required=False, max_length=64, validators=(validate_time_zone,), help_text="Europe/Berlin"
    )
    seats = serializers.IntegerField(required=False, min_value=1, max_value=MOST_SEATS)
    needs_approval = serializers.BooleanField(required=False)
    location = serializers.CharField(
        required=False, allow_blank=True, max_length=300, validators=LINE
    )
    confidential = serializers.BooleanField(required=False)
    notice_hours = serializers.IntegerField(required=False, min_value=0, max_value=24 * 365)
    travel_minutes = serializers.IntegerField(
        required=False, min_value=0, max_value=LONGEST_WAY // MINUTE
    )
    guests_per_month = serializers.IntegerField(
        required=False, allow_null=True, min_value=1, max_value=1000
    )
    host = Id(required=False, allow_null=True, help_text=_("a host of the department"))
    ended_at = Moment(
        required=False, allow_null=True, help_text=_("no meeting begins from then on")
    )
    without_guests = serializers.ListField(
        child=PeriodSerializer(),
        required=False,
        write_only=True,
        max_length=MOST_PERIODS,
        help_text=_("days on which it takes no guests; replaces those that were said"),
    )


class SeriesSerializer(SeriesChangeSerializer):
    """A department's recurring meeting."""

    id = Id(read_only=True)
    department = Id()
    title = serializers.CharField(max_length=160, validators=LINE)
    starts_at = Moment()
    version = serializers.IntegerField(read_only=True)


class EndSeries(Because):
    """From when on no meeting begins; now where nothing is said."""

    ended_at = Moment(required=False)


class MovedSerializer(serializers.Serializer[Any]):
    """One meeting that moves."""

    meeting = Id()
    was_at = Moment()
    starts_at = Moment()


class TouchedSerializer(serializers.Serializer[Any]):
    """One meeting that disappears or takes no guests any more."""

    meeting = Id()
    starts_at = Moment()


class FollowedSerializer(serializers.Serializer[Any]):
    """What becomes of one visit."""

    booking = Id()
    staff = Id()
    was_at = Moment()
    starts_at = Moment()
    fate = serializers.ChoiceField([fate.value for fate in Fate])


class EffectsSerializer(serializers.Serializer[Any]):
    """What a change does to meetings and visits."""

    added = serializers.ListField(child=Moment())
    moved = MovedSerializer(many=True)
    left_out = TouchedSerializer(many=True)
    closed = TouchedSerializer(many=True)
    guests = FollowedSerializer(many=True)


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
        "partial_update": Action.OFFER_MEETING,
        "preview": Action.OFFER_MEETING,
        "end": Action.OFFER_MEETING,
        "destroy": Action.OFFER_MEETING,
    }
    narrowing = {"department": "department"}

    def rows(self, page: Any) -> list[Row]:  # noqa: ANN401 -- series
        """Return the series' fields; no query."""
        return [series_row(series) for series in page]

    def retrieve(self, request: Request, pk: int) -> Response:
        """Return one series; the ETag is its version."""
        del request
        return _answer(first_or_404(self.get_queryset().filter(pk=pk)))

    @extend_schema(request=SeriesSerializer, responses={201: SeriesSerializer})
    @once
    def create(self, request: Request) -> Response:
        """Offer a series as host of its department; its meetings of half a year are made."""
        wanted = {**DEFAULTS, **self.body(SeriesSerializer)}
        department = first_or_404(Department.objects.filter(pk=wanted.pop("department")))
        require(request, Action.OFFER_MEETING, Scope(department_id=department.pk))
        own = Host.objects.filter(user=request.user.pk, department=department).first()
        change = _change({"host": own.pk if own else None, **wanted}, department.pk)
        values = {"time_zone": department.time_zone, **change.values}
        series = MeetingSeries(department=department, **values)
        offer_series(series, now=timezone.now(), by=by(request), closed=change.closed)
        return _answer(series, HTTPStatus.CREATED)

    @extend_schema(request=SeriesChangeSerializer, responses=SeriesSerializer)
    def partial_update(self, request: Request, pk: int) -> Response:
        """Change what the body names; meetings to come and their guests follow."""
        effects = change_series.change_series(
            self._own(pk).pk, self._wanted(pk), by=by(request), now=timezone.now()
        )
        nudge("rotation.relay_mail")
        return _answer(effects.series)

    @extend_schema(request=SeriesChangeSerializer, responses=EffectsSerializer)
    @action(detail=True, methods=["post"])
    @once
    def preview(self, request: Request, pk: int) -> Response:
        """Tell what a PATCH with this body would do to meetings and guests; changes nothing."""
        effects = change_series.preview_series(
            self._own(pk).pk, self._wanted(pk), by=by(request), now=timezone.now()
        )
        row = effects_row(effects)
        note_look(request, "api-series", [each["staff"] for each in row["guests"]])
        return Response(row)

    @extend_schema(request=EndSeries, responses=SeriesSerializer)
    @action(detail=True, methods=["post"])
    @once
    def end(self, request: Request, pk: int) -> Response:
        """End the series; later meetings are called off and their guests told."""
        series, now = self._own(pk), timezone.now()
        wanted = self.body(EndSeries)
        return _answer(self._end(request, series, wanted.get("ended_at", now), wanted["reason"]))

    @extend_schema(responses={204: None})
    def destroy(self, request: Request, pk: int) -> Response:
        """End the series now, as `end/`; what has been stays."""
        self._end(request, self._own(pk), timezone.now(), "")
        return Response(status=HTTPStatus.NO_CONTENT)

    def _end(
        self, request: Request, series: MeetingSeries, ended_at: datetime, reason: str
    ) -> MeetingSeries:
        author = by(request, reason)
        effects = change_series.end_series(
            series.pk, ended_at=ended_at, by=author, now=timezone.now()
        )
        nudge("rotation.relay_mail")
        return effects.series

    def _own(self, pk: int) -> MeetingSeries:
        """Return the series that the caller may change; raises as `first_or_404`, `require`."""
        series: MeetingSeries = first_or_404(self.get_queryset().filter(pk=pk))
        require(self.request, Action.OFFER_MEETING, Scope(department_id=series.department_id))
        return series

    def _wanted(self, pk: int) -> SeriesChange:
        department_id = self.get_queryset().values_list("department", flat=True).get(pk=pk)
        return _change(self.body(SeriesChangeSerializer), department_id)


def _change(wanted: dict[str, Any], department_id: int) -> SeriesChange:
    """Return what a body names by the model's fields; raises ValidationError."""
    closed = wanted.pop("without_guests", None)
    for name, (column, unit) in UNITS.items():
        if name in wanted:
            wanted[column] = wanted.pop(name) * unit
    if "host" in wanted:
        wanted["host"] = _host(wanted["host"], department_id)
    for name in ("excluded_on", "extra_on"):
        if name in wanted:
            wanted[name] = sorted(set(wanted[name]))
    return SeriesChange(wanted, None if closed is None else _periods(closed))


def _periods(closed: list[dict[str, date]]) -> list[tuple[date, date]]:
    return [(period["first_on"], period["last_on"]) for period in closed]


def _host(host_id: int | None, department_id: int) -> Host | None:
    if host_id is None:
        return None
    host = Host.objects.filter(pk=host_id, department=department_id).first()
    if host is None:
        raise serializers.ValidationError({"host": _now("Name a host of the department.")})
    return host


def _answer(series: MeetingSeries, status: HTTPStatus = HTTPStatus.OK) -> Response:
    return Response(series_row(series), status=status, headers={"ETag": f'"{series.version}"'})


def series_row(series: MeetingSeries) -> Row:
    """Return the fields of the serializer; no query."""
    return {
        "id": series.pk,
        "department": series.department_id,
        "title": series.title,
        "rrule": series.rrule,
        "excluded_on": series.excluded_on,
        "extra_on": series.extra_on,
        "starts_at": series.starts_at,
        "duration_minutes": series.duration // MINUTE,
        "time_zone": series.time_zone,
        "seats": series.seats,
        "needs_approval": series.needs_approval,
        "location": series.location,
        "confidential": series.confidential,
        "notice_hours": series.notice // HOUR,
        "travel_minutes": series.travel // MINUTE,
        "guests_per_month": series.guests_per_month,
        "host": series.host_id,
        "ended_at": series.ended_at,
        "version": series.version,
    }


def effects_row(effects: Effects) -> Row:
    """Return what a change does; visits that only keep what they have are left out."""
    return {
        "added": [meeting.starts_at for meeting in effects.added],
        "moved": [
            {"meeting": meeting.pk, "was_at": was, "starts_at": meeting.starts_at}
            for meeting, was in effects.moved
        ],
        **{
            name: [{"meeting": each.pk, "starts_at": each.starts_at} for each in touched]
            for name, touched in (("left_out", effects.left_out), ("closed", effects.closed))
        },
        "guests": [
            {
                "booking": each.booking.pk,
                "staff": each.booking.staff_id,
                "was_at": each.was_at,
                "starts_at": each.booking.starts_at,
                "fate": each.fate.value,
            }
            for each in effects.told
        ],
    }
