"""file -> meetings -> booking -> invite: a table of series, wholly or not at all."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import IO, Any
from zoneinfo import ZoneInfo

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from rotation.audit.services import By
from rotation.directory.models import Department, Host
from rotation.meetings.days import Days
from rotation.meetings.models import LONGEST_MEETING, LONGEST_WAY, MeetingSeries
from rotation.meetings.queries import closed_periods_of, running_series
from rotation.meetings.services import offer_series
from rotation.meetings.table import MeetingRow, meeting_rows, rule_in
from rotation.periods.weeks import is_plannable, midnight
from rotation.rosters.kinds import Fault
from rotation.rosters.plan import Effect, RowFault
from rotation.rosters.sentences import fault_message
from rotation.rosters.sheets import sheets_of
from rotation.workflows.change_series import Effects, SeriesChange, change_series

MOST_ROWS = 2_000
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
# Columns of the table that hold a number of these, with the least and the most.
UNITS = {
    "minutes": ("duration", MINUTE, timedelta(minutes=5), LONGEST_MEETING),
    "notice_hours": ("notice", HOUR, timedelta(0), 365 * DAY),
    "travel_minutes": ("travel", MINUTE, timedelta(0), LONGEST_WAY),
}
COPIED = {
    "title": "title", "location": "location", "seats": "seats", "confidential": "confidential",
    "needs_approval": "needs_approval", "guests_per_month": "guests_per_month",
    "not_on": "excluded_on", "also_on": "extra_on", "key": "import_key", "time_zone": "time_zone",
}  # fmt: skip
CELLS = {column: cell for cell, column in COPIED.items()} | {
    column: cell for cell, (column, *_rest) in UNITS.items()
}
FEED_COLUMNS = ("feed_digest", "feed_uid", "feed", "version", "missing_since")
Allowed = Callable[[int], bool]


@dataclass(frozen=True, slots=True)
class ImportedMeetings:
    """What a file did, or what a dry run would have done.

    Attributes:
        effects: How many rows created, changed or left unchanged a series.
        faults: What is wrong, in the order of the file; with any, nothing was written.
        is_dry: Whether nothing was to be written.
        changes: What the changed series do to meetings and guests.
    """

    effects: Mapping[Effect, int]
    faults: list[Fault] = field(default_factory=list)
    is_dry: bool = False
    changes: list[Effects] = field(default_factory=list)

    @property
    def is_written(self) -> bool:
        """Whether the file's series are offered now."""
        return not self.faults and not self.is_dry

    def figures(self) -> dict[str, Any]:
        """Return everything as JSON knows it; keys are part of the command's contract."""
        return {
            "written": self.is_written,
            "dry_run": self.is_dry,
            "series": {effect.value: self.effects[effect] for effect in Effect},
            "guests_told": sum(len(each.told) for each in self.changes),
            "faults": [
                {
                    "sheet": fault.sheet,
                    "row": fault.row,
                    "column": fault.column,
                    "code": str(fault.code),
                    "message": fault_message(fault),
                }
                for fault in self.faults
            ],
        }


@dataclass(slots=True)
class _Work:
    by: By
    now: datetime
    allowed: Allowed
    departments: Mapping[str, Department]
    effects: dict[Effect, int]
    faults: list[Fault]
    changes: list[Effects] = field(default_factory=list)
    seen: dict[tuple[int, str], int] = field(default_factory=dict)


@transaction.atomic
def import_meetings(
    file: IO[bytes], *, by: By, now: datetime, allowed: Allowed, dry_run: bool = False
) -> ImportedMeetings:
    """Offer and change the series that a table names, and return what that did; safe to repeat.

    A row is known again by its department and its key, else by its title. All or nothing: with a
    fault anywhere nothing is written. What a row leaves empty stays as it is. `allowed` says
    whether series of a department may be changed.

    Raises:
        UnreadableTable: the file is no table that can be read.
    """
    table = meeting_rows(sheets_of(file))
    departments = {each.code.casefold(): each for each in Department.objects.all()}
    effects = dict.fromkeys(Effect, 0)
    work = _Work(replace(by, version=None), now, allowed, departments, effects, table.faults)
    for row in table.rows[:MOST_ROWS]:
        _take(work, row)
    for row in table.rows[MOST_ROWS:][:1]:
        text = _("A file holds at most %(most)s rows; split it.") % {"most": MOST_ROWS}
        work.faults.append(row.fault("title", RowFault.INVALID, text))
    faults = sorted(work.faults, key=lambda fault: (fault.sheet, fault.row))
    if faults or dry_run:
        transaction.set_rollback(True)
    return ImportedMeetings(effects, faults, dry_run, work.changes)


