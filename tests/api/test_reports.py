"""Reports as JSON, CSV and XLSX: the same figures in each."""

import csv
from datetime import timedelta
from io import BytesIO, StringIO
from typing import Any

import pytest
from django.utils import timezone
from openpyxl import load_workbook
from rest_framework.test import APIClient

from rotation.directory.models import Department
from tests.api.callers import Organisation, caller, make_organisation, workday
from tests.builders import make_booking, make_meeting

pytestmark = pytest.mark.django_db
API = "/api/v1/reports/"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@pytest.fixture
def house() -> Organisation:
    house = make_organisation()
    for days in (-14, -28, -140):
        held = make_meeting(series=house.meeting.series, starts_at=workday(days=days))
        make_booking(staff=house.person, meeting=held, state="attended")
    make_booking(staff=house.person, meeting=house.meeting)
    return house


@pytest.fixture
def planner(house: Organisation) -> APIClient:
    return caller(house.planner)


def as_text(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return "" if value is None else str(value)


def from_csv(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(StringIO(content.decode())))


def from_xlsx(content: bytes) -> list[dict[str, Any]]:
    sheet: Any = load_workbook(BytesIO(content)).active
    columns, *rows = sheet.values
    return [dict(zip(columns, row, strict=True)) for row in rows]


@pytest.mark.parametrize("report", ["coverage", "balance"])
@pytest.mark.parametrize("query", ["", "&from=2026-01-05&to=2026-03-30"])
def test_the_figures_are_equal_in_every_format(planner: APIClient, report: str, query: str) -> None:
    rows = planner.get(f"{API}{report}/?page_size=500{query}").json()["results"]
    table = planner.get(f"{API}{report}/?format=csv{query}")
    book = planner.get(f"{API}{report}/?format=xlsx{query}")
    assert rows != []
    assert (table["Content-Type"], book["Content-Type"]) == ("text/csv; charset=utf-8", XLSX)
    assert from_csv(table.content) == [
        {name: as_text(value) for name, value in row.items()} for row in rows
    ]
    for row, cells in zip(rows, from_xlsx(book.content), strict=True):
        for name, value in row.items():
            cell = cells[name]
            found = cell.date().isoformat() if hasattr(cell, "date") else cell
            assert (name, found) == (name, value)


def test_a_file_is_offered_to_be_kept(planner: APIClient) -> None:
    answer = planner.get(f"{API}coverage/?format=csv")
    name = f"coverage-{timezone.localdate()}.csv"
    assert answer["Content-Disposition"] == f'attachment; filename="{name}"'
    assert answer.content.count(b"\r\n") == answer.content.count(b"\n") == 2


def test_accept_chooses_too(planner: APIClient) -> None:
    answer = planner.get(f"{API}coverage/", headers={"Accept": "text/csv"})
    assert answer["Content-Type"] == "text/csv; charset=utf-8"


@pytest.mark.parametrize("kind", ["pdf", "xml", "x"])
def test_a_format_that_is_not_written_is_406_and_names_the_others(
    planner: APIClient, kind: str
) -> None:
    answer = planner.get(f"{API}coverage/?format={kind}")
    assert (answer.status_code, answer.json()["code"]) == (406, "not_acceptable")
    assert "json, csv, xlsx" in answer.json()["detail"]


def test_a_refusal_of_a_file_is_a_problem(house: Organisation, planner: APIClient) -> None:
    wrong = planner.get(f"{API}coverage/?format=csv&from=x")
    assert (wrong.status_code, wrong["Content-Type"]) == (400, "application/problem+json")
    hidden = caller(house.person.user).get(f"{API}coverage/?format=xlsx")
    assert (hidden.status_code, hidden["Content-Type"]) == (403, "application/problem+json")


@pytest.mark.parametrize("name", ["=1+1", "+49", "-x", "@cmd", '=HYPERLINK("x")'])
def test_no_text_is_a_formula(planner: APIClient, house: Organisation, name: str) -> None:
    Department.objects.filter(pk=house.department.pk).update(name=name)
    (row,) = from_csv(planner.get(f"{API}coverage/?format=csv").content)
    assert row["name"] == f"'{name}"
    book = load_workbook(BytesIO(planner.get(f"{API}coverage/?format=xlsx").content))
    cell = book.active["B2"]  # type: ignore[index]
    assert (cell.value, cell.data_type) == (name, "s")


def coverage(planner: APIClient, query: str = "") -> tuple[int, float, float]:
    (row,) = planner.get(f"{API}coverage/?{query}").json()["results"]
    return row["visits"], row["wanted"], row["coverage"]


def test_the_period_is_honoured_at_both_ends(planner: APIClient) -> None:
    today = timezone.localdate()
    half_a_year_ago = today - timedelta(weeks=26)
    assert coverage(planner)[:2] == (2, 1.62)
    assert coverage(planner, f"from={half_a_year_ago}")[0] == 3
    assert coverage(planner, f"from={today - timedelta(weeks=3)}")[0] == 1
    assert coverage(planner, f"from={half_a_year_ago}&to={today - timedelta(weeks=10)}") == (
        1, 2.0, 0.5,
    )  # fmt: skip


def test_a_period_that_ends_before_it_begins_is_refused(planner: APIClient) -> None:
    answer = planner.get(f"{API}coverage/?from=2026-03-02&to=2026-03-01")
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid")
