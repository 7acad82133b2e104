"""`reports/`: the figures of the pages, for programs."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from rest_framework import serializers
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from rotation.api.access import Listing, Row, actor
from rotation.api.fields import Id, Moment, Period, hours_of
from rotation.api.tables import CsvTable, Table, XlsxTable
from rotation.directory.models import Department, Team
from rotation.directory.permissions import Action, Actor, Scope, may
from rotation.directory.queries import teams_open_to
from rotation.periods.weeks import LATELY_WEEKS, WEEK, week_of
from rotation.reports.figures import Balance, Coverage
from rotation.reports.queries import balance, coverage
from rotation.workload.load import Light

MOST_WEEKS = 53
MOMENT = timedelta(microseconds=1)


class CoverageSerializer(serializers.Serializer[Any]):
    """How well one department is visited."""

    department = Id()
    name = serializers.CharField()
    code = serializers.CharField()
    cadence_weeks = serializers.IntegerField()
    last_visit_on = serializers.DateField(allow_null=True)
    weeks_since = serializers.IntegerField(allow_null=True)
    visits = serializers.IntegerField(help_text="in the period")
    wanted = serializers.FloatField(help_text="what the cadence asks for in the period")
    coverage = serializers.FloatField(help_text="visits over wanted ones, at most 1")
    overdue = serializers.BooleanField()
    next_visit_at = Moment(allow_null=True)


class BalanceSerializer(serializers.Serializer[Any]):
    """One team's week: reactive against proactive hours."""

    team = Id()
    week = serializers.DateField(help_text="its Monday")
    capacity_hours = serializers.FloatField(allow_null=True)
    reactive_hours = serializers.FloatField(allow_null=True)
    granted_hours = serializers.FloatField(allow_null=True)
    booked_hours = serializers.FloatField(allow_null=True)
    left_hours = serializers.FloatField(allow_null=True)
    utilisation = serializers.FloatField(allow_null=True)
    share = serializers.FloatField(allow_null=True)
    at_floor = serializers.BooleanField(allow_null=True)
    past = serializers.BooleanField()
    suppressed = serializers.BooleanField()
    light = serializers.ChoiceField(list(Light))


class BalanceQuery(Period):
    """The weeks that the period touches; without it six past ones, this one and six to come."""

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Return the query with its `weeks`.

        Raises:
            ValidationError: one end without the other, or more than a year.
        """
        if not attrs:
            return attrs
        if len(attrs) == 1:
            raise serializers.ValidationError(_("Name both ends of the period: from and to."))
        zone = timezone.get_default_timezone()
        first, last = week_of(attrs["from"], zone), week_of(attrs["to"] - MOMENT, zone)
        if not timedelta(0) <= last - first < MOST_WEEKS * WEEK:
            text = _("Name a period of up to %(weeks)s weeks whose end is after its start.")
            raise serializers.ValidationError(text % {"weeks": MOST_WEEKS})
        return {"weeks": [first + index * WEEK for index in range((last - first) // WEEK + 1)]}


class CoverageQuery(Period):
    """In which period visits are counted; without it the last 13 weeks."""

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Return the query with both ends.

        Raises:
            ValidationError: the end is not after the start.
        """
        until = attrs.get("to", timezone.now())
        since = attrs.get("from", until - LATELY_WEEKS * WEEK)
        if since >= until:
            raise serializers.ValidationError(_("Name a period whose end is after its start."))
        return {"from": since, "to": until}


class Report(Listing):
    """A list that can be had as a file too; a file holds all rows."""

    renderer_classes = (JSONRenderer, CsvTable, XlsxTable)

    def list(self, request: Request, **kwargs: Any) -> Response:  # noqa: ANN401 -- from the address
        """Return one page of what the caller may see, or all of it as a file."""
        kind = str(getattr(request, "accepted_renderer").format)  # noqa: B009 -- not in its type
        if kind == JSONRenderer.format:
            return super().list(request, **kwargs)
        rows = self.rows(list(self.entries(self.query())))
        name = f"{self.basename.removeprefix('api-')}-{timezone.localdate()}.{kind}"
        headers = {"Content-Disposition": f'attachment; filename="{name}"'}
        serializer: Any = self.get_serializer()
        return Response(Table([*serializer.fields], rows), headers=headers)


class CoverageReport(Report):
    """Coverage of each department that offers meetings, by name, as it is at `to`."""

    serializer_class = CoverageSerializer
    query_class = CoverageQuery
    queryset = Department.objects.all()
    rights = {"list": Action.SEE_REPORTS}

    def entries(self, query: Mapping[str, Any]) -> list[Coverage]:
        """Return the figures of all departments."""
        return coverage(query["to"], since=query["from"])

    def rows(self, page: Sequence[Any]) -> list[Row]:
        """Return the figures as rows; no query."""
        return [coverage_row(row) for row in page]


class BalanceReport(Report):
    """Balance of the teams that are the asker's to look at, by name and week."""

    serializer_class = BalanceSerializer
    query_class = BalanceQuery
    queryset = Team.objects.order_by("sort_key", "pk")
    rights = {"list": Action.SEE_REPORTS}

    def entries(self, query: Mapping[str, Any]) -> list[Balance]:
        """Return the figures of these teams."""
        weeks: list[date] | None = query.get("weeks")
        teams = teams_open_to(actor(self.request), Action.SEE_REPORTS)
        return balance(teams, timezone.now(), weeks)

    def rows(self, page: Sequence[Any]) -> list[Row]:
        """Return the figures as rows; no query."""
        return [balance_row(row, actor(self.request)) for row in page]


def coverage_row(row: Coverage) -> Row:
    """Return the fields of the serializer."""
    return {
        "department": row.department_id,
        "name": row.name,
        "code": row.code,
        "cadence_weeks": row.cadence_weeks,
        "last_visit_on": row.last_visit_on,
        "weeks_since": row.weeks_since,
        "visits": row.visits,
        "wanted": round(float(row.wanted), 2),
        "coverage": float(row.coverage),
        "overdue": row.is_overdue,
        "next_visit_at": row.next_visit_at,
    }


def balance_row(row: Balance, who: Actor) -> Row:
    """Return the fields of the serializer; the budget of a small team is one of persons."""
    hidden = row.suppressed and not may(who, Action.SEE_BUDGET, Scope(team_id=row.team_id))
    return {
        "team": row.team_id,
        "week": row.week,
        "capacity_hours": hours_of(row.capacity_minutes),
        "reactive_hours": hours_of(row.reactive_minutes),
        "granted_hours": None if hidden else hours_of(row.granted_minutes),
        "booked_hours": None if hidden else hours_of(row.booked_minutes),
        "left_hours": None if hidden else hours_of(row.left_minutes),
        "utilisation": None if row.utilisation is None else round(float(row.utilisation), 3),
        "share": None if row.suppressed else float(row.share),
        "at_floor": None if row.suppressed else row.at_floor,
        "past": row.is_past,
        "suppressed": row.suppressed,
        "light": row.light,
    }
