"""Series from a host's calendar, and from a table."""

from collections.abc import Sequence
from dataclasses import replace

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from config.celery import nudge
from rotation.booking.words import error_text
from rotation.calendars.fetching import Stamp, fetch_calendar
from rotation.directory.models import Host
from rotation.directory.permissions import Action, Scope, may
from rotation.meetings.models import CalendarFeed, MeetingSeries
from rotation.meetings.table import READERS, REQUIRED
from rotation.periods.errors import RotationError
from rotation.rosters.errors import UnreadableTable
from rotation.rosters.plan import Effect
from rotation.rosters.sentences import fault_message, problem_text
from rotation.web.access import actor, by, page, require
from rotation.web.calendar_words import FoundRow, found_rows
from rotation.web.forms.calendars import CalendarForm
from rotation.web.forms.people_import import ImportForm
from rotation.web.series_words import effects_text
from rotation.workflows.change_series import SeriesChange, change_series
from rotation.workflows.import_meetings import ImportedMeetings, import_meetings
from rotation.workflows.read_series_feed import (
    FEED_ERRORS,
    Found,
    Offer,
    feed_at,
    forget_feed,
    found_in,
    offer_events,
    read_feed,
)

MOST_FAULTS = 200
EXAMPLE = (
    "department;title;location;starts_on;time;minutes;every;seats;needs_approval\n"
    "HR;HR weekly;Room 4;2027-01-12;10:00;60;weekly;2;yes\n"
)
form_page = require_http_methods(["GET", "HEAD", "POST"])


@form_page
@page(Action.OFFER_MEETING)
def calendar_new(request: HttpRequest) -> HttpResponse:
    """Ask for a calendar, list its meetings, and offer those that are picked."""
    if request.method != "POST":
        return _calendar_page(request, CalendarForm(actor=actor(request)))
    form = CalendarForm(request.POST, request.FILES, actor=actor(request))
    if not form.is_valid():
        return _calendar_page(request, form, status=400)
    require(request, Action.OFFER_MEETING, Scope(department_id=form.chosen.pk))
    try:
        found, stamp = _found(form)
    except FEED_ERRORS as error:
        form.add_error("address" if form.cleaned_data["address"] else "file", error_text(error))
        return _calendar_page(request, form, status=422)
    picked = [each for each in found if each.event.uid in request.POST.getlist("uid")]
    if request.POST.get("step") == "offer" and picked:
        return _offered(request, form, picked, stamp)
    form.keep()
    return _calendar_page(request, form, found_rows(found))


def _found(form: CalendarForm) -> tuple[list[Found], Stamp]:
    """Return the events of the calendar that was chosen; raises one of `FEED_ERRORS`."""
    address, data, stamp = form.cleaned_data["address"], form.cleaned_data["raw"], Stamp()
    if address and (fetched := fetch_calendar(address, stamp)):
        data, stamp = fetched.data, fetched.stamp
    return found_in(data, form.chosen.pk, timezone.now()), stamp


def _offered(
    request: HttpRequest, form: CalendarForm, picked: Sequence[Found], stamp: Stamp
) -> HttpResponse:
    values, now = form.cleaned_data, timezone.now()
    address = values["address"]
    host = Host.objects.filter(user=request.user.pk, department=form.chosen).first()
    offer = Offer(
        department_id=form.chosen.pk,
        host_id=host.pk if host else None,
        seats=values["seats"] or 1,
        needs_approval=values["needs_approval"],
        feed=feed_at(form.chosen, address, stamp, now) if address else None,
    )
    made = len(offer_events(picked, offer, by=by(request), now=now))
    sentence = ngettext("%(number)s series is offered.", "%(number)s series are offered.", made)
    messages.success(request, sentence % {"number": made})
    return redirect("series_list")


def _calendar_page(
    request: HttpRequest,
    form: CalendarForm,
    found: Sequence[FoundRow] | None = None,
    *,
    status: int = 200,
) -> HttpResponse:
    values = {"form": form, "found": found}
    return render(request, "rotation/series_calendar.html", values, status=status)


@require_POST
@page(Action.OFFER_MEETING)
def calendar_read(request: HttpRequest, feed_id: int) -> HttpResponse:
    """Read a calendar now and say what became of it."""
    feed = read_feed(_own_feed(request, feed_id).pk, by=by(request), now=timezone.now())
    nudge("rotation.relay_mail")
    if feed.fault:
        messages.error(request, _("The calendar could not be read; nothing is changed."))
    else:
        messages.success(request, _("The calendar is read."))
    return redirect("series_list")


@require_POST
@page(Action.OFFER_MEETING)
def calendar_forget(request: HttpRequest, feed_id: int) -> HttpResponse:
    """Forget a calendar's address; its series stay as they are."""
    forget_feed(_own_feed(request, feed_id).pk, by=by(request), now=timezone.now())
    messages.success(request, _("The calendar is forgotten; its series stay as they are."))
    return redirect("series_list")


@require_POST
@page(Action.OFFER_MEETING)
def series_keep(request: HttpRequest, series_id: int) -> HttpResponse:
    """Keep a series that its calendar holds no longer, on its own from now on."""
    series = get_object_or_404(MeetingSeries, pk=series_id)
    require(request, Action.OFFER_MEETING, Scope(department_id=series.department_id))
    alone = SeriesChange({"feed": None, "missing_since": None})
    change_series(series.pk, alone, by=by(request), now=timezone.now())
    messages.success(request, _("The series goes on without the calendar."))
    return redirect("series_list")


def _own_feed(request: HttpRequest, feed_id: int) -> CalendarFeed:
    feed = get_object_or_404(CalendarFeed, pk=feed_id)
    require(request, Action.OFFER_MEETING, Scope(department_id=feed.department_id))
    return feed


@form_page
@page(Action.OFFER_MEETING)
def series_import(request: HttpRequest) -> HttpResponse:
    """Ask for a table, tell what it would do, and import it once that was seen."""
    if request.method != "POST":
        return _import_page(request, ImportForm())
    form = ImportForm(request.POST, request.FILES)
    if not form.is_valid():
        return _import_page(request, form, status=400)
    is_dry, author = request.POST.get("step") != "import", by(request)
    try:
        found = import_meetings(
            form.table,
            by=replace(author, version=None),
            now=timezone.now(),
            allowed=lambda key: may(actor(request), Action.OFFER_MEETING, Scope(department_id=key)),
            dry_run=is_dry,
        )
    except UnreadableTable as error:
        form.add_error("file", problem_text(error.fields["problem"]))
        return _import_page(request, form, status=422)
    except RotationError as error:
        form.add_error("file", error_text(error))
        return _import_page(request, form, status=409)
    if found.is_written:
        nudge("rotation.relay_mail")
        messages.success(request, _("The table is imported."))
        return redirect("series_list")
    form.carry()
    return _import_page(request, form, found, status=422 if found.faults else 200)


def _import_page(
    request: HttpRequest,
    form: ImportForm,
    found: ImportedMeetings | None = None,
    *,
    status: int = 200,
) -> HttpResponse:
    faults = found.faults if found else []
    changes = [each for each in found.changes if not each.touches_nobody] if found else []
    values = {
        "form": form,
        "found": found,
        "counts": [found.effects[effect] for effect in Effect] if found else [],
        "faults": [(fault, fault_message(fault)) for fault in faults[:MOST_FAULTS]],
        "effects": [(each.series, effects_text(each)) for each in changes],
        "required": ", ".join(REQUIRED),
        "others": ", ".join(name for name in READERS if name not in REQUIRED),
        "example": EXAMPLE,
    }
    return render(request, "rotation/series_import.html", values, status=status)
