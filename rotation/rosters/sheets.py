"""Tables of people as files: CSV, or Excel with a sheet for each kind; every cell with its place.

Pure but for the bytes it reads.
"""

import codecs
import csv
import io
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from itertools import zip_longest
from typing import IO, Any

from openpyxl import load_workbook
from openpyxl.cell.read_only import EmptyCell
from openpyxl.utils.exceptions import InvalidFileException

from rotation.rosters.cells import BadCell, Cell, CellFault
from rotation.rosters.errors import UnreadableTable

LARGEST_FILE = 20_000_000  # bytes
LARGEST_UNPACKED = 300_000_000  # bytes of an Excel file
MOST_ROWS = 100_000
MOST_COLUMNS = 100
DELIMITERS = ";\t,"
ZIP_MAGIC = b"PK\x03\x04"


@dataclass(frozen=True, slots=True)
class Line:
    """One row: where it stands, and what stands in its columns; empty cells are left out.

    Attributes:
        sheet: The name of the sheet; empty in CSV.
        number: The row as a spreadsheet counts, the header being the first.
        cells: By the name in the header, in small letters; a `BadCell` where nothing can be read.
    """

    sheet: str
    number: int
    cells: Mapping[str, Cell | BadCell]


@dataclass(frozen=True, slots=True)
class Sheet:
    """One table: its name (empty in CSV), its columns in small letters, and its rows."""

    name: str
    columns: Sequence[str]
    lines: Sequence[Line]


def sheets_of(file: IO[bytes]) -> list[Sheet]:
    """Return the tables of a file; what it is, its first bytes tell.

    Raises:
        UnreadableTable: it is damaged, too large, in an unknown encoding, or has no header.
    """
    raw = file.read(LARGEST_FILE + 1)
    if len(raw) > LARGEST_FILE:
        raise UnreadableTable(problem="too_large")
    sheets = _excel(raw) if raw.startswith(ZIP_MAGIC) else [_csv(raw)]
    if not any(sheet.columns for sheet in sheets):
        raise UnreadableTable(problem="no_header")
    return sheets


def _csv(raw: bytes) -> Sheet:
    written = _decoded(raw)
    rows = csv.reader(io.StringIO(written, newline=""), delimiter=_delimiter(written), strict=True)
    try:
        return _sheet("", rows)
    except csv.Error as error:
        is_long = "field limit" in str(error)
        raise UnreadableTable(problem="long_cell" if is_long else "bad_quotes") from error


def _decoded(raw: bytes) -> str:
    """Return the text: UTF-8 with or without a mark, UTF-16 with one, else what Windows writes."""
    if raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return _strictly(raw, "utf-16")
    if b"\x00" in raw:
        raise UnreadableTable(problem="no_table")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        return _strictly(raw, "cp1252")


def _strictly(raw: bytes, encoding: str) -> str:
    try:
        return raw.decode(encoding)
    except UnicodeDecodeError as error:
        raise UnreadableTable(problem="encoding") from error


def _delimiter(written: str) -> str:
    """Return what stands most often in the header: semicolon, tabulator or comma."""
    header = written.lstrip().partition("\n")[0]
    return max(DELIMITERS, key=header.count)


def _excel(raw: bytes) -> list[Sheet]:
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as archive:
            if sum(info.file_size for info in archive.infolist()) > LARGEST_UNPACKED:
                raise UnreadableTable(problem="too_large")
        formulas = load_workbook(io.BytesIO(raw), read_only=True, data_only=False)
        values = load_workbook(io.BytesIO(raw), read_only=True, data_only=True)
        return [
            _sheet(sheet.title.strip(), _excel_rows(sheet, values[sheet.title]))
            for sheet in formulas.worksheets
            if sheet.sheet_state == "visible"
        ]
    except (zipfile.BadZipFile, InvalidFileException, KeyError, ValueError, OSError) as error:
        raise UnreadableTable(problem="damaged") from error


def _excel_rows(formulas: Any, values: Any) -> Iterator[list[Cell | BadCell | None]]:  # noqa: ANN401 -- openpyxl has no types
    """Yield rows of values; a formula counts with the value that was saved beside it."""
    rows = zip_longest(formulas.iter_rows(), values.iter_rows(values_only=True), fillvalue=())
    for written, computed in rows:
        yield [
            _excel_cell(cell, value)
            for cell, value in zip_longest(written, computed)
            if cell is not None
        ]


def _excel_cell(cell: Any, computed: Any) -> Cell | BadCell | None:  # noqa: ANN401 -- openpyxl has no types
    if isinstance(cell, EmptyCell) or cell.value is None:
        return None
    if cell.data_type == "e" or (isinstance(computed, str) and computed.startswith("#")):
        return BadCell(CellFault.SPREADSHEET_ERROR, cell.value)
    if cell.data_type != "f":
        return _plain(cell.value)
    return BadCell(CellFault.FORMULA, cell.value) if computed is None else _plain(computed)


def _plain(value: object) -> Cell | BadCell:
    if isinstance(value, str | int | float | bool | datetime | date | time):
        return value
    return BadCell(CellFault.NO_NUMBER, value)  # a length of time, or something newer


def _sheet(name: str, rows: Iterable[Sequence[Cell | BadCell | None]]) -> Sheet:
    """Return a table; rows without any cell are passed over, as between two blocks.

    Raises:
        UnreadableTable: it has too many rows or columns.
    """
    columns: list[str] = []
    lines = []
    for number, row in enumerate(rows, start=1):
        cells = {index: cell for index, cell in enumerate(row) if not _is_empty(cell)}
        if not cells:
            continue
        if not columns:
            columns = [str(row[index] or "").strip().casefold() for index in range(len(row))]
            continue
        if number > MOST_ROWS or max(cells) >= MOST_COLUMNS:
            raise UnreadableTable(problem="too_large")
        named = {_column(columns, index): cell for index, cell in cells.items() if cell is not None}
        lines.append(Line(name, number, named))
    return Sheet(name, columns, lines)


def _column(columns: Sequence[str], index: int) -> str:
    """Return the name of a column; one that the header does not name is called by its letter."""
    return (columns[index] if index < len(columns) else "") or _letter(index)


def _letter(index: int) -> str:
    first, last = divmod(index, 26)
    return (_letter(first - 1) if first else "") + chr(ord("A") + last)


def _is_empty(cell: Cell | BadCell | None) -> bool:
    return cell is None or (isinstance(cell, str) and not cell.strip())
