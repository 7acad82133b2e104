"""Writes of sites, departments, teams and hosts; people stand in staffing.py, times in times.py."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from accounts.models import Role
from rotation.audit.models import Subject
from rotation.audit.services import By, record
from rotation.directory.errors import Taken
from rotation.directory.models import Department, Host, Site, Team
from rotation.directory.records import added, changed, facts_of, locked, removed, saved
from rotation.directory.users import Newcomer, take_role, user_for

SITE_FIELDS = ("name", "time_zone", "country", "subdivision")
DEPARTMENT_FIELDS = ("name", "code", "purpose", "time_zone", "cadence_weeks", "site")
TEAM_FIELDS = ("name", "department", "buffer")


@transaction.atomic
def add_site(site: Site, *, by: By, now: datetime) -> Site:
    """Store a new site and return it.

    Raises:
        Taken: another site has the name.
    """
    new = facts_of(site, dict.fromkeys(SITE_FIELDS))
    return added(site, by, now, about=Subject.SITE, new=new)


@transaction.atomic
def change_site(site_id: int, changes: Mapping[str, Any], *, by: By, now: datetime) -> Site:
    """Change columns of a site and return it.

    Raises:
        RecordChanged: somebody else changed it since `by` saw it.
        Taken: another site has the name.
    """
    site = locked(Site, site_id, by)
    return changed(site, changes, by, now, about=(Subject.SITE, site_id))


@transaction.atomic
def remove_site(site_id: int, *, by: By, now: datetime) -> None:
    """Delete a site at which nobody works.

    Raises:
        StillInUse: departments or people are there.
    """
    removed(locked(Site, site_id, by), by, now, about=(Subject.SITE, site_id))


@transaction.atomic
def add_department(department: Department, *, by: By, now: datetime) -> Department:
    """Store a new department and return it.

    Raises:
        Taken: another one has the name or the code.
    """
    new = facts_of(department, dict.fromkeys(DEPARTMENT_FIELDS))
    return added(department, by, now, about=Subject.DEPARTMENT, new=new)


@transaction.atomic
def change_department(
    department_id: int, changes: Mapping[str, Any], *, by: By, now: datetime
) -> Department:
    """Change columns of a department and return it.

    Raises:
        RecordChanged: somebody else changed it since `by` saw it.
        Taken: another one has the name or the code.
    """
    department = locked(Department, department_id, by)
    return changed(department, changes, by, now, about=(Subject.DEPARTMENT, department_id))


@transaction.atomic
def remove_department(department_id: int, *, by: By, now: datetime) -> None:
    """Delete a department on which nothing hangs.

    Raises:
        StillInUse: teams, hosts or meeting series are below it.
    """
    department = locked(Department, department_id, by)
    removed(department, by, now, about=(Subject.DEPARTMENT, department_id))


@transaction.atomic
def add_team(team: Team, *, manager_ids: Collection[int] = (), by: By, now: datetime) -> Team:
    """Store a new team with its managers and return it; they get the role.

    Raises:
        Taken: another team has the name.
    """
    new = {**facts_of(team, dict.fromkeys(TEAM_FIELDS)), "managers": sorted(set(manager_ids))}
    added(team, by, now, about=Subject.TEAM, new=new)
    _put_in_charge(team, manager_ids, by, now)
    return team


@transaction.atomic
def change_team(
    team_id: int,
    changes: Mapping[str, Any],
    *,
    manager_ids: Collection[int] | None = None,
    by: By,
    now: datetime,
) -> Team:
    """Change columns of a team and, unless None, who manages it; return it.

    Raises:
        RecordChanged: somebody else changed it since `by` saw it.
        Taken: another team has the name.
    """
    team = changed(locked(Team, team_id, by), changes, by, now, about=(Subject.TEAM, team_id))
    if manager_ids is not None:
        before = sorted(team.managers.values_list("pk", flat=True))
        after = sorted(set(manager_ids))
        if before != after:
            _put_in_charge(team, after, by, now)
            team.version += 1
            saved(team)
            about = (Subject.TEAM, team_id)
            old, new = {"managers": before}, {"managers": after}
            record(by, now, about=about, action="change", old=old, new=new)
    return team


def _put_in_charge(team: Team, manager_ids: Collection[int], by: By, now: datetime) -> None:
    team.managers.set(manager_ids)
    for user_id in manager_ids:
        take_role(user_id, Role.MANAGER, by=by, now=now)


@transaction.atomic
def remove_team(team_id: int, *, by: By, now: datetime) -> None:
    """Delete a team on which nothing hangs; its computed budgets go with it.

    Raises:
        StillInUse: people or ticket queues belong to it.
    """
    removed(locked(Team, team_id, by), by, now, about=(Subject.TEAM, team_id))


@transaction.atomic
def add_host(newcomer: Newcomer, *, department_id: int, by: By, now: datetime) -> Host:
    """Let somebody speak for a department and return the host.

    A user with this address becomes the host and keeps the name; else a new user is made, who
    signs in by the link that resets a password.

    Raises:
        Taken: the user is a host already.
    """
    department = Department.objects.get(pk=department_id)
    user = user_for(newcomer, role=Role.HOST, by=by, now=now)
    if Host.objects.filter(user=user).exists():
        raise Taken(field="email")
    new = {"user": user.pk, "department": department_id}
    host = Host(user=user, department=department)
    return added(host, by, now, about=Subject.HOST, new=new)


@transaction.atomic
def change_host(host_id: int, *, department_id: int, by: By, now: datetime) -> Host:
    """Let a host speak for another department and return the host.

    Raises:
        RecordChanged: somebody else changed it since `by` saw it.
    """
    department = Department.objects.get(pk=department_id)
    changes = {"department": department}
    return changed(locked(Host, host_id, by), changes, by, now, about=(Subject.HOST, host_id))


@transaction.atomic
def remove_host(host_id: int, *, by: By, now: datetime) -> None:
    """Let a host speak for no department any more; series go on without a contact of their own.

    The user stays, without the role.
    """
    host = locked(Host, host_id, by)
    user = host.user
    host.delete()
    record(by, now, about=(Subject.HOST, host_id), action="remove")
    if Role.HOST in user.roles:
        user.roles = [role for role in user.roles if role != Role.HOST]
        user.save(update_fields=["roles"])
