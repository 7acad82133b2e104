"""Departments: who was visited when, and where the next seats are."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from rotation.booking.models import Booking
from rotation.booking.queries import (
    bookable_meetings,
    bookings_with_names,
    held_visits,
    scope_of_booking,
    with_seats_free,
)
from rotation.directory.models import Department
from rotation.directory.permissions import Action, Actor, Scope, may
from rotation.directory.queries import hosts_of
from rotation.meetings.models import MeetingSeries
from rotation.meetings.queries import upcoming_meetings
from rotation.reports.queries import coverage
from rotation.web.access import actor, note_look, page
from rotation.web.forms.departments import DepartmentFilter

MEETINGS_SHOWN = 10
VISITS_SHOWN = 8


@dataclass(frozen=True, slots=True)
class PastVisit:
    """A visit that took place; the guest only for who may see it."""

    booking: Booking
    may_see: bool


@require_safe
@page(Action.SEE_MEETINGS)
def departments(request: HttpRequest) -> HttpResponse:
    """List the departments that offer meetings, the longest unvisited first."""
    form = DepartmentFilter(request.GET)
    rows, may_keep = coverage(timezone.now()), may(actor(request), Action.KEEP_DEPARTMENTS)
    offering = [row.department_id for row in rows]
    values = {
        "form": form,
        "rows": form.rows(rows),
        "may_book": may(actor(request), Action.BOOK_VISIT),
        "may_keep": may_keep,
        "others": Department.objects.exclude(pk__in=offering) if may_keep else [],
    }
    return render(request, "rotation/departments.html", values)


@require_safe
@page(Action.SEE_MEETINGS)
def department(request: HttpRequest, department_id: int) -> HttpResponse:
    """Show a department: its meetings ahead, its hosts, and how well it is visited."""
    found, now, who = (
        get_object_or_404(Department, pk=department_id),
        timezone.now(),
        actor(request),
    )
    ahead = with_seats_free(upcoming_meetings(now)).filter(series__department=found)
    visits = _seen(who, _past_visits(found, now))
    note_look(request, [visit.booking.staff_id for visit in visits if visit.may_see])
    values = {
        "department": found,
        "coverage": next(iter(coverage(now, [found.pk])), None),
        "meetings": Paginator(ahead, MEETINGS_SHOWN).get_page(request.GET.get("page")),
        "series": MeetingSeries.objects.filter(department=found, ended_at=None),
        "hosts": hosts_of(found.pk),
        "visits": visits,
        "next_bookable": _next_bookable(who, found, now),
        "may_keep": may(who, Action.KEEP_DEPARTMENTS),
        "may_offer": may(who, Action.OFFER_MEETING, Scope(department_id=found.pk)),
    }
    return render(request, "rotation/department.html", values)


def _past_visits(found: Department, now: datetime) -> Iterable[Booking]:
    visits = bookings_with_names().filter(held_visits(now), meeting__series__department=found)
    return visits.order_by("-starts_at", "-pk")[:VISITS_SHOWN]


def _seen(who: Actor, visits: Iterable[Booking]) -> list[PastVisit]:
    return [
        PastVisit(visit, may(who, Action.SEE_BOOKING, scope_of_booking(visit))) for visit in visits
    ]


def _next_bookable(who: Actor, found: Department, now: datetime) -> int | None:
    """Return the meeting that "Find a guest" leads to; None for who does not book."""
    if not may(who, Action.BOOK_VISIT):
        return None
    meetings = bookable_meetings(now).filter(series__department=found)
    return meetings.values_list("pk", flat=True).first()
