"""Excel workbooks."""

import io
import zipfile
from datetime import UTC, date, datetime, time
from typing import Any

import pytest
from openpyxl import Workbook

from rotation.workload import sheets
from rotation.workload.errors import MissingColumn, UnreadableFile
from rotation.workload.mapping import mapping_from
from rotation.workload.rows import Tally
from rotation.workload.sheets import sheet_table
from tests.workload.told import Told, told_by

HEADER = ("id", "state", "created", "minutes", None)
MAPPING = mapping_from(
    {
        "columns": {
            "external_id": "id", "state": "state", "created_at": "created",
            "effort_logged_minutes": "minutes",
        },
        "states": {"Open": "open"},
        "time_zone": "Europe/Berlin",
        "date_format": "%d.%m.%Y %H:%M",
        "missing": ["-"],
    }
)  # fmt: skip


def workbook(*rows: Any, header: Any = HEADER) -> bytes:  # noqa: ANN401 -- what cells hold
    book, file = Workbook(), io.BytesIO()
    assert book.active is not None
    for row in (header, *rows):
        book.active.append(row)
    book.create_sheet("other").append(["something else"])
    book.save(file)
    return file.getvalue()


def read(content: bytes) -> tuple[list[Told], Tally]:
    tally = Tally()
    return told_by(sheet_table(io.BytesIO(content), "f.xlsx"), MAPPING, tally), tally


def test_cells_are_read_by_what_they_are() -> None:
    at = datetime(2026, 7, 1, 12, 30)  # noqa: DTZ001 -- Excel knows no zones
    found, tally = read(workbook((7, "Open", at, 30.0), ("T2", " Open ", "01.07.2026 12:30", "-")))
    moment = datetime(2026, 7, 1, 10, 30, tzinfo=UTC)
    assert [
        (row["external_id"], row["state"], row["created_at"], row["effort_logged_minutes"])
        for row in found
    ] == [("7", "open", moment, "30"), ("T2", "open", moment, None)]
    assert tally.read == 2


def test_a_day_without_a_time_is_its_midnight() -> None:
    ((row,), _) = read(workbook(("T1", "Open", date(2026, 7, 1))))
    assert row["created_at"] == datetime(2026, 6, 30, 22, tzinfo=UTC)


@pytest.mark.parametrize(
    ("cells", "fault", "column"),
    [
        (("=1+1", "Open", "01.07.2026 12:30"), "formula", "id"),
        (("#N/A", "Open", "01.07.2026 12:30"), "formula", "id"),
        (("T1", "Open", time(12, 30)), "bad_date", "created"),
        (("T1", "Open", "2026"), "bad_date", "created"),
        ((None, "Open", "01.07.2026 12:30"), "missing_value", "id"),
        (("T1", "Open", "01.07.2026 12:30", 1.5), "bad_number", "minutes"),
        (("T1", "Open", "01.07.2026 12:30", -1), "bad_number", "minutes"),
    ],
)
def test_a_bad_cell_is_named_by_its_row_as_excel_counts(
    cells: tuple[object, ...], fault: str, column: str
) -> None:
    good = ("T0", "Open", "01.07.2026 12:30")
    found, tally = read(workbook(good, (), cells, good))
    assert len(found) == 2
    assert tally.examples == [{"file": "f.xlsx", "row": 4, "reason": fault, "column": column}]


def test_empty_rows_are_none_and_cells_beside_the_table_are_not_looked_at() -> None:
    found, tally = read(
        workbook((None, ""), ("T1", "Open", "01.07.2026 12:30", None, None, "note"), ())
    )
    assert (len(found), tally.read) == (1, 1)


def test_a_missing_column_is_named() -> None:
    with pytest.raises(MissingColumn) as caught:
        read(workbook(header=("id", "state", "created")))
    assert caught.value.fields == {"file": "f.xlsx", "column": "minutes"}


def repacked(**parts: bytes) -> bytes:
    """Return a workbook in which parts are replaced."""
    file = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(workbook())) as old,
        zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for name in old.namelist():
            key = name.rsplit("/")[-1].split(".")[0]
            new.writestr(name, parts.get(key, old.read(name)))
    return file.getvalue()


BOMB = (
    b'<!DOCTYPE x [<!ENTITY a "' + b"x" * 1000 + b'">'
    + b"".join(b'<!ENTITY %c "%s">' % (98 + n, b"&%c;" % (97 + n) * 20) for n in range(6))
    + b"]><worksheet><sheetData><row><c t='inlineStr'><is><t>&g;</t></is></c></row></sheetData>"
    + b"</worksheet>"
)  # fmt: skip


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"", "sheet"),
        (b"PK\x03\x04 broken", "sheet"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "locked_sheet"),
        (workbook(header=()), "empty"),
        (workbook()[:-200], "sheet"),
        (repacked(sheet1=b"<worksheet>"), "sheet"),
        (repacked(workbook=b"<nothing/>"), "sheet"),
        (repacked(sheet1=BOMB), "sheet"),
    ],
    ids=["nothing", "no zip", "encrypted", "empty", "cut off", "no xml", "no workbook", "entities"],
)
def test_what_is_no_workbook_is_refused(content: bytes, problem: str) -> None:
    with pytest.raises(UnreadableFile) as caught:
        read(content)
    assert caught.value.fields == {"file": "f.xlsx", "problem": problem}


@pytest.mark.parametrize("limit", ["LARGEST_UNPACKED", "LARGEST_STRINGS"])
def test_what_unpacks_to_too_much_is_refused_unread(
    monkeypatch: pytest.MonkeyPatch, limit: str
) -> None:
    monkeypatch.setattr(sheets, limit, 1000)
    with pytest.raises(UnreadableFile) as caught:
        read(workbook())
    assert caught.value.fields["problem"] == "too_large"
