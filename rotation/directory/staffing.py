"""Writes of IT people: who they are, where they belong, and that they leave or come back."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.db import transaction

from accounts.models import Role, User
from accounts.services import put_under_pseudonym
from rotation.audit.models import Subject
from rotation.audit.services import By, record
from rotation.directory.errors import StillHere, Taken, UnderPseudonym
from rotation.directory.models import Host, Site, StaffMember, Team
from rotation.directory.records import changed, locked, saved
from rotation.directory.users import (
    CHANGED,
    Newcomer,
    keep_an_administrator,
    locked_user,
    rename_user,
    set_active,
    user_for,
)


@transaction.atomic
def add_staff(
    newcomer: Newcomer,
    *,
    team_id: int,
    site_id: int | None = None,
    time_zone: str = "",
    by: By,
    now: datetime,
) -> StaffMember:
    """Take somebody into a team and return the IT person; without a zone the site's counts.

    A user with this address becomes the person and keeps the name; else a new user is made, who
    signs in by the link that resets a password.

    Raises:
        Taken: the user is an IT person already.
    """
    team = Team.objects.get(pk=team_id)
    site = Site.objects.get(pk=site_id) if site_id else None
    user = user_for(newcomer, role=Role.STAFF, by=by, now=now)
    if StaffMember.objects.filter(user=user).exists():
        raise Taken(field="email")
    staff = StaffMember(user=user, team=team, site=site)
    staff.time_zone = time_zone or (site.time_zone if site else staff.time_zone)
    saved(staff)
    new = {"team": team_id, "site": site_id, "time_zone": staff.time_zone}
    record(by, now, about=(Subject.STAFF, staff.pk), action="add", new=new)
    return staff


@transaction.atomic
def change_staff(
    staff_id: int, changes: Mapping[str, Any], *, by: By, now: datetime
) -> StaffMember:
    """Change `name`, `email`, `team`, `site` or `time_zone` of a person and return the person.

    Visits that are booked stay; `booking.conflicts.visits_in_conflict` names those that clash.

    Raises:
        RecordChanged: somebody else changed it since `by` saw it.
        Taken: another user has the address.
        UnderPseudonym: the person has left for good.
    """
    staff = locked(StaffMember, staff_id, by)
    own = {name: value for name, value in changes.items() if name not in ("name", "email")}
    theirs = {name: value for name, value in changes.items() if name in ("name", "email")}
    before = staff.user.name, staff.user.email
    user = rename_user(staff.user_id, **theirs, by=by, now=now)
    staff.user = user
    staff = changed(staff, own, by, now, about=(Subject.STAFF, staff_id))
    if before != (user.name, user.email):
        staff.version += 1
        saved(staff)
        marks = {name: CHANGED for name in theirs if theirs[name]}
        record(by, now, about=(Subject.STAFF, staff_id), action="change", new=marks)
    return staff


@transaction.atomic
def set_last_day(staff_id: int, left_on: date, *, by: By, now: datetime) -> StaffMember:
    """Store the person's last day, which may be ahead, and return the person.

    Once it is over nobody lists the person, and nobody signs in as the person.

    Raises:
        RecordChanged: somebody else changed it since `by` saw it.
        LastAdministrator: nobody would be an administrator any more.
        UnderPseudonym: the person has left for good.
    """
    staff = _locked_staff(staff_id, by)
    keep_an_administrator(staff.user_id)
    has_left = left_on < today_of(staff, now)
    staff.user = set_active(staff.user_id, is_active=not has_left, by=by, now=now)
    changes = {"left_on": left_on, "has_left": has_left}
    return changed(staff, changes, by, now, about=(Subject.STAFF, staff_id), action="leave")


@transaction.atomic
def return_staff(staff_id: int, *, by: By, now: datetime) -> StaffMember:
    """Forget the person's last day and return the person, who signs in as before.

    Raises:
        RecordChanged: somebody else changed it since `by` saw it.
        UnderPseudonym: the person has left for good.
    """
    staff = _locked_staff(staff_id, by)
    if staff.has_left:
        staff.user = set_active(staff.user_id, is_active=True, by=by, now=now)
    changes = {"left_on": None, "has_left": False}
    return changed(staff, changes, by, now, about=(Subject.STAFF, staff_id), action="come_back")


@transaction.atomic
def erase_user(user_id: int, *, by: By, now: datetime) -> User:
    """Put a user under a random pseudonym and return it; a second time changes nothing.

    Absences, duties and contracts go, and what the user stood for: no department has this host,
    no team this manager any more. Rows that others refer to keep their keys.

    Raises:
        StillHere: the user is an IT person whose last day is not over.
        LastAdministrator: nobody would be an administrator any more.
    """
    staff = StaffMember.objects.select_for_update(of=("self",)).filter(user=user_id).first()
    user = locked_user(user_id)
    if user.erased_at:
        return user
    keep_an_administrator(user_id)
    if staff:
        if not staff.has_left:
            raise StillHere
        for times in (staff.absences, staff.duties, staff.contracts):
            times.all().delete()
    Host.objects.filter(user=user).delete()
    for team in Team.objects.filter(managers=user):
        team.managers.remove(user)
    put_under_pseudonym(user, now)
    record(by, now, about=(Subject.USER, user_id), action="erase")
    return user


def today_of(staff: StaffMember, now: datetime) -> date:
    """Return the date by the person's own clock."""
    return now.astimezone(ZoneInfo(staff.time_zone)).date()


def _locked_staff(staff_id: int, by: By) -> StaffMember:
    staff = locked(StaffMember, staff_id, by)
    if staff.user.erased_at:
        raise UnderPseudonym
    return staff
