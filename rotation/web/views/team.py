"""The capacity of teams."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from rotation.directory.permissions import Action
from rotation.web.access import page


@require_GET
@page(Action.SEE_LOAD)
def team(request: HttpRequest) -> HttpResponse:
    """Show each team's weeks and each person's availability."""
    return render(request, "rotation/team.html", {})
