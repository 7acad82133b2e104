"""Where the user can go: the entries of the left bar, by what the user may do."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import SimpleLazyObject
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from rotation.booking.queries import requests_to
from rotation.directory.permissions import Action, Actor, may
from rotation.periods.formats import place_name, week_text
from rotation.replies.queries import held_mails_seen_by
from rotation.web.access import actor

# Further addresses at which the user is in an entry.
BESIDE = {"people": ("/teams/", "/sites/", "/users/")}
# Entries that keep Rundgang itself running; they stand apart, below the work.
UPKEEP = {
    "mailbox",
    "held_answers",
    "outbox",
    "ticket_sources",
    "audit",
    "webhooks",
    "health",
}


@dataclass(frozen=True, slots=True)
class NavItem:
    """One entry: where it leads, how it looks, whether the user is there, and how much waits."""

    name: str
    label: object
    url: str
    icon: str
    current: bool = False
    badge: int = 0

    @property
    def is_upkeep(self) -> bool:
        """Return whether the entry belongs to the upkeep of Rundgang."""
        return self.name in UPKEEP


def _may_see_visits(who: Actor) -> bool:
    """Return whether the list of visits can hold anything for `who`."""
    return who.staff_id is not None or may(who, Action.SEE_BOOKING)


def _has_only_own_times(who: Actor) -> bool:
    """Return whether `who` is an IT person, and sees nobody else in a list of people."""
    return who.staff_id is not None and not may(who, Action.SEE_STAFF)


def _entries(who: Actor) -> list[tuple[str, object, str]]:
    """Return (URL name, label, icon) of what `who` may open, the most used first."""
    wanted = [
        ("overview", _("Overview"), "layout-dashboard", True),
        ("my_visits", _("My visits"), "calendar-check", who.staff_id is not None),
        ("hosting", _("My meetings"), "door-open", may(who, Action.OFFER_MEETING)),
        ("departments", _("Departments"), "building-2", may(who, Action.SEE_MEETINGS)),
        ("visits", _("Visits"), "calendar-days", _may_see_visits(who)),
        ("team", _("Team"), "users", may(who, Action.SEE_LOAD)),
        ("people", _("People"), "contact", may(who, Action.SEE_STAFF)),
        ("person_me", _("My times"), "clock", _has_only_own_times(who)),
        ("mailbox", _("Mailbox"), "mail", settings.ROTATION_DEMO),
        (
            "held_answers",
            _("Held answers"),
            "message-circle-question-mark",
            may(who, Action.SEE_HELD_ANSWERS),
        ),
        ("outbox", _("Outbox"), "send", may(who, Action.SEE_OUTBOX)),
        (
            "ticket_sources",
            _("Ticket sources"),
            "ticket",
            may(who, Action.KEEP_TICKET_SOURCES),
        ),
        ("audit", _("Trail"), "scroll-text", may(who, Action.SEE_AUDIT)),
        ("webhooks", _("Webhooks"), "webhook", may(who, Action.MANAGE_WEBHOOKS)),
        ("health", _("Health"), "heart-pulse", may(who, Action.SEE_HEALTH)),
    ]
    return [(name, label, icon) for name, label, icon, allowed in wanted if allowed]


def _waiting(who: Actor, names: set[str]) -> Mapping[str, int]:
    """Return how many things wait behind an entry; one query for each that counts."""
    found = {
        "hosting": requests_to(who, timezone.now()),
        "held_answers": held_mails_seen_by(who),
    }
    return {name: rows.count() for name, rows in found.items() if name in names}


def _nav(request: HttpRequest) -> list[NavItem]:
    here, who = request.path, actor(request)
    items = [(name, label, reverse(name), icon) for name, label, icon in _entries(who)]
    waiting = _waiting(who, {name for name, *_ in items})
    # Everything lies below "/": it is current only when it is the very page.
    around = [
        url
        for name, _, url, _ in items
        if here == url or (url != "/" and here.startswith((url, *BESIDE.get(name, ()))))
    ]
    at = max(around, key=len, default="")
    return [
        NavItem(name, label, url, icon, url == at, waiting.get(name, 0))
        for name, label, url, icon in items
    ]


def _foot() -> str:
    """Return the week and the place whose clocks the page shows: "KW 48 · Berlin"."""
    week = week_text(timezone.localdate(), get_language() or "en")
    return f"{week} · {place_name(ZoneInfo(timezone.get_current_timezone_name()))}"


def navigation(request: HttpRequest) -> dict[str, Any]:
    """Return what every page's frame needs; nothing is looked up before it is shown."""
    context: dict[str, Any] = {"is_demo": settings.ROTATION_DEMO, "nav": []}
    if getattr(request, "user", None) and request.user.is_authenticated:
        context["nav"] = SimpleLazyObject(lambda: _nav(request))
        context["nav_foot"] = SimpleLazyObject(_foot)
        context["has_own_data"] = SimpleLazyObject(lambda: may(actor(request), Action.SEE_OWN_DATA))
    return context
