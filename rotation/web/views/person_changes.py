"""Who an IT person is: added, changed, leaving and coming back."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST

from config.celery import nudge
from rotation.audit.services import By
from rotation.booking.leavers import visits_after_last_day
from rotation.booking.models import Booking
from rotation.booking.words import error_text
from rotation.directory import staffing
from rotation.directory.models import StaffMember, Team
from rotation.directory.permissions import Action
from rotation.directory.users import Newcomer
from rotation.periods.errors import RotationError
from rotation.periods.weeks import midnight
from rotation.web.access import by, page
from rotation.web.forms.people import DAY, LeaveForm, NewPersonForm, PersonForm
from rotation.web.record_form import FormPage, ask_and_save, posted, show
from rotation.web.views.people import seen_person
from rotation.web.views.users import tell_how_to_sign_in
from rotation.workflows import leave

form_page = require_http_methods(["GET", "HEAD", "POST"])
SOURCES = {"name": "user__name", "email": "user__email"}
PERSON_FIELDS = ("name", "email", "team", "site", "time_zone")


@form_page
@page(Action.ADD_STAFF)
def person_new(request: HttpRequest) -> HttpResponse:
    """Ask for a new IT person, store the person, and go on to the working hours."""
    teams = Team.objects.all()
    zone = timezone.get_default_timezone_name()
    form = NewPersonForm(posted(request), teams=teams, initial={"time_zone": zone})
    around = FormPage(
        title=_("Add a person"),
        facts=_("Somebody of IT who sits in with other departments."),
        back=reverse("people"),
        crumb=_("People"),
        done=_("The person is added. Next: the working hours."),
        button=_("Add the person"),
        template="rotation/person_form.html",
        more={"needs_team": not teams.exists()},
    )

    def save(values: Mapping[str, Any], author: By) -> StaffMember:
        same = StaffMember.objects.filter(
            user__email__iexact=values["email"], user__name=values["name"], team=values["team"]
        )
        if found := same.first():  # a second press of the button
            return found
        site = values["site"]
        added = staffing.add_staff(
            Newcomer(values["name"], values["email"]),
            team_id=values["team"].pk,
            site_id=site.pk if site else None,
            time_zone=values["time_zone"],
            by=author,
            now=timezone.now(),
        )
        if values["sends_mail"]:
            tell_how_to_sign_in(request, [added.user])
        return added

    def then(added: StaffMember) -> str:
        has_hours = added.contracts.exists()
        return reverse("person" if has_hours else "contract_new", args=[added.pk])

    return ask_and_save(request, around, form, save, then)


@form_page
@page(Action.CHANGE_STAFF)
def person_edit(request: HttpRequest, staff_id: int) -> HttpResponse:
    """Ask what changes about a person and store it."""
    found = seen_person(request, staff_id, Action.CHANGE_STAFF)
    known = {name: getattr(found, name) for name in (*PERSON_FIELDS, "version")}
    form = PersonForm(posted(request), teams=Team.objects.all(), initial=known)
    around = FormPage(
        title=_("Change the person"),
        facts=found.name,
        back=_address(found),
        crumb=found.name,
        done=_("The person is saved."),
    )

    def save(values: Mapping[str, Any], author: By) -> StaffMember:
        changes = {name: values[name] for name in PERSON_FIELDS}
        columns = {SOURCES.get(name, name): value for name, value in changes.items()}
        if same := StaffMember.objects.filter(pk=staff_id, **columns).first():
            return same
        return staffing.change_staff(staff_id, changes, by=author, now=timezone.now())

    return ask_and_save(request, around, form, save, _address)


@form_page
@page(Action.CHANGE_STAFF)
def person_leave(request: HttpRequest, staff_id: int) -> HttpResponse:
    """Ask for the last day, name the visits that end with it, and store it when they were seen."""
    found, now = seen_person(request, staff_id, Action.CHANGE_STAFF), timezone.now()
    known = {"version": found.version, "left_on": found.left_on}
    form = LeaveForm(posted(request), initial=known)
    around = FormPage(
        title=_("When does this person leave?"),
        facts=found.name,
        back=_address(found),
        crumb=found.name,
        done=_("The last day is stored; everybody concerned is told."),
        template="rotation/person_leave.html",
        more={"visits": _visits_that_end(found, form, now)},
    )
    if form.is_bound and form.is_valid() and not form.was_shown:
        form.data = {**request.POST.dict(), "shown": request.POST["left_on"]}
        return show(request, around, form)

    def save(values: Mapping[str, Any], author: By) -> StaffMember:
        if found.left_on == values["left_on"]:  # a second press of the button
            return found
        left = leave.leave(staff_id, values["left_on"], by=author, now=now)
        nudge("rotation.relay_mail")
        return left

    return ask_and_save(request, around, form, save, _address)


@require_POST
@page(Action.CHANGE_STAFF)
def person_return(request: HttpRequest, staff_id: int) -> HttpResponse:
    """Forget the last day of somebody who stays or comes back."""
    found = seen_person(request, staff_id, Action.CHANGE_STAFF)
    if found.left_on is None:  # a second press of the button
        return redirect(_address(found))
    try:
        leave.come_back(staff_id, by=by(request), now=timezone.now())
    except RotationError as error:
        messages.error(request, error_text(error))
    else:
        messages.success(request, _("The last day is taken back; cancelled visits stay cancelled."))
    return redirect(_address(found))


def _visits_that_end(
    person: StaffMember, form: LeaveForm, now: datetime
) -> QuerySet[Booking] | None:
    """Return the visits after the day that was asked about; None before one was."""
    if not (form.is_bound and form.is_valid()):
        return None
    since = midnight(form.cleaned_data["left_on"] + DAY, ZoneInfo(person.time_zone))
    visits = visits_after_last_day(person.pk, since, now)
    return visits.select_related("meeting__series__department", "meeting__series__host__user")


def _address(person: StaffMember) -> str:
    return reverse("person", args=[person.pk])
