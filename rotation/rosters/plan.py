"""What a table does to the directory: what is new, what changes, and what cannot be.

Nothing is written here; storing.py does that.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models

from accounts.models import User
from rotation.directory.models import Department, Host, Site, StaffMember, Team
from rotation.rosters.kinds import NAMING, Fault, Kind, Row

# The column that a model's field is written in, where they differ.
COLUMNS = {"subdivision": "region", "buffer": "buffer_minutes"}


class RowFault(StrEnum):
    """What is wrong with a row that can be read."""

    UNKNOWN_SITE = "unknown_site"
    UNKNOWN_DEPARTMENT = "unknown_department"
    UNKNOWN_TEAM = "unknown_team"
    UNKNOWN_PERSON = "unknown_person"
    UNKNOWN_USER = "unknown_user"
    UNKNOWN_ROLE = "unknown_role"
    UNKNOWN_DUTY = "unknown_duty"
    HAS_LEFT = "has_left"
    TAKEN = "taken"
    CONTRADICTION = "contradiction"
    INVALID = "invalid"
    OUT_OF_RANGE = "out_of_range"
    ENDS_BEFORE = "ends_before"
    OVERLAPS = "overlaps"
    NO_HOURS = "no_working_hours"
    HOURS_TWICE = "hours_twice"


class Effect(StrEnum):
    """What one row does."""

    CREATED = "created"
    CHANGED = "changed"
    UNCHANGED = "unchanged"


@dataclass(slots=True)
class Known:
    """The directory in memory, by what rows call it, kept up with what the rows add."""

    sites: dict[str, Site] = field(default_factory=dict)
    departments: dict[str, Department] = field(default_factory=dict)
    department_names: dict[str, Department] = field(default_factory=dict)
    users: dict[str, User] = field(default_factory=dict)
    teams: dict[str, Team] = field(default_factory=dict)
    staff: dict[str, StaffMember] = field(default_factory=dict)
    hosts: dict[str, Host] = field(default_factory=dict)
    managers: dict[str, list[User]] = field(default_factory=dict)

    def department(self, said: str) -> Department | None:
        """Return the department with this code, else with this name, both in small letters."""
        return self.departments.get(said) or self.department_names.get(said)


@dataclass(slots=True)
class Plan:
    """What a table does to the directory.

    Attributes:
        effects: By kind, how many rows do what.
        new: Records to be stored, in the order of the table, by their identity in memory.
        old: Records to be changed likewise, each with the columns' values before.
        users: The user of each row of a person, and what the row does to it.
        managers: Teams whose managers change, with all of them.
        broken: What is not told of once more, as its own row has a fault.
    """

    known: Known
    faults: list[Fault]
    broken: set[str]
    effects: dict[Kind, dict[Effect, int]] = field(default_factory=dict)
    new: dict[type[models.Model], dict[int, Any]] = field(default_factory=dict)
    old: dict[type[models.Model], dict[int, tuple[Any, dict[str, Any]]]] = field(
        default_factory=dict
    )
    users: dict[int, tuple[User | None, Effect]] = field(default_factory=dict)
    managers: dict[str, tuple[Team, list[User]]] = field(default_factory=dict)
    seen: dict[tuple[Any, ...], Row] = field(default_factory=dict)

    def count(self, kind: Kind, effect: Effect) -> None:
        """Count what a row does."""
        counts = self.effects.setdefault(kind, dict.fromkeys(Effect, 0))
        counts[effect] += 1

    def refuse(self, row: Row, column: str, code: str, value: object = "") -> None:
        """Note a fault; what the row would have named is not asked for again."""
        self.faults.append(row.fault(column, code, value))
        said = (row.values.get(name) for name in NAMING)
        self.broken |= {str(each).casefold() for each in said if each}

    def missing(self, row: Row, column: str, code: RowFault, said: str) -> None:
        """Note that nothing is called `said`, unless its own row is at fault."""
        if said.casefold() in self.broken:
            self.broken |= {str(row.values.get("email", "")).casefold()}
        else:
            self.refuse(row, column, code, said)

    def is_repeated(self, row: Row, *key: object) -> bool:
        """Return whether a row before said the same; if it said something else, that is a fault."""
        before = self.seen.setdefault((row.kind, *key), row)
        if before is row:
            return False
        if before.values == row.values:
            self.count(row.kind, Effect.UNCHANGED)
        else:
            differing = (name for name in row.values if before.values.get(name) != row.values[name])
            column = next(differing, next(iter(row.values)))
            self.refuse(row, column, RowFault.CONTRADICTION, before.number)
        return True


def renamed(row: Row, **fields: str) -> dict[str, Any]:
    """Return the values of a row by the model's fields; empty cells are left out."""
    return {name: row.values[column] for column, name in fields.items() if column in row.values}


def put(plan: Plan, row: Row, record: Any, wanted: Mapping[str, Any]) -> tuple[Any, Effect]:  # noqa: ANN401 -- any model
    """Return the record as it is to be, and what that does to it; None where it cannot be."""
    is_new = record._state.adding  # noqa: SLF001 -- Django's way to ask
    old = {name: _stored(record, name) for name, value in wanted.items()}
    differing = {
        name: old[name] for name, value in wanted.items() if not _is_same(old[name], value)
    }
    for name, value in wanted.items():
        setattr(record, name, value)
    if not is_new and not differing:
        return record, Effect.UNCHANGED
    if not _is_valid(plan, row, record, wanted):
        return None, Effect.UNCHANGED
    if is_new:
        plan.new.setdefault(type(record), {})[id(record)] = record
        return record, Effect.CREATED
    note_change(plan, record, differing)
    return record, Effect.CHANGED


def note_change(plan: Plan, record: Any, old: Mapping[str, Any]) -> None:  # noqa: ANN401 -- any model
    """Note that a stored record changes; of several changes the first one's old values count."""
    changes = plan.old.setdefault(type(record), {})
    _record, before = changes.setdefault(id(record), (record, {}))
    before.update({name: value for name, value in old.items() if name not in before})


def _stored(record: models.Model, name: str) -> Any:  # noqa: ANN401 -- of any column
    return getattr(record, record._meta.get_field(name).attname)  # type: ignore[union-attr]  # noqa: SLF001 -- Django's own way


def _is_same(stored: object, wanted: object) -> bool:
    """Return whether a column holds `wanted`; a record that is not stored yet is in no column."""
    if isinstance(wanted, models.Model):
        return wanted.pk is not None and wanted.pk == stored
    return stored == wanted


def _is_valid(plan: Plan, row: Row, record: models.Model, wanted: Mapping[str, Any]) -> bool:
    names = {*wanted, *({"name", "code", "email"} if record._state.adding else ())}  # noqa: SLF001
    others = [each.name for each in record._meta.fields if each.name not in names]  # noqa: SLF001
    relations = [name for name, value in wanted.items() if isinstance(value, models.Model)]
    try:
        record.clean_fields(exclude={*others, *relations})
        if isinstance(record, Site):
            record.clean()
    except ValidationError as error:
        for name, messages in error.message_dict.items():
            plan.refuse(row, COLUMNS.get(name, name), RowFault.INVALID, " ".join(messages))
        return False
    return True
