"""Rows of sites, departments, teams and people against what is stored.

Everything is looked up in memory, so that the number of queries does not depend on the rows.
"""

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

from accounts.models import Role, User
from rotation.directory.models import Department, Host, Site, StaffMember, Team
from rotation.rosters.kinds import Kind, Reading, Row
from rotation.rosters.plan import Effect, Known, Plan, RowFault, note_change, put, renamed

# Roles that a table may give; IT people and hosts have rows of their own.
GIVEN_ROLES = (Role.MANAGER, Role.PLANNER, Role.EXECUTIVE, Role.COUNCIL)
LONGEST_BUFFER_MINUTES = 240


def plan_places_and_people(reading: Reading, known: Known) -> Plan:
    """Return what the rows of sites, departments, teams and people do; no query."""
    plan = Plan(known, reading.faults, reading.broken)
    for row in reading.rows:
        if row.kind in _ROLES:
            plan.users[id(row)] = _put_user(plan, row, _ROLES[row.kind](row))
    for kind, planner in _PLANNERS.items():
        for row in reading.rows:
            if row.kind is kind:
                planner(plan, row)
    return plan


def _plan_site(plan: Plan, row: Row) -> None:
    name = row.values["name"]
    if plan.is_repeated(row, name.casefold()):
        return
    wanted = renamed(row, time_zone="time_zone", country="country", region="subdivision")
    site = plan.known.sites.get(name.casefold())
    site, effect = put(plan, row, site or Site(name=name), wanted)
    if site:
        plan.known.sites[name.casefold()] = site
        plan.count(row.kind, effect)


def _plan_department(plan: Plan, row: Row) -> None:
    code = row.values["code"].casefold()
    if plan.is_repeated(row, code):
        return
    wanted = renamed(
        row, name="name", purpose="purpose", time_zone="time_zone", cadence_weeks="cadence_weeks"
    )
    if not _resolve(plan, row, wanted, "site", plan.known.sites.get, RowFault.UNKNOWN_SITE):
        return
    known = plan.known.departments.get(code)
    namesake = plan.known.department_names.get(wanted["name"].casefold())
    if namesake and namesake is not known:
        plan.refuse(row, "name", RowFault.TAKEN, namesake.code)
        return
    if known:
        plan.known.department_names.pop(known.name.casefold(), None)
    fresh = Department(code=row.values["code"])
    if known is None and (site := wanted.get("site")) and "time_zone" not in wanted:
        fresh.time_zone = site.time_zone
    department, effect = put(plan, row, known or fresh, wanted)
    if department:
        plan.known.departments[code] = department
        plan.known.department_names[department.name.casefold()] = department
        plan.count(row.kind, effect)


def _plan_user(plan: Plan, row: Row) -> None:
    if plan.is_repeated(row, row.values["email"]):
        return
    unknown = [word for word in row.values["roles"] if word not in GIVEN_ROLES]
    if unknown:
        plan.refuse(row, "roles", RowFault.UNKNOWN_ROLE, ", ".join(GIVEN_ROLES))
        return
    user, effect = plan.users[id(row)]
    if user:
        plan.count(row.kind, effect)


def _plan_team(plan: Plan, row: Row) -> None:
    name = row.values["name"]
    if plan.is_repeated(row, name.casefold()):
        return
    wanted: dict[str, Any] = {}
    find = plan.known.department
    if not _resolve(plan, row, wanted, "department", find, RowFault.UNKNOWN_DEPARTMENT):
        return
    if (minutes := row.values.get("buffer_minutes")) is not None:
        if not 0 <= minutes <= LONGEST_BUFFER_MINUTES:
            plan.refuse(row, "buffer_minutes", RowFault.OUT_OF_RANGE, LONGEST_BUFFER_MINUTES)
            return
        wanted["buffer"] = timedelta(minutes=minutes)
    team, effect = put(plan, row, plan.known.teams.get(name.casefold()) or Team(name=name), wanted)
    if not team:
        return
    plan.known.teams[name.casefold()] = team
    if _plan_managers(plan, row, team) and effect is Effect.UNCHANGED:
        effect = Effect.CHANGED
    plan.count(row.kind, effect)


def _plan_managers(plan: Plan, row: Row, team: Team) -> bool:
    """Note who is to manage the team, and return whether that differs; nobody said: as before."""
    if "managers" not in row.values:
        return False
    users = []
    for address in row.values["managers"]:
        user = plan.known.users.get(address)
        if user is None:
            plan.missing(row, "managers", RowFault.UNKNOWN_USER, address)
            continue
        users.append(user)
        _give_roles(plan, user, [Role.MANAGER])
    key = team.name.casefold()
    before = {id(user) for user in plan.known.managers.get(key, [])}
    if before == {id(user) for user in users}:
        return False
    plan.managers[key] = (team, users)
    return True


