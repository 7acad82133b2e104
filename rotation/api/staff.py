"""`teams/`, `staff/`, `budgets/`: who there is, and what of the time for visits is left."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from itertools import product
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from rest_framework import serializers
from rest_framework.request import Request

from rotation.api.access import Endpoint, Listing, Row, actor
from rotation.api.fields import Id, Weeks, hours_of
from rotation.booking.facts import booked_minutes
from rotation.budget.queries import granted_minutes
from rotation.directory.models import StaffMember, Team
from rotation.directory.permissions import Action, may, scope_of_staff
from rotation.directory.queries import staff_seen_by, working_patterns_of
from rotation.periods.weeks import monday_of, week_of, weeks_from
from rotation.periods.working_time import weekly_minutes

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


class StaffSerializer(serializers.Serializer[Any]):
    """An IT person."""

    id = Id()
    name = serializers.CharField()
    email = serializers.EmailField()
    team = Id()
    time_zone = serializers.CharField()
    weekly_hours = serializers.FloatField()
    budget = BudgetSerializer(help_text="of the present week")


class StaffQuery(serializers.Serializer[Any]):
    """Whom the list is narrowed to."""

    team = Id(required=False)


class TeamSerializer(serializers.Serializer[Any]):
    """An IT team."""

    id = Id()
    name = serializers.CharField()
    department = Id()


class BudgetQuery(Weeks):
    """Whose budgets, and of which weeks."""

    staff = Id(required=False)
    team = Id(required=False)


class Teams(Endpoint):
    """Teams, by name."""

    serializer_class = TeamSerializer
    queryset = Team.objects.order_by("sort_key", "pk").values("id", "name", "department")


class Staff(Endpoint):
    """IT people whom the caller may see, by name."""

    serializer_class = StaffSerializer
    query_class = StaffQuery
    queryset = StaffMember.objects.none()
    person = "id"
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
                "time_zone": person.time_zone,
                "weekly_hours": weekly_minutes(patterns.get(person.pk, ()), today) / 60,
                "budget": budget,
            }
            for person, budget in zip(page, budgets, strict=True)
        ]


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
