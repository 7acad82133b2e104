"""The trail: every change, every look at people, and who looked at the user's own data."""

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from rotation.audit.models import Entry, Look
from rotation.audit.queries import looks_at
from rotation.directory.permissions import Action, reach
from rotation.reports.stored import kinds_stored
from rotation.reports.trail import lines_of
from rotation.web.access import actor, note_look, page
from rotation.web.forms.audit import EntryFilter, LookFilter
from rotation.web.look_words import look_lines

ON_A_PAGE = 50


@require_safe
@page(Action.SEE_AUDIT)
def audit(request: HttpRequest) -> HttpResponse:
    """List the changes, newest first, each in a sentence; filters stand in the address."""
    form = EntryFilter(request.GET)
    found = form.entries(Entry.objects.select_related("actor").order_by("-at", "-pk"))
    shown = Paginator(found, ON_A_PAGE).get_page(request.GET.get("page"))
    lines = lines_of(shown)
    note_look(request, {staff_id for line in lines for staff_id in line.people})
    values = {
        "form": form,
        "page": shown,
        "lines": lines,
        "may_open": reach(actor(request), Action.SEE_BOOKING).everywhere,
    }
    return render(request, "rotation/audit.html", values)


@require_safe
@page(Action.SEE_AUDIT)
def audit_looks(request: HttpRequest) -> HttpResponse:
    """List who looked at how many people, where and when."""
    form = LookFilter(request.GET)
    found = form.looks(Look.objects.select_related("actor").order_by("-at", "-pk"))
    shown = Paginator(found, ON_A_PAGE).get_page(request.GET.get("page"))
    values = {"form": form, "page": shown, "lines": look_lines(shown)}
    return render(request, "rotation/audit_looks.html", values)


@require_safe
@page(Action.SEE_OWN_DATA)
def my_data(request: HttpRequest) -> HttpResponse:
    """Show an IT person what is stored about them and who looked at it."""
    looks = looks_at(actor(request).staff_id or 0)
    shown = Paginator(looks, ON_A_PAGE).get_page(request.GET.get("page"))
    kinds = kinds_stored(actor(request).staff_id or 0)
    values = {"page": shown, "lines": look_lines(shown), "kinds": kinds}
    return render(request, "rotation/my_data.html", values)
