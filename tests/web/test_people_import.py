"""People from a table: checked, corrected, imported; nothing is kept of the file."""

from collections.abc import Callable
from datetime import date
from io import BytesIO
from typing import TYPE_CHECKING

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from openpyxl import load_workbook

from accounts.models import Role, User
from rotation.audit.models import Entry, Via
from rotation.directory.models import Contract, Department, Host, StaffMember, Team
from rotation.rosters.kinds import Kind
from rotation.web.people_example import example_csv, example_xlsx
from tests.builders import make_user

if TYPE_CHECKING:
    from django.test.client import _MonkeyPatchedWSGIResponse as Answer

pytestmark = pytest.mark.django_db
BROKEN = (
    "kind;code;name;email;team;cadence_weeks\n"
    "department;SA;Sales;;;often\n"
    "staff;;Ada Kern;ada@example.org;Nowhere;\n"
)


@pytest.fixture
def as_admin(client: Client) -> Client:
    client.force_login(make_user("root@example.org", name="Root", roles=(Role.ADMIN,)))
    return client


def send(client: Client, raw: bytes, step: str = "check", name: str = "people.csv") -> "Answer":
    file = SimpleUploadedFile(name, raw)
    return client.post(reverse("people_import"), {"file": file, "step": step})


def carried(answer: "Answer") -> dict[str, str]:
    form = answer.context["form"]
    return {name: form[name].value() for name in ("carried", "called")}


@pytest.mark.parametrize("make", [example_csv, example_xlsx])
def test_the_example_is_checked_then_imported(as_admin: Client, make: Callable[[], bytes]) -> None:
    checked = send(as_admin, make())
    assert (checked.status_code, StaffMember.objects.count()) == (200, 0)
    assert [sum(numbers) for _name, numbers in checked.context["counts"]] == [
        1, 2, 1, 1, 2, 1, 2, 1, 1,
    ]  # fmt: skip

    imported = as_admin.post(reverse("people_import"), {**carried(checked), "step": "import"})

    assert imported["Location"] == reverse("people")
    assert sorted(StaffMember.objects.values_list("user__name", flat=True)) == [
        "Ada Kern", "Ben Wolf",
    ]  # fmt: skip
    assert (Department.objects.count(), Team.objects.count(), Host.objects.count()) == (2, 1, 1)
    assert set(Contract.objects.values_list("starts_on", flat=True)) == {date(2026, 1, 1)}
    assert set(Entry.objects.values_list("via", flat=True)) == {Via.PAGE}


def test_a_second_import_changes_nothing(as_admin: Client) -> None:
    send(as_admin, example_csv(), "import")
    checked = send(as_admin, example_csv())
    assert [numbers[:2] for _name, numbers in checked.context["counts"]] == [[0, 0]] * 9


def test_every_fault_is_named_by_its_cell_and_nothing_is_written(as_admin: Client) -> None:
    for step in ("check", "import"):
        answer = send(as_admin, BROKEN.encode(), step)
        places = [(line.fault.row, line.fault.column) for line in answer.context["faults"]]
        assert (answer.status_code, places) == (422, [(2, "cadence_weeks"), (3, "team")])
        assert "“often” is no number" in answer.content.decode()
    assert (Department.objects.count(), User.objects.count()) == (0, 1)


@pytest.mark.parametrize(
    "raw", [b"", b"PK\x03\x04nothing", b"\x00\x01", b'kind;name\n"never closed', b"\n\n"]
)
def test_what_is_no_table_is_told_at_the_file(as_admin: Client, raw: bytes) -> None:
    answer = send(as_admin, raw)
    assert (answer.status_code in {400, 422}, list(answer.context["form"].errors)) == (
        True, ["file"],
    )  # fmt: skip


@pytest.mark.parametrize("values", [{}, {"carried": "?"}, {"carried": "", "step": "import"}])
def test_without_a_file_one_is_asked_for(as_admin: Client, values: dict[str, str]) -> None:
    answer = as_admin.post(reverse("people_import"), values)
    assert (answer.status_code, bool(answer.context["form"].errors)) == (400, True)


def test_a_file_too_large_to_ride_along_is_chosen_once_more(as_admin: Client) -> None:
    padded = example_csv() + b"\n" * 1_600_000
    checked = send(as_admin, padded)
    assert carried(checked)["carried"] == ""
    assert 'type="file"' in checked.content.decode()
    assert send(as_admin, padded, "import").status_code == 302


def test_the_examples_are_downloads(as_admin: Client) -> None:
    book = as_admin.get(reverse("people_import_example", args=["xlsx"]))
    assert load_workbook(BytesIO(book.content)).sheetnames == [kind.value for kind in Kind]
    table = as_admin.get(reverse("people_import_example", args=["csv"]))
    assert table["Content-Disposition"] == 'attachment; filename="rundgang-people.csv"'
    assert as_admin.get(reverse("people_import_example", args=["exe"])).status_code == 404


def test_the_page_tells_every_column(as_admin: Client) -> None:
    page = as_admin.get(reverse("people_import")).content.decode()
    assert "email, from" in page
    assert "weekly_hours" in page
