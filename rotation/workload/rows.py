"""Rows of a table become records, one at a time; a bad row is named and the next one read; pure."""

import csv
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from rotation.periods.weeks import is_plannable
from rotation.workload.errors import MissingColumn, UnreadableFile
from rotation.workload.mapping import DATES, FLAGS, ISO, NUMBERS, SourceMapping
from rotation.workload.records import Fault, Record, Rejected, RowFault

OVERLONG_LINE = "\x00line too long\n"  # stands in for a line that was not read to its end
LONGEST_ID, LONGEST_KEY, LONGEST_WORD = 80, 120, 80
LARGEST_COUNT = {"revision": 2**31 - 1, "reopened_count": 2**15 - 1}
LARGEST_MINUTES = 2**31 - 1
MOST_REMEMBERED = 50_000
UNDECODABLE = re.compile("[\ud800-\udfff]")
CONTROL = re.compile("[\x00-\x1f\x7f-\x9f]")
# Directives of `strptime` that mean so many digits.
DIGITS = {
    "%Y": "(?P<year>[0-9]{4})",
    "%m": "(?P<month>[0-9]{2})",
    "%d": "(?P<day>[0-9]{2})",
    "%H": "(?P<hour>[0-9]{2})",
    "%M": "(?P<minute>[0-9]{2})",
    "%S": "(?P<second>[0-9]{2})",
}
DAY = {"%Y", "%m", "%d"}
YES, NO = frozenset({"true", "1", "yes"}), frozenset({"false", "0", "no"})


@dataclass(slots=True)
class Tally:
    """What a delivery held; filled while it is read.

    Attributes:
        read: Rows below the header.
        rejected: Rows by why they were rejected.
        examples: The first rejected rows: file, row number (the header is row 1), why.
        unmapped: Field -> the source's words that the mapping does not know, with rows.
    """

    read: int = 0
    rejected: Counter[str] = field(default_factory=Counter)
    examples: list[dict[str, object]] = field(default_factory=list)
    unmapped: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))

    MOST_EXAMPLES = 20

    def reject(self, file: str, row: int, why: Rejected) -> None:
        """Count a rejected row and keep the first ones for the report."""
        self.rejected[why.fault] += 1
        if len(self.examples) < self.MOST_EXAMPLES:
            example = {"file": file, "row": row, "reason": why.fault.value, "column": why.column}
            self.examples.append(example)


def records(
    lines: Iterable[str], mapping: SourceMapping, tally: Tally, file: str
) -> Iterator[Record]:
    """Yield a record for each readable row; what is not readable goes into `tally`.

    Raises:
        UnreadableFile: there is no header.
        MissingColumn: the header lacks a column that the mapping needs.
    """
    rows = csv.reader(lines, delimiter=mapping.delimiter)
    header = _header(rows, file)
    reader = RowReader(mapping, _positions(header, mapping, file), len(header), tally.unmapped)
    number = 1
    while True:
        number += 1
        try:
            row = next(rows)
        except StopIteration:
            return
        except csv.Error:
            tally.read += 1
            tally.reject(file, number, Rejected(Fault.BAD_QUOTES))
            continue
        if not row:
            continue
        tally.read += 1
        try:
            yield reader.record(row)
        except RowFault as fault:
            tally.reject(file, number, fault.rejected)


def _header(rows: Iterator[list[str]], file: str) -> list[str]:
    try:
        return [name.strip() for name in next(rows)]
    except (StopIteration, csv.Error) as error:
        raise UnreadableFile(file=file, problem="empty") from error


def _positions(header: Sequence[str], mapping: SourceMapping, file: str) -> dict[str, int]:
    found = {name: index for index, name in enumerate(header)}
    for name, column in mapping.columns.items():
        if column not in found and name not in mapping.optional:
            raise MissingColumn(file=file, column=column)
    return {name: found[column] for name, column in mapping.columns.items() if column in found}


