"""Canonical records that are pushed: what can be read of them, and all that cannot; pure."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from rotation.workload.mapping import PUSHED
from rotation.workload.records import Batch, Fault, Rejected, Row
from rotation.workload.rows import RowReader, Table, Tally
from rotation.workload.structured import row_of

HEADER = tuple(PUSHED.columns.values())
OURS = frozenset({"first_seen_at", "last_seen_at"})  # of the record too, but ours to say
NAMES = frozenset({"source", *HEADER, *OURS})
SOURCE = re.compile(r"[-a-zA-Z0-9_]{1,60}")
LONGEST_NAME = 80  # characters of an unknown field that are told


@dataclass(frozen=True, slots=True)
class Pushed:
    """One record as it was read.

    Attributes:
        source, external_id: Whose it is; what could not be read is empty.
        row: Its cells, in the order of `HEADER`.
        faults: All that is wrong with it; then it is not written.
    """

    source: str
    external_id: str
    row: Row = ()
    faults: Sequence[Rejected] = field(default=())


def read_pushed(records: Iterable[object]) -> list[Pushed]:
    """Return each record with everything that is wrong with it, in the order given."""
    reader = reader_of([])
    return [_read(record, reader) for record in records]


def reader_of(rows: Sequence[Row]) -> RowReader:
    """Return what reads such rows."""
    return RowReader(Table("", HEADER, iter([Batch(1, rows)])), PUSHED, Tally())


def reader_of_records(records: Iterable[Mapping[str, Any]]) -> RowReader:
    """Return what reads records that are known to be right."""
    return reader_of([row_of(record, HEADER) for record in records])


def _read(record: object, reader: RowReader) -> Pushed:
    if not isinstance(record, Mapping):
        return Pushed("", "", faults=[Rejected(Fault.BAD_TYPE)])
    row = row_of({**record, **_raw_words(record)}, HEADER)
    source = record.get("source")
    unknown = [
        Rejected(Fault.UNKNOWN_FIELD, str(name)[:LONGEST_NAME])
        for name in record
        if name not in NAMES
    ]
    faults = dict.fromkeys([*_of_source(source), *unknown, *reader.faults(row)])
    told = record.get("external_id")
    return Pushed(
        source=source if isinstance(source, str) else "",
        external_id=str(told)[:LONGEST_NAME].strip() if isinstance(told, str | int) else "",
        row=row,
        faults=list(faults),
    )


def _raw_words(record: Mapping[str, Any]) -> dict[str, Any]:
    """Return the source's own words; where they are not told, ours stand for them, as in files."""
    words = {"raw_state": "state", "raw_priority": "priority"}
    return {raw: record.get(ours) for raw, ours in words.items() if record.get(raw) is None}


def _of_source(source: object) -> list[Rejected]:
    if source is None or source == "":
        return [Rejected(Fault.MISSING_VALUE, "source")]
    if not isinstance(source, str) or not SOURCE.fullmatch(source):
        return [Rejected(Fault.BAD_WORD, "source")]
    return []
