"""When an IT person is there: contracts, absences and duty, entered, changed and removed."""

from collections.abc import Callable, Mapping
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST

from rotation.audit.services import By
from rotation.booking.words import error_text
from rotation.directory import times
from rotation.directory.models import Absence, Contract, Duty, StaffMember
from rotation.directory.permissions import Action
from rotation.periods.errors import RotationError
from rotation.web.access import by, page
from rotation.web.forms.directory import VersionForm
from rotation.web.forms.people import (
    PATTERNS,
    AbsenceForm,
    ContractForm,
    DutyForm,
    contract_values,
    grid_of,
    pattern_named,
    span_values,
)
from rotation.web.record_form import FormPage, ask_and_save, posted, show
from rotation.web.views.people import seen_person

form_page = require_http_methods(["GET", "HEAD", "POST"])
Remove = Callable[[By], None]


@form_page
@page(Action.SEE_OVERVIEW)
def contract_new(request: HttpRequest, staff_id: int) -> HttpResponse:
    """Ask for working hours from a day on; a quick choice fills the grid."""
    person = seen_person(request, staff_id, Action.KEEP_CONTRACTS)
    first = {"starts_on": timezone.localdate(), **grid_of(pattern_named("full"))}
    form = ContractForm(posted(request), initial=first)

    def save(values: Mapping[str, Any], author: By) -> Contract:
        terms = values["terms"]
        return _same_contract(person, terms) or times.add_contract(
            staff_id, terms, by=author, now=timezone.now()
        )

    around = _contract_page(person, _("New working hours"), _("The working hours are stored."))
    return _filled(request, around) or ask_and_save(
        request, around, form, save, lambda _saved: _address(person)
    )


@form_page
@page(Action.SEE_OVERVIEW)
def contract_edit(request: HttpRequest, staff_id: int, contract_id: int) -> HttpResponse:
    """Ask what changes about a contract and store it."""
    person = seen_person(request, staff_id, Action.KEEP_CONTRACTS)
    contract = get_object_or_404(Contract, pk=contract_id, staff=person)
    form = ContractForm(posted(request), initial=contract_values(contract))

    def save(values: Mapping[str, Any], author: By) -> Contract:
        return _same_contract(person, values["terms"]) or times.change_contract(
            contract_id, values["terms"], by=author, now=timezone.now()
        )

    around = _contract_page(
        person,
        _("Change working hours"),
        _("The working hours are stored."),
        remove=reverse("contract_remove", args=[staff_id, contract_id]),
        record=contract,
    )
    return _filled(request, around) or ask_and_save(
        request, around, form, save, lambda _saved: _address(person)
    )


@require_POST
@page(Action.SEE_OVERVIEW)
def contract_remove(request: HttpRequest, staff_id: int, contract_id: int) -> HttpResponse:
    """Delete a contract; a second press finds nothing to do."""
    person = seen_person(request, staff_id, Action.KEEP_CONTRACTS)
    found = Contract.objects.filter(pk=contract_id, staff=person).first()

    def remove(author: By) -> None:
        times.remove_contract(contract_id, by=author, now=timezone.now())

    return _remove(request, person, remove if found else None, _("The working hours are removed."))


@form_page
@page(Action.SEE_OVERVIEW)
def absence_new(request: HttpRequest, staff_id: int) -> HttpResponse:
    """Ask for a time away and store it; no reason is asked for."""
    person = seen_person(request, staff_id, Action.KEEP_ABSENCES)
    form = AbsenceForm(posted(request), zone=ZoneInfo(person.time_zone))

    def save(values: Mapping[str, Any], author: By) -> Absence:
        return times.add_absence(staff_id, values["span"], by=author, now=timezone.now())

    around = _span_page(person, _("Enter an absence"), _("The absence is stored."))
    return ask_and_save(request, around, form, save, lambda _saved: _address(person))


@form_page
@page(Action.SEE_OVERVIEW)
def absence_edit(request: HttpRequest, staff_id: int, absence_id: int) -> HttpResponse:
    """Ask for another span of a time away and store it."""
    person = seen_person(request, staff_id, Action.KEEP_ABSENCES)
    absence = get_object_or_404(Absence, pk=absence_id, staff=person)
    zone = ZoneInfo(person.time_zone)
    form = AbsenceForm(posted(request), zone=zone, initial=span_values(absence, zone))

    def save(values: Mapping[str, Any], author: By) -> Absence:
        if _is_same_span(absence, values):
            return absence
        return times.change_absence(absence_id, values["span"], by=author, now=timezone.now())

    around = _span_page(person, _("Change the absence"), _("The absence is stored."))
    return ask_and_save(request, around, form, save, lambda _saved: _address(person))


