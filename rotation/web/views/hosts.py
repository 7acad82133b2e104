"""Who speaks for a department: hosts are added by name and address, and removed."""

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST

from rotation.audit.services import By
from rotation.booking.words import error_text
from rotation.directory import services
from rotation.directory.models import Department, Host
from rotation.directory.permissions import Action
from rotation.directory.users import Newcomer
from rotation.periods.errors import RotationError
from rotation.web.access import by, page
from rotation.web.forms.directory import HostForm
from rotation.web.record_form import FormPage, ask_and_save, posted
from rotation.web.views.users import tell_how_to_sign_in


@require_http_methods(["GET", "HEAD", "POST"])
@page(Action.KEEP_DEPARTMENTS)
def host_new(request: HttpRequest, department_id: int) -> HttpResponse:
    """Ask who speaks for a department, by name and address, and store the host."""
    department = get_object_or_404(Department, pk=department_id)
    form = HostForm(posted(request))
    around = FormPage(
        title=_("Add a host"),
        facts=department.name,
        back=_address(department),
        crumb=department.name,
        done=_("The host is added. Next: the meetings that take guests."),
        button=_("Add the host"),
    )

    def save(values: Mapping[str, Any], author: By) -> Host:
        known = Host.objects.filter(user__email__iexact=values["email"], department=department)
        if found := known.first():  # a second press of the button
            return found
        newcomer = Newcomer(values["name"], values["email"])
        host = services.add_host(
            newcomer, department_id=department_id, by=author, now=timezone.now()
        )
        if values["sends_mail"]:
            tell_how_to_sign_in(request, [host.user])
        return host

    return ask_and_save(request, around, form, save, lambda host: _address(host.department))


@require_POST
@page(Action.KEEP_DEPARTMENTS)
def host_remove(request: HttpRequest, department_id: int, host_id: int) -> HttpResponse:
    """Let a host speak for the department no longer; a second press finds nothing to do."""
    department = get_object_or_404(Department, pk=department_id)
    if Host.objects.filter(pk=host_id, department=department).exists():
        try:
            services.remove_host(host_id, by=by(request), now=timezone.now())
        except RotationError as error:
            messages.error(request, error_text(error))
            return redirect(_address(department))
    messages.success(request, _("The host is removed; the user and past visits stay."))
    return redirect(_address(department))


def _address(department: Department) -> str:
    return reverse("department", args=[department.pk])
