"""`staff/`, `budgets/`: who there is, and what of the time for visits is left."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from http import HTTPStatus
from itertools import product
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.validators import validate_name
from config.celery import nudge
from rotation.api.access import Listing, Row, actor, by, first_or_404
from rotation.api.fields import Day, Id, Weeks, hours_of
from rotation.api.idempotency import once
from rotation.api.records import Records
from rotation.booking.facts import booked_minutes
from rotation.budget.queries import granted_minutes
from rotation.directory.models import Site, StaffMember, Team
from rotation.directory.permissions import Action, may, scope_of_staff
from rotation.directory.queries import staff_seen_by, working_patterns_of
from rotation.directory.staffing import add_staff, change_staff
from rotation.directory.users import Newcomer
from rotation.directory.validators import validate_plain_text, validate_time_zone
from rotation.periods.weeks import monday_of, week_of, weeks_from
from rotation.periods.working_time import weekly_minutes
from rotation.workflows.leave import come_back, leave

RELAY = "rotation.relay_mail"
PersonWeek = tuple[StaffMember, date]


class Hours(serializers.FloatField):
    """Hours of a person, exact to the minute; null for whom they are none of the business of."""

    def __init__(self) -> None:
        super().__init__(allow_null=True)


class BudgetSerializer(serializers.Serializer[Any]):
    """One person's time for visits in one ISO week."""

    staff = Id()
    week = serializers.DateField(help_text="its Monday")
    granted_hours = Hours()
    booked_hours = Hours()
    left_hours = Hours()
    ledger_hours = Hours()


class StaffChange(serializers.Serializer[Any]):
    """What changes of a person; the rest stays."""

    name = serializers.CharField(required=False, max_length=120, validators=(validate_name,))
    email = serializers.EmailField(required=False, max_length=254)
    team = serializers.PrimaryKeyRelatedField(
        required=False, queryset=Team.objects.all(), pk_field=Id()
    )
    site = serializers.PrimaryKeyRelatedField(
        required=False, allow_null=True, queryset=Site.objects.all(), pk_field=Id()
    )
    time_zone = serializers.CharField(
        required=False, max_length=64, validators=(validate_time_zone,), help_text="Europe/Berlin"
    )


class StaffSerializer(StaffChange):
    """An IT person."""

    id = Id(read_only=True)
    name = serializers.CharField(max_length=120, validators=(validate_name,))
    email = serializers.EmailField(max_length=254)
    team = serializers.PrimaryKeyRelatedField(queryset=Team.objects.all(), pk_field=Id())
    left_on = serializers.DateField(
        read_only=True, allow_null=True, help_text="the last day; null without one"
    )
    weekly_hours = serializers.FloatField(read_only=True, help_text="by the contract of today")
    budget = BudgetSerializer(read_only=True, help_text="of the present week")
    version = serializers.IntegerField(read_only=True)


class LastDay(serializers.Serializer[Any]):
    """When somebody leaves, and why; the reason stands in the histories of the visits."""

    left_on = Day(help_text="the last day, today or ahead or past")
    reason = serializers.CharField(
        required=False,
        allow_blank=True,
        default="",
        max_length=500,
        validators=(validate_plain_text,),
    )


class StaffQuery(serializers.Serializer[Any]):
    """Whom the list is narrowed to."""

    team = Id(required=False)


class BudgetQuery(Weeks):
    """Whose budgets, and of which weeks."""

    staff = Id(required=False)
    team = Id(required=False)


