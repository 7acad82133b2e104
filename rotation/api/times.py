"""`contracts/`, `absences/`, `duties/`: when IT people are there."""

from collections.abc import Mapping
from datetime import datetime
from http import HTTPStatus
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from rotation.api.access import Row, by
from rotation.api.fields import Clock, Day, Id, Moment, Period
from rotation.api.idempotency import once
from rotation.api.records import StaffQuery, TimesOfStaff, rights_of
from rotation.directory import times
from rotation.directory.models import Absence, Contract, Duty
from rotation.directory.permissions import Action
from rotation.directory.times import Terms, terms_of
from rotation.periods.intervals import Interval
from rotation.periods.working_time import WorkingHours, weekly_minutes

MOST_HOURS = 28  # rows of one contract: four a day


class HoursSerializer(serializers.Serializer[Any]):
    """Local working hours on one weekday."""

    weekday = serializers.IntegerField(min_value=0, max_value=6, help_text="0 is Monday")
    starts = Clock()
    ends = Clock()


class ContractSerializer(serializers.Serializer[Any]):
    """What a person works in the days [starts_on, ends_on)."""

    id = Id(read_only=True)
    staff = Id()
    starts_on = Day()
    ends_on = Day(
        required=False, allow_null=True, default=None, help_text=_("the first day after it")
    )
    hours = HoursSerializer(many=True, max_length=MOST_HOURS)  # type: ignore[call-arg]  # of a list
    weekly_hours = serializers.FloatField(read_only=True)
    version = serializers.IntegerField(read_only=True)


class ContractChange(serializers.Serializer[Any]):
    """What changes of a contract; the rest stays."""

    starts_on = Day(required=False)
    ends_on = Day(required=False, allow_null=True)
    hours = HoursSerializer(many=True, required=False, max_length=MOST_HOURS)  # type: ignore[call-arg]  # of a list


class SpanSerializer(serializers.Serializer[Any]):
    """A time of a person: [starts_at, ends_at)."""

    id = Id(read_only=True)
    staff = Id()
    starts_at = Moment()
    ends_at = Moment()
    version = serializers.IntegerField(read_only=True)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Return what was written.

        Raises:
            ValidationError: it ends before it starts.
        """
        if attrs["ends_at"] <= attrs["starts_at"]:
            raise serializers.ValidationError({"ends_at": _("This is not after the start.")})
        return attrs


class AbsenceSerializer(SpanSerializer):
    """A time away; no reason is asked for or stored."""


class DutySerializer(SpanSerializer):
    """A duty, during which the person visits nobody."""

    kind = serializers.ChoiceField(Duty.Kind.choices, default=Duty.Kind.PRIMARY)


class SpanChange(serializers.Serializer[Any]):
    """What changes of the time; the rest stays."""

    starts_at = Moment(required=False)
    ends_at = Moment(required=False)


class DutyChange(SpanChange):
    """What changes of the duty; the rest stays."""

    kind = serializers.ChoiceField(Duty.Kind.choices, required=False)


class SpanQuery(Period, StaffQuery):
    """Whose times are listed, and the period that they touch."""


class Contracts(TimesOfStaff):
    """Contracts of the people whom the caller may see, by person and first day."""

    model = Contract
    order = "starts_on"
    serializer_class = ContractSerializer
    query_class = StaffQuery
    change_class = ContractChange
    remover = times.remove_contract
    queryset = Contract.objects.none()
    rights = rights_of(Action.SEE_STAFF, Action.KEEP_CONTRACTS)
    narrowing = {"staff": "staff", "team": "staff__team"}

    def get_queryset(self) -> QuerySet[Any, Any]:
        """Return the contracts of whom the caller may see, with their hours in one query more."""
        return super().get_queryset().prefetch_related("patterns")

    def row(self, record: Contract) -> Row:
        """Return the fields of the serializer."""
        terms = terms_of(record)
        return {
            "id": record.pk,
            "staff": record.staff_id,
            "starts_on": record.starts_on,
            "ends_on": record.ends_on,
            "hours": [
                {
                    "weekday": each.weekday,
                    "starts": f"{each.starts:%H:%M}",
                    "ends": f"{each.ends:%H:%M}",
                }
                for each in terms.hours
            ],
            "weekly_hours": weekly_minutes(terms.hours, record.starts_on) / 60,
            "version": record.version,
        }

    @extend_schema(request=ContractSerializer, responses={201: ContractSerializer})
    @once
    def create(self, request: Request) -> Response:
        """Add a contract; an earlier one without end ends the day before."""
        wanted = self.body(ContractSerializer)
        staff = self.staff_of(wanted)
        terms = Terms(wanted["starts_on"], _hours(wanted["hours"]), wanted["ends_on"])
        contract = times.add_contract(staff.pk, terms, by=by(request), now=timezone.now())
        return self.answer(contract, HTTPStatus.CREATED)

    @extend_schema(request=ContractChange, responses=ContractSerializer)
    def partial_update(self, request: Request, pk: int) -> Response:
        """Change what the body names; `hours` replaces all of them."""
        before = terms_of(self.permitted(pk))
        changes = self.changes()
        terms = Terms(
            changes.get("starts_on", before.starts_on),
            _hours(changes["hours"]) if "hours" in changes else before.hours,
            changes.get("ends_on", before.ends_on),
        )
        return self.answer(times.change_contract(pk, terms, by=by(request), now=timezone.now()))


class Spans(TimesOfStaff):
    """Times of the people whom the caller may see, by person and start."""

    order = "starts_at"
    query_class = SpanQuery
    narrowing = {
        "staff": "staff",
        "team": "staff__team",
        "from": "ends_at__gt",
        "to": "starts_at__lt",
    }

    def row(self, record: Absence | Duty) -> Row:
        """Return the fields of the serializer."""
        kind = {"kind": record.kind} if isinstance(record, Duty) else {}
        return {
            "id": record.pk,
            "staff": record.staff_id,
            "starts_at": record.starts_at,
            "ends_at": record.ends_at,
            **kind,
            "version": record.version,
        }


class Absences(Spans):
    """Times away of the people whom the caller may see, by person and start."""

    model = Absence
    serializer_class = AbsenceSerializer
    change_class = SpanChange
    remover = times.remove_absence
    queryset = Absence.objects.none()
    rights = rights_of(Action.SEE_STAFF, Action.KEEP_ABSENCES)

    @extend_schema(request=AbsenceSerializer, responses={201: AbsenceSerializer})
    @once
    def create(self, request: Request) -> Response:
        """Add a time away, one's own too; the same once more is the same record."""
        wanted = self.body(AbsenceSerializer)
        staff, span = self.staff_of(wanted), Interval(wanted["starts_at"], wanted["ends_at"])
        absence = times.add_absence(staff.pk, span, by=by(request), now=timezone.now())
        return self.answer(absence, HTTPStatus.CREATED)

    @extend_schema(request=SpanChange, responses=AbsenceSerializer)
    def partial_update(self, request: Request, pk: int) -> Response:
        """Change what the body names."""
        span = _span(self.permitted(pk), self.changes())
        return self.answer(times.change_absence(pk, span, by=by(request), now=timezone.now()))


