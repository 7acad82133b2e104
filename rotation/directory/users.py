"""Writes of users and their roles; the last administrator stays one."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import Q

from accounts.models import Role, User
from accounts.services import change_address
from rotation.audit.models import Subject
from rotation.audit.services import By, record
from rotation.directory.errors import LastAdministrator, UnderPseudonym
from rotation.directory.records import saved

CHANGED = "changed"  # what the trail tells of names and addresses


@dataclass(frozen=True, slots=True)
class Newcomer:
    """Somebody whom the house gets to know; the address is the sign-in name."""

    name: str
    email: str
    language: str = ""


@transaction.atomic
def add_user(newcomer: Newcomer, *, roles: Collection[Role], by: By, now: datetime) -> User:
    """Store a new user without a password and return it; the reset mail lets it sign in.

    Raises:
        Taken: another user has the address.
    """
    user = User(
        email=newcomer.email.strip().lower(),
        name=newcomer.name.strip(),
        language=newcomer.language,
        roles=sorted(roles),
    )
    user.set_unusable_password()
    saved(user)
    record(by, now, about=(Subject.USER, user.pk), action="add", new={"roles": user.roles})
    return user


@transaction.atomic
def user_for(newcomer: Newcomer, *, role: Role, by: By, now: datetime) -> User:
    """Return the user with this address, given `role`; a new one where nobody has it."""
    known = User.objects.filter(email__iexact=newcomer.email.strip()).first()
    if known is None:
        return add_user(newcomer, roles=[role], by=by, now=now)
    return take_role(known.pk, role, by=by, now=now)


@transaction.atomic
def take_role(user_id: int, role: Role, *, by: By, now: datetime) -> User:
    """Return the user with one more role; whoever has it already stays as is.

    Raises:
        UnderPseudonym: the user has left for good.
    """
    user = _locked_user(user_id)
    if role in user.roles:
        return user
    return change_roles(user_id, {*map(Role, user.roles), role}, by=by, now=now)


@transaction.atomic
def change_roles(user_id: int, roles: Collection[Role], *, by: By, now: datetime) -> User:
    """Give a user exactly these roles and return it.

    Raises:
        LastAdministrator: nobody would be an administrator any more.
        UnderPseudonym: the user has left for good.
    """
    user = _locked_user(user_id)
    old, new = sorted(user.roles), sorted(Role(role).value for role in roles)
    if Role.ADMIN in old and Role.ADMIN not in new:
        keep_an_administrator(user_id)
    if old != new:
        user.roles = new
        user.save(update_fields=["roles"])
        about = (Subject.USER, user_id)
        record(by, now, about=about, action="change", old={"roles": old}, new={"roles": new})
    return user


@transaction.atomic
def set_active(user_id: int, *, is_active: bool, by: By, now: datetime) -> User:
    """Let a user sign in, or no longer, and return it; open pages are signed out with it.

    Raises:
        LastAdministrator: nobody would be an administrator any more.
        UnderPseudonym: the user has left for good.
    """
    user = _locked_user(user_id)
    if user.is_active and not is_active:
        keep_an_administrator(user_id)
    old, user.is_active = user.is_active, is_active
    user.save(update_fields=["is_active"])
    if old != is_active:
        about, was, becomes = (Subject.USER, user_id), {"is_active": old}, {"is_active": is_active}
        record(by, now, about=about, action="change", old=was, new=becomes)
    return user


@transaction.atomic
def rename_user(user_id: int, *, name: str = "", email: str = "", by: By, now: datetime) -> User:
    """Give a user another name, another address, or both, and return it; empty ones stay.

    The trail tells that they changed, never what they are.

    Raises:
        Taken: another user has the address.
        UnderPseudonym: the user has left for good.
    """
    user = _locked_user(user_id)
    name, email = name.strip() or user.name, email.strip().lower() or user.email
    was, becomes = (user.name, user.email), (name, email)
    fields = [field for field, a, b in zip(("name", "email"), was, becomes, strict=True) if a != b]
    if fields:
        user.name, user.email = name, email
        saved(user)
        if "email" in fields:
            change_address(user)
        marks = dict.fromkeys(fields, CHANGED)
        record(by, now, about=(Subject.USER, user_id), action="change", new=marks)
    return user


def keep_an_administrator(user_id: int) -> None:
    """Do nothing while somebody else who may sign in is an administrator, or this user is none.

    All administrators are locked: two of them cannot leave at the same moment.

    Raises:
        LastAdministrator: nobody would be one any more.
    """
    administrators = User.objects.filter(roles__contains=[Role.ADMIN], is_active=True)
    keys = list(administrators.select_for_update().order_by("pk").values_list("pk", flat=True))
    if keys == [user_id]:
        raise LastAdministrator


def locked_user(user_id: int) -> User:
    """Return a user, locked to the end of the transaction.

    Administrators are locked all together in the order of their keys: two of them who take each
    other's role at one moment come one after the other.

    Raises:
        User.DoesNotExist: there is none.
    """
    administrators = Q(roles__contains=[Role.ADMIN])
    wanted = Q(pk=user_id)
    if User.objects.filter(administrators & wanted).exists():
        wanted |= administrators
    users = User.objects.select_for_update().filter(wanted).order_by("pk")
    for user in list(users):
        if user.pk == user_id:
            return user
    raise User.DoesNotExist


def _locked_user(user_id: int) -> User:
    user = locked_user(user_id)
    if user.erased_at:
        raise UnderPseudonym
    return user
