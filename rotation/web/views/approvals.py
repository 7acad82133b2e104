"""Requests that wait for the user's word, and who answers them while a host is away."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from rotation.booking.queries import end_of_request, requests_to
from rotation.directory.deputies import deputies_of, name_deputy, remove_deputy
from rotation.directory.models import Host, HostDeputy
from rotation.directory.permissions import Action
from rotation.web.access import actor, by, note_look, page
from rotation.web.forms.deputies import DeputyForm


@require_safe
@page(Action.APPROVE_GUEST)
def requests(request: HttpRequest) -> HttpResponse:
    """List the requests that the user may answer, the next meeting first."""
    pending = list(requests_to(actor(request), timezone.now()))
    note_look(request, [booking.staff_id for booking in pending])
    values = {"requests": [(booking, end_of_request(booking)) for booking in pending]}
    return render(request, "rotation/visit_requests.html", values)


@require_http_methods(["GET", "HEAD", "POST"])
@page(Action.NAME_DEPUTY)
def deputies(request: HttpRequest) -> HttpResponse:
    """Show who answers for the host, and name somebody."""
    host = get_object_or_404(Host.objects.select_related("user"), user=request.user.pk)
    form = DeputyForm(request.POST if request.method == "POST" else None, host=host)
    if not form.is_valid():
        values = {"form": form, "named": deputies_of(host.pk, timezone.localdate())}
        status = 400 if form.is_bound else 200
        return render(request, "rotation/deputies.html", values, status=status)
    name_deputy(host, form.deputy_host, days=form.days, by=by(request), now=timezone.now())
    text = _("%(person)s now gets the requests to you as well, and may answer them.")
    messages.success(request, text % {"person": form.deputy_host.user.name})
    return redirect("deputies")


@require_POST
@page(Action.NAME_DEPUTY)
def deputy_remove(request: HttpRequest, named_id: int) -> HttpResponse:
    """Take a deputy's name back."""
    own = HostDeputy.objects.select_related("deputy__user")
    named = get_object_or_404(own, pk=named_id, host__user=request.user.pk)
    remove_deputy(named, by=by(request), now=timezone.now())
    text = _("%(person)s no longer answers for you.")
    messages.success(request, text % {"person": named.deputy.user.name})
    return redirect("deputies")
