"""Rows of contracts, absences and duties against what is stored; nothing is written here."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

from rotation.directory.models import Absence, Contract, Duty, StaffMember
from rotation.directory.times import Terms, facts_of_terms
from rotation.periods.intervals import Interval
from rotation.periods.weeks import is_plannable, midnight
from rotation.periods.working_time import WorkingHours
from rotation.rosters.kinds import DAYS, Kind, Reading, Row
from rotation.rosters.plan import Effect, Plan, RowFault

DAY = timedelta(days=1)
FIRST_HOUR = 8  # where hours begin of which only the number is told
LONGEST_DAY_MINUTES = (24 - FIRST_HOUR) * 60 - 1
WORKING_WEEK = range(5)
Moment = tuple[date, time | None]
DUTIES: Mapping[str, Duty.Kind] = {
    "primary": Duty.Kind.PRIMARY, "on duty": Duty.Kind.PRIMARY, "dienst": Duty.Kind.PRIMARY,
    "secondary": Duty.Kind.SECONDARY, "stand-by": Duty.Kind.SECONDARY,
    "standby": Duty.Kind.SECONDARY, "bereitschaft": Duty.Kind.SECONDARY,
    "dispatch": Duty.Kind.DISPATCH, "dispo": Duty.Kind.DISPATCH,
}  # fmt: skip


@dataclass(slots=True)
class Draft:
    """One contract as it is to be; `row` says it, `contract` is stored, or both."""

    terms: Terms
    row: Row | None = None
    contract: Contract | None = None
    before: Terms | None = None


@dataclass(slots=True)
class Times:
    """What is stored of the people of a table, and what is to be stored or changed."""

    contracts: dict[int, list[Draft]] = field(default_factory=dict)
    absences: set[tuple[int, datetime, datetime]] = field(default_factory=set)
    duties: set[tuple[int, str, datetime, datetime]] = field(default_factory=set)
    drafts: list[tuple[StaffMember, Draft]] = field(default_factory=list)
    new_absences: list[Absence] = field(default_factory=list)
    new_duties: list[Duty] = field(default_factory=list)


def plan_times(reading: Reading, plan: Plan, times: Times) -> None:
    """Fill `times` with what the rows of contracts, absences and duties do; no query."""
    contracts: dict[str, list[Row]] = {}
    for row in reading.rows:
        if row.kind is Kind.ABSENCE:
            _plan_absence(plan, times, row)
        elif row.kind is Kind.DUTY:
            _plan_duty(plan, times, row)
        elif row.kind is Kind.CONTRACT:
            contracts.setdefault(row.values["email"], []).append(row)
    for rows in contracts.values():
        _plan_contracts(plan, times, rows)


def _person(plan: Plan, row: Row) -> StaffMember | None:
    address = row.values["email"]
    staff = plan.known.staff.get(address)
    if staff is None:
        plan.missing(row, "email", RowFault.UNKNOWN_PERSON, address)
    return staff


def _plan_absence(plan: Plan, times: Times, row: Row) -> None:
    staff = _person(plan, row)
    span = _span(plan, row, staff) if staff else None
    if staff is None or span is None:
        return
    key = (id(staff), span.starts_at, span.ends_at)
    if (staff.pk or 0, *key[1:]) in times.absences or key in plan.seen:
        plan.count(row.kind, Effect.UNCHANGED)
        return
    plan.seen[key] = row
    plan.count(row.kind, Effect.CREATED)
    times.new_absences.append(Absence(staff=staff, starts_at=span.starts_at, ends_at=span.ends_at))


def _plan_duty(plan: Plan, times: Times, row: Row) -> None:
    kind = DUTIES.get(row.values["duty"].casefold())
    if kind is None:
        plan.refuse(row, "duty", RowFault.UNKNOWN_DUTY, ", ".join(Duty.Kind.values))
        return
    staff = _person(plan, row)
    span = _span(plan, row, staff) if staff else None
    if staff is None or span is None:
        return
    key = (id(staff), kind, span.starts_at, span.ends_at)
    if (staff.pk or 0, kind.value, *key[2:]) in times.duties or key in plan.seen:
        plan.count(row.kind, Effect.UNCHANGED)
        return
    plan.seen[key] = row
    plan.count(row.kind, Effect.CREATED)
    times.new_duties.append(
        Duty(staff=staff, kind=kind, starts_at=span.starts_at, ends_at=span.ends_at)
    )


def _span(plan: Plan, row: Row, staff: StaffMember) -> Interval | None:
    """Return the time between two cells by the person's clock; None, and the fault noted."""
    first, last = row.values["from"], row.values["to"]
    for column, (day, _clock) in (("from", first), ("to", last)):
        if not is_plannable(day):
            plan.refuse(row, column, RowFault.OUT_OF_RANGE, day)
            return None
    found = span_of(first, last, ZoneInfo(staff.time_zone))
    if found is None:
        plan.refuse(row, "to", RowFault.ENDS_BEFORE)
    return found


