"""Pages of a user's own settings."""

from datetime import timedelta
from typing import cast

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import translation
from django.utils.translation import gettext as _
from django.views import i18n
from django.views.decorators.http import require_http_methods, require_POST

from accounts.forms import SettingsForm
from accounts.models import User
from accounts.ways_back import next_page

THEME_COOKIE = "theme"
_YEAR = timedelta(days=365)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def settings_edit(request: HttpRequest) -> HttpResponse:
    """Show the settings; save them and show them again."""
    user = cast("User", request.user)
    form = SettingsForm(request.POST or None, instance=user)
    if not form.is_valid():
        return render(request, "accounts/settings_edit.html", {"form": form})
    form.save()
    translation.activate(user.language or translation.get_language())
    messages.success(request, _("Your settings are saved."))
    response = redirect("settings_edit")
    response.delete_cookie(settings.LANGUAGE_COOKIE_NAME)
    _remember_theme(response, user.theme)
    return response


@require_POST
def theme_set(request: HttpRequest) -> HttpResponse:
    """Keep the chosen theme, in a cookie too, so that signed-out pages look the same."""
    theme = request.POST.get("theme", "")
    response = redirect(next_page(request, "/"))
    if theme in User.Theme:
        _keep(request, theme=theme)
        _remember_theme(response, theme)
    return response


@require_POST
def language_set(request: HttpRequest) -> HttpResponse:
    """Switch the language as Django does, and keep it for the signed-in user."""
    language = request.POST.get("language", "")
    if language in dict(settings.LANGUAGES):
        _keep(request, language=language)
    return i18n.set_language(request)


def _keep(request: HttpRequest, **choice: str) -> None:
    if request.user.is_authenticated:
        User.objects.filter(pk=request.user.pk).update(**choice)


def _remember_theme(response: HttpResponse, theme: str) -> None:
    response.set_cookie(
        THEME_COOKIE,
        theme,
        max_age=_YEAR,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )
