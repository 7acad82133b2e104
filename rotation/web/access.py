"""Who asks for a page, and whether the page may be seen."""

from collections.abc import Callable, Iterable
from functools import wraps
from typing import Concatenate, ParamSpec
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from rotation.audit.models import Via
from rotation.audit.services import By, record_look
from rotation.directory.permissions import NOWHERE, Action, Actor, Scope, actor_of, may

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponse]


def actor(request: HttpRequest) -> Actor:
    """Return the signed-in user's actor; looked up once per request."""
    if not hasattr(request, "rundgang_actor"):
        request.rundgang_actor = actor_of(request.user)  # type: ignore[attr-defined,arg-type]
    return request.rundgang_actor  # type: ignore[attr-defined,no-any-return]


def require(request: HttpRequest, action: Action, scope: Scope = NOWHERE) -> None:
    """Do nothing when the user may; the page says whom to ask otherwise.

    Raises:
        PermissionDenied: the user may not do `action` to `scope`.
    """
    if not may(actor(request), action, scope):
        raise PermissionDenied


def page(action: Action) -> Callable[[View[P]], View[P]]:
    """Return a decorator: signed in, allowed to do `action` somewhere, by the clock of the user."""

    def decorate(view: View[P]) -> View[P]:
        @login_required
        @wraps(view)
        def guarded(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
            require(request, action)
            with timezone.override(zone_of(actor(request))):
                return view(request, *args, **kwargs)

        return guarded

    return decorate


def zone_of(who: Actor) -> ZoneInfo:
    """Return the zone in which `who` reads the clock: an IT person's own, else the house's."""
    return ZoneInfo(who.time_zone or settings.TIME_ZONE)


def by(request: HttpRequest, reason: str = "", version: int | None = None) -> By:
    """Return the user as the author of a change made on a page."""
    return By(request.user.pk, Via.PAGE, reason, version)


def note_look(request: HttpRequest, staff_ids: Iterable[int]) -> None:
    """Store that the page shows these people to the user; oneself is no look at others."""
    others = set(staff_ids) - {actor(request).staff_id}
    name = request.resolver_match.url_name if request.resolver_match else None
    user_id = actor(request).user_id
    record_look(user_id, Via.PAGE, name or "", staff_ids=others, now=timezone.now())
