"""Rows as files: CSV (RFC 4180) and XLSX, with the figures of the JSON."""

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from io import BytesIO, StringIO
from typing import Any

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from rest_framework.renderers import BaseRenderer
from rest_framework.utils.encoders import JSONEncoder

# With these a spreadsheet takes a text for a formula (OWASP, "CSV Injection").
FORMULA = ("=", "+", "-", "@", "\t", "\r")
Cell = str | int | float | bool | date | None


@dataclass(frozen=True, slots=True)
class Table:
    """Rows with their columns in order."""

    columns: Sequence[str]
    rows: Sequence[Mapping[str, Any]]


class CsvTable(BaseRenderer):
    """Comma-separated, in UTF-8 without a mark, lines end in CRLF; texts are never formulas."""

    media_type = "text/csv"
    format = "csv"
    charset = "utf-8"

    def render(self, data: Table, *_: object) -> bytes:
        """Return the table with its heading."""
        written = StringIO()
        writer = csv.writer(written, lineterminator="\r\n")
        writer.writerow(data.columns)
        writer.writerows([_text(row[name]) for name in data.columns] for row in data.rows)
        return written.getvalue().encode()


class XlsxTable(BaseRenderer):
    """One sheet; figures, days and truths stay what they are, moments are texts with offset."""

    media_type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    format = "xlsx"
    charset = None
    render_style = "binary"

    def render(self, data: Table, *_: object) -> bytes:
        """Return the table with its heading as a workbook."""
        book = Workbook(write_only=True)
        sheet = book.create_sheet("Rundgang")
        sheet.append(list(data.columns))
        for row in data.rows:
            sheet.append([_cell(sheet, row[name]) for name in data.columns])
        written = BytesIO()
        book.save(written)
        return written.getvalue()


def _text(value: object) -> str:
    """Return a value as the JSON writes it; a text that would be a formula gets an apostrophe."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return f"'{value}" if value.startswith(FORMULA) else str(value)
    if isinstance(value, date):
        return str(JSONEncoder().default(value))
    return "" if value is None else str(value)


def _cell(sheet: Any, value: Cell) -> Any:  # noqa: ANN401 -- openpyxl's
    """Return a cell; a text is written as one, whatever it begins with."""
    if isinstance(value, datetime):
        return str(JSONEncoder().default(value))
    if not isinstance(value, str):
        return value
    cell = WriteOnlyCell(sheet, value=str(value))
    cell.data_type = "s"
    return cell
