"""What is stored about one IT person: how much of each kind, what for, and for how long."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from rotation.audit.queries import looks_at
from rotation.booking.models import Booking
from rotation.directory.models import Absence, Contract, Duty
from rotation.insights.models import Note
from rotation.invites.models import Mail
from rotation.replies.models import GuestAnswer

AS_LONG_AS_HERE: Promise = _("until two weeks after you leave")
HISTORY: Promise = _("as history; after you leave, under a pseudonym")


@dataclass(frozen=True, slots=True)
class Stored:
    """One kind of record: how many there are of the person, what for, how long."""

    name: Promise
    purpose: Promise
    kept: Promise
    count: int


@dataclass(frozen=True, slots=True)
class _Kind:
    name: Promise
    purpose: Promise
    kept: Promise
    rows: Callable[[int], QuerySet[Any, Any]]


_KINDS: Sequence[_Kind] = (
    _Kind(
        _("Working hours"),
        _("to book visits into your working time, and to reckon your hours for visits"),
        AS_LONG_AS_HERE,
        lambda staff_id: Contract.objects.filter(staff=staff_id),
    ),
    _Kind(
        _("Times away, without a reason"),
        _("so that nobody books you then"),
        AS_LONG_AS_HERE,
        lambda staff_id: Absence.objects.filter(staff=staff_id),
    ),
    _Kind(
        _("Duties"),
        _("so that nobody books you then"),
        AS_LONG_AS_HERE,
        lambda staff_id: Duty.objects.filter(staff=staff_id),
    ),
    _Kind(
        _("Visits"),
        _("to plan and to keep them"),
        HISTORY,
        lambda staff_id: Booking.objects.filter(staff=staff_id),
    ),
    _Kind(
        _("Your answers to invitations"),
        _("so that hosts know who comes"),
        HISTORY,
        lambda staff_id: GuestAnswer.objects.filter(booking__staff=staff_id),
    ),
    _Kind(
        _("Mails about your visits"),
        _("to send them, and to prove that they were sent"),
        HISTORY,
        lambda staff_id: Mail.objects.filter(booking__staff=staff_id),
    ),
    _Kind(
        _("What you wrote down about visits"),
        _("so that IT learns from it"),
        HISTORY,
        lambda staff_id: Note.objects.filter(booking__staff=staff_id),
    ),
    _Kind(
        _("Looks at your data by others"),
        _("so that you know who looked"),
        _("one year"),
        looks_at,
    ),
)


def kinds_stored(staff_id: int) -> list[Stored]:
    """Return each kind with its count; one query for each. No ticket is stored about a person."""
    return [
        Stored(kind.name, kind.purpose, kind.kept, kind.rows(staff_id).count()) for kind in _KINDS
    ]
