"""People from a table: checked first, then imported."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from rotation.directory.permissions import Action
from rotation.web.access import page
from rotation.web.directory_tabs import tabs_for


@page(Action.IMPORT_PEOPLE)
def people_import(request: HttpRequest) -> HttpResponse:
    """Ask for a file."""
    return render(
        request, "rotation/people_import.html", {"tabs": tabs_for(request, "people_import")}
    )


@page(Action.IMPORT_PEOPLE)
def people_import_example(request: HttpRequest, kind: str) -> HttpResponse:
    """Return an example file."""
    del request
    return HttpResponse(kind)
