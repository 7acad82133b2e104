"""The first page, by role."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from rotation.directory.permissions import Action
from rotation.web.access import page


@require_GET
@page(Action.SEE_OVERVIEW)
def overview(request: HttpRequest) -> HttpResponse:
    """Show what concerns the user now."""
    return render(request, "rotation/overview.html", {})
