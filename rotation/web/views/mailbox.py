"""The demo's mailbox: every mail that would have left the house, and a guest's calendar."""

from django.conf import settings
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from rotation.booking.models import Booking
from rotation.booking.queries import bookings_with_names
from rotation.booking.words import error_text
from rotation.directory.permissions import Action
from rotation.periods.errors import RotationError
from rotation.replies.models import DemoMail
from rotation.replies.queries import demo_mails
from rotation.web.access import page
from rotation.web.forms.visits import AnswerForm, chosen
from rotation.workflows.demo_mailbox import OpenedMail, answer_demo_mail, open_demo_mail

ON_A_PAGE = 25


@require_safe
@page(Action.SEE_MAILBOX)
def mailbox(request: HttpRequest) -> HttpResponse:
    """List the demo's mails, newest first; `?to=` shows one person's."""
    _demo_only()
    known = DemoMail.objects.order_by("recipient").values_list("recipient", flat=True)
    recipients = list(known.distinct())
    recipient = chosen(request.GET.get("to", ""), recipients)
    shown = Paginator(demo_mails(recipient or None), ON_A_PAGE).get_page(request.GET.get("page"))
    values = {"page": shown, "recipient": recipient, "recipients": recipients}
    return render(request, "rotation/mailbox.html", values)


@require_http_methods(["GET", "HEAD", "POST"])
@page(Action.SEE_MAILBOX)
def mailbox_mail(request: HttpRequest, mail_id: int) -> HttpResponse:
    """Show one mail; a posted answer leaves as a true METHOD:REPLY by SMTP."""
    _demo_only()
    mail = get_object_or_404(DemoMail, pk=mail_id)
    form = AnswerForm(request.POST if request.method == "POST" else None)
    if not form.is_valid():
        return _mail_page(request, mail, form, status=400 if form.is_bound else 200)
    try:
        answer_demo_mail(mail, **form.cleaned_data, now=timezone.now())
    except RotationError as error:
        form.add_error(None, error_text(error))
        return _mail_page(request, mail, form, status=409)
    messages.success(request, _("The answer was sent by mail, as a calendar does it."))
    return redirect("mailbox_mail", mail_id)


def _demo_only() -> None:
    if not settings.ROTATION_DEMO:
        raise Http404


def _mail_page(
    request: HttpRequest, mail: DemoMail, form: AnswerForm, *, status: int
) -> HttpResponse:
    opened = open_demo_mail(mail, now=timezone.now())
    events = [event for calendar in opened.calendars for event in calendar.components]
    values = {
        "opened": opened,
        "event": events[0] if events else None,
        "booking": _booking_of(opened),
        "form": form,
    }
    return render(request, "rotation/mailbox_mail.html", values, status=status)


def _booking_of(opened: OpenedMail) -> Booking | None:
    uids = [event.uid for calendar in opened.calendars for event in calendar.components]
    return bookings_with_names().filter(uid__in=uids).first()
