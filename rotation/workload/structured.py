"""Records in JSON, an array of objects or one object a line, as batches of rows; pure."""

import codecs
import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from itertools import islice
from typing import IO, Any

from rotation.workload.delimited import LONGEST_LINE, lines
from rotation.workload.errors import UnreadableFile
from rotation.workload.mapping import SourceMapping
from rotation.workload.records import LARGEST_BATCH, OVERLONG_LINE, Batch, Cell, Fault, Row
from rotation.workload.rows import Table

PIECE = 2**16  # bytes
SPACE = " \t\r\n"


def structured_table(stream: IO[bytes], mapping: SourceMapping, name: str) -> Table:
    """Return the records in `stream` as a table of the columns that the mapping wants.

    A column `a.b` is the member b of the member a, where no member is called `a.b`.

    Raises:
        UnreadableFile: there is nothing in it; while it is read: what follows is no JSON.
    """
    text = _Text(stream, name)
    start = text.char()
    if not start:
        raise UnreadableFile(file=name, problem="empty_json")
    if start == "[":
        values = text.members()
    else:
        stream.seek(0)
        values = _lines(stream)
    header = list(dict.fromkeys(mapping.columns.values()))
    return Table(name, header, _batches(values, header))


def _batches(values: Iterator[Any], header: Sequence[str]) -> Iterator[Batch]:
    number = 1
    while records := list(islice(values, LARGEST_BATCH)):
        yield Batch(number, [row_of(record, header) for record in records])
        number += len(records)


def row_of(record: object, header: Sequence[str]) -> Row:
    """Return the cells of one record; of what is no object, a row that will be rejected."""
    if isinstance(record, Fault):
        return [record] * len(header)
    if not isinstance(record, Mapping):
        return [Fault.BAD_TYPE] * len(header)
    return [cell_of(_found(record, column)) for column in header]


def _found(record: Mapping[str, Any], column: str) -> object:
    if column in record or "." not in column:
        return record.get(column)
    found: Any = record
    for part in column.split("."):
        found = found.get(part) if isinstance(found, Mapping) else None
    return found


def cell_of(value: object) -> Cell:
    """Return a value of a record as a cell; an object or a list is none."""
    match value:
        case None | str() | datetime():
            return value
        case bool():
            return "true" if value else "false"
        case int():
            return str(value)
        case float():
            return str(int(value)) if value.is_integer() else repr(value)
    return Fault.BAD_TYPE


def _lines(stream: IO[bytes]) -> Iterator[object]:
    """Yield the value of each line; a line that is no JSON is a fault of its own."""
    for line in lines(stream, "utf-8-sig"):
        if line == OVERLONG_LINE:
            yield Fault.LINE_TOO_LONG
        elif line.strip():
            yield _value(line)


def _value(text: str) -> object:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return Fault.BAD_JSON


class _Text:
    """A text of which never more than one member of its array is held."""

    def __init__(self, stream: IO[bytes], name: str) -> None:
        self.stream = stream
        self.name = name
        self.held, self.at = "", 0
        self.decode = codecs.getincrementaldecoder("utf-8-sig")(errors="surrogateescape").decode
        self.parse = json.JSONDecoder().raw_decode

    def members(self) -> Iterator[object]:
        """Yield the members of the array that begins here.

        Raises:
            UnreadableFile: what follows is no JSON, or a member is larger than a line may be.
        """
        self.at += 1
        while self.char() != "]":
            yield self._value()
            if self.char() == ",":
                self.at += 1
            elif self.char() != "]":
                raise UnreadableFile(file=self.name, problem="json")

    def char(self) -> str:
        """Return the next character that is no space, without passing it; "" at the end."""
        while True:
            while self.at < len(self.held):
                if self.held[self.at] not in SPACE:
                    return self.held[self.at]
                self.at += 1
            if not self._more():
                return ""

    def _value(self) -> object:
        while True:
            try:
                value, self.at = self.parse(self.held, self.at)
            except (ValueError, RecursionError) as error:
                if len(self.held) - self.at > LONGEST_LINE or not self._more():
                    raise UnreadableFile(file=self.name, problem="json") from error
            else:
                return value

    def _more(self) -> bool:
        piece = self.stream.read(PIECE)
        self.held, self.at = self.held[self.at :] + self.decode(piece, final=not piece), 0
        return bool(piece)
