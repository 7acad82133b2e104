"""The guest's own page: what comes next, what is to be answered, what is to be told."""

from datetime import date, timedelta
from itertools import groupby

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from rotation.booking.facts import booked_minutes
from rotation.booking.models import Booking
from rotation.booking.queries import coming_visits_of
from rotation.budget.queries import granted_minutes
from rotation.directory.models import StaffMember
from rotation.directory.permissions import Action
from rotation.insights.queries import visits_to_tell_of
from rotation.invites.answer_links import answer_token
from rotation.periods.weeks import week_of
from rotation.web.access import actor, page
from rotation.web.visit_page import can_answer
from rotation.web.waiting_page import own_places

MOST_TO_TELL = 5


@require_safe
@page(Action.SEE_OVERVIEW)
def my_visits(request: HttpRequest) -> HttpResponse:
    """Show a guest's own visits; who is no guest is led to the visits that concern them."""
    staff = StaffMember.objects.filter(pk=actor(request).staff_id or 0).select_related("team")
    person, now = staff.first(), timezone.now()
    if person is None:
        return redirect("visits")
    coming = list(coming_visits_of(person.pk, now))
    nearest = coming[0] if coming else None
    values = {
        "nearest": nearest,
        "can_answer": nearest and can_answer(nearest, now),
        "answer_token": nearest and answer_token(nearest),
        "weeks": _by_week(coming[1:]),
        "places": own_places(actor(request), now),
        "to_tell": visits_to_tell_of(person.pk, now)[:MOST_TO_TELL],
        "budget": _budget(person),
    }
    return render(request, "rotation/my_visits.html", values)


def _by_week(visits: list[Booking]) -> list[tuple[date, list[Booking]]]:
    zone = timezone.get_default_timezone()
    weeks = groupby(visits, key=lambda booking: week_of(booking.starts_at, zone))
    return [(week, list(bookings)) for week, bookings in weeks]


def _budget(person: StaffMember) -> dict[str, timedelta | int]:
    """Return what this week grants, what visits take of it and what is left; seven queries."""
    week = week_of(timezone.now(), timezone.get_default_timezone())
    granted = granted_minutes([person], [week]).get((person.pk, week), 0)
    booked = booked_minutes([person.pk], [week]).get((person.pk, week), 0)
    return {
        "granted": timedelta(minutes=granted),
        "booked": timedelta(minutes=booked),
        "left": timedelta(minutes=max(0, granted - booked)),
        "percent": min(100, 100 * booked // granted) if granted else 0,
    }
