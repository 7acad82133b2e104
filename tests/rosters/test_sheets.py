"""Files as tables: encodings, delimiters, empty rows, and what is no table."""

import io
import zipfile
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook

from rotation.rosters import sheets
from rotation.rosters.cells import BadCell, CellFault
from rotation.rosters.errors import UnreadableTable
from rotation.rosters.sheets import Sheet, sheets_of

TABLE = "kind;name\nsite;Köln\n"


def csv_of(raw: bytes) -> Sheet:
    [sheet] = sheets_of(io.BytesIO(raw))
    return sheet


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
def test_a_table_reads_the_same_in_every_encoding(encoding: str) -> None:
    assert csv_of(TABLE.encode(encoding)).lines[0].cells == {"kind": "site", "name": "Köln"}


@pytest.mark.parametrize("delimiter", [";", ",", "\t"])
@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
def test_delimiters_and_line_ends_are_found(delimiter: str, ending: str) -> None:
    raw = TABLE.replace(";", delimiter).replace("\n", ending).encode()

    sheet = csv_of(raw)

    assert (sheet.columns, len(sheet.lines)) == (["kind", "name"], 1)


def test_rows_keep_their_number_past_empty_ones() -> None:
    lines = csv_of(b"\nKind,Name\n\nsite,A\n,\nsite,B\n").lines

    assert [(line.number, line.cells["name"]) for line in lines] == [(4, "A"), (6, "B")]


def test_a_cell_without_a_header_is_called_by_its_letter() -> None:
    [line] = csv_of(b"kind,name\nsite,A,extra\n").lines

    assert line.cells == {"kind": "site", "name": "A", "C": "extra"}


@pytest.mark.parametrize(
    ("raw", "problem"),
    [
        (b"", "no_header"),
        (b"\n\n", "no_header"),
        (b'kind,name\nsite,"A\n', "bad_quotes"),
        (b"kind,name\nsite," + b"x" * 200_000, "long_cell"),
        (b"kind,name\nsite,\xff\xfe\x81\x8d", "encoding"),
        (b"\xff\xfek\x00i\x00n", "encoding"),
        (b"\x89PNG\x00\x01", "no_table"),
        (b"PK\x03\x04 no zip", "damaged"),
    ],
)
def test_what_is_no_table_says_why(raw: bytes, problem: str) -> None:
    with pytest.raises(UnreadableTable) as refused:
        sheets_of(io.BytesIO(raw))

    assert refused.value.fields == {"problem": problem}


def test_a_zip_that_is_no_excel_file_is_damaged() -> None:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("a.txt", "a")
    file.seek(0)

    with pytest.raises(UnreadableTable) as refused:
        sheets_of(file)

    assert refused.value.fields == {"problem": "damaged"}


@pytest.mark.parametrize("name", ["LARGEST_FILE", "MOST_ROWS"])
def test_a_file_that_is_too_large_is_refused(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sheets, name, 1)

    with pytest.raises(UnreadableTable) as refused:
        csv_of(TABLE.encode())

    assert refused.value.fields == {"problem": "too_large"}


def test_an_excel_file_that_unpacks_to_too_much_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sheets, "LARGEST_UNPACKED", 100)

    with pytest.raises(UnreadableTable) as refused:
        sheets_of(excel(Workbook()))

    assert refused.value.fields == {"problem": "too_large"}


def sheet_of(book: Workbook) -> Any:  # noqa: ANN401 -- openpyxl has no types
    return book.worksheets[0]


def excel(book: Workbook) -> io.BytesIO:
    file = io.BytesIO()
    book.save(file)
    file.seek(0)
    return file


def test_errors_and_formulas_without_a_result_are_faults_of_their_cells() -> None:
    book = Workbook()
    sheet_of(book).append(["name", "code"])
    sheet_of(book).append(["#REF!", "=1+1"])

    [sheet] = sheets_of(excel(book))

    found = [cell for cell in sheet.lines[0].cells.values() if isinstance(cell, BadCell)]
    assert [bad.fault for bad in found] == [CellFault.SPREADSHEET_ERROR, CellFault.FORMULA]


def test_hidden_sheets_are_passed_over() -> None:
    book = Workbook()
    sheet_of(book).append(["name"])
    book.create_sheet("Notes").sheet_state = "hidden"

    assert [sheet.name for sheet in sheets_of(excel(book))] == ["Sheet"]


@given(st.binary(max_size=200))
def test_whatever_the_bytes_there_is_a_table_or_a_reason(raw: bytes) -> None:
    try:
        found = sheets_of(io.BytesIO(raw))
    except UnreadableTable:
        return
    assert any(sheet.columns for sheet in found)
