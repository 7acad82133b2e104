"""The capacity of teams, and who is available when."""

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from rotation.directory.permissions import Action
from rotation.directory.queries import staff_seen_by, teams_open_to
from rotation.periods.weeks import week_of, weeks_from
from rotation.reports.availability import availability_of
from rotation.web.access import actor, note_look, page
from rotation.web.team_page import one_of, person_parts, team_parts

PEOPLE_SHOWN = 50
WEEKS_SHOWN = 4


@require_safe
@page(Action.SEE_LOAD)
def team(request: HttpRequest) -> HttpResponse:
    """Show one team's weeks or all teams in a table, and one week of each person.

    Never a person's tickets.
    """
    who, now = actor(request), timezone.now()
    weeks = list(weeks_from(week_of(now, timezone.get_default_timezone()), WEEKS_SHOWN))
    chosen = next((week for week in weeks if str(week) == request.GET.get("week")), weeks[0])
    teams = list(teams_open_to(who, Action.SEE_LOAD))
    one = one_of(teams, request.GET.get("team", ""))
    staff = staff_seen_by(who).filter(team=one) if one else staff_seen_by(who)
    people = Paginator(staff, PEOPLE_SHOWN).get_page(request.GET.get("page"))
    note_look(request, [person.pk for person in people])
    values = {
        "weeks": weeks,
        "chosen": chosen,
        "tabs": teams if len(teams) > 1 else [],
        "one": one,
        "teams": team_parts([one] if one else teams, now, weeks[0]),
        "people": people,
        "rows": person_parts(availability_of(people, chosen)),
    }
    return render(request, "rotation/team.html", values)
