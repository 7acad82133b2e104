"""Ticket sources: how old their tickets are, how files are read, whose queues they are."""

import json
from http import HTTPStatus
from typing import Any

from django.contrib import messages
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_POST, require_safe

from rotation.directory.permissions import Action
from rotation.periods.errors import RotationError
from rotation.web.access import by, page
from rotation.web.forms.ticket_sources import FileForm, MappingForm, QueuesForm, SourceForm
from rotation.web.ticket_delivery import delivery_values
from rotation.web.uploads import InMemory
from rotation.workflows.import_load import import_stream
from rotation.workload.errors import (
    BadMapping,
    ChangedSource,
    MissingColumn,
    SourceExists,
    UnreadableFile,
)
from rotation.workload.mapping import PARTS
from rotation.workload.models import TicketSource
from rotation.workload.queries import sources_with_counts
from rotation.workload.retention import ASSIGNEE_KEPT_DAYS, TICKET_KEPT_MONTHS
from rotation.workload.services import add_source, assign_queues, change_mapping, mapping_data
from rotation.workload.words import delivery_text

KEPT = {"days": ASSIGNEE_KEPT_DAYS, "months": TICKET_KEPT_MONTHS}


@require_safe
@page(Action.KEEP_TICKET_SOURCES)
def ticket_sources(request: HttpRequest) -> HttpResponse:
    """List the sources by name."""
    return _list(request, SourceForm())


@require_POST
@page(Action.KEEP_TICKET_SOURCES)
def ticket_source_new(request: HttpRequest) -> HttpResponse:
    """Add a source."""
    form = SourceForm(request.POST)
    if form.is_valid():
        try:
            source = add_source(**form.cleaned_data, by=by(request), now=timezone.now())
        except SourceExists as error:
            form.add_error("name", delivery_text(error))
        else:
            return redirect("ticket_source", source.pk)
    return _list(request, form, HTTPStatus.BAD_REQUEST)


@require_safe
@page(Action.KEEP_TICKET_SOURCES)
def ticket_source(request: HttpRequest, source_id: int) -> HttpResponse:
    """Show one source."""
    return _one(request, get_object_or_404(TicketSource, pk=source_id))


@require_POST
@page(Action.KEEP_TICKET_SOURCES)
def ticket_source_mapping(request: HttpRequest, source_id: int) -> HttpResponse:
    """Save the mapping."""
    source = get_object_or_404(TicketSource, pk=source_id)
    form = MappingForm(request.POST)
    if not form.is_valid():
        return _one(request, source, HTTPStatus.BAD_REQUEST, mapping=form)
    author = by(request, version=form.cleaned_data["version"])
    try:
        change_mapping(source_id, form.cleaned_data["mapping"], by=author, now=timezone.now())
    except BadMapping as error:
        form.add_error("mapping", delivery_text(error))
        return _one(request, source, HTTPStatus.BAD_REQUEST, mapping=form)
    except ChangedSource as error:
        form.add_error("mapping", delivery_text(error))
        form.data = {**form.data.dict(), "version": error.fields["version"]}  # type: ignore[attr-defined]
        return _one(request, source, HTTPStatus.CONFLICT, mapping=form)
    messages.success(request, _("The mapping is saved."))
    return redirect("ticket_source", source_id)


@require_POST
@page(Action.KEEP_TICKET_SOURCES)
def ticket_source_queues(request: HttpRequest, source_id: int) -> HttpResponse:
    """Save which team works on each queue."""
    source = get_object_or_404(TicketSource, pk=source_id)
    form = QueuesForm(request.POST, queues=source.queues.all())
    if not form.is_valid():
        return _one(request, source, HTTPStatus.BAD_REQUEST, queues=form)
    count = assign_queues(source_id, form.teams(), by=by(request), now=timezone.now())
    text = ngettext("%(count)s queue is changed.", "%(count)s queues are changed.", count)
    messages.success(request, text % {"count": count})
    return redirect("ticket_source", source_id)


@csrf_exempt  # so that the file is not read before we say where to; checked below
@require_POST
def ticket_source_file(request: HttpRequest, source_id: int) -> HttpResponse:
    """Look at a file as an import would, or import it."""
    request.upload_handlers = [InMemory(request)]
    return _file(request, source_id)


@csrf_protect
@page(Action.KEEP_TICKET_SOURCES)
def _file(request: HttpRequest, source_id: int) -> HttpResponse:
    source = get_object_or_404(TicketSource, pk=source_id)
    form = FileForm(request.POST, request.FILES)
    if any(getattr(handler, "is_too_large", False) for handler in request.upload_handlers):
        form.errors.pop("file", None)
        form.add_error("file", _("The file is larger than 20 MB; use the command, or send parts."))
    if not form.is_valid():
        return _answer(request, source, form, HTTPStatus.UNPROCESSABLE_ENTITY)
    file, is_dry = form.cleaned_data["file"], form.cleaned_data["step"] == "check"
    try:
        done = import_stream(source, file, file.name, timezone.now(), dry_run=is_dry)
    except (BadMapping, MissingColumn, UnreadableFile) as error:
        return _refused(request, source, form, error)
    values = {"delivery": delivery_values(done), "is_dry": is_dry, "file_name": file.name}
    return _answer(request, source, form, **values)


def _refused(
    request: HttpRequest, source: TicketSource, form: FileForm, error: RotationError
) -> HttpResponse:
    form.add_error("file", delivery_text(error))
    return _answer(request, source, form, HTTPStatus.UNPROCESSABLE_ENTITY)


def _answer(
    request: HttpRequest,
    source: TicketSource,
    form: FileForm,
    status: HTTPStatus = HTTPStatus.OK,
    **values: Any,  # noqa: ANN401 -- of the template
) -> HttpResponse:
    """Return the part that holds the file, or the whole page where no script asks."""
    if not request.htmx:  # type: ignore[attr-defined]  # middleware of django_htmx
        return _one(request, source, status, file=form, **values)
    values = {"source": source, "file": form, **values}
    return render(request, "rotation/ticket_source_file.html", values, status=status)


def _list(
    request: HttpRequest, form: SourceForm, status: HTTPStatus = HTTPStatus.OK
) -> HttpResponse:
    values = {"sources": sources_with_counts(), "form": form, "kept": KEPT}
    return render(request, "rotation/ticket_sources.html", values, status=status)


def _one(
    request: HttpRequest,
    source: TicketSource,
    status: HTTPStatus = HTTPStatus.OK,
    **forms: Any,  # noqa: ANN401 -- forms as they came in
) -> HttpResponse:
    queues = source.queues.annotate(ticket_count=Count("tickets")).order_by("key")
    known = mapping_data(source)
    parts = {part: known[part] for part in (*PARTS, *known) if part in known}
    told = {
        "mapping": json.dumps(parts, indent=2, ensure_ascii=False),
        "version": source.version,
    }
    values = {
        "source": source,
        "mapping": MappingForm(initial=told),
        "queues": QueuesForm(queues=queues),
        "file": FileForm(initial={"step": "check"}),
        "kept": KEPT,
        **forms,
    }
    fields = values["queues"]
    values["queue_rows"] = [(queue, fields[str(queue.pk)]) for queue in queues]
    return render(request, "rotation/ticket_source.html", values, status=status)
