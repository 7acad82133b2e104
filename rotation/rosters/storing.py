"""What is stored, read as a whole, and what a table makes of it, written as a whole.

The number of queries depends on the kinds of rows, never on how many there are.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import Any

from django.db import connection
from django.db.models import Model

from accounts.fields import sort_key
from accounts.models import User
from rotation.audit.models import Entry, Subject
from rotation.audit.services import By, entry
from rotation.directory.models import (
    Absence,
    Contract,
    Department,
    Duty,
    Host,
    Site,
    StaffMember,
    Team,
    WorkingPattern,
)
from rotation.directory.records import facts_of
from rotation.directory.services import DEPARTMENT_FIELDS, SITE_FIELDS, TEAM_FIELDS
from rotation.directory.times import facts_of_terms, terms_of
from rotation.directory.users import CHANGED
from rotation.rosters.kinds import Kind, Reading
from rotation.rosters.plan import Known, Plan
from rotation.rosters.times import Draft, Times

BATCH = 1000
SUBJECTS: Mapping[type[Model], Subject] = {
    Site: Subject.SITE,
    Department: Subject.DEPARTMENT,
    User: Subject.USER,
    Team: Subject.TEAM,
    StaffMember: Subject.STAFF,
    Host: Subject.HOST,
}
# What the trail tells of a new record of each kind.
FACTS: Mapping[type[Model], tuple[str, ...]] = {
    Site: SITE_FIELDS,
    Department: DEPARTMENT_FIELDS,
    User: ("roles",),
    Team: TEAM_FIELDS,
    StaffMember: ("team", "site", "time_zone"),
    Host: ("user", "department"),
}
NAMES = ("name", "email")  # of a user, these stand in no trail


def lock_directory() -> None:
    """Let nobody else change places, people and times until the transaction ends.

    Visits can be booked meanwhile, and everybody can sign in.
    """
    tables = (Site, Department, Team, StaffMember, Host, Contract, Absence, Duty)
    names = ", ".join(connection.ops.quote_name(each._meta.db_table) for each in tables)  # noqa: SLF001 -- Django's own way
    with connection.cursor() as cursor:
        cursor.execute(f"LOCK TABLE {names} IN SHARE ROW EXCLUSIVE MODE")


def known_directory() -> Known:
    """Return places and people as rows call them; seven queries."""
    departments = list(Department.objects.select_related("site"))
    teams = Team.objects.select_related("department").prefetch_related("managers")
    users = {user.email.lower(): user for user in User.objects.filter(erased_at=None)}
    by_key = {user.pk: user for user in users.values()}
    known = Known(
        sites={site.name.casefold(): site for site in Site.objects.all()},
        departments={each.code.casefold(): each for each in departments},
        department_names={each.name.casefold(): each for each in departments},
        users=users,
    )
    for team in teams:
        known.teams[team.name.casefold()] = team
        managers = [by_key[user.pk] for user in team.managers.all() if user.pk in by_key]
        known.managers[team.name.casefold()] = managers
    for staff in StaffMember.objects.filter(user__in=by_key).select_related("team", "site"):
        staff.user = by_key[staff.user_id]  # the one that rows change
        known.staff[staff.user.email.lower()] = staff
    for host in Host.objects.filter(user__in=by_key).select_related("department"):
        host.user = by_key[host.user_id]
        known.hosts[host.user.email.lower()] = host
    return known


def known_times(reading: Reading, known: Known) -> Times:
    """Return what is stored of the times of the people whose rows name some; four queries."""
    people: dict[Kind, set[int]] = defaultdict(set)
    for row in reading.rows:
        if row.kind in {Kind.CONTRACT, Kind.ABSENCE, Kind.DUTY}:
            staff = known.staff.get(row.values["email"])
            if staff and staff.pk:
                people[row.kind].add(staff.pk)
    times = Times()
    contracts = Contract.objects.filter(staff__in=people[Kind.CONTRACT])
    for contract in contracts.prefetch_related("patterns"):
        terms = terms_of(contract)
        draft = Draft(terms, contract=contract, before=terms)
        times.contracts.setdefault(contract.staff_id, []).append(draft)
    absences = Absence.objects.filter(staff__in=people[Kind.ABSENCE])
    times.absences.update(absences.values_list("staff_id", "starts_at", "ends_at"))
    duties = Duty.objects.filter(staff__in=people[Kind.DUTY])
    times.duties.update(duties.values_list("staff_id", "kind", "starts_at", "ends_at"))
    return times


def store_plan(plan: Plan, times: Times, by: By, now: datetime) -> None:
    """Write what a table does, and its lines of the trail; the caller saw that it has no fault.

    Raises:
        IntegrityError: somebody signed up meanwhile with an address of the table.
    """
    lines: list[Entry] = []
    for model in SUBJECTS:
        fresh = list(plan.new.get(model, {}).values())
        model._default_manager.bulk_create(fresh, batch_size=BATCH)  # noqa: SLF001 -- any model
        lines += [_added(record, by, now) for record in fresh]
        lines += _store_changes(model, plan.old.get(model, {}).values(), by, now)
    lines += _store_managers(plan, by, now)
    lines += _store_contracts(times, by, now)
    lines += _store_spans(Absence, times.new_absences, by, now)
    lines += _store_spans(Duty, times.new_duties, by, now)
    Entry.objects.bulk_create(lines, batch_size=BATCH)


def _added(record: Model, by: By, now: datetime) -> Entry:
    about = (SUBJECTS[type(record)], record.pk)
    new = facts_of(record, dict.fromkeys(FACTS[type(record)]))
    return entry(by, now, about=about, action="add", new=new)


def _store_changes(
    model: type[Model], changes: Iterable[tuple[Any, dict[str, Any]]], by: By, now: datetime
) -> list[Entry]:
    records, columns, lines = [], set(), []
    for record, old in changes:
        for name in old:
            if model._meta.get_field(name).is_relation:  # noqa: SLF001 -- it has its key by now
                setattr(record, name, getattr(record, name))
        new = facts_of(record, old)
        if old == new:
            continue
        records.append(record)
        columns |= set(old)
        if "name" in old:  # bulk_update does not ask the field
            record.sort_key = sort_key(record.name)
        if model is not User:
            record.version += 1
        lines.append(_changed(record, old, new, by, now))
    extra = {"sort_key"} if "name" in columns else set()
    extra |= set() if model is User else {"version"}
    if records:
        model._default_manager.bulk_update(records, [*columns, *extra], batch_size=BATCH)  # noqa: SLF001 -- any model
    return lines


def _changed(
    record: Model, old: dict[str, Any], new: dict[str, Any], by: By, now: datetime
) -> Entry:
    about = (SUBJECTS[type(record)], record.pk)
    if isinstance(record, User):
        marks = {name: CHANGED for name in NAMES if name in new}
        old = {name: value for name, value in old.items() if name not in NAMES}
        new = {**new, **marks}
    return entry(by, now, about=about, action="change", old=old, new=new)


def _store_managers(plan: Plan, by: By, now: datetime) -> list[Entry]:
    """Write who manages the teams whose managers differ; two statements."""
    rows = Team.managers.through._default_manager  # noqa: SLF001 -- a table without a class of ours
    pairs, lines = [], []
    for key, (team, users) in plan.managers.items():
        after = sorted(user.pk for user in users)
        before = sorted(user.pk for user in plan.known.managers.get(key, ()))
        pairs += [rows.model(team_id=team.pk, user_id=pk) for pk in after]
        about, old, new = (Subject.TEAM, team.pk), {"managers": before}, {"managers": after}
        lines.append(entry(by, now, about=about, action="change", old=old, new=new))
    rows.filter(team__in=[team.pk for team, _ in plan.managers.values()]).delete()
    rows.bulk_create(pairs, batch_size=BATCH)
    return lines


def _store_contracts(times: Times, by: By, now: datetime) -> list[Entry]:
    """Write new and changed contracts with their hours; five statements.

    Changed ones first and the ends before the starts: no two overlap at any moment.
    """
    old = [draft for _, draft in times.drafts if draft.contract]
    for draft in old:
        if draft.contract:
            draft.contract.ends_on = draft.terms.ends_on
            draft.contract.version += 1
    stored = [draft.contract for draft in old if draft.contract]
    Contract.objects.bulk_update(stored, ["ends_on", "version"], batch_size=BATCH)
    fresh = []
    for staff, draft in times.drafts:
        if draft.contract is None:
            starts_on, ends_on = draft.terms.starts_on, draft.terms.ends_on
            draft.contract = Contract(staff=staff, starts_on=starts_on, ends_on=ends_on)
            fresh.append(draft.contract)
    Contract.objects.bulk_create(fresh, batch_size=BATCH)
    _store_hours(old, times)
    return [_contract_line(staff, draft, by, now) for staff, draft in times.drafts]


def _store_hours(old: Collection[Draft], times: Times) -> None:
    WorkingPattern.objects.filter(
        contract__in=[draft.contract for draft in old if draft.contract]
    ).delete()
    WorkingPattern.objects.bulk_create(
        (
            WorkingPattern(
                contract=draft.contract, weekday=each.weekday, starts=each.starts, ends=each.ends
            )
            for _, draft in times.drafts
            for each in draft.terms.hours
        ),
        batch_size=BATCH,
    )


def _contract_line(staff: StaffMember, draft: Draft, by: By, now: datetime) -> Entry:
    before = facts_of_terms(draft.before) if draft.before else {}
    action = "change_contract" if draft.before else "add_contract"
    about, after = (Subject.STAFF, staff.pk), facts_of_terms(draft.terms)
    return entry(by, now, about=about, action=action, old=before, new=after)


def _store_spans(
    model: type[Absence] | type[Duty], spans: list[Any], by: By, now: datetime
) -> list[Entry]:
    model._default_manager.bulk_create(spans, batch_size=BATCH)  # noqa: SLF001 -- any model
    names = [name for name in ("starts_at", "ends_at", "kind") if hasattr(model, name)]
    action = f"add_{model._meta.model_name}"  # noqa: SLF001
    return [
        entry(
            by,
            now,
            about=(Subject.STAFF, span.staff_id),
            action=action,
            new={name: getattr(span, name) for name in names},
        )
        for span in spans
    ]
