"""How every record of the directory is stored: locked, compared, counted, told to the trail."""

from collections import Counter
from collections.abc import Mapping
from datetime import datetime
from typing import Any, TypeVar

from django.db import IntegrityError, models, transaction

from rotation.audit.models import Subject
from rotation.audit.services import By, record
from rotation.directory.errors import RecordChanged, StillInUse, Taken
from rotation.directory.models import Versioned

# What is bound to a row by these would be refused by the database, or lose its place silently.
HOLDING = (models.PROTECT, models.SET_NULL)
V = TypeVar("V", bound=Versioned)
M = TypeVar("M", bound=models.Model)
About = tuple[Subject, int]
UNIQUE_VIOLATION = "23505"
# Parts of the names of unique constraints, and the field that is to be corrected.
UNIQUE = ("email", "name", "code", "user")


def locked(model: type[V], pk: int, by: By) -> V:
    """Return a record, locked to the end of the transaction, as `by` saw it.

    Raises:
        DoesNotExist: there is none.
        RecordChanged: somebody else changed it since.
    """
    found: V = model._default_manager.select_for_update(of=("self",)).get(pk=pk)  # noqa: SLF001 -- Django's way for any model
    if by.version is not None and by.version != found.version:
        raise RecordChanged(version=found.version)
    return found


def saved(row: M) -> M:
    """Return the row, stored.

    Raises:
        Taken: another one has what must be unique.
    """
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError as error:
        diagnosis = getattr(error.__cause__, "diag", None)
        if getattr(diagnosis, "sqlstate", "") != UNIQUE_VIOLATION:
            raise
        constraint = getattr(diagnosis, "constraint_name", None) or ""
        field = next((name for name in UNIQUE if f"_{name}_" in constraint), "name")
        raise Taken(field=field) from error
    return row


def added(row: V, by: By, now: datetime, *, about: Subject, new: Mapping[str, Any]) -> V:
    """Return the new row, stored and told of; raises as `saved`."""
    saved(row)
    record(by, now, about=(about, row.pk), action="add", new=new)
    return row


def changed(
    row: V,
    changes: Mapping[str, Any],
    by: By,
    now: datetime,
    *,
    about: About,
    action: str = "change",
) -> V:
    """Return the locked row with `changes` stored and told of; equal values change nothing.

    Raises:
        Taken: another one has what must be unique.
    """
    old = facts_of(row, changes)
    for name, value in changes.items():
        setattr(row, name, value)
    new = facts_of(row, changes)
    if old != new:
        row.version += 1
        saved(row)
        record(by, now, about=about, action=action, old=old, new=new)
    return row


def removed(row: Versioned, by: By, now: datetime, *, about: About, action: str = "remove") -> None:
    """Delete the locked row and tell of it.

    Raises:
        StillInUse: something hangs on it.
    """
    if uses := uses_of(row):
        raise StillInUse(uses=uses)
    row.delete()
    record(by, now, about=about, action=action)


def facts_of(row: models.Model, names: Mapping[str, Any]) -> dict[str, Any]:
    """Return columns by name as plain values: of another record its key."""
    return {
        name: getattr(row, row._meta.get_field(name).attname)  # type: ignore[union-attr]  # noqa: SLF001 -- Django's own way
        for name in names
    }


def uses_of(row: models.Model) -> list[str]:
    """Return what hangs on the row and would not go with it, such as "IT people: 3"."""
    found: Counter[str] = Counter()
    for relation in row._meta.get_fields(include_hidden=True):  # noqa: SLF001 -- Django's own way
        if isinstance(relation, models.ManyToOneRel) and relation.on_delete in HOLDING:
            other = relation.related_model
            count = other._default_manager.filter(**{relation.field.name: row}).count()  # noqa: SLF001
            found[str(other._meta.verbose_name_plural)] += count  # noqa: SLF001
    return [f"{label}: {count}" for label, count in sorted(found.items()) if count]