def _plan_staff(plan: Plan, row: Row) -> None:
    address = row.values["email"]
    if plan.is_repeated(row, address):
        return
    wanted, find = renamed(row, time_zone="time_zone"), plan.known.teams.get
    if not _resolve(plan, row, wanted, "team", find, RowFault.UNKNOWN_TEAM):
        return
    if not _resolve(plan, row, wanted, "site", plan.known.sites.get, RowFault.UNKNOWN_SITE):
        return
    known = plan.known.staff.get(address)
    if known and known.has_left:
        plan.refuse(row, "email", RowFault.HAS_LEFT, address)
        return
    user, user_effect = plan.users[id(row)]
    if user is None:
        return
    fresh = StaffMember(user=user)
    if known is None and (site := wanted.get("site")) and "time_zone" not in wanted:
        fresh.time_zone = site.time_zone
    staff, effect = put(plan, row, known or fresh, wanted)
    if staff:
        plan.known.staff[address] = staff
        plan.count(row.kind, _both(effect, user_effect))


def _plan_host(plan: Plan, row: Row) -> None:
    address = row.values["email"]
    if plan.is_repeated(row, address):
        return
    wanted: dict[str, Any] = {}
    find = plan.known.department
    if not _resolve(plan, row, wanted, "department", find, RowFault.UNKNOWN_DEPARTMENT):
        return
    user, user_effect = plan.users[id(row)]
    if user is None:
        return
    host, effect = put(plan, row, plan.known.hosts.get(address) or Host(user=user), wanted)
    if host:
        plan.known.hosts[address] = host
        plan.count(row.kind, _both(effect, user_effect))


def _both(own: Effect, users: Effect) -> Effect:
    return Effect.CHANGED if own is Effect.UNCHANGED and users is Effect.CHANGED else own


def _put_user(plan: Plan, row: Row, roles: list[str]) -> tuple[User | None, Effect]:
    """Return the user of a row as it is to be, and what that does; None where it cannot be."""
    address, name = row.values["email"], row.values["name"]
    said = plan.seen.setdefault(("user's name", address), row)
    if said.values["name"] != name:
        if said.kind is not row.kind:  # else it is told of where the row itself is planned
            plan.refuse(row, "name", RowFault.CONTRADICTION, said.number)
        return None, Effect.UNCHANGED
    known = plan.known.users.get(address)
    user, effect = put(plan, row, known or User(email=address, roles=[]), {"name": name})
    if user is None:
        return None, Effect.UNCHANGED
    if known is None:
        user.set_unusable_password()
        plan.known.users[address] = user
    is_given = _give_roles(plan, user, roles)
    return user, Effect.CHANGED if is_given and effect is Effect.UNCHANGED else effect


def _give_roles(plan: Plan, user: User, roles: list[str]) -> bool:
    """Give a user the roles that are missing, and return whether any was."""
    new = [role for role in roles if role not in user.roles]
    if new and user.pk:
        note_change(plan, user, {"roles": list(user.roles)})
    user.roles = sorted({*user.roles, *map(str, new)})
    return bool(new)


def _resolve(
    plan: Plan,
    row: Row,
    wanted: dict[str, Any],
    column: str,
    find: Callable[[str], Any],
    code: RowFault,
) -> bool:
    """Put what a column names into `wanted`, and return whether it is there; empty names none."""
    if column not in row.values:
        return True
    said = row.values[column]
    found = find(said.casefold())
    if found is None:
        plan.missing(row, column, code, said)
        return False
    wanted[column] = found
    return True


_ROLES: Mapping[Kind, Callable[[Row], list[str]]] = {
    Kind.USER: lambda row: [role for role in row.values["roles"] if role in GIVEN_ROLES],
    Kind.STAFF: lambda _row: [Role.STAFF],
    Kind.HOST: lambda _row: [Role.HOST],
}
_PLANNERS: Mapping[Kind, Callable[[Plan, Row], None]] = {
    Kind.SITE: _plan_site,
    Kind.DEPARTMENT: _plan_department,
    Kind.USER: _plan_user,
    Kind.TEAM: _plan_team,
    Kind.STAFF: _plan_staff,
    Kind.HOST: _plan_host,
}
