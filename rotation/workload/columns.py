"""Cells of one column as the database's COPY reads them; each distinct cell is read once; pure.

A log repeats its dates, groups and words in row after row. What is read once is remembered
together with everything that was checked, so that a repeated cell costs one look into a dict.
"""

import re
from collections.abc import Callable, Container, Mapping
from datetime import UTC, datetime, timedelta
from functools import cache, partial
from zoneinfo import ZoneInfo

from rotation.periods.weeks import is_plannable
from rotation.workload.mapping import DATES, FLAGS, ISO, NUMBERS, SourceMapping
from rotation.workload.records import Cell, Fault, RowFault

NULL = r"\N"  # what COPY reads as NULL
LONGEST_KEY, LONGEST_WORD = 120, 80
LONGEST = {"external_id": 80, "raw_state": LONGEST_WORD, "raw_priority": LONGEST_WORD}
LARGEST_COUNT = {"revision": 2**31 - 1, "reopened_count": 2**15 - 1}
LARGEST_MINUTES = 2**31 - 1
MOST_REMEMBERED = 2_000  # cells of a column; rows of a ticket are seldom far apart
UNDECODABLE = re.compile("[\ud800-\udfff]")
CONTROL = re.compile("[\x00-\x1f\x7f-\x9f]")
YES, NO = frozenset({"true", "1", "yes"}), frozenset({"false", "0", "no"})
EPOCH, MICROSECOND = datetime(1970, 1, 1, tzinfo=UTC), timedelta(microseconds=1)
LAST_OF_A_DAY = timedelta(hours=23, minutes=59, seconds=59)


class Column(dict[Cell, str]):
    """Cells -> the text that COPY reads; a cell that cannot be read raises RowFault.

    Attributes:
        has_gaps: Whether some cell told nothing.
    """

    def __init__(self, read: Callable[[Cell], str]) -> None:
        super().__init__()
        self.read = read
        self.has_gaps = False

    def __missing__(self, cell: Cell) -> str:
        """Return the text of a cell that was not seen lately."""
        text = self.read(cell)
        if text == NULL:
            self.has_gaps = True
        if len(self) >= MOST_REMEMBERED:
            self.clear()
        self[cell] = text
        return text


class Words(Column):
    """A column of the source's words.

    Attributes:
        unknown: Cells whose word the mapping does not know -> that word.
    """

    def __init__(self, mapping: SourceMapping, name: str, table: Mapping[str, object]) -> None:
        super().__init__(self._ours)
        self.unknown: dict[Cell, str] = {}
        self.table = table
        self.mapping, self.name = mapping, name

    def _ours(self, cell: Cell) -> str:
        word = told(self.mapping, self.name, cell)
        if word is None:
            return NULL
        if word in self.table:
            return str(self.table[word])
        if self.mapping.is_strict:
            raise RowFault(Fault.BAD_WORD, self.mapping.columns[self.name])
        self.unknown[cell] = word
        return NULL


class Moments:
    """Dates of one format; a day is read once, whatever times of it come.

    Attributes:
        days: What is written before a time -> that day's first moment, once it is known.
        times: What is written as time -> how long after the day's first moment that is; nothing
            where a format has no such end.
        length: How long a time is.
    """

    def __init__(self, date_format: str, zone: ZoneInfo | None) -> None:
        self.format = date_format
        self.zone = zone
        # A day's times can be told apart where a space stands before them.
        end = next((end for end in ("%H:%M", "%H:%M:%S") if date_format.endswith(" " + end)), "")
        self.times = _times(len(end) > len("%H:%M")) if end else {}
        self.length = len("09:00:00" if "%S" in end else "09:00")
        self.day_format = date_format.removesuffix(end)
        self.days: dict[str, int] = {}

    def text(self, text: str) -> str:
        """Return the moment in microseconds since 1970; its day is known then.

        Raises:
            RowFault: it is no date of this format, or of a year that nobody plans.
        """
        try:
            if self.format == ISO:
                at = datetime.fromisoformat(text)
            else:
                at = datetime.strptime(text, self.format)  # noqa: DTZ007 -- zone below
        except ValueError as error:
            raise RowFault(Fault.BAD_DATE) from error
        moment = _microseconds(at, self.zone)
        if text[-self.length :] in self.times:
            self._learn(text[: -self.length])
        return str(moment)

    def _learn(self, text: str) -> None:
        """Remember the day that is written as `text`, unless clocks change on it."""
        day = datetime.strptime(text, self.day_format)  # noqa: DTZ007 -- zone below
        try:
            first, last = (_microseconds(at, self.zone) for at in (day, day + LAST_OF_A_DAY))
        except RowFault:  # at the end of the years
            return
        if last - first == LAST_OF_A_DAY // MICROSECOND:
            self.days[text] = first


