"""The capacity of teams, and who is available when."""

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from rotation.directory.permissions import Action
from rotation.directory.queries import staff_seen_by, teams_seen_by
from rotation.periods.weeks import week_of
from rotation.reports.availability import availability_of
from rotation.web.access import actor, page
from rotation.web.team_page import person_parts, team_parts

PEOPLE_SHOWN = 50


@require_GET
@page(Action.SEE_LOAD)
def team(request: HttpRequest) -> HttpResponse:
    """Show each team's weeks, and this week of each person; never a person's tickets."""
    who, now = actor(request), timezone.now()
    week = week_of(now, timezone.get_default_timezone())
    people = Paginator(staff_seen_by(who), PEOPLE_SHOWN).get_page(request.GET.get("page"))
    values = {
        "week": week,
        "teams": team_parts(teams_seen_by(who), now, week),
        "people": people,
        "rows": person_parts(availability_of(people, week)),
    }
    return render(request, "rotation/team.html", values)
