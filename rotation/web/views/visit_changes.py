"""Everything that can be done to a visit: one table, one view; answers and notes beside it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.ways_back import next_page
from config.celery import nudge
from rotation.audit.models import Subject, Via
from rotation.audit.queries import entries_of
from rotation.audit.services import By
from rotation.booking.errors import BookingRefused, ChangedMeanwhile
from rotation.booking.history import change_text
from rotation.booking.models import Booking
from rotation.booking.queries import (
    alternatives_for,
    bookable_meetings,
    holding,
    suggestions_for,
)
from rotation.booking.services import record_attendance
from rotation.booking.words import error_text, fact_text, reason_text
from rotation.directory.permissions import Action, Scope, may
from rotation.directory.queries import staff_open_to
from rotation.insights.services import write_note
from rotation.invites.queries import cannot_be_told
from rotation.periods.errors import RotationError
from rotation.web.access import actor, by, note_look, page
from rotation.web.answers import answer_message
from rotation.web.forms.visits import MoveForm, NoteForm, PageAnswerForm, ReasonForm, SwapForm
from rotation.web.views.visits import seen_visit, visit_page
from rotation.web.visit_page import Refusal
from rotation.workflows import change_booking
from rotation.workflows.receive_replies import answer_by_link

MOST_DATES = 20
Chosen = Mapping[str, Any]
Do = Callable[[int, Chosen, By, datetime], object]
Show = Callable[..., HttpResponse]
UNTOLD = _(
    "No mail can be written to the guest's address: tell the guest yourself, and ask an"
    " administrator to correct the address."
)
THERE_ALREADY = _("The visit is like that already; nothing was changed and nobody is told.")


@dataclass(frozen=True, slots=True)
class Change:
    """One way to change a visit.

    Attributes:
        action: What the user must be allowed to do.
        do: Changes the visit of an id by what was chosen.
        done: What is said then.
        show: The page that asks; None where a button on the visit's page is all there is.
        form: Reads what was chosen.
    """

    action: Action
    do: Do
    done: Promise
    show: Show | None = None
    form: Callable[[HttpRequest], forms.Form] = lambda request: ReasonForm(request.POST)


@require_http_methods(["GET", "HEAD", "POST"])
@page(Action.SEE_OVERVIEW)
def visit_change(request: HttpRequest, booking_id: int, change: str) -> HttpResponse:
    """Ask for what has to be known, and change the visit as the table says."""
    wanted, who = CHANGES[change], actor(request)
    if not may(who, wanted.action, Scope(staff_id=who.staff_id)):
        raise PermissionDenied
    if request.method != "POST" and not wanted.show:
        return HttpResponseNotAllowed(["POST"])
    booking, show = seen_visit(request, booking_id, wanted.action), wanted.show or visit_page
    if request.method != "POST":
        return show(request, booking, ReasonForm(initial={"version": booking.version}))
    return _change(request, booking, wanted.do, wanted.done, form=wanted.form(request), show=show)


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

    def note(_pk: int, chosen: Chosen, author: By, now: datetime) -> object:
        return write_note(booking_id, text=chosen["text"], by=author, now=now)

    return _change(request, booking, note, _("Your note is saved; thank you."), form=form)


def _ask(
    request: HttpRequest,
    booking: Booking,
    form: forms.Form,
    *,
    template: str,
    refusal: Refusal | None = None,
    status: int = 200,
) -> HttpResponse:
    """Show the question why."""
    values = {"booking": booking, "reason_form": form, "refusal": refusal}
    return render(request, template, values, status=status)


def _change(
    request: HttpRequest,
    booking: Booking,
    do: Do,
    done: Promise,
    *,
    form: forms.Form,
    show: Show = visit_page,
) -> HttpResponse:
    """Change, say so and go to the visit; what stops it is shown where it was asked for."""
    if not form.is_valid():
        return show(request, booking, form, status=400)
    chosen = form.cleaned_data
    if _is_so_already(booking, chosen):
        messages.info(request, str(THERE_ALREADY))
        return redirect("visit", booking.pk)
    author = by(request, chosen.get("reason", ""), chosen.get("version"))
    try:
        changed = do(booking.pk, chosen, author, timezone.now())
    except RotationError as error:
        return _done_before(booking, chosen) or _refused(request, form, error, show)
    nudge("rotation.relay_mail")
    _say(request, changed, done)
    pk = changed.pk if isinstance(changed, Booking) else booking.pk
    return redirect(next_page(request, reverse("visit", args=[pk])))


def _is_so_already(booking: Booking, chosen: Chosen) -> bool:
    """Return whether a move or a swap leads to where the visit is."""
    meeting, staff = chosen.get("meeting"), chosen.get("staff")
    return booking.meeting == meeting or booking.staff == staff


def _say(request: HttpRequest, changed: object, done: Promise) -> None:
    """Say what was done; by whom, where somebody else was faster; and what no mail can tell."""
    if not isinstance(changed, Booking):
        messages.success(request, str(done))
        return
    latest = entries_of(Subject.BOOKING, changed.pk).first()
    if latest and latest.actor_id != request.user.pk:
        text = _("Somebody was faster, so nothing was left to do: %(what)s")
        messages.info(request, text % {"what": change_text(latest)})
    elif cannot_be_told(changed.pk):
        messages.warning(request, str(UNTOLD))
    else:
        messages.success(request, str(done))


def _done_before(booking: Booking, values: Chosen) -> HttpResponse | None:
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
    return show(request, booking, form, refusal=_refusal(error, booking), status=_status(error))


def _refusal(error: RotationError, booking: Booking) -> Refusal:
    if isinstance(error, BookingRefused):
        reasons = [reason_text(reason) for reason in error.reasons]
        return Refusal(title=_("This visit cannot be"), reasons=reasons)
    latest = entries_of(Subject.BOOKING, booking.pk).first()
    reasons = [error_text(error), *([change_text(latest)] if latest else ())]
    is_stale = isinstance(error, ChangedMeanwhile)
    return Refusal(title=_("Nothing was changed"), reasons=reasons, is_stale=is_stale)


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


def _plain(do: Callable[..., Booking]) -> Do:
    """Return a change for which nothing has to be chosen."""
    return lambda pk, _chosen, author, now: do(pk, by=author, now=now)


def _move(pk: int, chosen: Chosen, author: By, now: datetime) -> Booking:
    return change_booking.move(pk, meeting_id=chosen["meeting"].pk, by=author, now=now)


def _swap(pk: int, chosen: Chosen, author: By, now: datetime) -> Booking:
    return change_booking.swap(pk, staff_id=chosen["staff"].pk, by=author, now=now)


def _swap_form(request: HttpRequest) -> SwapForm:
    return SwapForm(request.POST, staff=staff_open_to(actor(request), Action.BOOK_VISIT))


CHANGES: Mapping[str, Change] = {
    "confirm": Change(
        Action.APPROVE_GUEST,
        _plain(change_booking.confirm),
        _("The guest is approved; the invitation is on its way."),
    ),
    "decline": Change(
        Action.APPROVE_GUEST,
        _plain(change_booking.decline),
        _("The guest is declined; the seat is free again."),
        partial(_ask, template="rotation/visit_decline.html"),
    ),
    "cancel": Change(
        Action.CANCEL_VISIT,
        _plain(change_booking.cancel),
        _("The visit is cancelled; everybody concerned is told."),
        partial(_ask, template="rotation/visit_cancel.html"),
    ),
    "move": Change(
        Action.MOVE_VISIT,
        _move,
        _("The visit is moved; everybody concerned is told."),
        _move_page,
        lambda request: MoveForm(request.POST),
    ),
    "swap": Change(
        Action.MOVE_VISIT,
        _swap,
        _("Somebody else goes now; everybody concerned is told."),
        _swap_page,
        _swap_form,
    ),
    "attended": Change(
        Action.RECORD_ATTENDANCE,
        _plain(partial(record_attendance, attended=True)),
        _("Noted: the guest was there."),
    ),
    "missed": Change(
        Action.RECORD_ATTENDANCE,
        _plain(partial(record_attendance, attended=False)),
        _("Noted: the guest was not there."),
    ),
}
