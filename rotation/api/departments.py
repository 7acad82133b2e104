"""`departments/`, `teams/`: whose meetings can be visited, how well they are, and who visits."""

from collections.abc import Sequence
from datetime import timedelta
from http import HTTPStatus
from typing import Any

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import User
from rotation.api.access import Row, by
from rotation.api.fields import Id
from rotation.api.idempotency import once
from rotation.api.places import LINE
from rotation.api.records import RemovableRecords, rights_of
from rotation.directory import services
from rotation.directory.models import Department, Site, Team
from rotation.directory.permissions import Action
from rotation.directory.validators import validate_plain_text, validate_time_zone
from rotation.reports.figures import Coverage
from rotation.reports.queries import coverage

MINUTE = timedelta(minutes=1)
LONGEST_BUFFER = 240  # minutes


class DepartmentChange(serializers.Serializer[Any]):
    """What changes of a department; the rest stays."""

    name = serializers.CharField(required=False, max_length=120, validators=LINE)
    code = serializers.CharField(required=False, max_length=4, validators=LINE)
    purpose = serializers.CharField(
        required=False, allow_blank=True, max_length=1000, validators=(validate_plain_text,)
    )
    site = serializers.PrimaryKeyRelatedField(
        required=False, allow_null=True, queryset=Site.objects.all(), pk_field=Id()
    )
    time_zone = serializers.CharField(
        required=False, max_length=64, validators=(validate_time_zone,), help_text="Europe/Berlin"
    )
    cadence_weeks = serializers.IntegerField(required=False, min_value=1, max_value=52)


class DepartmentSerializer(DepartmentChange):
    """A department; what is counted is null where it offers no meetings."""

    id = Id(read_only=True)
    name = serializers.CharField(max_length=120, validators=LINE)
    code = serializers.CharField(max_length=4, validators=LINE)
    last_visit_on = serializers.DateField(read_only=True, allow_null=True)
    coverage = serializers.FloatField(
        read_only=True,
        allow_null=True,
        help_text="visits over wanted ones in the last 13 weeks, at most 1",
    )
    version = serializers.IntegerField(read_only=True)


class TeamChange(serializers.Serializer[Any]):
    """What changes of a team; the rest stays."""

    name = serializers.CharField(required=False, max_length=120, validators=LINE)
    department = serializers.PrimaryKeyRelatedField(
        required=False, queryset=Department.objects.all(), pk_field=Id()
    )
    buffer_minutes = serializers.IntegerField(
        required=False,
        min_value=0,
        max_value=LONGEST_BUFFER,
        help_text="kept free between two visits of one person",
    )
    managers = serializers.PrimaryKeyRelatedField(
        required=False,
        write_only=True,
        many=True,
        queryset=User.objects.filter(is_active=True),
        pk_field=Id(),
        help_text="ids of users; they get the role",
    )


class TeamSerializer(TeamChange):
    """An IT team."""

    id = Id(read_only=True)
    name = serializers.CharField(max_length=120, validators=LINE)
    department = serializers.PrimaryKeyRelatedField(
        queryset=Department.objects.all(), pk_field=Id()
    )
    version = serializers.IntegerField(read_only=True)


class Departments(RemovableRecords):
    """Departments, by name."""

    serializer_class = DepartmentSerializer
    change_class = DepartmentChange
    remover = services.remove_department
    queryset = Department.objects.order_by("sort_key", "pk")
    rights = rights_of(Action.SEE_MEETINGS, Action.KEEP_DEPARTMENTS)

    def rows(self, page: Sequence[Any]) -> list[Row]:
        """Return departments with their coverage; one query more."""
        counted = coverage(timezone.now(), [department.pk for department in page])
        found = {row.department_id: row for row in counted}
        return [department_row(department, found.get(department.pk)) for department in page]

    @extend_schema(request=DepartmentSerializer, responses={201: DepartmentSerializer})
    @once
    def create(self, request: Request) -> Response:
        """Add a department."""
        department = Department(**self.body(DepartmentSerializer))
        services.add_department(department, by=by(request), now=timezone.now())
        return self.answer(department, HTTPStatus.CREATED)

    @extend_schema(request=DepartmentChange, responses=DepartmentSerializer)
    def partial_update(self, request: Request, pk: int) -> Response:
        """Change what the body names."""
        self.permitted(pk)
        changes = self.changes()
        return self.answer(
            services.change_department(pk, changes, by=by(request), now=timezone.now())
        )


class Teams(RemovableRecords):
    """Teams, by name."""

    serializer_class = TeamSerializer
    change_class = TeamChange
    remover = services.remove_team
    queryset = Team.objects.order_by("sort_key", "pk")
    rights = rights_of(Action.SEE_MEETINGS, Action.KEEP_TEAMS)

    def row(self, record: Team) -> Row:
        """Return the fields of the serializer."""
        return {
            "id": record.pk,
            "name": record.name,
            "department": record.department_id,
            "buffer_minutes": record.buffer // MINUTE,
            "version": record.version,
        }

    @extend_schema(request=TeamSerializer, responses={201: TeamSerializer})
    @once
    def create(self, request: Request) -> Response:
        """Add a team."""
        wanted = _team_values(self.body(TeamSerializer))
        managers = wanted.pop("managers", [])
        team = Team(**wanted)
        services.add_team(team, manager_ids=managers, by=by(request), now=timezone.now())
        return self.answer(team, HTTPStatus.CREATED)

    @extend_schema(request=TeamChange, responses=TeamSerializer)
    def partial_update(self, request: Request, pk: int) -> Response:
        """Change what the body names; `managers` replaces all of them."""
        self.permitted(pk)
        changes = _team_values(self.changes())
        managers = changes.pop("managers", None)
        author, now = by(request), timezone.now()
        return self.answer(
            services.change_team(pk, changes, manager_ids=managers, by=author, now=now)
        )


def _team_values(wanted: dict[str, Any]) -> dict[str, Any]:
    """Return what a body names by the model's fields."""
    if "buffer_minutes" in wanted:
        wanted["buffer"] = wanted.pop("buffer_minutes") * MINUTE
    if "managers" in wanted:
        wanted["managers"] = [user.pk for user in wanted["managers"]]
    return wanted


def department_row(department: Department, counted: Coverage | None) -> Row:
    """Return the fields of the serializer."""
    return {
        "id": department.pk,
        "name": department.name,
        "code": department.code,
        "purpose": department.purpose,
        "site": department.site_id,
        "time_zone": department.time_zone,
        "cadence_weeks": department.cadence_weeks,
        "last_visit_on": counted.last_visit_on if counted else None,
        "coverage": float(counted.coverage) if counted else None,
        "version": department.version,
    }