class Staff(Records):
    """IT people whom the caller may see, by name."""

    serializer_class = StaffSerializer
    change_class = StaffChange
    query_class = StaffQuery
    queryset = StaffMember.objects.none()
    person = "id"
    rights = {
        "create": Action.ADD_STAFF,
        "partial_update": Action.CHANGE_STAFF,
        "leave": Action.CHANGE_STAFF,
        "come_back": Action.CHANGE_STAFF,
    }
    narrowing = {"team": "team"}

    def get_queryset(self) -> QuerySet[Any, Any]:
        """Return whom the caller may see."""
        return staff_seen_by(actor(self.request))

    def rows(self, page: Sequence[Any]) -> list[Row]:
        """Return people with their contracted hours and their budget of this week."""
        today = timezone.localdate()
        week = monday_of(today)
        patterns = working_patterns_of([person.pk for person in page])
        budgets = budget_rows(self.request, [(person, week) for person in page])
        return [
            {
                "id": person.pk,
                "name": person.name,
                "email": person.email,
                "team": person.team_id,
                "site": person.site_id,
                "time_zone": person.time_zone,
                "left_on": person.left_on,
                "weekly_hours": weekly_minutes(patterns.get(person.pk, ()), today) / 60,
                "budget": budget,
                "version": person.version,
            }
            for person, budget in zip(page, budgets, strict=True)
        ]

    @extend_schema(request=StaffSerializer, responses={201: StaffSerializer})
    @once
    def create(self, request: Request) -> Response:
        """Add a person; a user with this address keeps the name."""
        wanted = self.body(StaffSerializer)
        site = wanted.get("site")
        staff = add_staff(
            Newcomer(wanted["name"], wanted["email"]),
            team_id=wanted["team"].pk,
            site_id=site.pk if site else None,
            time_zone=wanted.get("time_zone", ""),
            by=by(request),
            now=timezone.now(),
        )
        return self.answer(staff, HTTPStatus.CREATED)

    @extend_schema(request=StaffChange, responses=StaffSerializer)
    def partial_update(self, request: Request, pk: int) -> Response:
        """Change what the body names; visits that are booked stay."""
        self.permitted(pk)
        changes = self.changes()
        return self.answer(change_staff(pk, changes, by=by(request), now=timezone.now()))

    @extend_schema(request=LastDay, responses=StaffSerializer)
    @action(detail=True, methods=["post"])
    @once
    def leave(self, request: Request, pk: int) -> Response:
        """Store the last day; visits after it are cancelled and everybody is told."""
        self.permitted(pk)
        wanted = self.body(LastDay)
        author = by(request, wanted["reason"])
        staff = leave(pk, wanted["left_on"], by=author, now=timezone.now())
        nudge(RELAY)
        return self.answer(staff)

    @extend_schema(request=None, responses=StaffSerializer)
    @action(detail=True, methods=["post"])
    @once
    def come_back(self, request: Request, pk: int) -> Response:
        """Forget the last day; visits that were cancelled stay cancelled."""
        first_or_404(StaffMember.objects.filter(pk=pk))  # lists do not show who has left
        return self.answer(come_back(pk, by=by(request), now=timezone.now()))


class Budgets(Listing):
    """Budgets of the people whom the caller may see, by name and week."""

    serializer_class = BudgetSerializer
    query_class = BudgetQuery
    queryset = StaffMember.objects.none()
    person = "staff"
    narrowing = {"staff": "pk", "team": "team"}

    def get_queryset(self) -> QuerySet[Any, Any]:
        """Return whom the caller may see."""
        return staff_seen_by(actor(self.request))

    def entries(self, query: Mapping[str, Any]) -> list[PersonWeek]:
        """Return each person with each week that `query` asks for; figures come per page."""
        return list(product(super().entries(query), weeks_asked_for(query)))

    def rows(self, page: Sequence[Any]) -> list[Row]:
        """Return one row per person and week."""
        return budget_rows(self.request, page)


def weeks_asked_for(query: Mapping[str, Any]) -> list[date]:
    """Return the Mondays that a query of weeks names; without a day from the present week."""
    zone = timezone.get_default_timezone()
    return list(weeks_from(query.get("from", week_of(timezone.now(), zone)), query["weeks"]))


def budget_rows(request: Request, page: Iterable[PersonWeek]) -> list[Row]:
    """Return one row per entry; figures are null where the caller may not see them."""
    who, entries = actor(request), list(page)
    people = {
        person.pk: person
        for person, _week in entries
        if may(who, Action.SEE_BUDGET, scope_of_staff(person))
    }
    weeks = sorted({week for _person, week in entries})
    granted = granted_minutes(people.values(), weeks)
    booked = booked_minutes(people, weeks)
    return [
        {
            "staff": person.pk,
            "week": week,
            **_figures(granted.get((person.pk, week)), booked.get((person.pk, week), 0)),
        }
        for person, week in entries
    ]


def _figures(granted: int | None, booked: int) -> Row:
    """Return minutes as hours; a week may be overbooked, so `left` may fall below zero."""
    if granted is None:
        return dict.fromkeys(("granted_hours", "booked_hours", "left_hours", "ledger_hours"))
    return {
        "granted_hours": hours_of(granted),
        "booked_hours": hours_of(booked),
        "left_hours": hours_of(granted - booked),
        # Nothing is carried over between weeks yet.
        "ledger_hours": 0.0,
    }
