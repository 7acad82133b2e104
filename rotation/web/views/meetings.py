"""One meeting: its facts, who could go, and the booking."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from config.celery import nudge
from rotation.booking.errors import BookingRefused, Reason
from rotation.booking.models import Booking
from rotation.booking.queries import (
    alternatives_for,
    bookings_seen_by,
    holding,
    suggestions_for,
    with_seats_free,
)
from rotation.booking.words import fact_text, reason_text
from rotation.directory.models import StaffMember
from rotation.directory.permissions import Action, may
from rotation.directory.queries import staff_open_to
from rotation.invites.queries import cannot_be_told
from rotation.meetings.models import Meeting
from rotation.web.access import actor, by, note_look, page
from rotation.web.forms.booking import GuestForm
from rotation.web.waiting_page import queue_of
from rotation.workflows import change_booking

MOST_ALTERNATIVES = 3


@dataclass(frozen=True, slots=True)
class Candidate:
    """A person with what speaks for and against the visit, in words."""

    person: StaffMember
    facts: Sequence[str]
    conflicts: Sequence[str]


@dataclass(frozen=True, slots=True)
class Candidates:
    """Who could go, best first, who cannot, and what stops everybody."""

    free: Sequence[Candidate] = ()
    others: Sequence[Candidate] = ()
    obstacles: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a booking was refused, and what could be booked instead."""

    guest: StaffMember
    reasons: Sequence[str]
    people: Sequence[StaffMember]
    meetings: Sequence[Meeting]


@require_safe
@page(Action.SEE_MEETINGS)
def meeting(request: HttpRequest, meeting_id: int) -> HttpResponse:
    """Show a meeting and, to those who may book, who could go."""
    people = staff_open_to(actor(request), Action.BOOK_VISIT)
    return _meeting_page(request, _meeting(meeting_id), GuestForm(people=people))


@require_http_methods(["GET", "HEAD", "POST"])
@page(Action.BOOK_VISIT)
def meeting_book(request: HttpRequest, meeting_id: int) -> HttpResponse:
    """Book the chosen person; a refusal names every reason and what is possible instead.

    Who comes by address alone, after signing in or changing the language, is led to the meeting.
    """
    if request.method != "POST":
        return redirect("meeting", meeting_id)
    found = _meeting(meeting_id)
    form = GuestForm(request.POST, people=staff_open_to(actor(request), Action.BOOK_VISIT))
    if not form.is_valid():
        return _meeting_page(request, found, form, status=400)
    try:
        booking = change_booking.book(
            staff_id=form.guest.pk, meeting_id=meeting_id, by=by(request), now=timezone.now()
        )
    except BookingRefused as error:
        return _booked_before(request, found, form.guest) or _refused(request, found, form, error)
    nudge("rotation.relay_mail")
    messages.success(request, _booked_text(booking))
    return redirect("visit", booking.pk)


def _meeting(meeting_id: int) -> Meeting:
    meetings = Meeting.objects.select_related("series__department", "series__host__user")
    return get_object_or_404(with_seats_free(meetings), pk=meeting_id)


def _meeting_page(
    request: HttpRequest,
    found: Meeting,
    form: GuestForm,
    *,
    refusal: Refusal | None = None,
    status: int = 200,
) -> HttpResponse:
    bookings = list(bookings_seen_by(actor(request)).filter(holding(), meeting=found))
    seated = {booking.staff_id for booking in bookings}
    people = {pk: person for pk, person in form.people.items() if pk not in seated}
    note_look(request, [*seated, *people])
    values = {
        "meeting": found,
        "bookings": bookings,
        "may_book": may(actor(request), Action.BOOK_VISIT),
        "candidates": _candidates(found, people) if people else Candidates(),
        "form": form,
        "queue": queue_of(actor(request), found, people.values(), timezone.now()),
        "refusal": refusal,
    }
    return render(request, "rotation/meeting.html", values, status=status)


def _candidates(found: Meeting, people: dict[int, StaffMember]) -> Candidates:
    ranked = suggestions_for(found, people.values(), timezone.now())
    rows = [
        Candidate(
            people[suggestion.staff_id],
            [fact_text(fact, value) for fact, value in suggestion.facts],
            [reason_text(reason) for reason in suggestion.conflicts],
        )
        for suggestion in ranked
    ]
    return Candidates(
        free=[row for row in rows if not row.conflicts],
        others=[row for row in rows if row.conflicts],
        obstacles=[reason_text(reason) for reason in _shared([row.conflicts for row in ranked])],
    )


def _shared(conflicts: Sequence[Sequence[Reason]]) -> list[Reason]:
    """Return the reasons that everybody has: they lie in the meeting, not in a person."""
    return [reason for reason in conflicts[0] if all(reason in others for others in conflicts)]


def _booked_before(request: HttpRequest, found: Meeting, guest: StaffMember) -> HttpResponse | None:
    """Return the way to the visit that a first press of the button has made."""
    held = Booking.objects.filter(holding(), meeting=found, staff=guest).first()
    if held is None:
        return None
    text = _("%(person)s has a seat in this meeting already.") % {"person": guest.name}
    messages.info(request, text)
    return redirect("visit", held.pk)


def _refused(
    request: HttpRequest, found: Meeting, form: GuestForm, error: BookingRefused
) -> HttpResponse:
    guest, now = form.guest, timezone.now()
    others = [person for pk, person in form.people.items() if pk != guest.pk]
    free = [
        form.people[suggestion.staff_id]
        for suggestion in suggestions_for(found, others, now)
        if not suggestion.conflicts
    ]
    meetings = alternatives_for(guest, found, now, most=MOST_ALTERNATIVES - bool(free))
    refusal = Refusal(
        guest=guest,
        reasons=[reason_text(reason) for reason in error.reasons],
        people=free[: MOST_ALTERNATIVES - len(meetings)],
        meetings=meetings,
    )
    status = 409 if error.is_conflict else 422
    return _meeting_page(request, found, form, refusal=refusal, status=status)


def _booked_text(booking: Booking) -> str:
    if booking.state == Booking.State.REQUESTED:
        sentence = _("%(person)s is booked; the host is asked for approval.")
    elif cannot_be_told(booking.pk):
        sentence = _(
            "%(person)s is booked, but no mail can be written to the address: tell the guest"
            " yourself, and ask an administrator to correct the address."
        )
    else:
        sentence = _("%(person)s is booked; the invitation is on its way.")
    return sentence % {"person": booking.staff.name}
