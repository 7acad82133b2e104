"""The kinds of rows in tables of people: their columns, what each must hold, and their order; pure.

docs/people.md tells the same to people.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from rotation.rosters import cells
from rotation.rosters.cells import BadCell, CellFault
from rotation.rosters.sheets import Line, Sheet

Reader = Callable[[cells.Cell], Any]
KIND = "kind"


class Kind(StrEnum):
    """What a row is about; in the order of storing, as later ones refer to earlier ones."""

    SITE = "site"
    DEPARTMENT = "department"
    USER = "user"
    TEAM = "team"
    STAFF = "staff"
    HOST = "host"
    CONTRACT = "contract"
    ABSENCE = "absence"
    DUTY = "duty"


class LineFault(StrEnum):
    """What is wrong with a row or a header, beside single cells."""

    NO_KIND = "no_kind"
    UNKNOWN_KIND = "unknown_kind"
    UNKNOWN_SHEET = "unknown_sheet"
    UNKNOWN_COLUMN = "unknown_column"
    COLUMN_TWICE = "column_twice"
    NOT_FOR_THIS_KIND = "not_for_this_kind"
    MISSING = "missing"


@dataclass(frozen=True, slots=True)
class Columns:
    """The columns of one kind, and those without which a row is none."""

    required: tuple[str, ...]
    readers: Mapping[str, Reader]


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong where; `value` is what stands there, or what is known instead."""

    sheet: str
    row: int
    column: str
    code: str
    value: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """One row as values by column; what is empty is left out."""

    kind: Kind
    sheet: str
    number: int
    values: Mapping[str, Any]

    def fault(self, column: str, code: str, value: object = "") -> Fault:
        """Return a fault at one column of this row."""
        return Fault(self.sheet, self.number, column, code, str(value))


@dataclass(slots=True)
class Reading:
    """What a file says, and everything in it that cannot be read.

    Attributes:
        broken: What rows with faults would have named, in small letters: others that refer to it
            are not told of as well.
    """

    rows: list[Row] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    broken: set[str] = field(default_factory=set)


DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
KINDS: Mapping[Kind, Columns] = {
    Kind.SITE: Columns(
        ("name",),
        {
            "name": cells.text, "time_zone": cells.text, "country": cells.upper,
            "region": cells.text,
        },
    ),
    Kind.DEPARTMENT: Columns(
        ("code", "name"),
        {
            "code": cells.text, "name": cells.text, "purpose": cells.text, "site": cells.text,
            "time_zone": cells.text, "cadence_weeks": cells.whole,
        },
    ),
    Kind.USER: Columns(
        ("email", "name", "roles"),
        {"email": cells.address, "name": cells.text, "roles": cells.words},
    ),
    Kind.TEAM: Columns(
        ("name", "department"),
        {
            "name": cells.text, "department": cells.text, "managers": cells.addresses,
            "buffer_minutes": cells.whole,
        },
    ),
    Kind.STAFF: Columns(
        ("email", "name", "team"),
        {
            "email": cells.address, "name": cells.text, "team": cells.text, "site": cells.text,
            "time_zone": cells.text,
        },
    ),
    Kind.HOST: Columns(
        ("email", "name", "department"),
        {"email": cells.address, "name": cells.text, "department": cells.text},
    ),
    Kind.CONTRACT: Columns(
        ("email", "from"),
        {
            "email": cells.address, "from": cells.day, "to": cells.day,
            **dict.fromkeys(DAYS, cells.spans),
            "weekly_hours": cells.number, "days": cells.weekdays,
        },
    ),
    Kind.ABSENCE: Columns(
        ("email", "from", "to"),
        {"email": cells.address, "from": cells.day_or_moment, "to": cells.day_or_moment},
    ),
    Kind.DUTY: Columns(
        ("email", "duty", "from", "to"),
        {
            "email": cells.address, "duty": cells.text, "from": cells.day_or_moment,
            "to": cells.day_or_moment,
        },
    ),
}  # fmt: skip
EVERY_COLUMN = frozenset(name for columns in KINDS.values() for name in columns.readers)
# The columns that other rows refer by.
NAMING = ("name", "code", "email")
# Names of sheets and kinds that people write; the plural in -s is understood beside each.
_NAMES: Mapping[str, Kind] = {
    **{kind.value: kind for kind in Kind},
    "standort": Kind.SITE, "standorte": Kind.SITE,
    "abteilung": Kind.DEPARTMENT, "abteilungen": Kind.DEPARTMENT,
    "benutzer": Kind.USER,
    "team": Kind.TEAM,
    "people": Kind.STAFF, "it staff": Kind.STAFF, "mitarbeiter": Kind.STAFF,
    "it-personal": Kind.STAFF, "personal": Kind.STAFF,
    "gastgeber": Kind.HOST,
    "vertrag": Kind.CONTRACT, "verträge": Kind.CONTRACT, "arbeitszeiten": Kind.CONTRACT,
    "abwesenheit": Kind.ABSENCE, "abwesenheiten": Kind.ABSENCE,
    "duties": Kind.DUTY, "dienst": Kind.DUTY, "dienste": Kind.DUTY,
}  # fmt: skip
# Names of columns that people write.
_COLUMNS: Mapping[str, str] = {
    "art": KIND, "e-mail": "email", "mail": "email", "kürzel": "code", "zweck": "purpose",
    "abteilung": "department", "standort": "site", "zeitzone": "time_zone", "land": "country",
    "region": "region", "feiertage": "region", "turnus_wochen": "cadence_weeks",
    "leitung": "managers", "pause_minuten": "buffer_minutes", "rollen": "roles", "von": "from",
    "bis": "to", "wochenstunden": "weekly_hours", "tage": "days", "dienst": "duty",
    "mo": "mon", "di": "tue", "mi": "wed", "do": "thu", "fr": "fri", "sa": "sat", "so": "sun",
}  # fmt: skip


