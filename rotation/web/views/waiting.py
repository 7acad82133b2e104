"""Joining and leaving the queue of a full meeting."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.ways_back import next_page
from rotation.booking.errors import BookingRefused
from rotation.booking.models import Waiting
from rotation.booking.queues import places_seen_by, with_place
from rotation.booking.words import error_text, reason_text
from rotation.directory.permissions import Action, scope_of_staff
from rotation.directory.queries import staff_open_to
from rotation.meetings.models import Meeting
from rotation.periods.errors import RotationError
from rotation.web.access import actor, by, page, require
from rotation.web.forms.booking import GuestForm
from rotation.workflows import promote_waiting


@require_http_methods(["GET", "HEAD", "POST"])
@page(Action.BOOK_VISIT)
def meeting_wait(request: HttpRequest, meeting_id: int) -> HttpResponse:
    """Put the chosen person on the waiting list; who comes by address is led to the meeting."""
    get_object_or_404(Meeting, pk=meeting_id)
    form = GuestForm(request.POST, people=staff_open_to(actor(request), Action.BOOK_VISIT))
    if request.method == "POST" and not form.is_valid():
        messages.error(request, " ".join(str(error) for error in form.errors["staff"]))
    elif request.method == "POST":
        _wait(request, form, meeting_id)
    return redirect("meeting", meeting_id)


def _wait(request: HttpRequest, form: GuestForm, meeting_id: int) -> None:
    try:
        made = promote_waiting.wait(
            staff_id=form.guest.pk, meeting_id=meeting_id, by=by(request), now=timezone.now()
        )
    except BookingRefused as refused:
        messages.error(request, " ".join(reason_text(reason) for reason in refused.reasons))
    except RotationError as error:
        messages.error(request, error_text(error))
    else:
        place = with_place(Waiting.objects.filter(pk=made.pk)).get().place
        text = _("%(person)s is number %(place)s on the waiting list.")
        messages.success(request, text % {"person": form.guest.name, "place": place})


@require_POST
@page(Action.SEE_OVERVIEW)
def waiting_leave(request: HttpRequest, place_id: int) -> HttpResponse:
    """Give a place in the queue up."""
    places = places_seen_by(actor(request)).select_related("staff__user", "staff__team")
    place = get_object_or_404(places, pk=place_id)
    require(request, Action.LEAVE_QUEUE, scope_of_staff(place.staff))
    promote_waiting.leave(place.pk, by=by(request), now=timezone.now())
    text = _("%(person)s is no longer on the waiting list.")
    messages.success(request, text % {"person": place.staff.name})
    return redirect(next_page(request, reverse("meeting", args=[place.meeting_id])))
