"""`load/`: reactive work per team and week, never per person."""

from collections.abc import Mapping, Sequence
from itertools import product
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from rest_framework import serializers

from rotation.api.access import Listing, Row, actor
from rotation.api.fields import Id, Weeks, hours_of
from rotation.api.staff import weeks_asked_for
from rotation.directory.models import Team
from rotation.directory.permissions import Action
from rotation.directory.queries import teams_open_to
from rotation.reports.figures import Balance
from rotation.reports.queries import balance
from rotation.workload.load import Light, TeamLoad
from rotation.workload.queries import loads_of_teams

UNKNOWN = TeamLoad()


class LoadSerializer(serializers.Serializer[Any]):
    """One team's load in one ISO week; figures of teams under five people are null."""

    team = Id()
    week = serializers.DateField(help_text="its Monday")
    capacity_hours = serializers.FloatField(allow_null=True)
    backlog_hours = serializers.FloatField(
        allow_null=True, help_text="open work now; null for past weeks"
    )
    inflow_p50_hours = serializers.FloatField(allow_null=True)
    inflow_p80_hours = serializers.FloatField(allow_null=True)
    share = serializers.FloatField(
        allow_null=True, help_text="part of the time that goes into visits"
    )
    at_floor = serializers.BooleanField(allow_null=True)
    suppressed = serializers.BooleanField()
    light = serializers.ChoiceField(list(Light))


class LoadQuery(Weeks):
    """Of which team, and of which weeks."""

    team = Id(required=False)


class Load(Listing):
    """Load of the teams that the caller may see, by name and week."""

    serializer_class = LoadSerializer
    query_class = LoadQuery
    queryset = Team.objects.none()
    rights = {"list": Action.SEE_LOAD}
    narrowing = {"team": "pk"}

    def get_queryset(self) -> QuerySet[Any, Any]:
        """Return the teams whose load the caller may see."""
        return teams_open_to(actor(self.request), Action.SEE_LOAD)

    def entries(self, query: Mapping[str, Any]) -> Sequence[Any]:
        """Return each team with each week that `query` asks for; figures come per page."""
        return list(product(super().entries(query), weeks_asked_for(query)))

    def rows(self, page: Sequence[Any]) -> list[Row]:
        """Return one row per team and week."""
        now = timezone.now()
        teams = {team.pk: team for team, _week in page}
        figures = balance(teams.values(), now, {week for _team, week in page}) if page else []
        known = {(row.team_id, row.week): row for row in figures}
        loads = loads_of_teams(now)
        return [load_row(known[team.pk, week], loads.get(team.pk, UNKNOWN)) for team, week in page]


def load_row(figures: Balance, load: TeamLoad) -> Row:
    """Return the fields of the serializer; what is known now says nothing of past weeks."""
    shown = UNKNOWN if figures.suppressed or figures.is_past else load
    return {
        "team": figures.team_id,
        "week": figures.week,
        "capacity_hours": hours_of(figures.capacity_minutes),
        "backlog_hours": hours_of(shown.backlog_minutes),
        "inflow_p50_hours": hours_of(shown.inflow_p50_minutes),
        "inflow_p80_hours": hours_of(shown.inflow_p80_minutes),
        "share": None if figures.suppressed else float(figures.share),
        "at_floor": None if figures.suppressed else figures.at_floor,
        "suppressed": figures.suppressed,
        "light": figures.light,
    }