def read_rows(sheets: Sequence[Sheet]) -> Reading:
    """Return every row of the tables as values, and every fault, in the order of the file."""
    reading = Reading()
    for sheet in sheets:
        _read_sheet(sheet, reading, is_csv=not sheet.name)
    return reading


def _read_sheet(sheet: Sheet, reading: Reading, *, is_csv: bool) -> None:
    if not sheet.columns:
        return
    kind = _NAMES.get(_singular(sheet.name))
    if not is_csv and kind is None:
        reading.faults.append(Fault(sheet.name, 1, "", LineFault.UNKNOWN_SHEET, sheet.name))
        return
    known = KINDS[kind].readers if kind else EVERY_COLUMN | {KIND}
    faults = list(_header_faults(sheet, known))
    reading.faults += faults
    for line in sheet.lines:
        row = _row(line, kind, reading.faults)
        if row:
            reading.rows.append(row)
        else:
            said = (line.cells[name] for name in NAMING if name in line.cells)
            reading.broken |= {str(each).strip().casefold() for each in said}


def _singular(name: str) -> str:
    folded = " ".join(name.casefold().split())
    return folded if folded in _NAMES else folded.removesuffix("s")


def column_of(name: str) -> str:
    """Return the column that a header means: its name, or what it is called in German."""
    folded = name.strip().casefold().replace(" ", "_")
    return _COLUMNS.get(folded, folded)


def _header_faults(sheet: Sheet, known: frozenset[str] | Mapping[str, Reader]) -> Iterator[Fault]:
    seen: set[str] = set()
    for name in filter(None, sheet.columns):
        column = column_of(name)
        if column not in known:
            yield Fault(sheet.name, 1, name, LineFault.UNKNOWN_COLUMN, ", ".join(sorted(known)))
        elif column in seen:
            yield Fault(sheet.name, 1, name, LineFault.COLUMN_TWICE)
        seen.add(column)


def _row(line: Line, kind: Kind | None, faults: list[Fault]) -> Row | None:
    """Return the row's values; None, and the fault told, where it is of no kind."""
    written = {column_of(name): cell for name, cell in line.cells.items()}
    if kind is None:
        said = written.pop(KIND, "")
        kind = _NAMES.get(_singular(str(said)))
        if kind is None:
            code = LineFault.UNKNOWN_KIND if said else LineFault.NO_KIND
            known = ", ".join(Kind)
            faults.append(Fault(line.sheet, line.number, KIND, code, known))
            return None
    columns, values, before = KINDS[kind], {}, len(faults)
    for name, cell in written.items():
        place = (line.sheet, line.number, name)
        if name not in columns.readers:
            if name in EVERY_COLUMN:
                faults.append(Fault(*place, LineFault.NOT_FOR_THIS_KIND, kind.value))
            elif name not in {KIND, ""} and name.isupper():
                faults.append(Fault(*place, LineFault.UNKNOWN_COLUMN, ", ".join(columns.readers)))
            continue
        try:
            values[name] = _value(columns.readers[name], cell)
        except BadCell as bad:
            faults.append(Fault(*place, bad.fault, bad.value))
    missing = [name for name in columns.required if name not in written]
    faults += [Fault(line.sheet, line.number, name, LineFault.MISSING) for name in missing]
    return Row(kind, line.sheet, line.number, values) if len(faults) == before else None


def _value(reader: Reader, cell: cells.Cell | BadCell) -> Any:  # noqa: ANN401 -- as the reader's
    if isinstance(cell, BadCell):
        raise cell
    if isinstance(cell, bool):
        raise BadCell(CellFault.NO_NUMBER, cell)
    return reader(cell)
