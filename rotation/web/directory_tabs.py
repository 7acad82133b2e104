"""The lists of who there is, side by side: people, teams, sites, users, import."""

from dataclasses import dataclass

from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from rotation.directory.permissions import Action, may
from rotation.web.access import actor

TABS = (
    ("people", _("People"), Action.SEE_STAFF),
    ("teams", _("Teams"), Action.KEEP_TEAMS),
    ("sites", _("Sites"), Action.KEEP_SITES),
    ("users", _("Users"), Action.KEEP_USERS),
    ("people_import", _("Import"), Action.IMPORT_PEOPLE),
)


@dataclass(frozen=True, slots=True)
class Tab:
    """A way to another of these lists."""

    label: str | Promise
    url: str
    is_here: bool


def tabs_for(request: HttpRequest, here: str) -> list[Tab]:
    """Return the lists that the user may open; `here` is the name of the one that is shown."""
    return [
        Tab(label, reverse(name), name == here)
        for name, label, action in TABS
        if may(actor(request), action)
    ]