class Duties(Spans):
    """Duties of the people whom the caller may see, by person and start."""

    model = Duty
    serializer_class = DutySerializer
    change_class = DutyChange
    remover = times.remove_duty
    queryset = Duty.objects.none()
    rights = rights_of(Action.SEE_STAFF, Action.KEEP_DUTIES)

    @extend_schema(request=DutySerializer, responses={201: DutySerializer})
    @once
    def create(self, request: Request) -> Response:
        """Add a duty; the same once more is the same record."""
        wanted = self.body(DutySerializer)
        staff, span = self.staff_of(wanted), Interval(wanted["starts_at"], wanted["ends_at"])
        kind = Duty.Kind(wanted["kind"])
        duty = times.add_duty(staff.pk, kind, span, by=by(request), now=timezone.now())
        return self.answer(duty, HTTPStatus.CREATED)

    @extend_schema(request=DutyChange, responses=DutySerializer)
    def partial_update(self, request: Request, pk: int) -> Response:
        """Change what the body names."""
        duty = self.permitted(pk)
        changes = self.changes()
        kind, span = Duty.Kind(changes.get("kind", duty.kind)), _span(duty, changes)
        return self.answer(times.change_duty(pk, kind, span, by=by(request), now=timezone.now()))


def _hours(rows: list[Mapping[str, Any]]) -> list[WorkingHours]:
    return [WorkingHours(row["weekday"], row["starts"], row["ends"]) for row in rows]


def _span(record: Absence | Duty, changes: Mapping[str, Any]) -> Interval:
    """Return the span with what changes.

    Raises:
        ValidationError: it would end before it starts.
    """
    starts_at: datetime = changes.get("starts_at", record.starts_at)
    ends_at: datetime = changes.get("ends_at", record.ends_at)
    if ends_at <= starts_at:
        raise serializers.ValidationError({"ends_at": _("This is not after the start.")})
    return Interval(starts_at, ends_at)
