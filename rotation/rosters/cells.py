"""Cells of tables as values: what people and spreadsheets write, read without guessing; pure."""

import re
import unicodedata
from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from itertools import pairwise

Cell = str | int | float | bool | datetime | date | time
Span = tuple[time, time]
EXCEL_EPOCH = date(1899, 12, 30)  # day 1 is 1 January 1900; Excel counts a 29 February 1900
FIRST_SERIAL, LAST_SERIAL = 20_000, 80_000  # 1954 and 2119: other numbers are no days
_ISO_DAY = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})")
_GERMAN_DAY = re.compile(r"(\d{1,2})\.\s?(\d{1,2})\.\s?(\d{4})")
_CLOCK = re.compile(r"(\d{1,2})(?:[:.](\d{2}))?(?::00)?(?:\s?uhr)?", re.IGNORECASE)
_NUMBER = re.compile(r"-?\d+(?:[.,]\d+)?")
_DASHES = re.compile(r"\s*(?:-|\u2013|\u2014|\bto\b|\bbis\b)\s*", re.IGNORECASE)
_BETWEEN = re.compile(r"\s*[,;/+\n]\s*|\s+(?=\d)|\s+und\s+|\s+and\s+", re.IGNORECASE)
_WEEKDAYS: Mapping[str, int] = {
    name: day
    for day, names in enumerate(
        (
            "mon mo monday montag",
            "tue tu di tuesday dienstag",
            "wed we mi wednesday mittwoch",
            "thu th do thursday donnerstag",
            "fri fr friday freitag",
            "sat sa saturday samstag",
            "sun su so sunday sonntag",
        )
    )
    for name in names.split()
}


class CellFault(StrEnum):
    """Why a cell cannot be read; each is one sentence for people."""

    NO_DAY = "no_day"
    NO_MOMENT = "no_moment"
    NO_NUMBER = "no_number"
    NO_WHOLE_NUMBER = "no_whole_number"
    NO_HOURS = "no_hours"
    NO_WEEKDAYS = "no_weekdays"
    HOURS_OVERLAP = "hours_overlap"
    SPREADSHEET_ERROR = "spreadsheet_error"
    FORMULA = "formula"
    LINE_BREAK = "line_break"


class BadCell(ValueError):  # noqa: N818 -- a fact, not a fault
    """A cell that cannot be read.

    Attributes:
        fault: Why.
        value: What stands in it, as text.
    """

    def __init__(self, fault: CellFault, value: object) -> None:
        super().__init__(fault)
        self.fault = fault
        self.value = str(value)


def text(cell: Cell) -> str:
    """Return a cell as text in composed form (NFC), blanks of all kinds folded into one."""
    if isinstance(cell, float) and cell.is_integer():
        cell = int(cell)
    return " ".join(unicodedata.normalize("NFC", str(cell)).split())


def upper(cell: Cell) -> str:
    """Return a code as text in capitals."""
    return text(cell).upper()


def address(cell: Cell) -> str:
    """Return an e-mail address in small letters, without `mailto:`."""
    return text(cell).lower().removeprefix("mailto:")


def addresses(cell: Cell) -> list[str]:
    """Return the addresses of a list, each once, in order."""
    parts = re.split(r"[,;\s]+", text(cell))
    return list(dict.fromkeys(address(part) for part in parts if part))


def words(cell: Cell) -> list[str]:
    """Return the words of a list in small letters, each once, in order."""
    parts = re.split(r"[,;/\s]+", text(cell).lower())
    return list(dict.fromkeys(part for part in parts if part))


def day(cell: Cell) -> date:
    """Return a date: 2026-12-31, 31.12.2026, a date of a spreadsheet, or its number of the day.

    Raises:
        BadCell: it is none, or has a time of day.
    """
    found, clock = day_or_moment(cell)
    if clock is not None:
        raise BadCell(CellFault.NO_DAY, cell)
    return found


def day_or_moment(cell: Cell) -> tuple[date, time | None]:
    """Return a date and, where one is written, the time of day.

    A spreadsheet knows no dates without a time: its midnight is taken for none.

    Raises:
        BadCell: it is neither.
    """
    if isinstance(cell, datetime):
        clock = cell.time().replace(microsecond=0, tzinfo=None)
        return cell.date(), clock if clock != time() else None
    if isinstance(cell, date):
        return cell, None
    if isinstance(cell, int | float) and not isinstance(cell, bool):
        return _day_of_serial(cell)
    return _day_of_text(text(cell) if isinstance(cell, str) else "", cell)