def span_of(first: Moment, last: Moment, zone: ZoneInfo) -> Interval | None:
    """Return the time from `first` to `last` in a zone; None where it is empty or backwards.

    A day without a clock is a whole day: the last one is part of the span.
    """
    starts_at = datetime.combine(first[0], first[1] or time(), zone)
    ends_at = (
        midnight(last[0] + DAY, zone)
        if last[1] is None
        else datetime.combine(last[0], last[1], zone)
    )
    is_forward = starts_at.timestamp() < ends_at.timestamp()
    return Interval(starts_at, ends_at) if is_forward else None


def _plan_contracts(plan: Plan, times: Times, rows: Sequence[Row]) -> None:
    """Lay the contracts of one person beside those that are stored, and see that none overlap."""
    staff = _person(plan, rows[0])
    if staff is None:
        return
    drafts = {draft.terms.starts_on: draft for draft in times.contracts.get(staff.pk or 0, [])}
    for row in rows:
        if not plan.is_repeated(row, row.values["email"], row.values["from"]):
            _draft(plan, row, drafts)
    ordered = sorted(drafts.values(), key=lambda draft: draft.terms.starts_on)
    for earlier, later in pairwise(ordered):
        _put_beside(plan, earlier, later)
    for draft in ordered:
        effect = _effect(draft)
        if draft.row:
            plan.count(Kind.CONTRACT, effect)
        if effect is not Effect.UNCHANGED:
            times.drafts.append((staff, draft))


def _draft(plan: Plan, row: Row, drafts: dict[date, Draft]) -> None:
    starts_on: date = row.values["from"]
    known = drafts.get(starts_on)
    hours = _hours(plan, row)
    ends_on = row.values["to"] + DAY if "to" in row.values else None
    if known:
        ends_on = ends_on or known.terms.ends_on
        hours = hours if hours is not None else known.terms.hours
    elif hours is None:
        if not any(fault.row == row.number and fault.sheet == row.sheet for fault in plan.faults):
            plan.refuse(row, "weekly_hours", RowFault.NO_HOURS)
        return
    if ends_on and ends_on <= starts_on:
        plan.refuse(row, "to", RowFault.ENDS_BEFORE)
        return
    for column in ("from", "to"):
        if column in row.values and not is_plannable(row.values[column]):
            plan.refuse(row, column, RowFault.OUT_OF_RANGE, row.values[column])
            return
    terms = Terms(starts_on, hours, ends_on)
    drafts[starts_on] = Draft(
        terms, row, known.contract if known else None, known.before if known else None
    )


def _hours(plan: Plan, row: Row) -> Sequence[WorkingHours] | None:
    """Return the hours that a row tells; None where it tells none, or not well."""
    told = {name: row.values[name] for name in DAYS if name in row.values}
    if "weekly_hours" not in row.values:
        return hours_of_days(told) if told else None
    if told:
        plan.refuse(row, "weekly_hours", RowFault.HOURS_TWICE)
        return None
    found = spread_hours(row.values["weekly_hours"], row.values.get("days", WORKING_WEEK))
    if found is None:
        plan.refuse(row, "weekly_hours", RowFault.OUT_OF_RANGE, row.values["weekly_hours"])
    return found


def hours_of_days(told: Mapping[str, Sequence[tuple[time, time]]]) -> list[WorkingHours]:
    """Return the hours of the days of a week by their names."""
    return [
        WorkingHours(DAYS.index(name), starts, ends)
        for name, spans in told.items()
        for starts, ends in spans
    ]


def spread_hours(weekly: Decimal, days: Sequence[int]) -> list[WorkingHours] | None:
    """Return as many hours a week, evenly over `days` from 8 o'clock on, exact to the minute.

    None where a day would have no minute, or more than fit before midnight.
    """
    minutes, left = divmod(int(weekly * 60), len(days))
    if minutes < 1 or minutes + bool(left) > LONGEST_DAY_MINUTES:
        return None
    lengths = [minutes + (index < left) for index in range(len(days))]
    return [
        WorkingHours(day, time(FIRST_HOUR), time(FIRST_HOUR + length // 60, length % 60))
        for day, length in zip(days, lengths, strict=True)
    ]


def _put_beside(plan: Plan, earlier: Draft, later: Draft) -> None:
    """End an open contract where the next one starts; note where two overlap."""
    if not (earlier.row or later.row):
        return
    starts_on, ends_on = later.terms.starts_on, earlier.terms.ends_on
    if ends_on is None:
        earlier.terms = Terms(earlier.terms.starts_on, earlier.terms.hours, starts_on)
    elif ends_on > starts_on:
        row, other = (later.row, earlier) if later.row else (earlier.row, later)
        if row:
            plan.refuse(row, "from", RowFault.OVERLAPS, other.terms.starts_on)


def _effect(draft: Draft) -> Effect:
    if draft.before is None:
        return Effect.CREATED
    same = facts_of_terms(draft.before) == facts_of_terms(draft.terms)
    return Effect.UNCHANGED if same else Effect.CHANGED


def facts_of_contract(draft: Draft) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return what the trail tells of a contract, before and after."""
    before = facts_of_terms(draft.before) if draft.before else {}
    return before, facts_of_terms(draft.terms)
