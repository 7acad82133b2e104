"""The host's page: who wants to come, who comes, and the department's meetings."""

from itertools import chain

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from config.celery import nudge
from rotation.booking.queries import guests_of, requests_to, with_seats_free
from rotation.booking.words import error_text
from rotation.directory.permissions import Action, Scope, may
from rotation.meetings.errors import DayWithoutGuests, MeetingOver
from rotation.meetings.models import Meeting
from rotation.meetings.queries import meetings_hosted_by
from rotation.web.access import actor, by, note_look, page, require
from rotation.web.forms.series import CallOffForm, PutMeetingForm
from rotation.workflows.change_booking import call_off_meeting, put_meeting

ON_A_PAGE = 15
form_page = require_http_methods(["GET", "HEAD", "POST"])


@require_safe
@page(Action.OFFER_MEETING)
def hosting(request: HttpRequest) -> HttpResponse:
    """Show who waits for an approval, and the coming meetings with their guests."""
    who, now = actor(request), timezone.now()
    meetings = with_seats_free(meetings_hosted_by(who, now))
    shown = Paginator(meetings, ON_A_PAGE).get_page(request.GET.get("page"))
    guests, pending = guests_of(shown), list(requests_to(who, now))
    note_look(request, [visit.staff_id for visit in chain(pending, *guests.values())])
    values = {
        "pending": pending,
        "may_name_deputy": may(who, Action.NAME_DEPUTY),
        "page": shown,
        "meetings": [(meeting, guests[meeting.pk]) for meeting in shown],
    }
    return render(request, "rotation/hosting.html", values)


@form_page
@page(Action.OFFER_MEETING)
def meeting_cancel(request: HttpRequest, meeting_id: int) -> HttpResponse:
    """Ask why, and call one meeting off with all its visits."""
    meeting = _own_meeting(request, meeting_id)
    form = CallOffForm(request.POST if request.method == "POST" else None)
    if not form.is_valid():
        return _meeting_page(request, meeting, form, "rotation/meeting_cancel.html")
    try:
        author = by(request, form.cleaned_data["reason"])
        call_off_meeting(meeting_id, by=author, now=timezone.now())
    except MeetingOver as error:
        form.add_error(None, error_text(error))
        return _meeting_page(request, meeting, form, "rotation/meeting_cancel.html", 409)
    nudge("rotation.relay_mail")
    messages.success(request, _("The meeting is called off; its guests are told."))
    return redirect("hosting")


@form_page
@page(Action.OFFER_MEETING)
def meeting_move(request: HttpRequest, meeting_id: int) -> HttpResponse:
    """Ask for the new time, and move one meeting with all its visits."""
    meeting, now = _own_meeting(request, meeting_id), timezone.now()
    form = PutMeetingForm(
        request.POST if request.method == "POST" else None, meeting=meeting, now=now
    )
    if not form.is_valid():
        return _meeting_page(request, meeting, form, "rotation/meeting_move.html")
    try:
        author = by(request, form.cleaned_data["reason"])
        put_meeting(meeting_id, starts_at=form.cleaned_data["starts_at"], by=author, now=now)
    except (MeetingOver, DayWithoutGuests) as error:
        form.add_error(None, error_text(error))
        return _meeting_page(request, meeting, form, "rotation/meeting_move.html", 409)
    nudge("rotation.relay_mail")
    messages.success(request, _("The meeting is moved; its guests are told."))
    return redirect("hosting")


def _own_meeting(request: HttpRequest, meeting_id: int) -> Meeting:
    meetings = Meeting.objects.select_related("series__department")
    meeting = get_object_or_404(meetings, pk=meeting_id)
    require(request, Action.OFFER_MEETING, Scope(department_id=meeting.series.department_id))
    return meeting


def _meeting_page(
    request: HttpRequest,
    meeting: Meeting,
    form: CallOffForm,
    template: str,
    status: int | None = None,
) -> HttpResponse:
    guests = guests_of([meeting])[meeting.pk]
    note_look(request, [booking.staff_id for booking in guests])
    values = {"meeting": meeting, "form": form, "guests": guests}
    found = status or (400 if form.is_bound else 200)
    return render(request, template, values, status=found)
