"""The first steps are put away, and fetched again."""

from datetime import timedelta

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from rotation.directory.permissions import Action
from rotation.web.access import page
from rotation.web.onboarding import HIDDEN, HIDING_COOKIE

YEAR = timedelta(days=365)


@require_POST
@page(Action.KEEP_DEPARTMENTS)
def onboarding_hide(request: HttpRequest) -> HttpResponse:
    """Put the first steps away in this browser."""
    del request
    response = redirect("overview")
    response.set_cookie(
        HIDING_COOKIE,
        HIDDEN,
        max_age=YEAR,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )
    return response


@require_POST
@page(Action.KEEP_DEPARTMENTS)
def onboarding_show(request: HttpRequest) -> HttpResponse:
    """Show them again."""
    del request
    response = redirect("overview")
    response.delete_cookie(HIDING_COOKIE)
    return response
