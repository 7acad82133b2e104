"""Held answers: mails that a person has to look at."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from config.celery import nudge
from rotation.booking.errors import ChangedMeanwhile
from rotation.booking.words import error_text
from rotation.directory.permissions import Action
from rotation.replies.models import InboundMail
from rotation.replies.outcomes import Outcome
from rotation.replies.queries import held_mails_seen_by
from rotation.replies.sentences import OUTCOMES, REASONS
from rotation.replies.services import Result, settle_mail
from rotation.web.access import actor, by, note_look, page
from rotation.workflows.receive_replies import release_held

ON_A_PAGE = 25


@require_safe
@page(Action.SEE_HELD_ANSWERS)
def held_answers(request: HttpRequest) -> HttpResponse:
    """List the held mails about visits of the user's people, each with its reason."""
    held = held_mails_seen_by(actor(request))
    shown = Paginator(held, ON_A_PAGE).get_page(request.GET.get("page"))
    note_look(request, [mail.booking.staff_id for mail in shown if mail.booking])
    return render(request, "rotation/held_answers.html", {"page": shown})


@require_POST
@page(Action.SEE_HELD_ANSWERS)
def held_answer_apply(request: HttpRequest, mail_id: int) -> HttpResponse:
    """Apply a held answer: the user vouches for the guest."""
    mail = _held(request, mail_id)
    try:
        result = release_held(mail.pk, by=by(request), now=timezone.now())
    except ChangedMeanwhile as error:
        messages.error(request, error_text(error))
        return redirect("held_answers")
    if result:
        _tell(request, result)
    return redirect("held_answers")


@require_POST
@page(Action.SEE_HELD_ANSWERS)
def held_answer_drop(request: HttpRequest, mail_id: int) -> HttpResponse:
    """Take a held mail off the list; nothing is changed at the visit."""
    settle_mail(_held(request, mail_id).pk, by=by(request), now=timezone.now())
    messages.success(request, _("The mail is off the list; the visit stays as it is."))
    return redirect("held_answers")


def _held(request: HttpRequest, mail_id: int) -> InboundMail:
    return get_object_or_404(held_mails_seen_by(actor(request)), pk=mail_id)


def _tell(request: HttpRequest, result: Result) -> None:
    """Say what became of the mail; one that is still held stays on the list."""
    decision = result.decision
    text = REASONS[decision.reason] if decision.reason else OUTCOMES[decision.outcome]
    if decision.outcome is Outcome.APPLIED:
        nudge("rotation.relay_mail")
        messages.success(request, str(text))
    else:
        messages.error(request, str(text))
