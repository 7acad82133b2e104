"""IT people: the list, and the page of one person."""

from zoneinfo import ZoneInfo

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from rotation.booking.leavers import seats_freed_by_leavers
from rotation.booking.queries import coming_visits_of
from rotation.directory.models import StaffMember
from rotation.directory.permissions import Action, may, scope_of_staff
from rotation.web.access import actor, note_look, page, require
from rotation.web.directory_tabs import tabs_for
from rotation.web.forms.people import PeopleFilter
from rotation.web.people_page import (
    absences_ahead,
    conflict_lines,
    contract_lines,
    duties_ahead,
    people_seen_by,
    rows_of,
    span_words,
)

ON_A_PAGE = 25
FREED_SHOWN = 10


@require_safe
@page(Action.SEE_STAFF)
def people(request: HttpRequest) -> HttpResponse:
    """List the people whom the user may see; filters and page stand in the address."""
    wanted, who = PeopleFilter(request.GET), actor(request)
    found = wanted.people(people_seen_by(who))
    shown = Paginator(found, ON_A_PAGE).get_page(request.GET.get("page"))
    values = {
        "tabs": tabs_for(request, "people"),
        "form": wanted,
        "page": shown,
        "rows": rows_of(shown, timezone.localdate()),
        "may_add": may(who, Action.ADD_STAFF),
        "freed": seats_freed_by_leavers(who, timezone.now())[:FREED_SHOWN],
    }
    note_look(request, [person.pk for person in shown])
    return render(request, "rotation/people.html", values)


@require_safe
@page(Action.SEE_OVERVIEW)
def person(request: HttpRequest, staff_id: int) -> HttpResponse:
    """Show one person: hours, absences, duty, coming visits, and what the user may change."""
    return person_page(request, seen_person(request, staff_id))


@require_safe
@page(Action.SEE_OVERVIEW)
def person_me(request: HttpRequest) -> HttpResponse:
    """Show the user's own page, where the user is an IT person."""
    own = actor(request).staff_id
    if own is None:
        raise Http404
    return person_page(request, seen_person(request, own))


def seen_person(request: HttpRequest, staff_id: int, action: Action | None = None) -> StaffMember:
    """Return the person, with user, team and site; that is a look at the person.

    Raises:
        Http404: there is nobody, or the user may not see the person.
        PermissionDenied: the user may see the person, and may not do `action`.
    """
    found = get_object_or_404(people_seen_by(actor(request)), pk=staff_id)
    if action:
        require(request, action, scope_of_staff(found))
    note_look(request, [found.pk])
    return found


def person_page(request: HttpRequest, found: StaffMember) -> HttpResponse:
    """Return the page of a person."""
    who, now, today = actor(request), timezone.now(), timezone.localdate()
    zone, scope = ZoneInfo(found.time_zone), scope_of_staff(found)
    contracts = contract_lines(found, today)
    values = {
        "person": found,
        "minutes": next((line.minutes for line in contracts if line.is_now), 0),
        "contracts": contracts,
        "absences": [(each, span_words(each, zone)) for each in absences_ahead(found, now)],
        "duties": [(each, span_words(each, zone)) for each in duties_ahead(found, now)],
        "visits": coming_visits_of(found.pk, now),
        "conflicts": conflict_lines(found, now),
        "freed": seats_freed_by_leavers(who, now).filter(staff=found) if found.left_on else [],
        "may_list": may(who, Action.SEE_STAFF),
        "may_edit": may(who, Action.CHANGE_STAFF, scope),
        "may_keep_absences": not found.has_left and may(who, Action.KEEP_ABSENCES, scope),
        "may_keep_duties": not found.has_left and may(who, Action.KEEP_DUTIES, scope),
        "may_keep_contracts": not found.has_left and may(who, Action.KEEP_CONTRACTS, scope),
        "may_move": may(who, Action.MOVE_VISIT, scope),
        "may_send_sign_in_mail": found.user.is_active and may(who, Action.KEEP_USERS),
    }
    return render(request, "rotation/person.html", values)
