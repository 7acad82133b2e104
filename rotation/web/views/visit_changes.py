"""Everything that can be done to a visit."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.ways_back import next_page
from config.celery import nudge
from rotation.audit.models import Via
from rotation.audit.services import By
from rotation.booking.errors import BookingRefused, ChangedMeanwhile
from rotation.booking.models import Booking
from rotation.booking.queries import (
    alternatives_for,
    bookable_meetings,
    holding,
    suggestions_for,
)
from rotation.booking.services import record_attendance
from rotation.booking.words import error_text, fact_text, reason_text
from rotation.directory.permissions import Action
from rotation.directory.queries import staff_open_to
from rotation.insights.services import write_note
from rotation.periods.errors import RotationError
from rotation.web.access import actor, by, note_look, page
from rotation.web.answers import answer_message
from rotation.web.forms.visits import MoveForm, NoteForm, PageAnswerForm, ReasonForm, SwapForm
from rotation.web.views.visits import seen_visit, visit_page
from rotation.web.visit_page import Refusal
from rotation.workflows import change_booking
from rotation.workflows.receive_replies import answer_by_link

MOST_DATES = 20
Do = Callable[[By], object]
Show = Callable[..., HttpResponse]
form_page = require_http_methods(["GET", "HEAD", "POST"])


@require_POST
@page(Action.APPROVE_GUEST)
def visit_confirm(request: HttpRequest, booking_id: int) -> HttpResponse:
    """Approve the guest."""
    booking = seen_visit(request, booking_id, Action.APPROVE_GUEST)
    return _change(
        request,
        booking,
        lambda author: change_booking.confirm(booking_id, by=author, now=timezone.now()),
        _("The guest is approved; the invitation is on its way."),
    )


@form_page
@page(Action.APPROVE_GUEST)
def visit_decline(request: HttpRequest, booking_id: int) -> HttpResponse:
    """Ask why, and decline the guest as the host."""
    booking = seen_visit(request, booking_id, Action.APPROVE_GUEST)
    return _ask_and_change(
        request,
        booking,
        lambda author: change_booking.decline(booking_id, by=author, now=timezone.now()),
        _("The guest is declined; the seat is free again."),
        "rotation/visit_decline.html",
    )


@form_page
@page(Action.CANCEL_VISIT)
def visit_cancel(request: HttpRequest, booking_id: int) -> HttpResponse:
    """Ask why, and give the visit up."""
    booking = seen_visit(request, booking_id, Action.CANCEL_VISIT)
    return _ask_and_change(
        request,
        booking,
        lambda author: change_booking.cancel(booking_id, by=author, now=timezone.now()),
        _("The visit is cancelled; everybody concerned is told."),
        "rotation/visit_cancel.html",
    )


@form_page
@page(Action.MOVE_VISIT)
def visit_move(request: HttpRequest, booking_id: int) -> HttpResponse:
    """Offer other meetings of the department, and move the visit to the chosen one."""
    booking = seen_visit(request, booking_id, Action.MOVE_VISIT)
    if request.method != "POST":
        return _move_page(request, booking, _unsent(booking))
    form = MoveForm(request.POST)

    def move(author: By) -> Booking:
        meeting_id = form.cleaned_data["meeting"].pk
        return change_booking.move(booking_id, meeting_id=meeting_id, by=author, now=timezone.now())

    done = _("The visit is moved; everybody concerned is told.")
    return _change(request, booking, move, done, form=form, show=_move_page)


@form_page
@page(Action.MOVE_VISIT)
def visit_swap(request: HttpRequest, booking_id: int) -> HttpResponse:
    """Offer who could go instead, and send the chosen person."""
    booking = seen_visit(request, booking_id, Action.MOVE_VISIT)
    if request.method != "POST":
        return _swap_page(request, booking, _unsent(booking))
    form = SwapForm(request.POST, staff=staff_open_to(actor(request), Action.BOOK_VISIT))

    def swap(author: By) -> Booking:
        staff_id = form.cleaned_data["staff"].pk
        return change_booking.swap(booking_id, staff_id=staff_id, by=author, now=timezone.now())

    done = _("Somebody else goes now; everybody concerned is told.")
    return _change(request, booking, swap, done, form=form, show=_swap_page)


@require_POST
@page(Action.SEE_OVERVIEW)
def visit_attended(request: HttpRequest, booking_id: int) -> HttpResponse:
    """Note that the guest was there."""
    return _record(request, booking_id, _("Noted: the guest was there."), attended=True)


@require_POST
@page(Action.SEE_OVERVIEW)
def visit_missed(request: HttpRequest, booking_id: int) -> HttpResponse:
    """Note that the guest was not there."""
    return _record(request, booking_id, _("Noted: the guest was not there."), attended=False)


@require_POST
@page(Action.SEE_OVERVIEW)
def visit_answer(request: HttpRequest, booking_id: int) -> HttpResponse:
    """Record the guest's answer in the ledger that mails and links write too."""
    booking = seen_visit(request, booking_id, Action.ANSWER_INVITE)
    form = PageAnswerForm(request.POST, booking_id=booking_id)
    if not form.is_valid():
        return visit_page(request, booking, form, status=400)
    try:
        result = answer_by_link(**form.cleaned_data, now=timezone.now(), via=Via.PAGE)
    except RotationError as error:
        return _refused(request, form, error, visit_page)
    nudge("rotation.relay_mail")
    messages.add_message(request, *answer_message(result))
    return redirect(next_page(request, reverse("visit", args=[booking_id])))