class Dates(Column):
    """A column of dates, as `read` reads them; quick where the day of a date is known."""

    def __init__(
        self, read: Callable[[Cell], str], moments: Moments, missing: Container[str]
    ) -> None:
        super().__init__(read)
        self.days, self.times, self.length = moments.days, moments.times, moments.length
        self.missing = missing

    def __missing__(self, cell: Cell) -> str:
        """Return the moment that was not seen lately."""
        if isinstance(cell, str):
            day, time = self.days.get(cell[: -self.length]), self.times.get(cell[-self.length :])
            if day is not None and time is not None and cell not in self.missing:
                if len(self) >= MOST_REMEMBERED:
                    self.clear()
                self[cell] = text = str(day + time)
                return text
        return super().__missing__(cell)


class ColumnReaders:
    """Makes the readers of a mapping's columns."""

    def __init__(self, mapping: SourceMapping) -> None:
        self.mapping = mapping
        self.moments = Moments(mapping.date_format, mapping.zone)

    def column(self, name: str) -> Column:
        """Return the reader of the field `name`."""
        tables = {
            "state": self.mapping.states,
            "priority": self.mapping.priorities,
            "kind": self.mapping.kinds,
        }
        if name in tables:
            return Words(self.mapping, name, tables[name])
        if name in DATES:
            read = partial(_read, self.mapping, name, self.moments.text)
            return Dates(read, self.moments, self.mapping.missing)
        return self._column(name, self._converter(name))

    def raw(self, name: str) -> Column:
        """Return the reader of the field `name` as the source writes it, shortened."""
        return self._column(name, lambda text: escaped(text[:LONGEST_WORD]))

    def _column(self, name: str, convert: Callable[[str], str]) -> Column:
        return Column(partial(_read, self.mapping, name, convert))

    def _converter(self, name: str) -> Callable[[str], str]:
        if name in NUMBERS:
            return partial(_number, LARGEST_COUNT.get(name, LARGEST_MINUTES))
        if name in FLAGS:
            return partial(_flag, turned=name == "sla_met")
        return escaped


def told(mapping: SourceMapping, name: str, cell: Cell) -> str | None:
    """Return the text of `cell` without the space around it; None where nothing is told.

    Raises:
        RowFault: it holds what no field may hold, or more than fits.
    """
    column = mapping.columns[name]
    if isinstance(cell, Fault):
        raise RowFault(cell, column)
    text = cell.isoformat(" ") if isinstance(cell, datetime) else (cell or "").strip()
    if text in mapping.missing:
        return None
    if not text.isprintable():  # seldom; only then it is looked why
        _check_characters(text, column)
    if len(text) > LONGEST.get(name, LONGEST_KEY):
        raise RowFault(Fault.TOO_LONG, column)
    return text


def _read(mapping: SourceMapping, name: str, convert: Callable[[str], str], cell: Cell) -> str:
    try:
        if isinstance(cell, datetime) and name in DATES:
            return str(_microseconds(cell, mapping.zone))
        text = told(mapping, name, cell)
        return NULL if text is None else convert(text)
    except RowFault as fault:
        raise RowFault(fault.rejected.fault, mapping.columns[name]) from fault


def escaped(text: str) -> str:
    """Return `text`, which holds no control character, as COPY wants it."""
    return text.replace("\\", "\\\\")


@cache
def _times(with_seconds: bool) -> Mapping[str, int]:  # noqa: FBT001 -- two tables
    """Return all times of a day as they are written, and their microseconds."""
    minutes = {f"{at // 60:02}:{at % 60:02}": at * 60_000_000 for at in range(24 * 60)}
    if not with_seconds:
        return minutes
    return {
        f"{minute}:{second:02}": at + second * 1_000_000
        for minute, at in minutes.items()
        for second in range(60)
    }


def _microseconds(at: datetime, zone: ZoneInfo | None) -> int:
    """Return a moment as the microseconds since 1970; one that names no zone is of `zone`."""
    if at.tzinfo is None:
        if zone is None:
            raise RowFault(Fault.BAD_DATE)
        at = at.replace(tzinfo=zone)
    try:
        at = at.astimezone(UTC)
    except OverflowError as error:
        raise RowFault(Fault.BAD_DATE) from error
    if not is_plannable(at.date()):
        raise RowFault(Fault.BAD_DATE)
    return (at - EPOCH) // MICROSECOND


def _check_characters(text: str, column: str) -> None:
    if UNDECODABLE.search(text):
        raise RowFault(Fault.BAD_ENCODING, column)
    if CONTROL.search(text):
        raise RowFault(Fault.CONTROL_CHARACTER, column)


def _number(largest: int, text: str) -> str:
    if not (text.isascii() and text.isdigit() and len(text) <= 12):  # noqa: PLR2004 -- digits
        raise RowFault(Fault.BAD_NUMBER)
    if int(text) > largest:
        raise RowFault(Fault.BAD_NUMBER)
    return text


def _flag(text: str, *, turned: bool) -> str:
    word = text.lower()
    if word not in YES | NO:
        raise RowFault(Fault.BAD_FLAG)
    return "f" if (word in YES) == turned else "t"
