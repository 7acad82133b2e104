"""Departments: who was visited when, and where the next seats are."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_GET

from rotation.directory.models import Department
from rotation.directory.permissions import Action
from rotation.web.access import page


@require_GET
@page(Action.SEE_MEETINGS)
def departments(request: HttpRequest) -> HttpResponse:
    """List the departments, the longest unvisited first."""
    return render(request, "rotation/departments.html", {})


@require_GET
@page(Action.SEE_MEETINGS)
def department(request: HttpRequest, department_id: int) -> HttpResponse:
    """Show one department."""
    found = get_object_or_404(Department, pk=department_id)
    return render(request, "rotation/department.html", {"department": found})
