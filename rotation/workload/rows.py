"""Rows of a table become text for COPY, in batches; a bad row is named, the next one read; pure.

A batch is turned on its side and read column by column. Only where something is wrong in it, its
rows are looked at one by one, the bad ones are counted, and the rest is read again.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import compress, repeat
from operator import and_, eq, lt, not_

from rotation.workload.columns import NULL, Column, ColumnReaders, Words
from rotation.workload.errors import MissingColumn
from rotation.workload.mapping import SourceMapping
from rotation.workload.records import OVERLONG_LINE, Batch, Cell, Fault, Rejected, Row, RowFault

NEEDED = ("external_id", "created_at")
RAW = ("state", "priority")
ORDERED = ("external_id", "source_updated_at")


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


@dataclass(frozen=True, slots=True)
class Table:
    """A table that waits to be read: the names of its columns, and its rows."""

    name: str
    header: Sequence[str]
    batches: Iterator[Batch]


class RowReader:
    """Reads the rows of one table.

    Attributes:
        fields: What each line of the text holds, in this order.
    """

    def __init__(self, table: Table, mapping: SourceMapping, tally: Tally) -> None:
        """Look up the columns.

        Raises:
            MissingColumn: the header lacks a column that the mapping needs.
        """
        self.table = table
        self.mapping = mapping
        self.tally = tally
        self.width = len(table.header)
        self.position = 0
        positions = _positions(table, mapping)
        readers = ColumnReaders(mapping)
        columns = [(name, at, readers.column(name)) for name, at in positions.items()]
        raw = [
            (f"raw_{name}", positions[name], readers.raw(name))
            for name in RAW
            if name in positions and f"raw_{name}" not in positions
        ]
        self.columns: list[tuple[str, int, Column]] = columns + raw
        self.fields = ("position", *(_stored_as(name) for name, _, _ in self.columns))
        self.needed = [
            1 + index for index, (name, _, _) in enumerate(self.columns) if name in NEEDED
        ]

    def blocks(self) -> Iterator[str]:
        """Yield the readable rows as text for COPY; what is not readable goes into the tally."""
        for batch in self.table.batches:
            yield self._block(batch)
            if batch.broken:
                self.tally.read += 1
                row = batch.first + len(batch.rows)
                self.tally.reject(self.table.name, row, Rejected(batch.broken))

    def fields_with_gaps(self) -> list[str]:
        """Return the fields that some row did not tell, once all is read."""
        return [_stored_as(name) for name, _, column in self.columns if column.has_gaps]

    def _block(self, batch: Batch) -> str:
        try:
            lines = self._lines(batch.rows)
            rows = len(batch.rows)
        except RowFault:
            readable = list(self._readable(batch))
            return self._lines(readable) if readable else ""
        self.tally.read += rows
        return lines

    def _lines(self, rows: Sequence[Row]) -> str:
        """Return the rows as text.

        Raises:
            RowFault: one of them cannot be read.
        """
        if not rows:
            return ""
        if set(map(len, rows)) != {self.width}:
            raise RowFault(Fault.WRONG_WIDTH)
        cells: list[tuple[Cell, ...]] = list(zip(*rows, strict=True))
        texts = [
            list(map(str, range(self.position, self.position + len(rows)))),
            *(list(map(column.__getitem__, cells[at])) for _, at, column in self.columns),
        ]
        if any(NULL in texts[index] for index in self.needed):
            raise RowFault(Fault.MISSING_VALUE)
        for name, at, column in self.columns:
            if isinstance(column, Words) and column.unknown:
                known = filter(column.unknown.__contains__, cells[at])
                self.tally.unmapped[name].update(map(column.unknown.__getitem__, known))
        self.position += len(rows)
        lines = map("\t".join, zip(*texts, strict=True))
        return "\n".join(compress(lines, self._not_void(texts))) + "\n"

    def _not_void(self, texts: Sequence[Sequence[str]]) -> Iterable[bool]:
        """Return for each row whether it must be written.

        It need not where the next row is a later state of the same ticket that tells all that it
        tells. The database folds whatever rows a ticket has; this spares it most of a log.
        """
        if "source_updated_at" not in self.fields:
            return repeat(True)
        numbers, times = (texts[self.fields.index(name)] for name in ORDERED)
        if NULL in times or len(set(map(len, times))) > 1:  # not in the order of their numbers
            return repeat(True)
        void = list(map(and_, map(eq, numbers, numbers[1:]), map(lt, times, times[1:])))
        for at, (_, _, column) in enumerate(self.columns, 1):
            if column.has_gaps:
                cells = zip(void, texts[at], texts[at][1:], strict=False)
                void = [
                    is_void and (later != NULL or told == NULL) for is_void, told, later in cells
                ]
        return [*map(not_, void), True]

    def _readable(self, batch: Batch) -> Iterator[Row]:
        for number, row in enumerate(batch.rows, batch.first):
            if not row:
                continue
            self.tally.read += 1
            if fault := self._fault(row):
                self.tally.reject(self.table.name, number, fault)
            else:
                yield row

    def _fault(self, row: Row) -> Rejected | None:
        if row[0] == OVERLONG_LINE.rstrip("\n"):
            return Rejected(Fault.LINE_TOO_LONG)
        if len(row) != self.width:
            return Rejected(Fault.WRONG_WIDTH)
        return next(self.faults(row), None)

    def faults(self, row: Row) -> Iterator[Rejected]:
        """Yield all that is wrong with the cells of a row; last, which needed one is empty."""
        empty = []
        for name, at, column in self.columns:
            try:
                told = column[row[at]]
            except RowFault as fault:
                yield fault.rejected
            else:
                if name in NEEDED and told == NULL:
                    empty.append(Rejected(Fault.MISSING_VALUE, self.mapping.columns[name]))
        yield from empty


def _positions(table: Table, mapping: SourceMapping) -> Mapping[str, int]:
    found = {name: index for index, name in enumerate(table.header)}
    for name, column in mapping.columns.items():
        if column not in found and name not in mapping.optional:
            raise MissingColumn(file=table.name, column=column)
    known = {name: found[column] for name, column in mapping.columns.items() if column in found}
    if "sla_met" in known:  # tells the same, the other way round
        known.pop("sla_breached", None)
    return known


def _stored_as(name: str) -> str:
    return "sla_breached" if name == "sla_met" else name
