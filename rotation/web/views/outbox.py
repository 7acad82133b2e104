"""The outbox: which mails wait, which are gone, which could not be delivered and why."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from config.celery import nudge
from rotation.directory.permissions import Action
from rotation.invites.models import Mail
from rotation.invites.services import send_again
from rotation.web.access import by, note_look, page
from rotation.web.forms.visits import chosen
from rotation.web.visit_page import mail_chip

ON_A_PAGE = 50


@require_safe
@page(Action.SEE_OUTBOX)
def outbox(request: HttpRequest) -> HttpResponse:
    """List the mails, newest first; `?state=` narrows."""
    mails = Mail.objects.defer("raw").select_related("booking").order_by("-pk")
    state = chosen(request.GET.get("state", ""), Mail.State.values)
    found = mails.filter(state=state) if state else mails
    shown = Paginator(found, ON_A_PAGE).get_page(request.GET.get("page"))
    note_look(request, [mail.booking.staff_id for mail in shown])
    values = {
        "page": shown,
        "mails": [(mail, mail_chip(mail)) for mail in shown],
        "state": state,
        "states": Mail.State.choices,
    }
    return render(request, "rotation/outbox.html", values)


@require_POST
@page(Action.SEE_OUTBOX)
def outbox_again(request: HttpRequest, mail_id: int) -> HttpResponse:
    """Put a failed mail back into the queue."""
    mail = get_object_or_404(Mail.objects.defer("raw"), pk=mail_id)
    if send_again(mail.pk, by=by(request), now=timezone.now()).state == Mail.State.QUEUED:
        nudge("rotation.relay_mail")
        messages.success(request, _("The mail waits for its next attempt."))
    else:
        messages.error(request, _("This mail cannot be sent again."))
    return redirect("outbox")
