"""Writes of when people are there: contracts, absences, duties; each told of at the person.

Visits that are booked stay; `booking.conflicts.visits_in_conflict` names those that clash.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import pairwise
from typing import Any

from django.db import transaction
from django.db.models import Q

from rotation.audit.models import Subject
from rotation.audit.services import By, record
from rotation.directory.errors import BadTerms, ContractOverlaps
from rotation.directory.models import Absence, Contract, Duty, StaffMember, WorkingPattern
from rotation.directory.records import changed, locked, removed
from rotation.periods.intervals import Interval
from rotation.periods.working_time import WorkingHours


@dataclass(frozen=True, slots=True)
class Terms:
    """What a contract says: its days [starts_on, ends_on), and the hours of each weekday."""

    starts_on: date
    hours: Sequence[WorkingHours]
    ends_on: date | None = None


@transaction.atomic
def add_contract(staff_id: int, terms: Terms, *, by: By, now: datetime) -> Contract:
    """Store a contract of a person and return it; an earlier one without end ends the day before.

    Raises:
        BadTerms: it ends before it starts, or its hours overlap.
        ContractOverlaps: the person has another contract in these days.
    """
    _check(terms)
    _lock_staff(staff_id)
    others = Contract.objects.filter(staff=staff_id)
    open_one = others.filter(ends_on=None, starts_on__lt=terms.starts_on).first()
    if open_one:
        _end(open_one, terms.starts_on, by, now)
    _refuse_overlap(others, terms)
    contract = Contract.objects.create(
        staff_id=staff_id, starts_on=terms.starts_on, ends_on=terms.ends_on
    )
    _write_hours(contract, terms.hours)
    about = (Subject.STAFF, staff_id)
    record(by, now, about=about, action="add_contract", new=facts_of_terms(terms))
    return contract


@transaction.atomic
def change_contract(contract_id: int, terms: Terms, *, by: By, now: datetime) -> Contract:
    """Replace days and hours of a contract and return it.

    Raises:
        BadTerms: it ends before it starts, or its hours overlap.
        ContractOverlaps: the person has another contract in these days.
        RecordChanged: somebody else changed it since `by` saw it.
    """
    _check(terms)
    contract = _locked_contract(contract_id, by)
    before = terms_of(contract)
    if facts_of_terms(before) == facts_of_terms(terms):
        return contract
    others = Contract.objects.filter(staff=contract.staff_id).exclude(pk=contract_id)
    _refuse_overlap(others, terms)
    contract.starts_on, contract.ends_on = terms.starts_on, terms.ends_on
    contract.version += 1
    contract.save()
    contract.patterns.all().delete()
    _write_hours(contract, terms.hours)
    about, old, new = (
        (Subject.STAFF, contract.staff_id),
        facts_of_terms(before),
        facts_of_terms(terms),
    )
    record(by, now, about=about, action="change_contract", old=old, new=new)
    return contract


@transaction.atomic
def end_contract(contract_id: int, ends_on: date, *, by: By, now: datetime) -> Contract:
    """Let a contract end before the day `ends_on` and return it.

    Raises:
        BadTerms: that is not after its start.
        ContractOverlaps: the person has another contract in the days it then would have.
        RecordChanged: somebody else changed it since `by` saw it.
    """
    contract = _locked_contract(contract_id, by)
    terms = Terms(contract.starts_on, (), ends_on)
    _check(terms)
    others = Contract.objects.filter(staff=contract.staff_id).exclude(pk=contract_id)
    _refuse_overlap(others, terms)
    return _end(contract, ends_on, by, now)


@transaction.atomic
def remove_contract(contract_id: int, *, by: By, now: datetime) -> None:
    """Delete a contract with its hours: the person has no working time in its days.

    Raises:
        RecordChanged: somebody else changed it since `by` saw it.
    """
    contract = _locked_contract(contract_id, by)
    old = facts_of_terms(terms_of(contract))
    contract.delete()
    about = (Subject.STAFF, contract.staff_id)
    record(by, now, about=about, action="remove_contract", old=old)


@transaction.atomic
def add_absence(staff_id: int, span: Interval, *, by: By, now: datetime) -> Absence:
    """Store a time away and return it; the same once more is the same row.

    No reason is asked for or stored.
    """
    _lock_staff(staff_id)
    absence, is_new = Absence.objects.get_or_create(
        staff_id=staff_id, starts_at=span.starts_at, ends_at=span.ends_at
    )
    if is_new:
        about = (Subject.STAFF, staff_id)
        record(by, now, about=about, action="add_absence", new=_span(absence))
    return absence


@transaction.atomic
def change_absence(absence_id: int, span: Interval, *, by: By, now: datetime) -> Absence:
    """Give a time away another span and return it.

    Raises:
        RecordChanged: somebody else changed it since `by` saw it.
        Taken: the person has exactly this time away already.
    """
    absence = locked(Absence, absence_id, by)
    changes = {"starts_at": span.starts_at, "ends_at": span.ends_at}
    about = (Subject.STAFF, absence.staff_id)
    return changed(absence, changes, by, now, about=about, action="change_absence")


@transaction.atomic
def remove_absence(absence_id: int, *, by: By, now: datetime) -> None:
    """Delete a time away.

    Raises:
        RecordChanged: somebody else changed it since `by` saw it.
    """
    absence = locked(Absence, absence_id, by)
    about = (Subject.STAFF, absence.staff_id)
    removed(absence, by, now, about=about, action="remove_absence")


@transaction.atomic
def add_duty(staff_id: int, kind: Duty.Kind, span: Interval, *, by: By, now: datetime) -> Duty:
    """Store a duty and return it; the same once more is the same row."""
    _lock_staff(staff_id)
    duty, is_new = Duty.objects.get_or_create(
        staff_id=staff_id, kind=kind, starts_at=span.starts_at, ends_at=span.ends_at
    )
    if is_new:
        about, new = (Subject.STAFF, staff_id), {**_span(duty), "kind": kind}
        record(by, now, about=about, action="add_duty", new=new)
    return duty


@transaction.atomic
def change_duty(duty_id: int, kind: Duty.Kind, span: Interval, *, by: By, now: datetime) -> Duty:
    """Give a duty another kind or span and return it.

    Raises:
        RecordChanged: somebody else changed it since `by` saw it.
        Taken: the person has exactly this duty already.
    """
    duty = locked(Duty, duty_id, by)
    changes = {"kind": kind, "starts_at": span.starts_at, "ends_at": span.ends_at}
    about = (Subject.STAFF, duty.staff_id)
    return changed(duty, changes, by, now, about=about, action="change_duty")


@transaction.atomic
def remove_duty(duty_id: int, *, by: By, now: datetime) -> None:
    """Delete a duty.

    Raises:
        RecordChanged: somebody else changed it since `by` saw it.
    """
    duty = locked(Duty, duty_id, by)
    removed(duty, by, now, about=(Subject.STAFF, duty.staff_id), action="remove_duty")


def terms_of(contract: Contract) -> Terms:
    """Return what a contract says; one query unless its patterns are prefetched."""
    hours = [WorkingHours(row.weekday, row.starts, row.ends) for row in contract.patterns.all()]
    return Terms(contract.starts_on, hours, contract.ends_on)


def overlapping_hours(hours: Sequence[WorkingHours]) -> int | None:
    """Return the first weekday on which two of the hours overlap; None where none do."""
    ordered = sorted((each.weekday, each.starts, each.ends) for each in hours)
    for (day, _, ends), (next_day, starts, _) in pairwise(ordered):
        if day == next_day and starts < ends:
            return day
    return None


def _check(terms: Terms) -> None:
    if terms.ends_on is not None and terms.ends_on <= terms.starts_on:
        raise BadTerms(field="ends_on")
    backwards = any(each.ends <= each.starts for each in terms.hours)
    if backwards or overlapping_hours(terms.hours) is not None:
        raise BadTerms(field="hours")


def _refuse_overlap(others: Any, terms: Terms) -> None:  # noqa: ANN401 -- a QuerySet of contracts
    clashing = others.filter(Q(ends_on=None) | Q(ends_on__gt=terms.starts_on))
    if terms.ends_on:
        clashing = clashing.filter(starts_on__lt=terms.ends_on)
    if other := clashing.first():
        raise ContractOverlaps(starts_on=other.starts_on, ends_on=other.ends_on)


def _end(contract: Contract, ends_on: date, by: By, now: datetime) -> Contract:
    about = (Subject.STAFF, contract.staff_id)
    return changed(contract, {"ends_on": ends_on}, by, now, about=about, action="change_contract")


def _locked_contract(contract_id: int, by: By) -> Contract:
    """Lock the person first: two changes of one person's contracts come one after the other."""
    _lock_staff(Contract.objects.values_list("staff_id", flat=True).get(pk=contract_id))
    return locked(Contract, contract_id, by)


def _lock_staff(staff_id: int) -> None:
    StaffMember.objects.select_for_update(of=("self",), no_key=True).get(pk=staff_id)


def _write_hours(contract: Contract, hours: Sequence[WorkingHours]) -> None:
    WorkingPattern.objects.bulk_create(
        WorkingPattern(contract=contract, weekday=each.weekday, starts=each.starts, ends=each.ends)
        for each in hours
    )


def facts_of_terms(terms: Terms) -> dict[str, Any]:
    """Return what the trail tells of a contract."""
    rows = sorted((each.weekday, each.starts, each.ends) for each in terms.hours)
    return {
        "starts_on": terms.starts_on,
        "ends_on": terms.ends_on,
        "hours": [f"{day} {starts:%H:%M}-{ends:%H:%M}" for day, starts, ends in rows],
    }


def _span(row: Absence | Duty) -> dict[str, Any]:
    return {"starts_at": row.starts_at, "ends_at": row.ends_at}
