"""`departments/`: whose meetings can be visited, and how well they are."""

from collections.abc import Sequence
from typing import Any

from django.utils import timezone
from rest_framework import serializers

from rotation.api.access import Endpoint, Row
from rotation.api.fields import Id
from rotation.directory.models import Department
from rotation.directory.permissions import Action
from rotation.reports.figures import Coverage
from rotation.reports.queries import coverage


class DepartmentSerializer(serializers.Serializer[Any]):
    """A department; what is counted is null where it offers no meetings."""

    id = Id()
    name = serializers.CharField()
    code = serializers.CharField()
    time_zone = serializers.CharField()
    cadence_weeks = serializers.IntegerField()
    last_visit_on = serializers.DateField(allow_null=True)
    coverage = serializers.FloatField(
        allow_null=True, help_text="visits over wanted ones in the last 13 weeks, at most 1"
    )


class Departments(Endpoint):
    """Departments, by name."""

    serializer_class = DepartmentSerializer
    queryset = Department.objects.order_by("sort_key", "pk")
    rights = {"list": Action.SEE_MEETINGS, "retrieve": Action.SEE_MEETINGS}

    def rows(self, page: Sequence[Any]) -> list[Row]:
        """Return departments with their coverage; one query more."""
        counted = coverage(timezone.now(), [department.pk for department in page])
        found = {row.department_id: row for row in counted}
        return [department_row(department, found.get(department.pk)) for department in page]


def department_row(department: Department, counted: Coverage | None) -> Row:
    """Return the fields of the serializer."""
    return {
        "id": department.pk,
        "name": department.name,
        "code": department.code,
        "time_zone": department.time_zone,
        "cadence_weeks": department.cadence_weeks,
        "last_visit_on": counted.last_visit_on if counted else None,
        "coverage": float(counted.coverage) if counted else None,
    }
