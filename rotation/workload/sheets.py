"""The first sheet of an Excel workbook (.xlsx) as batches of rows; bounded before it is opened."""

import zipfile
import zlib
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from itertools import islice
from typing import IO
from xml.etree.ElementTree import ParseError

from openpyxl import load_workbook
from openpyxl.cell.read_only import EmptyCell, ReadOnlyCell
from openpyxl.utils.exceptions import InvalidFileException

from rotation.workload.errors import UnreadableFile
from rotation.workload.records import LARGEST_BATCH, Batch, Cell, Fault, Row
from rotation.workload.rows import Table
from rotation.workload.structured import cell_of

MOST_COLUMNS = 500
LARGEST_UNPACKED = 400_000_000  # bytes of all parts
LARGEST_STRINGS = 60_000_000  # bytes of the one part that is held in memory
ENCRYPTED = b"\xd0\xcf\x11\xe0"  # an encrypted workbook, or one of before 2007
DAMAGED = (
    zipfile.BadZipFile, zlib.error, InvalidFileException, ParseError, KeyError, IndexError,
    ValueError, TypeError, EOFError, RuntimeError,
)  # fmt: skip
AnyCell = ReadOnlyCell | EmptyCell


def sheet_table(stream: IO[bytes], name: str) -> Table:
    """Return the first sheet of the workbook in `stream`; its first row names the columns.

    Raises:
        UnreadableFile: it is damaged, locked, empty, or unpacks to more than is sensible.
    """
    _check(stream, name)
    rows = _guarded(_rows(stream), name)
    header = next(rows, ())
    names = [str(cell or "").strip() for cell in header]
    while names and not names[-1]:
        names.pop()
    if not names:
        raise UnreadableFile(file=name, problem="empty")
    return Table(name, names, _batches(rows, len(names)))


def _check(stream: IO[bytes], name: str) -> None:
    if stream.read(len(ENCRYPTED)) == ENCRYPTED:
        raise UnreadableFile(file=name, problem="locked_sheet")
    stream.seek(0)
    try:
        with zipfile.ZipFile(stream) as archive:
            sizes = {info.filename: info.file_size for info in archive.infolist()}
    except zipfile.BadZipFile as error:
        raise UnreadableFile(file=name, problem="sheet") from error
    strings = sum(size for part, size in sizes.items() if not part.startswith("xl/worksheets/"))
    if sum(sizes.values()) > LARGEST_UNPACKED or strings > LARGEST_STRINGS:
        raise UnreadableFile(file=name, problem="too_large")


def _guarded(rows: Iterator[Row], name: str) -> Iterator[Row]:
    """Yield `rows`; whatever a damaged workbook makes of the library is one fact."""
    try:
        yield from rows
    except DAMAGED as error:
        raise UnreadableFile(file=name, problem="sheet") from error


def _rows(stream: IO[bytes]) -> Iterator[Row]:
    """Yield the rows of the sheet as Excel counts them; values of formulas as Excel left them."""
    told = load_workbook(stream, read_only=True, data_only=True, keep_links=False)
    written = load_workbook(stream, read_only=True, keep_links=False)
    sheets = (book.worksheets[0].iter_rows(max_col=MOST_COLUMNS) for book in (told, written))
    for values, formulas in zip(*sheets, strict=True):
        yield [_cell(value, formula) for value, formula in zip(values, formulas, strict=True)]


def _cell(cell: AnyCell, written: AnyCell) -> Cell:
    """Return the cell's value; a formula that was never computed, or failed, is a fault."""
    if cell.data_type == "e" or (cell.value is None and written.value is not None):
        return Fault.FORMULA
    match cell.value:
        case date() | time() if not isinstance(cell.value, datetime):
            return cell.value.isoformat()
        case timedelta():
            return str(cell.value)
    return cell_of(cell.value)


def _batches(rows: Iterator[Row], width: int) -> Iterator[Batch]:
    number = 2
    while found := list(islice(rows, LARGEST_BATCH)):
        yield Batch(number, [_trimmed(row, width) for row in found])
        number += len(found)


def _trimmed(row: Row, width: int) -> Row:
    """Return the cells below the header; none where the row holds nothing."""
    if all(cell in {None, ""} for cell in row):
        return ()
    return (*row[:width], *[None] * (width - len(row)))