def _day_of_serial(number: float) -> tuple[date, time | None]:
    if not FIRST_SERIAL <= number <= LAST_SERIAL:
        raise BadCell(CellFault.NO_DAY, number)
    minutes = round(number % 1 * 24 * 60)
    moment = datetime.combine(EXCEL_EPOCH, time()) + timedelta(days=int(number), minutes=minutes)
    return moment.date(), moment.time() if minutes else None


def _day_of_text(written: str, cell: Cell) -> tuple[date, time | None]:
    first, _, rest = written.replace("T", " ").partition(" ")
    if match := _ISO_DAY.fullmatch(first):
        year, month, number = map(int, match.groups())
    elif match := _GERMAN_DAY.fullmatch(first):
        number, month, year = map(int, match.groups())
    else:
        raise BadCell(CellFault.NO_DAY, cell)
    try:
        return date(year, month, number), clock_of(rest.strip(" ,")) if rest else None
    except ValueError as error:
        fault = CellFault.NO_MOMENT if rest else CellFault.NO_DAY
        raise BadCell(fault, cell) from error


def clock_of(written: str) -> time:
    """Return a time of day: 8, 8:30, 8.30, 08:30:00, 8 Uhr.

    Raises:
        ValueError: it is none.
    """
    match = _CLOCK.fullmatch(written)
    if not match:
        raise ValueError(written)
    return time(int(match[1]), int(match[2] or 0))


def number(cell: Cell) -> Decimal:
    """Return a number, written with a decimal point or a decimal comma.

    Raises:
        BadCell: it is none.
    """
    written = text(cell)
    if isinstance(cell, bool) or not _NUMBER.fullmatch(written):
        raise BadCell(CellFault.NO_NUMBER, cell)
    try:
        return Decimal(written.replace(",", "."))
    except InvalidOperation as error:
        raise BadCell(CellFault.NO_NUMBER, cell) from error


def whole(cell: Cell) -> int:
    """Return a whole number.

    Raises:
        BadCell: it is none.
    """
    found = number(cell)
    if found != found.to_integral_value() or len(text(cell)) > 9:  # noqa: PLR2004 -- no column holds more
        raise BadCell(CellFault.NO_WHOLE_NUMBER, cell)
    return int(found)


def spans(cell: Cell) -> list[Span]:
    """Return hours of a day in order: 08:00-12:00, 12:30-16:30, or 8-12 13-17; a dash is none.

    Raises:
        BadCell: it cannot be read, runs backwards, or two overlap.
    """
    written = text(cell)
    if written in {"-", "\u2013", "\u2014", "x", "0"}:
        return []
    try:
        found = sorted(_span(part) for part in _BETWEEN.split(_joined(written)) if part)
    except ValueError as error:
        raise BadCell(CellFault.NO_HOURS, cell) from error
    if any(starts < before for (_, before), (starts, _) in pairwise(found)):
        raise BadCell(CellFault.HOURS_OVERLAP, cell)
    return found


def _joined(written: str) -> str:
    """Return the hours without blanks around their dashes, so that blanks stand between them."""
    return _DASHES.sub("-", re.sub(r"\s?uhr", "", written, flags=re.IGNORECASE))


def _span(written: str) -> Span:
    first, dash, last = written.partition("-")
    starts, ends = clock_of(first), clock_of(last)
    if not dash or ends <= starts:
        raise ValueError(written)
    return starts, ends


def weekdays(cell: Cell) -> list[int]:
    """Return weekdays in order, Monday is 0: mon-thu, Mo-Do, mon, wed, fri.

    Raises:
        BadCell: it cannot be read.
    """
    found: set[int] = set()
    for part in re.split(r"[,;/\s]+", _DASHES.sub("-", text(cell).lower())):
        first, dash, last = part.partition("-")
        if first.strip(".") not in _WEEKDAYS or (dash and last.strip(".") not in _WEEKDAYS):
            raise BadCell(CellFault.NO_WEEKDAYS, cell)
        start = _WEEKDAYS[first.strip(".")]
        found.update(range(start, (_WEEKDAYS[last.strip(".")] if dash else start) + 1))
    if not found:
        raise BadCell(CellFault.NO_WEEKDAYS, cell)
    return sorted(found)