@require_POST
@page(Action.SEE_OVERVIEW)
def absence_remove(request: HttpRequest, staff_id: int, absence_id: int) -> HttpResponse:
    """Delete a time away; a second press finds nothing to do."""
    person = seen_person(request, staff_id, Action.KEEP_ABSENCES)
    found = Absence.objects.filter(pk=absence_id, staff=person).first()

    def remove(author: By) -> None:
        times.remove_absence(absence_id, by=author, now=timezone.now())

    return _remove(request, person, remove if found else None, _("The absence is removed."))


@form_page
@page(Action.SEE_OVERVIEW)
def duty_new(request: HttpRequest, staff_id: int) -> HttpResponse:
    """Ask for a duty and store it."""
    person = seen_person(request, staff_id, Action.KEEP_DUTIES)
    form = DutyForm(posted(request), zone=ZoneInfo(person.time_zone))

    def save(values: Mapping[str, Any], author: By) -> Duty:
        kind = Duty.Kind(values["kind"])
        return times.add_duty(staff_id, kind, values["span"], by=author, now=timezone.now())

    around = _span_page(person, _("Enter a duty"), _("The duty is stored."))
    return ask_and_save(request, around, form, save, lambda _saved: _address(person))


@form_page
@page(Action.SEE_OVERVIEW)
def duty_edit(request: HttpRequest, staff_id: int, duty_id: int) -> HttpResponse:
    """Ask for another kind or span of a duty and store it."""
    person = seen_person(request, staff_id, Action.KEEP_DUTIES)
    duty, zone = get_object_or_404(Duty, pk=duty_id, staff=person), ZoneInfo(person.time_zone)
    known = {"kind": duty.kind, **span_values(duty, zone)}
    form = DutyForm(posted(request), zone=zone, initial=known)

    def save(values: Mapping[str, Any], author: By) -> Duty:
        kind = Duty.Kind(values["kind"])
        if kind == duty.kind and _is_same_span(duty, values):
            return duty
        return times.change_duty(duty_id, kind, values["span"], by=author, now=timezone.now())

    around = _span_page(person, _("Change the duty"), _("The duty is stored."))
    return ask_and_save(request, around, form, save, lambda _saved: _address(person))


@require_POST
@page(Action.SEE_OVERVIEW)
def duty_remove(request: HttpRequest, staff_id: int, duty_id: int) -> HttpResponse:
    """Delete a duty; a second press finds nothing to do."""
    person = seen_person(request, staff_id, Action.KEEP_DUTIES)
    found = Duty.objects.filter(pk=duty_id, staff=person).first()

    def remove(author: By) -> None:
        times.remove_duty(duty_id, by=author, now=timezone.now())

    return _remove(request, person, remove if found else None, _("The duty is removed."))


def _address(person: StaffMember) -> str:
    return reverse("person", args=[person.pk])


def _contract_page(person: StaffMember, title: Promise, done: Promise, **more: object) -> FormPage:
    return FormPage(
        title=title,
        facts=person.name,
        back=_address(person),
        crumb=person.name,
        done=done,
        template="rotation/person_contract.html",
        more={"patterns": [(name, label) for name, (label, *_) in PATTERNS.items()], **more},
    )


def _span_page(person: StaffMember, title: Promise, done: Promise) -> FormPage:
    return FormPage(
        title=title,
        facts=person.name,
        back=_address(person),
        crumb=person.name,
        done=done,
        template="rotation/person_span.html",
        more={"person": person},
    )


def _filled(request: HttpRequest, around: FormPage) -> HttpResponse | None:
    """Return the page with the grid of a quick choice, where one was pressed; nothing is stored."""
    if "fill" not in request.POST:
        return None
    names = ("starts_on", "last_on", "version")
    typed = {name: request.POST.get(name, "") for name in names}
    filled = ContractForm(initial={**typed, **grid_of(pattern_named(request.POST["fill"]))})
    return show(request, around, filled)


def _same_contract(person: StaffMember, terms: times.Terms) -> Contract | None:
    """Return the contract that a first press of the button has stored."""
    found = Contract.objects.filter(
        staff=person, starts_on=terms.starts_on, ends_on=terms.ends_on
    ).first()
    return found if found and _hours(times.terms_of(found)) == _hours(terms) else None


def _hours(terms: times.Terms) -> list[tuple[object, ...]]:
    return sorted((each.weekday, each.starts, each.ends) for each in terms.hours)


def _is_same_span(row: Absence | Duty, values: Mapping[str, Any]) -> bool:
    span = values["span"]
    return bool((row.starts_at, row.ends_at) == (span.starts_at, span.ends_at))


def _remove(
    request: HttpRequest, person: StaffMember, remove: Remove | None, done: Promise
) -> HttpResponse:
    """Remove, say so and go back; what stops it, or a version that is none, is said there."""
    form = VersionForm(request.POST)
    version = form.cleaned_data["version"] if form.is_valid() else None
    try:
        if remove:
            remove(by(request, version=version))
    except RotationError as error:
        messages.error(request, error_text(error))
    else:
        messages.success(request, str(done))
    return redirect(_address(person))
