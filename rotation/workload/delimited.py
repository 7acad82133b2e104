"""Tables of comma-separated values, as batches of rows; pure."""

import codecs
import csv
import io
from collections.abc import Iterable, Iterator
from itertools import chain, islice
from typing import IO

from rotation.workload.errors import UnreadableFile
from rotation.workload.mapping import SourceMapping
from rotation.workload.records import LARGEST_BATCH, OVERLONG_LINE, Batch, Fault, Row
from rotation.workload.rows import Table

LONGEST_LINE = 1_000_000  # characters, and a piece at most
PIECE = 2**16  # bytes


def delimited_table(stream: IO[bytes], mapping: SourceMapping, name: str) -> Table:
    """Return the table in `stream`; its first row names the columns.

    Raises:
        UnreadableFile: there is no header.
    """
    rows = csv.reader(lines(stream, mapping.encoding), delimiter=mapping.delimiter)
    try:
        header = [column.strip() for column in next(rows)]
    except (StopIteration, csv.Error) as error:
        raise UnreadableFile(file=name, problem="empty") from error
    return Table(name, header, _batches(rows))


def _batches(rows: Iterator[list[str]]) -> Iterator[Batch]:
    number = 2
    while True:
        batch: list[Row] = []
        broken = None
        try:
            batch.extend(islice(rows, LARGEST_BATCH))  # keeps what came before an error
        except csv.Error:
            broken = Fault.BAD_QUOTES
        if not batch and not broken:
            return
        yield Batch(number, batch, broken)
        number += len(batch) + bool(broken)


def lines(stream: IO[bytes], encoding: str) -> Iterator[str]:
    """Return the lines of `stream`; one that is too long is skipped and `OVERLONG_LINE` given.

    Bytes that `encoding` does not know come out as lone surrogates, which the reader rejects.
    """
    return chain.from_iterable(_pieces(stream, encoding))


def _pieces(stream: IO[bytes], encoding: str) -> Iterator[Iterable[str]]:
    """Yield many lines at a time."""
    decoder = codecs.getincrementaldecoder(encoding)(errors="surrogateescape")
    rest, is_skipping = "", False
    while chunk := stream.read(PIECE):
        text = rest + decoder.decode(chunk)
        ends = 1 + max(text.rfind("\n"), text.rfind("\r", 0, -1))
        piece, rest = io.StringIO(text[:ends], newline=""), text[ends:]
        if is_skipping and piece.readline():
            is_skipping = False
        yield piece
        if is_skipping or len(rest) >= LONGEST_LINE:
            yield [] if is_skipping else [OVERLONG_LINE]
            rest, is_skipping = "", True
    rest += decoder.decode(b"", final=True)
    yield [rest] if rest and not is_skipping else []
