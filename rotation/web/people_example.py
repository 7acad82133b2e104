"""An example of a table of people, with a row or more of each kind; made when it is asked for."""

import csv
from collections.abc import Mapping, Sequence
from io import BytesIO, StringIO

from openpyxl import Workbook
from openpyxl.styles import Font

from rotation.rosters.kinds import KIND, KINDS, Kind

Rows = Sequence[Mapping[str, str | int]]
_ADA, _BEN, _HANNA, _MARA = (f"{name}@example.org" for name in ("ada", "ben", "hanna", "mara"))
_HOURS = "08:00-12:00, 12:45-16:45"
_FULL_WEEK = dict.fromkeys(("mon", "tue", "wed", "thu", "fri"), _HOURS)
ROWS: Mapping[Kind, Rows] = {
    Kind.SITE: [
        {"name": "Berlin", "time_zone": "Europe/Berlin", "country": "DE", "region": "BE"},
    ],
    Kind.DEPARTMENT: [
        {"code": "IT", "name": "IT", "site": "Berlin"},
        {"code": "PU", "name": "Purchasing", "purpose": "Buys what the house needs.",
         "site": "Berlin", "cadence_weeks": 8},
    ],
    Kind.USER: [{"email": _MARA, "name": "Mara Berg", "roles": "manager"}],
    Kind.TEAM: [
        {"name": "Service Desk", "department": "IT", "managers": _MARA, "buffer_minutes": 15},
    ],
    Kind.STAFF: [
        {"email": _ADA, "name": "Ada Kern", "team": "Service Desk", "site": "Berlin"},
        {"email": _BEN, "name": "Ben Wolf", "team": "Service Desk", "site": "Berlin"},
    ],
    Kind.HOST: [{"email": _HANNA, "name": "Hanna Voss", "department": "PU"}],
    Kind.CONTRACT: [
        {"email": _ADA, "from": "2026-01-01", **_FULL_WEEK},
        {"email": _BEN, "from": "2026-01-01", "weekly_hours": 24, "days": "mon-wed"},
    ],
    Kind.ABSENCE: [{"email": _BEN, "from": "2027-08-02", "to": "2027-08-13"}],
    Kind.DUTY: [
        {"email": _ADA, "duty": "primary", "from": "2027-08-02 08:00", "to": "2027-08-06 17:00"},
    ],
}  # fmt: skip


def example_csv() -> bytes:
    """Return one table with all kinds; with a mark, so that Excel reads it as UTF-8."""
    columns = [KIND, *dict.fromkeys(name for kind in Kind for name in KINDS[kind].readers)]
    written = StringIO()
    table = csv.DictWriter(written, columns, delimiter=";", lineterminator="\r\n")
    table.writeheader()
    table.writerows({KIND: kind.value, **row} for kind in Kind for row in ROWS[kind])
    return written.getvalue().encode("utf-8-sig")


def example_xlsx() -> bytes:
    """Return a workbook with a sheet for each kind."""
    book = Workbook()
    book.remove(book.worksheets[0])
    for kind in Kind:
        sheet, columns = book.create_sheet(kind.value), list(KINDS[kind].readers)
        sheet.append(columns)
        for cell in sheet[1]:
            cell.font = Font(bold=True)
        for row in ROWS[kind]:
            sheet.append([row.get(name) for name in columns])
        for letter in (cell.column_letter for cell in sheet[1]):
            sheet.column_dimensions[letter].width = 22
    written = BytesIO()
    book.save(written)
    return written.getvalue()
