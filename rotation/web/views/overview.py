"""The first page, by role."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from rotation.directory.permissions import Action
from rotation.web.access import actor, note_look, page
from rotation.web.onboarding import parts_of_onboarding
from rotation.web.overview_page import parts_for, people_in


@require_safe
@page(Action.SEE_OVERVIEW)
def overview(request: HttpRequest) -> HttpResponse:
    """Show what is to be done now, then figures and the next visits: what concerns the user."""
    now = timezone.now()
    parts = parts_for(actor(request), now)
    note_look(request, people_in(parts))
    first_steps = parts_of_onboarding(actor(request), now, request.COOKIES)
    values = {"today": timezone.localdate(), **parts, **first_steps}
    return render(request, "rotation/overview.html", values)