@require_POST
@page(Action.SEE_OVERVIEW)
def visit_note(request: HttpRequest, booking_id: int) -> HttpResponse:
    """Store what the guest learned; a text with an error is shown again."""
    booking = seen_visit(request, booking_id, Action.WRITE_NOTE)
    form = NoteForm(request.POST)

    def note(_author: By) -> object:
        return write_note(booking_id, text=form.cleaned_data["text"], now=timezone.now())

    return _change(request, booking, note, _("Your note is saved; thank you."), form=form)


def _record(
    request: HttpRequest, booking_id: int, done: Promise, *, attended: bool
) -> HttpResponse:
    def record(author: By) -> Booking:
        return record_attendance(booking_id, attended=attended, by=author, now=timezone.now())

    booking = seen_visit(request, booking_id, Action.RECORD_ATTENDANCE)
    return _change(request, booking, record, done)


def _ask_and_change(
    request: HttpRequest, booking: Booking, do: Do, done: Promise, template: str
) -> HttpResponse:
    """Show the question; change, where it was answered."""

    def show(
        request: HttpRequest,
        booking: Booking,
        form: forms.Form,
        *,
        refusal: Refusal | None = None,
        status: int = 200,
    ) -> HttpResponse:
        values = {"booking": booking, "reason_form": form, "refusal": refusal}
        return render(request, template, values, status=status)

    if request.method != "POST":
        return show(request, booking, _unsent(booking))
    return _change(request, booking, do, done, show=show)


def _unsent(booking: Booking) -> ReasonForm:
    return ReasonForm(initial={"version": booking.version})


def _change(
    request: HttpRequest,
    booking: Booking,
    do: Do,
    done: Promise,
    *,
    form: forms.Form | None = None,
    show: Show = visit_page,
) -> HttpResponse:
    """Change, say so and go to the visit; what stops it is shown where it was asked for."""
    form = form or ReasonForm(request.POST)
    if not form.is_valid():
        return show(request, booking, form, status=400)
    values = form.cleaned_data
    try:
        changed = do(by(request, values.get("reason", ""), values.get("version")))
    except RotationError as error:
        return _done_before(booking, values) or _refused(request, form, error, show)
    nudge("rotation.relay_mail")
    messages.success(request, str(done))
    pk = changed.pk if isinstance(changed, Booking) else booking.pk
    return redirect(next_page(request, reverse("visit", args=[pk])))


def _done_before(booking: Booking, values: dict[str, Any]) -> HttpResponse | None:
    """Return the way to the visit that a first press of the button made in place of this one."""
    booking.refresh_from_db(fields=["state"])
    if booking.state != Booking.State.CANCELLED or values.keys().isdisjoint({"staff", "meeting"}):
        return None
    staff, meeting = values.get("staff", booking.staff), values.get("meeting", booking.meeting)
    made = Booking.objects.filter(holding(), staff=staff, meeting=meeting).first()
    return redirect("visit", made.pk) if made else None


def _refused(
    request: HttpRequest, form: forms.Form, error: RotationError, show: Show
) -> HttpResponse:
    """Show why, with what was typed and the visit as it is now."""
    assert request.resolver_match  # noqa: S101 -- a view was found
    booking = seen_visit(request, request.resolver_match.kwargs["booking_id"])
    form.data = {**form.data.dict(), "version": booking.version}  # type: ignore[attr-defined]
    return show(request, booking, form, refusal=_refusal(error), status=_status(error))


def _refusal(error: RotationError) -> Refusal:
    if isinstance(error, BookingRefused):
        reasons = [reason_text(reason) for reason in error.reasons]
        return Refusal(title=_("This visit cannot be"), reasons=reasons)
    is_stale = isinstance(error, ChangedMeanwhile)
    return Refusal(title=_("Nothing was changed"), reasons=[error_text(error)], is_stale=is_stale)


def _status(error: RotationError) -> int:
    return 422 if isinstance(error, BookingRefused) and not error.is_conflict else 409


def _move_page(
    request: HttpRequest,
    booking: Booking,
    form: forms.Form,
    *,
    refusal: Refusal | None = None,
    status: int = 200,
) -> HttpResponse:
    now, department = timezone.now(), booking.meeting.series.department_id
    suiting = alternatives_for(
        booking.staff, booking.meeting, now, most=MOST_DATES, without=booking.pk
    )
    named = [booking.meeting_id, *(meeting.pk for meeting in suiting)]
    free = bookable_meetings(now).filter(series__department=department)
    values = {
        "booking": booking,
        "reason_form": form,
        "refusal": refusal,
        "suiting": suiting,
        "others": free.exclude(pk__in=named)[:MOST_DATES],
    }
    return render(request, "rotation/visit_move.html", values, status=status)


def _swap_page(
    request: HttpRequest,
    booking: Booking,
    form: forms.Form,
    *,
    refusal: Refusal | None = None,
    status: int = 200,
) -> HttpResponse:
    bookable = staff_open_to(actor(request), Action.BOOK_VISIT)
    people = {person.pk: person for person in bookable.exclude(pk=booking.staff_id)}
    note_look(request, people)
    ranked = suggestions_for(booking.meeting, people.values(), timezone.now(), without=booking.pk)
    values = {
        "booking": booking,
        "reason_form": form,
        "refusal": refusal,
        "candidates": [
            (people[suggestion.staff_id], [fact_text(*fact) for fact in suggestion.facts])
            for suggestion in ranked
            if not suggestion.conflicts
        ],
    }
    return render(request, "rotation/visit_swap.html", values, status=status)
