"""People from a table: checked first, then imported; the file is kept nowhere."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_safe

from rotation.booking.words import error_text
from rotation.directory.permissions import Action
from rotation.periods.errors import RotationError
from rotation.rosters.errors import UnreadableTable
from rotation.rosters.kinds import KINDS, Fault, Kind
from rotation.rosters.plan import Effect
from rotation.rosters.sentences import fault_message, problem_text
from rotation.web.access import by, page
from rotation.web.directory_tabs import tabs_for
from rotation.web.forms.people_import import ImportForm
from rotation.web.people_example import example_csv, example_xlsx
from rotation.workflows.import_people import Imported, import_people

MOST_FAULTS = 200
KIND_NAMES: Mapping[Kind, Promise] = {
    Kind.SITE: _("Sites"),
    Kind.DEPARTMENT: _("Departments"),
    Kind.USER: _("Users"),
    Kind.TEAM: _("Teams"),
    Kind.STAFF: _("IT people"),
    Kind.HOST: _("Hosts"),
    Kind.CONTRACT: _("Contracts"),
    Kind.ABSENCE: _("Absences"),
    Kind.DUTY: _("Duties"),
}
EXAMPLES: Mapping[str, tuple[str, Callable[[], bytes]]] = {
    "csv": ("text/csv; charset=utf-8", example_csv),
    "xlsx": ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", example_xlsx),
}


@dataclass(frozen=True, slots=True)
class FaultLine:
    """One fault with its place and its words."""

    fault: Fault
    message: str


@require_http_methods(["GET", "HEAD", "POST"])
@page(Action.IMPORT_PEOPLE)
def people_import_page(request: HttpRequest) -> HttpResponse:
    """Ask for a table, tell what it would do, and import it once that was seen."""
    if request.method != "POST":
        return _import_page(request, ImportForm())
    form = ImportForm(request.POST, request.FILES)
    if not form.is_valid():
        return _import_page(request, form, status=400)
    is_dry = request.POST.get("step") != "import"
    try:
        found = import_people(form.table, by=by(request), now=timezone.now(), dry_run=is_dry)
    except RotationError as error:
        form.add_error("file", _error_text(error))
        return _import_page(request, form, status=422)
    if found.is_written:
        messages.success(request, _("The table is imported."))
        return redirect("people")
    form.carry()
    return _import_page(request, form, found, status=422 if found.faults else 200)


@require_safe
@page(Action.IMPORT_PEOPLE)
def people_import_example(request: HttpRequest, kind: str) -> HttpResponse:
    """Return an example of the table, which can be imported as it is."""
    del request
    if kind not in EXAMPLES:
        raise Http404
    content_type, make = EXAMPLES[kind]
    headers = {"Content-Disposition": f'attachment; filename="rundgang-people.{kind}"'}
    return HttpResponse(make(), content_type=content_type, headers=headers)


def _import_page(
    request: HttpRequest, form: ImportForm, found: Imported | None = None, *, status: int = 200
) -> HttpResponse:
    faults = found.faults if found else []
    values = {
        "tabs": tabs_for(request, "people_import"),
        "form": form,
        "found": found,
        "counts": _counts(found) if found and not faults else [],
        "faults": [FaultLine(fault, fault_message(fault)) for fault in faults[:MOST_FAULTS]],
        "more_faults": max(0, len(faults) - MOST_FAULTS),
        "kinds": [(KIND_NAMES[kind], kind.value, *_columns(kind)) for kind in Kind],
    }
    return render(request, "rotation/people_import.html", values, status=status)


def _counts(found: Imported) -> list[tuple[Promise, list[int]]]:
    """Return how many rows of each kind do what, kinds without rows left out."""
    return [
        (KIND_NAMES[kind], [found.effects[kind][effect] for effect in Effect])
        for kind in Kind
        if kind in found.effects
    ]


def _columns(kind: Kind) -> tuple[str, str]:
    """Return the columns that a row must fill, and the others."""
    required = KINDS[kind].required
    others = [name for name in KINDS[kind].readers if name not in required]
    return ", ".join(required), ", ".join(others)


def _error_text(error: RotationError) -> str:
    if isinstance(error, UnreadableTable):
        return problem_text(error.fields["problem"])
    return error_text(error)