class RowReader:
    """Reads rows of one layout."""

    def __init__(
        self,
        mapping: SourceMapping,
        positions: dict[str, int],
        width: int,
        unmapped: dict[str, Counter[str]],
    ) -> None:
        self.mapping = mapping
        self.positions = positions
        self.width = width
        self.unmapped = unmapped
        self.digits = _pattern_of(mapping.date_format)
        # A log repeats its dates, groups and words in row after row.
        self.value = lru_cache(MOST_REMEMBERED)(self._value)
        self.converters: dict[str, Callable[[str], Any]] = {
            **dict.fromkeys(DATES, self._date),
            **dict.fromkeys(NUMBERS, _number),
            **dict.fromkeys(FLAGS, _flag),
        }

    def record(self, row: Sequence[str]) -> Record:
        """Return the record of one row.

        Raises:
            RowFault: the row cannot be read.
        """
        if row[0] == OVERLONG_LINE.rstrip("\n"):
            raise RowFault(Fault.LINE_TOO_LONG)
        if len(row) != self.width:
            raise RowFault(Fault.WRONG_WIDTH)
        values = {name: self.value(name, row[at].strip()) for name, at in self.positions.items()}
        return Record(**self._completed(values))

    def _value(self, name: str, text: str) -> Any:  # noqa: ANN401 -- by the field
        if text in self.mapping.missing:
            return None
        column = self.mapping.columns[name]
        if not text.isprintable():  # seldom; only then it is looked why
            _check_characters(text, column)
        if len(text) > (LONGEST_ID if name == "external_id" else LONGEST_KEY):
            raise RowFault(Fault.TOO_LONG, column)
        converter = self.converters.get(name)
        if converter is None:
            return text
        try:
            value = converter(text)
        except RowFault as fault:
            raise RowFault(fault.rejected.fault, column) from fault
        if name in NUMBERS and value > LARGEST_COUNT.get(name, LARGEST_MINUTES):
            raise RowFault(Fault.BAD_NUMBER, column)
        return value

    def _completed(self, values: dict[str, Any]) -> dict[str, Any]:
        """Turn the source's words into ours and derive what follows from other columns."""
        for name in ("external_id", "created_at"):
            if values.get(name) is None:
                raise RowFault(Fault.MISSING_VALUE, self.mapping.columns[name])
        values["raw_state"] = _shortened(values.get("state"))
        values["raw_priority"] = _shortened(values.get("priority"))
        values["state"] = self._ours("state", values.get("state"), self.mapping.states)
        values["priority"] = self._ours("priority", values.get("priority"), self.mapping.priorities)
        values["kind"] = self._ours("kind", values.get("kind"), self.mapping.kinds)
        values["kind"] = values["kind"] or self.mapping.kind
        values["revision"] = values.get("revision") or 0
        if "sla_met" in values:
            met = values.pop("sla_met")
            values["sla_breached"] = None if met is None else not met
        if values.get("source_updated_at") is None:
            told = (values.get(name) for name in ("created_at", "resolved_at", "closed_at"))
            values["source_updated_at"] = max(at for at in told if at)
        return values

    def _ours(self, name: str, word: str | None, table: Any) -> Any:  # noqa: ANN401 -- by the table
        if word is None or word in table:
            return table.get(word)
        self.unmapped[name][word] += 1
        return None

    def _written(self, text: str) -> datetime:
        """Return the date as it is written; `strptime` is ten times slower than digits are."""
        if self.mapping.date_format == ISO:
            return datetime.fromisoformat(text)
        if self.digits and (found := self.digits.fullmatch(text)):
            told = {"hour": 0, "minute": 0, "second": 0}
            told |= {name: int(digits) for name, digits in found.groupdict().items()}
            return datetime(**told)  # type: ignore[arg-type]  # noqa: DTZ001 -- zone below
        return datetime.strptime(text, self.mapping.date_format)  # noqa: DTZ007 -- zone below

    def _date(self, text: str) -> datetime:
        try:
            at = self._written(text)
            aware = at if at.tzinfo else at.replace(tzinfo=self.mapping.zone)
            at = aware.astimezone(UTC)
        except (ValueError, OverflowError) as error:
            raise RowFault(Fault.BAD_DATE) from error
        if not is_plannable(at.date()):
            raise RowFault(Fault.BAD_DATE)
        return at


def _pattern_of(date_format: str) -> re.Pattern[str] | None:
    """Return what matches dates written in full; None where the format knows more than digits."""
    parts = re.split("(%.)", date_format)
    told = [part for part in parts if part.startswith("%")]
    if not DAY <= set(told) <= DIGITS.keys() or len(set(told)) < len(told):
        return None
    return re.compile("".join(DIGITS.get(part) or re.escape(part) for part in parts))


def _check_characters(text: str, column: str) -> None:
    if UNDECODABLE.search(text):
        raise RowFault(Fault.BAD_ENCODING, column)
    if CONTROL.search(text):
        raise RowFault(Fault.CONTROL_CHARACTER, column)


def _number(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= 12):  # noqa: PLR2004 -- digits
        raise RowFault(Fault.BAD_NUMBER)
    return int(text)


def _flag(text: str) -> bool:
    word = text.lower()
    if word not in YES | NO:
        raise RowFault(Fault.BAD_FLAG)
    return word in YES


def _shortened(word: str | None) -> str | None:
    return word[:LONGEST_WORD] if word else None
