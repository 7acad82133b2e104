"""Rows of a table of meetings as values: their columns and what each must hold.

docs/meetings.md tells the same to people.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, time
from typing import Any

from django.utils.translation import gettext as _

from rotation.meetings.days import days_in, periods_in
from rotation.meetings.recurrence import rule_fault
from rotation.meetings.rhythms import Rhythm, rule_of
from rotation.rosters import cells
from rotation.rosters.cells import BadCell, Cell, CellFault
from rotation.rosters.kinds import Fault, LineFault
from rotation.rosters.plan import RowFault
from rotation.rosters.sheets import Line, Sheet

RHYTHMS: Mapping[str, Rhythm] = {
    "once": Rhythm.ONCE, "einmal": Rhythm.ONCE,
    "weekly": Rhythm.WEEKLY, "wöchentlich": Rhythm.WEEKLY,
    "biweekly": Rhythm.BIWEEKLY, "zweiwöchentlich": Rhythm.BIWEEKLY,
    "monthly": Rhythm.MONTHLY, "monatlich": Rhythm.MONTHLY,
}  # fmt: skip
TRUTHS: Mapping[str, bool] = {
    **dict.fromkeys(("yes", "ja", "true", "wahr", "1", "x"), True),
    **dict.fromkeys(("no", "nein", "false", "falsch", "0", "-"), False),
}


def _clock(cell: Cell) -> time:
    if isinstance(cell, time):
        return cell.replace(second=0, microsecond=0)
    try:
        return cells.clock_of(cells.text(cell))
    except ValueError as error:
        raise BadCell(CellFault.NO_MOMENT, cell) from error


def _truth(cell: Cell) -> bool:
    if isinstance(cell, bool):
        return cell
    written = cells.text(cell).casefold()
    if written not in TRUTHS:
        raise ValueError(_("Write yes or no."))
    return TRUTHS[written]


def _listed(read: Callable[[str], Any]) -> Callable[[Cell], Any]:
    def listed(cell: Cell) -> Any:  # noqa: ANN401 -- days or periods
        written = f"{cells.day(cell)}" if not isinstance(cell, str) else cell
        try:
            return read(written)
        except ValueError as error:
            raise BadCell(CellFault.NO_DAY, str(error)) from error

    return listed


REQUIRED = ("department", "title", "starts_on", "time")
READERS: Mapping[str, Callable[[Cell], Any]] = {
    "department": cells.text,
    "key": cells.text,
    "title": cells.text,
    "location": cells.text,
    "host": cells.address,
    "starts_on": cells.day,
    "time": _clock,
    "minutes": cells.whole,
    "every": cells.text,
    "time_zone": cells.text,
    "seats": cells.whole,
    "needs_approval": _truth,
    "confidential": _truth,
    "notice_hours": cells.whole,
    "travel_minutes": cells.whole,
    "guests_per_month": cells.whole,
    "not_on": _listed(days_in),
    "also_on": _listed(days_in),
    "without_guests": _listed(periods_in),
    "last_on": cells.day,
}


@dataclass(frozen=True, slots=True)
class MeetingRow:
    """One row as values by column; what is empty is left out."""

    sheet: str
    number: int
    values: Mapping[str, Any]

    def fault(self, column: str, code: str, value: object = "") -> Fault:
        """Return a fault at one column of this row."""
        return Fault(self.sheet, self.number, column, code, str(value))


@dataclass(slots=True)
class MeetingTable:
    """What a file says, and everything in it that cannot be read."""

    read: int = 0
    rows: list[MeetingRow] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)


def meeting_rows(sheets: list[Sheet]) -> MeetingTable:
    """Return the rows of all sheets; a row with a fault is left out and its faults are named."""
    table = MeetingTable()
    for sheet in sheets:
        unknown = [name for name in sheet.columns if name and name not in READERS]
        known = ", ".join(READERS)
        table.faults += [
            Fault(sheet.name, 1, name, LineFault.UNKNOWN_COLUMN, known) for name in unknown
        ]
        for line in sheet.lines:
            table.read += 1
            _read_line(table, line)
    return table


def _read_line(table: MeetingTable, line: Line) -> None:
    values: dict[str, Any] = {}
    faults = [
        Fault(line.sheet, line.number, name, LineFault.MISSING)
        for name in REQUIRED
        if name not in line.cells
    ]
    for name, cell in line.cells.items():
        try:
            if isinstance(cell, BadCell):
                raise cell
            if name in READERS:
                values[name] = READERS[name](cell)
        except BadCell as bad:
            faults.append(Fault(line.sheet, line.number, name, bad.fault, bad.value))
        except ValueError as error:
            faults.append(Fault(line.sheet, line.number, name, RowFault.INVALID, str(error)))
    if faults:
        table.faults += faults
    else:
        table.rows.append(MeetingRow(line.sheet, line.number, values))


def rule_in(written: str, first: date) -> str:
    """Return the RRULE that a cell names: a word such as weekly, or a rule itself.

    Raises:
        ValueError: it is neither; with the part of the rule that is not known.
    """
    if rhythm := RHYTHMS.get(written.casefold()):
        return rule_of(rhythm, first)
    rule = written.upper().removeprefix("RRULE:")
    if fault := rule_fault(rule):
        raise ValueError(fault)
    return rule
