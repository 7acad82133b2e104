"""Where the user can go: the entries of the left bar, by what the user may do."""

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext_lazy as _

from rotation.directory.permissions import Action, Actor, may
from rotation.web.access import actor


@dataclass(frozen=True, slots=True)
class NavItem:
    """One entry: where it leads, how it looks, and whether the user is there."""

    name: str
    label: object
    url: str
    icon: str
    current: bool = False


def _entries(who: Actor) -> list[tuple[str, object, str]]:
    """Return (URL name, label, icon) of what `who` may open, the most used first."""
    wanted = [
        ("overview", _("Overview"), "layout-dashboard", True),
        ("my_visits", _("My visits"), "calendar-check", who.staff_id is not None),
        ("hosting", _("My meetings"), "door-open", may(who, Action.OFFER_MEETING)),
        ("departments", _("Departments"), "building-2", may(who, Action.SEE_MEETINGS)),
        ("visits", _("Visits"), "calendar-days", True),
        ("team", _("Team"), "users", may(who, Action.SEE_LOAD)),
        ("mailbox", _("Mailbox"), "mail", settings.ROTATION_DEMO),
        (
            "held_answers",
            _("Held answers"),
            "message-circle-question-mark",
            may(who, Action.SEE_HELD_ANSWERS),
        ),
        ("outbox", _("Outbox"), "send", may(who, Action.SEE_OUTBOX)),
        ("health", _("Health"), "heart-pulse", may(who, Action.SEE_HEALTH)),
    ]
    return [(name, label, icon) for name, label, icon, allowed in wanted if allowed]


def _nav(request: HttpRequest) -> list[NavItem]:
    here = request.path
    items = [(name, label, reverse(name), icon) for name, label, icon in _entries(actor(request))]
    urls = [url for _, _, url, _ in items]
    # Everything lies below "/": it is current only when it is the very page.
    around = [url for url in urls if here == url or (url != "/" and here.startswith(url))]
    at = max(around, key=len, default="")
    return [NavItem(name, label, url, icon, url == at) for name, label, url, icon in items]


def navigation(request: HttpRequest) -> dict[str, Any]:
    """Return what every page's frame needs; nothing is looked up before it is shown."""
    context: dict[str, Any] = {"is_demo": settings.ROTATION_DEMO, "nav": []}
    if getattr(request, "user", None) and request.user.is_authenticated:
        context["nav"] = SimpleLazyObject(lambda: _nav(request))
    return context
