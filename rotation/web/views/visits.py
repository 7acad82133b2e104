"""Visits: the list, and the page of one visit."""

from datetime import timedelta

from django import forms
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from rotation.booking.models import Booking
from rotation.booking.queries import bookings_seen_by, end_of_request, scope_of_booking
from rotation.directory.permissions import Action, may
from rotation.invites.answer_links import answer_token
from rotation.replies.queries import proposals_of
from rotation.web.access import actor, note_look, page, require
from rotation.web.forms.visits import NoteForm, ReasonForm, VisitFilter
from rotation.web.visit_list import visit_rows
from rotation.web.visit_page import (
    Refusal,
    history_of,
    mails_of,
    note_for,
    offers,
    troubles_of,
    words_of,
)

ON_A_PAGE = 25


@require_safe
@page(Action.SEE_OVERVIEW)
def visits(request: HttpRequest) -> HttpResponse:
    """List the visits that the user may see; filters and page stand in the address."""
    wanted = VisitFilter(request.GET, actor=actor(request))
    found = wanted.visits(bookings_seen_by(actor(request)), timezone.now())
    shown = Paginator(found, ON_A_PAGE).get_page(request.GET.get("page"))
    rows = visit_rows(shown)
    note_look(request, [row.staff_id for row in rows])
    values = {
        "form": wanted,
        "page": shown,
        "visits": rows,
        "may_book": may(actor(request), Action.BOOK_VISIT),
    }
    return render(request, "rotation/visits.html", values)


@require_safe
@page(Action.SEE_OVERVIEW)
def visit(request: HttpRequest, booking_id: int) -> HttpResponse:
    """Show one visit with what the user may do now."""
    return visit_page(request, seen_visit(request, booking_id))


def seen_visit(request: HttpRequest, booking_id: int, action: Action | None = None) -> Booking:
    """Return the visit with everything its pages show; that is a look at its guest.

    Raises:
        Http404: there is none, or the user may not see it.
        PermissionDenied: the user may see it, and may not do `action` to it.
    """
    bookings = bookings_seen_by(actor(request)).select_related("meeting__series__host__user")
    booking = get_object_or_404(bookings, pk=booking_id)
    if action:
        require(request, action, scope_of_booking(booking))
    note_look(request, [booking.staff_id])
    return booking


def visit_page(
    request: HttpRequest,
    booking: Booking,
    form: forms.Form | None = None,
    *,
    refusal: Refusal | None = None,
    status: int = 200,
) -> HttpResponse:
    """Return the page of a visit; `form` is what was typed and could not be done."""
    who = actor(request)
    note, scope = note_for(who, booking), scope_of_booking(booking)
    written, version = {"text": note.text if note else ""}, {"version": booking.version}
    values = {
        "booking": booking,
        "cost": timedelta(minutes=booking.cost_minutes),
        "offers": offers(who, booking, timezone.now()),
        "note": note,
        "note_form": form if isinstance(form, NoteForm) else NoteForm(initial=written),
        "answer_token": answer_token(booking),
        "decline_form": ReasonForm(initial=version, auto_id="decline_%s"),
        "cancel_form": ReasonForm(initial=version, auto_id="cancel_%s"),
        "failed_form": None if isinstance(form, NoteForm) else form,
        "refusal": refusal,
        "words": words_of(booking),
        "proposals": proposals_of(booking.pk).filter(sequence=booking.sequence),
        "mails": mails_of(booking),
        "troubles": troubles_of(booking),
        "may_see_held": may(who, Action.SEE_HELD_ANSWERS, scope),
        "may_see_errors": may(who, Action.SEE_OUTBOX),
        "history": history_of(booking),
        "request_ends_at": end_of_request(booking),
    }
    return render(request, "rotation/visit.html", values, status=status)
