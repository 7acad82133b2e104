"""Pages for what went wrong."""

import sys

import redis
from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.views.decorators.csrf import requires_csrf_token

from accounts.models import Role, User

ADMINISTRATORS_NAMED = 3
AWAY = (OperationalError, InterfaceError, redis.RedisError)
RETRY_AFTER_SECONDS = "3"
# Who is signed in keeps the ways to other pages; the frame asks who that is.
FRAME, BARE = "error_in_frame.html", "error.html"


@requires_csrf_token
def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Say that the request was not understood, or that it was too large."""
    del request
    if isinstance(exception, RequestDataTooBig):
        limit = {"limit": settings.DATA_UPLOAD_MAX_MEMORY_SIZE}
        return HttpResponse(render_to_string("413.html", limit), status=413)
    return HttpResponse(render_to_string("400.html"), status=400)


@requires_csrf_token
def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Say who may be asked for the right that is missing."""
    del exception
    administrators = User.objects.filter(roles__contains=[Role.ADMIN], is_active=True)
    values = {
        "administrators": administrators.order_by("name")[:ADMINISTRATORS_NAMED],
        "frame": _frame(request),
    }
    return render(request, "403.html", values, status=403)


@requires_csrf_token
def page_not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Say that there is nothing at this address, or nothing for this user."""
    del exception
    return render(request, "404.html", {"frame": _frame(request)}, status=404)


@requires_csrf_token
def server_error(request: HttpRequest) -> HttpResponse:
    """Say that it was not the user's fault; asks nothing of the request, which may have failed.

    What is away for a moment (a restart, a failover) answers 503 and says so.
    """
    del request
    if isinstance(sys.exception(), AWAY):
        headers = {"Retry-After": RETRY_AFTER_SECONDS}
        return HttpResponse(render_to_string("503.html"), status=503, headers=headers)
    return HttpResponse(render_to_string("500.html"), status=500)


def _frame(request: HttpRequest) -> str:
    user = getattr(request, "user", None)
    return FRAME if user and user.is_authenticated else BARE
