"""Where somebody looked, in words."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from rotation.audit.models import Look

# By URL name; those of the API begin with "api-".
PLACES: Mapping[str, Promise] = {
    "overview": _("Overview"),
    "visits": _("List of visits"),
    "visit": _("Page of a visit"),
    "visit_move": _("Moving a visit"),
    "visit_swap": _("Swapping a visit"),
    "meeting": _("Page of a meeting: who could go"),
    "meeting_book": _("Page of a meeting: who could go"),
    "team": _("Team: who is available when"),
    "department": _("Page of a department"),
    "hosting": _("The host's meetings and guests"),
    "meeting_cancel": _("The host's meetings and guests"),
    "meeting_move": _("The host's meetings and guests"),
    "outbox": _("Outbox"),
    "held_answers": _("Held answers"),
    "audit": _("Trail of changes"),
    "people": _("List of IT people"),
    "person": _("Page of an IT person"),
    "person_edit": _("Page of an IT person"),
    "person_leave": _("Page of an IT person"),
    "contract_new": _("Working hours of an IT person"),
    "contract_edit": _("Working hours of an IT person"),
    "absence_new": _("Absences of an IT person"),
    "absence_edit": _("Absences of an IT person"),
    "duty_new": _("Duties of an IT person"),
    "duty_edit": _("Duties of an IT person"),
    "users": _("List of users"),
    "user": _("Page of a user"),
    "user_erase": _("Page of a user"),
    "requests": _("Requests for approval"),
    "series_edit": _("Changing a series: its guests"),
    "series_end": _("Changing a series: its guests"),
    "closed_days": _("Changing a series: its guests"),
    "api-staff": _("IT people, by the API"),
    "api-budget": _("Budgets, by the API"),
    "api-booking": _("Visits, by the API"),
    "api-suggestion": _("Who could go, by the API"),
    "api-insight": _("Notes, by the API"),
    "api-contract": _("Working hours, by the API"),
    "api-absence": _("Absences, by the API"),
    "api-duty": _("Duties, by the API"),
    "api-waiting": _("Waiting lists, by the API"),
    "api-audit": _("Trail of changes, by the API"),
}


@dataclass(frozen=True, slots=True)
class LookLine:
    """One look in words."""

    look: Look
    place: str


def look_lines(looks: Iterable[Look]) -> list[LookLine]:
    """Return the looks with the names of the pages; one that has no name stands as it is."""
    return [LookLine(look, str(PLACES.get(look.page, look.page))) for look in looks]
