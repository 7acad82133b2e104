"""The department's series: offered, changed with a look at what that does, ended."""

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from config.celery import nudge
from rotation.audit.services import By
from rotation.booking.errors import ChangedMeanwhile
from rotation.booking.words import error_text
from rotation.directory.models import Department, Host
from rotation.directory.permissions import Action, Scope
from rotation.meetings.days import Days
from rotation.meetings.models import MeetingSeries
from rotation.meetings.queries import (
    closed_periods_of_department,
    feeds_hosted_by,
    is_offered,
    next_start_of,
    series_hosted_by,
)
from rotation.meetings.services import offer_series
from rotation.periods.weeks import midnight
from rotation.web.access import actor, by, note_look, page, require
from rotation.web.forms.series import DAY, ClosedDaysForm, EndSeriesForm, SaveForm, SeriesForm
from rotation.web.series_words import effects_text, rhythm_text, series_text
from rotation.workflows import change_series
from rotation.workflows.change_series import Effects

form_page = require_http_methods(["GET", "HEAD", "POST"])
# What a change does as its author; without doing it where the second is true.
Work = Callable[[By, bool], Sequence[Effects]]


@require_safe
@page(Action.OFFER_MEETING)
def series_list(request: HttpRequest) -> HttpResponse:
    """Show the series of the own department, or of all, with where they come from."""
    now = timezone.now()
    rows = [
        (series, rhythm_text(series), next_start_of(series, now))
        for series in series_hosted_by(actor(request))
    ]
    running = [row for row in rows if row[0].ended_at is None or row[0].ended_at > now]
    values = {
        "running": running,
        "ended": [row for row in rows if row not in running],
        "department_id": actor(request).department_id,
        "feeds": feeds_hosted_by(actor(request)),
        "missing": [series for series, *_ in running if series.missing_since],
    }
    return render(request, "rotation/series_list.html", values)


@form_page
@page(Action.OFFER_MEETING)
def series_new(request: HttpRequest) -> HttpResponse:
    """Ask for a new series and offer it; the answer says its dates in words."""
    form = SeriesForm(request.POST or None, actor=actor(request), now=timezone.now())
    if not form.is_valid():
        return _form_page(request, form)
    series = form.new_series()
    require(request, Action.OFFER_MEETING, Scope(department_id=series.department_id))
    if series.host is None:
        hosts = Host.objects.filter(user=request.user.pk, department=series.department)
        series.host = hosts.first()
    if not is_offered(series):  # a second press of the button
        closed = form.cleaned_data["closed"]
        offer_series(series, now=timezone.now(), by=by(request), closed=closed)
    messages.success(request, series_text(series))
    return redirect("hosting")


@form_page
@page(Action.OFFER_MEETING)
def series_edit(request: HttpRequest, series_id: int) -> HttpResponse:
    """Ask what is to change, show what that does to meetings and guests, and do it."""
    series, now = _own_series(request, series_id), timezone.now()
    data = request.POST if request.method == "POST" else None
    form = SeriesForm(data, actor=actor(request), now=now, series=series)
    if not form.is_valid():
        return _form_page(request, form, series)

    def work(author: By, dry: bool) -> Sequence[Effects]:  # noqa: FBT001 -- `Work`
        do = change_series.preview_series if dry else change_series.change_series
        return [do(series.pk, form.cleaned_data["change"], by=author, now=now)]

    try:
        return _weighed(request, work, series.title, _("The series is changed."))
    except ChangedMeanwhile as error:
        form.add_error(None, error_text(error))
        return _form_page(request, form, series, status=409)


@form_page
@page(Action.OFFER_MEETING)
def series_end(request: HttpRequest, series_id: int) -> HttpResponse:
    """Ask for the last day, show what is called off, and end the series."""
    series, now = _own_series(request, series_id), timezone.now()
    zone = ZoneInfo(series.time_zone)
    data = request.POST if request.method == "POST" else None
    form = EndSeriesForm(data, initial={"last_on": now.astimezone(zone).date()})
    if not form.is_valid():
        status = 400 if form.is_bound else 200
        values = {"form": form, "series": series}
        return render(request, "rotation/series_end.html", values, status=status)
    ended_at = midnight(form.cleaned_data["last_on"] + DAY, zone)
    work = partial(_end, series, ended_at, now)
    return _weighed(request, work, series.title, _("The series ends."))


@form_page
@page(Action.OFFER_MEETING)
def closed_days(request: HttpRequest, department_id: int) -> HttpResponse:
    """Ask on which days the department takes no guests, and show whose visits that costs."""
    department = get_object_or_404(Department, pk=department_id)
    require(request, Action.OFFER_MEETING, Scope(department_id=department.pk))
    closed = closed_periods_of_department(department.pk)
    form = ClosedDaysForm(request.POST if request.method == "POST" else None, closed=closed)
    if not form.is_valid():
        values = {"form": form, "department": department}
        status = 400 if form.is_bound else 200
        return render(request, "rotation/closed_days.html", values, status=status)
    work = partial(_close, department, form.cleaned_data["closed"], timezone.now())
    return _weighed(request, work, department.name, _("The days without guests are stored."))


def _end(
    series: MeetingSeries,
    ended_at: datetime,
    now: datetime,
    author: By,
    dry: bool,  # noqa: FBT001 -- `Work`
) -> Sequence[Effects]:
    do = change_series.preview_end if dry else change_series.end_series
    return [do(series.pk, ended_at=ended_at, by=author, now=now)]


def _close(
    department: Department,
    closed: Sequence[Days],
    now: datetime,
    author: By,
    dry: bool,  # noqa: FBT001 -- `Work`
) -> Sequence[Effects]:
    do = change_series.preview_closing if dry else change_series.close_department
    return do(department, closed, by=author, now=now)


def _own_series(request: HttpRequest, series_id: int) -> MeetingSeries:
    found = MeetingSeries.objects.select_related("department", "feed")
    series = get_object_or_404(found, pk=series_id)
    require(request, Action.OFFER_MEETING, Scope(department_id=series.department_id))
    return series


def _weighed(request: HttpRequest, work: Work, name: str, done: str) -> HttpResponse:
    """Show what the change does; do it where that was seen, or where it touches nobody.

    Raises:
        ChangedMeanwhile: somebody else changed the series since it was seen.
    """
    form = SaveForm(request.POST)
    values = form.cleaned_data if form.is_valid() else {}
    author = by(request, values.get("reason", ""), values.get("version"))
    if not ("confirm" in request.POST and form.is_valid()):
        effects = work(author, True)
        if not all(each.touches_nobody for each in effects):
            return _effects_page(request, form, name, effects)
    work(author, False)
    nudge("rotation.relay_mail")
    messages.success(request, done)
    return redirect("series_list")


def _effects_page(
    request: HttpRequest, form: SaveForm, name: str, effects: Sequence[Effects]
) -> HttpResponse:
    note_look(request, [each.booking.staff_id for shown in effects for each in shown.told])
    own = {"csrfmiddlewaretoken", "confirm", "reason"}
    kept = [(key, value) for key, value in request.POST.items() if key not in own]
    shown = [(each.series, effects_text(each)) for each in effects if not each.touches_nobody]
    values = {"name": name, "effects": shown, "kept": kept, "form": form}
    return render(request, "rotation/series_effects.html", values)


def _form_page(
    request: HttpRequest,
    form: SeriesForm,
    series: MeetingSeries | None = None,
    *,
    status: int | None = None,
) -> HttpResponse:
    found = status or (400 if form.is_bound else 200)
    values = {"form": form, "series": series}
    return render(request, "rotation/series_form.html", values, status=found)
