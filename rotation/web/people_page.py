"""What the pages of people show: who is there, how long the weeks are, and what lies ahead."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.db.models import Q, QuerySet
from django.utils.functional import Promise
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from rotation.booking.conflicts import visits_in_conflict
from rotation.booking.models import Booking
from rotation.booking.words import reason_text
from rotation.directory.models import Absence, Contract, Duty, StaffMember
from rotation.directory.permissions import Action, Actor, reach
from rotation.directory.queries import working_patterns_of
from rotation.periods import formats
from rotation.periods.working_time import WorkingHours, weekly_minutes
from rotation.web.components import Chip
from rotation.web.forms.people import WEEKDAYS


@dataclass(frozen=True, slots=True)
class PersonRow:
    """One person of the list, with the minutes of a week that today's contract asks for."""

    person: StaffMember
    minutes: int
    chip: Chip | None


@dataclass(frozen=True, slots=True)
class ContractLine:
    """One contract: its minutes a week, the hours of its days, and whether it is in force."""

    contract: Contract
    minutes: int
    days: Sequence[tuple[str | Promise, str]]
    is_now: bool
    is_ahead: bool


@dataclass(frozen=True, slots=True)
class ConflictLine:
    """A coming visit, and in words everything that stands against it by now."""

    booking: Booking
    reasons: Sequence[str]


def people_seen_by(who: Actor) -> QuerySet[StaffMember]:
    """Return the people whom `who` may see, sorted by name, with those who have left."""
    limits = reach(who, Action.SEE_STAFF)
    everybody = StaffMember.objects.select_related("user", "team", "site")
    if limits.everywhere:
        return everybody
    return everybody.filter(Q(team__in=limits.team_ids) | Q(pk=limits.staff_id))


def rows_of(people: Iterable[StaffMember], today: date) -> list[PersonRow]:
    """Return the lines of a list; one query."""
    shown = list(people)
    patterns = working_patterns_of(person.pk for person in shown)
    return [
        PersonRow(person, weekly_minutes(patterns.get(person.pk, ()), today), chip_of(person))
        for person in shown
    ]


def chip_of(person: StaffMember) -> Chip | None:
    """Return what marks somebody who leaves or has left; nothing for the others."""
    if person.has_left:
        return Chip("quiet", "log-out", _("has left"))
    return Chip("warn", "log-out", _("leaves")) if person.left_on else None


def contract_lines(person: StaffMember, today: date) -> list[ContractLine]:
    """Return the contracts, the newest first; two queries."""
    contracts = Contract.objects.filter(staff=person).prefetch_related("patterns")
    return [_contract_line(contract, today) for contract in contracts.order_by("-starts_on")]


def _contract_line(contract: Contract, today: date) -> ContractLine:
    pattern = hours_of(contract)
    begun, over = contract.starts_on <= today, (contract.ends_on or date.max) <= today
    days = sorted({hours.weekday for hours in pattern})
    return ContractLine(
        contract,
        sum(hours.minutes for hours in pattern),
        [(WEEKDAYS[day], _hours_text(pattern, day)) for day in days],
        is_now=begun and not over,
        is_ahead=not begun,
    )


def hours_of(contract: Contract) -> list[WorkingHours]:
    """Return the hours of a contract; no query where its patterns are prefetched."""
    return [WorkingHours(each.weekday, each.starts, each.ends) for each in contract.patterns.all()]


def _hours_text(pattern: Iterable[WorkingHours], day: int) -> str:
    """Return "08:00–12:00, 12:45–16:45"."""
    parts = sorted((hours.starts, hours.ends) for hours in pattern if hours.weekday == day)
    return ", ".join(f"{starts:%H:%M}–{ends:%H:%M}" for starts, ends in parts)


def absences_ahead(person: StaffMember, now: datetime) -> QuerySet[Absence]:
    """Return the times away that are not over, by time."""
    return Absence.objects.filter(staff=person, ends_at__gt=now)


def duties_ahead(person: StaffMember, now: datetime) -> QuerySet[Duty]:
    """Return the duties that are not over, by time."""
    return Duty.objects.filter(staff=person, ends_at__gt=now)


def conflict_lines(person: StaffMember, now: datetime) -> list[ConflictLine]:
    """Return the coming visits that absence, duty or hours stand against; five queries."""
    return [
        ConflictLine(found.visit, [reason_text(reason) for reason in found.reasons])
        for found in visits_in_conflict(person.pk, now)
    ]


def span_words(span: Absence | Duty, zone: ZoneInfo) -> str:
    """Return from when to when, on the person's own clock; whole days without clocks."""
    return formats.span_text(span.starts_at, span.ends_at, get_language() or "en", zone)
