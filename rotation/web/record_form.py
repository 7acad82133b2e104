"""A page that asks for one record and saves it; what stops it is shown where it was asked."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from rotation.audit.services import By
from rotation.booking.words import error_text
from rotation.periods.errors import RotationError
from rotation.web.access import by

Text = str | Promise
SAVE = _("Save")
Save = Callable[[Mapping[str, Any], By], object]


@dataclass(frozen=True, kw_only=True)
class FormPage:
    """What stands around the form.

    Attributes:
        title: The heading; `facts` stand below it.
        back: The address that the crumb and the button "Back" lead to.
        crumb: What that address is called.
        done: What is said once it is saved.
        template: The page; it extends `rotation/record_form.html`.
        more: What that page shows besides.
    """

    title: Text
    back: str
    crumb: Text
    done: Text
    facts: Text = ""
    button: Text = SAVE
    css: str = "r-btn--primary"
    template: str = "rotation/record_form.html"
    more: Mapping[str, Any] = field(default_factory=dict)


def ask_and_save(
    request: HttpRequest,
    around: FormPage,
    form: forms.BaseForm,
    save: Save,
    then: Callable[[Any], str],
) -> HttpResponse:
    """Show the question; save, where it was answered well, and go to the address `then` names.

    A stale version is answered with 409 and what was typed; the next press is meant.
    """
    if request.method != "POST":
        return show(request, around, form)
    if not form.is_valid():
        return show(request, around, form, status=400)
    values = form.cleaned_data
    try:
        saved = save(values, by(request, version=values.get("version")))
    except RotationError as error:
        return _refused(request, around, form, error)
    messages.success(request, str(around.done))
    return redirect(then(saved))


def posted(request: HttpRequest) -> QueryDict | None:
    """Return what was sent, if it is nothing at all too; None where the page is only looked at."""
    return request.POST if request.method == "POST" else None


def show(
    request: HttpRequest, around: FormPage, form: forms.BaseForm, *, status: int = 200
) -> HttpResponse:
    """Return the page with the form as it is."""
    values = {"around": around, "form": form, **around.more}
    return render(request, around.template, values, status=status)


def _refused(
    request: HttpRequest, around: FormPage, form: forms.BaseForm, error: RotationError
) -> HttpResponse:
    """Show why, at the field that the error names, with what was typed and the newest version."""
    name = str(error.fields.get("field", ""))
    form.add_error(name if name in form.fields else None, error_text(error))
    if "version" in error.fields and "version" in form.fields:
        form.data = {**form.data.dict(), "version": error.fields["version"]}  # type: ignore[attr-defined]
    return show(request, around, form, status=409)