def _take(work: _Work, row: MeetingRow) -> None:
    """Offer or change the row's series, or note what is wrong with it."""
    department = work.departments.get(row.values["department"].casefold())
    if department is None:
        code = row.values["department"]
        work.faults.append(row.fault("department", RowFault.UNKNOWN_DEPARTMENT, code))
        return
    if not work.allowed(department.pk):
        text = _("This is not your department; ask its host or an administrator.")
        work.faults.append(row.fault("department", RowFault.INVALID, text))
        return
    key = (department.pk, (row.values.get("key") or row.values["title"]).casefold())
    before = work.seen.setdefault(key, row.number)
    if before != row.number:
        work.faults.append(row.fault("title", RowFault.CONTRADICTION, before))
        return
    try:
        _store(work, row, department)
    except _BadRow as bad:
        work.faults.append(row.fault(bad.column, RowFault.INVALID, bad.text))


class _BadRow(Exception):  # noqa: N818 -- a fact, not a fault
    """A value of the row cannot be; carries the column and a sentence."""

    def __init__(self, column: str, text: str) -> None:
        super().__init__(column)
        self.column, self.text = column, text


def _store(work: _Work, row: MeetingRow, department: Department) -> None:
    known = _known(row, department, work.now)
    series = known or MeetingSeries(department=department, time_zone=department.time_zone)
    values = _columns(row, series)
    closed: list[Days] | None = row.values.get("without_guests")
    differing = {name: value for name, value in values.items() if getattr(series, name) != value}
    for name, value in differing.items():
        setattr(series, name, value)
    _check(series)
    if known is None:
        offer_series(series, now=work.now, by=work.by, closed=closed)
        work.effects[Effect.CREATED] += 1
    elif differing or (closed is not None and closed != closed_periods_of(series)):
        change = SeriesChange(differing, closed)
        work.changes.append(change_series(series.pk, change, by=work.by, now=work.now))
        work.effects[Effect.CHANGED] += 1
    else:
        work.effects[Effect.UNCHANGED] += 1


def _known(row: MeetingRow, department: Department, now: datetime) -> MeetingSeries | None:
    running = running_series(now).filter(department=department).order_by("pk")
    if key := row.values.get("key"):
        return running.filter(import_key=key).first()
    return running.filter(title__iexact=row.values["title"], import_key="").first()


def _columns(row: MeetingRow, series: MeetingSeries) -> dict[str, Any]:
    """Return what the row says as columns of a series; raises `_BadRow`."""
    said = row.values
    values = {COPIED[name]: said[name] for name in COPIED if name in said}
    for name, (column, *_rest) in UNITS.items():
        if name in said:
            values[column] = _amount(name, said[name])
    for name in ("starts_on", "last_on"):
        if name in said and not is_plannable(said[name]):
            raise _BadRow(name, _out_of_range(said[name]))
    try:
        zone = ZoneInfo(values.get("time_zone", series.time_zone))
    except (KeyError, ValueError, OSError) as error:
        text = _("“%(zone)s” is no time zone. Write one such as Europe/Berlin.")
        raise _BadRow("time_zone", text % {"zone": said["time_zone"]}) from error
    values["starts_at"] = datetime.combine(said["starts_on"], said["time"], zone)
    values["rrule"] = _rule(row)
    if "last_on" in said:
        values["ended_at"] = midnight(said["last_on"] + DAY, zone)
    if "host" in said:
        values["host"] = _host(said["host"], series.department_id)
    return values


def _amount(name: str, number: int) -> timedelta:
    _column, unit, least, most = UNITS[name]
    if not least // unit <= number <= most // unit:
        raise _BadRow(name, _out_of_range(number))
    return number * unit


def _out_of_range(value: object) -> str:
    return _("%(value)s is out of range; correct it.") % {"value": value}


def _rule(row: MeetingRow) -> str:
    try:
        return rule_in(row.values.get("every", "weekly"), row.values["starts_on"])
    except ValueError as error:
        text = _("“%(part)s” is no rhythm; write once, weekly, biweekly, monthly, or an RRULE.")
        raise _BadRow("every", text % {"part": str(error)}) from error


def _host(address: str, department_id: int) -> Host:
    found = Host.objects.filter(user__email__iexact=address, department=department_id).first()
    if found is None:
        text = _("No host of this department has the address %(address)s.")
        raise _BadRow("host", text % {"address": address})
    return found


def _check(series: MeetingSeries) -> None:
    """Raise `_BadRow` for a value that the column cannot hold."""
    try:
        series.clean_fields(exclude=FEED_COLUMNS)
    except ValidationError as error:
        column, messages = next(iter(error.message_dict.items()))
        raise _BadRow(CELLS.get(column, column), messages[0]) from error
