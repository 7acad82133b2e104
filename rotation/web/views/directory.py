"""Departments, teams and sites: listed, added, changed, removed."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from rotation.audit.services import By
from rotation.booking.words import error_text
from rotation.directory import services
from rotation.directory.models import Department, Site, Team, Versioned
from rotation.directory.permissions import Action
from rotation.periods.errors import RotationError
from rotation.web.access import by, page
from rotation.web.directory_tabs import tabs_for
from rotation.web.forms.directory import DepartmentForm, SiteForm, TeamForm, VersionForm
from rotation.web.record_form import FormPage, ask_and_save, posted

form_page = require_http_methods(["GET", "HEAD", "POST"])


@form_page
@page(Action.KEEP_DEPARTMENTS)
def department_new(request: HttpRequest) -> HttpResponse:
    """Ask for a new department and store it."""
    form = DepartmentForm(posted(request))
    around = FormPage(
        title=_("Add a department"),
        facts=_("Somebody of IT sits in on its meetings now and then."),
        back=reverse("departments"),
        crumb=_("Departments"),
        done=_("The department is added. Next: who speaks for it?"),
        button=_("Add the department"),
    )

    def save(values: Mapping[str, Any], author: By) -> Department:
        found = Department.objects.filter(name=values["name"], code=values["code"]).first()
        return found or services.add_department(form.instance, by=author, now=timezone.now())

    return ask_and_save(request, around, form, save, _department_address)


@form_page
@page(Action.KEEP_DEPARTMENTS)
def department_edit(request: HttpRequest, department_id: int) -> HttpResponse:
    """Ask what changes about a department and store it."""
    found = get_object_or_404(Department, pk=department_id)
    form = DepartmentForm(posted(request), instance=found, initial={"version": found.version})
    around = FormPage(
        title=_("Change the department"),
        facts=found.name,
        back=_department_address(found),
        crumb=found.name,
        done=_("The department is saved."),
        more={"remove": reverse("department_remove", args=[department_id]), "record": found},
    )

    def save(values: Mapping[str, Any], author: By) -> Department:
        changes = {name: values[name] for name in DepartmentForm.Meta.fields}
        if same := Department.objects.filter(pk=department_id, **changes).first():
            return same
        return services.change_department(department_id, changes, by=author, now=timezone.now())

    return ask_and_save(request, around, form, save, _department_address)


@require_safe
@page(Action.KEEP_TEAMS)
def teams(request: HttpRequest) -> HttpResponse:
    """List the teams with their size and their managers."""
    here = Count("members", filter=Q(members__has_left=False))
    rows = Team.objects.select_related("department").prefetch_related("managers")
    values = {"tabs": tabs_for(request, "teams"), "teams": rows.annotate(people=here)}
    return render(request, "rotation/teams.html", values)


@form_page
@page(Action.KEEP_TEAMS)
def team_new(request: HttpRequest) -> HttpResponse:
    """Ask for a new team and store it."""
    form = TeamForm(posted(request))
    around = FormPage(
        title=_("Add a team"),
        facts=_("Load, budget and the right to book go by teams."),
        back=reverse("teams"),
        crumb=_("Teams"),
        done=_("The team is added. Next: its people."),
        button=_("Add the team"),
        more={"needs_department": not Department.objects.exists()},
        template="rotation/team_form.html",
    )

    def save(values: Mapping[str, Any], author: By) -> Team:
        if found := Team.objects.filter(
            name=values["name"], department=values["department"]
        ).first():
            return found
        team = form.instance
        team.buffer = timedelta(minutes=values["buffer_minutes"])
        leads = [user.pk for user in values["managers"]]
        return services.add_team(team, manager_ids=leads, by=author, now=timezone.now())

    return ask_and_save(request, around, form, save, lambda _team: reverse("teams"))


@form_page
@page(Action.KEEP_TEAMS)
def team_edit(request: HttpRequest, team_id: int) -> HttpResponse:
    """Ask what changes about a team and store it."""
    found = get_object_or_404(Team, pk=team_id)
    form = TeamForm(posted(request), instance=found, initial={"version": found.version})
    around = FormPage(
        title=_("Change the team"),
        facts=found.name,
        back=reverse("teams"),
        crumb=_("Teams"),
        done=_("The team is saved."),
        more={"remove": reverse("team_remove", args=[team_id]), "record": found},
        template="rotation/team_form.html",
    )

    def save(values: Mapping[str, Any], author: By) -> Team:
        changes = {name: values[name] for name in TeamForm.Meta.fields}
        changes["buffer"] = timedelta(minutes=values["buffer_minutes"])
        leads = sorted(user.pk for user in values["managers"])
        same = Team.objects.filter(pk=team_id, **changes).first()
        if same and leads == sorted(same.managers.values_list("pk", flat=True)):
            return same
        return services.change_team(
            team_id, changes, manager_ids=leads, by=author, now=timezone.now()
        )

    return ask_and_save(request, around, form, save, lambda _team: reverse("teams"))


@require_safe
@page(Action.KEEP_SITES)
def sites(request: HttpRequest) -> HttpResponse:
    """List the places where people work."""
    here = Count("staff", filter=Q(staff__has_left=False), distinct=True)
    rows = Site.objects.annotate(people=here)
    values = {"tabs": tabs_for(request, "sites"), "sites": rows}
    return render(request, "rotation/sites.html", values)


@form_page
@page(Action.KEEP_SITES)
def site_new(request: HttpRequest) -> HttpResponse:
    """Ask for a new site and store it."""
    form = SiteForm(posted(request))
    around = FormPage(
        title=_("Add a site"),
        facts=_("A place with its own clock and its own holidays."),
        back=reverse("sites"),
        crumb=_("Sites"),
        done=_("The site is added."),
        button=_("Add the site"),
    )

    def save(values: Mapping[str, Any], author: By) -> Site:
        found = Site.objects.filter(name=values["name"], time_zone=values["time_zone"]).first()
        return found or services.add_site(form.instance, by=author, now=timezone.now())

    return ask_and_save(request, around, form, save, lambda _site: reverse("sites"))


@form_page
@page(Action.KEEP_SITES)
def site_edit(request: HttpRequest, site_id: int) -> HttpResponse:
    """Ask what changes about a site and store it."""
    found = get_object_or_404(Site, pk=site_id)
    form = SiteForm(posted(request), instance=found, initial={"version": found.version})
    around = FormPage(
        title=_("Change the site"),
        facts=found.name,
        back=reverse("sites"),
        crumb=_("Sites"),
        done=_("The site is saved."),
        more={"remove": reverse("site_remove", args=[site_id]), "record": found},
    )

    def save(values: Mapping[str, Any], author: By) -> Site:
        changes = {name: values[name] for name in SiteForm.Meta.fields}
        if same := Site.objects.filter(pk=site_id, **changes).first():
            return same
        return services.change_site(site_id, changes, by=author, now=timezone.now())

    return ask_and_save(request, around, form, save, lambda _site: reverse("sites"))


@require_POST
@page(Action.KEEP_DEPARTMENTS)
def department_remove(request: HttpRequest, department_id: int) -> HttpResponse:
    """Delete a department on which nothing hangs."""
    return _remove(
        request,
        services.remove_department,
        Department.objects.filter(pk=department_id).first(),
        (reverse("departments"), reverse("department_edit", args=[department_id])),
    )


@require_POST
@page(Action.KEEP_TEAMS)
def team_remove(request: HttpRequest, team_id: int) -> HttpResponse:
    """Delete a team on which nothing hangs."""
    return _remove(
        request,
        services.remove_team,
        Team.objects.filter(pk=team_id).first(),
        (reverse("teams"), reverse("team_edit", args=[team_id])),
    )


@require_POST
@page(Action.KEEP_SITES)
def site_remove(request: HttpRequest, site_id: int) -> HttpResponse:
    """Delete a site at which nobody works."""
    return _remove(
        request,
        services.remove_site,
        Site.objects.filter(pk=site_id).first(),
        (reverse("sites"), reverse("site_edit", args=[site_id])),
    )


def _department_address(found: Department) -> str:
    return reverse("department", args=[found.pk])


def _remove(
    request: HttpRequest,
    remove: Callable[..., None],
    found: Versioned | None,
    ways: tuple[str, str],
) -> HttpResponse:
    """Remove and go to the list; where something stops it, say so and go back to the record."""
    listed, back = ways
    if found is None:  # a second press of the button
        return redirect(listed)
    form = VersionForm(request.POST)
    version = form.cleaned_data["version"] if form.is_valid() else None
    try:
        remove(found.pk, by=by(request, version=version), now=timezone.now())
    except RotationError as error:
        messages.error(request, error_text(error))
        return redirect(back)
    messages.success(request, str(_("%(name)s is removed.")) % {"name": found})
    return redirect(listed)
