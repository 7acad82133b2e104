"""The page behind the signed link of a mail; looking at it never changes anything."""

import hashlib
from collections.abc import Callable
from typing import Any
from zoneinfo import ZoneInfo

import redis
from django.contrib import messages
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.middleware.csrf import CsrfViewMiddleware
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.decorators import decorator_from_middleware
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from config.celery import nudge
from rotation.booking.errors import ChangedMeanwhile
from rotation.booking.models import Booking
from rotation.booking.queries import bookings_with_names
from rotation.booking.words import error_text
from rotation.invites.answer_links import AnswerLink, read_answer_token
from rotation.invites.errors import AnswerLinkBroken
from rotation.web.answers import answer_message, answer_text, is_recorded
from rotation.web.forms.visits import AnswerForm
from rotation.web.visit_page import can_answer
from rotation.workflows.receive_replies import answer_by_link

OK, GONE = 200, 410
ANSWERS_A_MINUTE = 20
CHOSEN = {"yes": "ACCEPTED", "maybe": "TENTATIVE", "no": "DECLINED"}
View = Callable[..., HttpResponseBase]


class AnswerCsrf(CsrfViewMiddleware):
    """CSRF by cookie and field, as everywhere, for a page that sends no referrer.

    Browsers then send `Origin: null` with the form (Fetch, "append a request Origin header"),
    which Django would take for a foreign origin.
    """

    def _origin_verified(self, request: HttpRequest) -> bool:
        if request.META["HTTP_ORIGIN"] == "null":
            return True
        return bool(super()._origin_verified(request))  # type: ignore[misc]


def _unseen(view: View) -> View:
    """Return a view whose answers leave no trace: not in caches, referrers, search engines."""

    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:  # noqa: ANN401 -- passed through
        response = view(request, *args, **kwargs)
        response["Referrer-Policy"] = "no-referrer"
        response["Cache-Control"] = "no-store"
        response["X-Robots-Tag"] = "noindex"
        return response

    return guarded


@csrf_exempt
@_unseen
@decorator_from_middleware(AnswerCsrf)
@require_http_methods(["GET", "HEAD", "POST"])
def answer(request: HttpRequest, token: str) -> HttpResponse:
    """Show the visit and ask for the answer; take the answer."""
    try:
        link = read_answer_token(token)
        mine = bookings_with_names().filter(staff=link.staff_id, staff__has_left=False)
        booking = mine.get(pk=link.booking_id)
    except (AnswerLinkBroken, Booking.DoesNotExist):
        return render(request, "rotation/answer_broken.html", status=404)
    if request.method == "POST":
        return _take(request, token, booking, link)
    return _show(request, booking, link)


def _take(request: HttpRequest, token: str, booking: Booking, link: AnswerLink) -> HttpResponse:
    form = AnswerForm(request.POST)
    if _is_too_often(token):
        text = _("That was too often; wait a minute and send your answer again.")
        return _show(request, booking, link, form=form, problem=text, status=429)
    if not form.is_valid():
        return _show(request, booking, link, form=form, status=400)
    try:
        result = answer_by_link(token, **form.cleaned_data, now=timezone.now())
    except ChangedMeanwhile as error:
        return _show(request, booking, link, form=form, problem=error_text(error), status=409)
    if not is_recorded(result):
        booking.refresh_from_db()
        return _show(request, booking, link, problem=answer_text(result), status=409)
    nudge("rotation.relay_mail")
    messages.add_message(request, *answer_message(result))
    return redirect("answer", token)


def _show(
    request: HttpRequest,
    booking: Booking,
    link: AnswerLink,
    *,
    form: AnswerForm | None = None,
    problem: str = "",
    status: int = 200,
) -> HttpResponse:
    standing = _standing(booking, link)
    values = {
        "booking": booking,
        "form": form or AnswerForm(),
        "chosen": CHOSEN.get(request.GET.get("a", ""), booking.partstat),
        "standing": standing,
        "problem": problem,
    }
    gone = status == OK and standing != "open"
    with timezone.override(ZoneInfo(booking.staff.time_zone)):
        return render(request, "rotation/answer.html", values, status=GONE if gone else status)


def _standing(booking: Booking, link: AnswerLink) -> str:
    """Return what the link is still good for: open, over, called_off, changed."""
    if booking.ends_at <= timezone.now():
        return "over"
    if not can_answer(booking, timezone.now()):
        return "called_off"
    return "open" if link.sequence == booking.sequence else "changed"


def _is_too_often(token: str) -> bool:
    """Return whether this link was used more than `ANSWERS_A_MINUTE` times in a minute.

    Without the cache nothing is counted: an answer matters more.
    """
    key = "answer:" + hashlib.sha256(token.encode()).hexdigest()
    try:
        cache.add(key, 0, 60)
        return cache.incr(key) > ANSWERS_A_MINUTE
    except redis.RedisError:
        return False
