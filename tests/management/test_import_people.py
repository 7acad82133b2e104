"""`manage.py import_people`: figures on standard output, faults by cell, exit 1 with any."""

import json
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from rotation.audit.models import Entry, Via
from rotation.directory.models import Department

pytestmark = pytest.mark.django_db
TABLE = "kind;code;name\ndepartment;HR;Personal\ndepartment;FI;Finanzen\n"


def run(path: Path, *options: str) -> tuple[str, str]:
    out, err = StringIO(), StringIO()
    try:
        call_command("import_people", str(path), *options, stdout=out, stderr=err)
    except CommandError as error:
        err.write(str(error))
    return out.getvalue(), err.getvalue()


@pytest.fixture
def table(tmp_path: Path) -> Path:
    path = tmp_path / "people.csv"
    path.write_text(TABLE, encoding="utf-8")
    return path


def test_each_kind_tells_what_it_did(table: Path) -> None:
    assert run(table) == ("department: 2 created, 0 changed, 0 unchanged\n", "")
    assert run(table) == ("department: 0 created, 0 changed, 2 unchanged\n", "")
    entries = Entry.objects.all()
    assert {(entry.via, entry.actor) for entry in entries} == {(Via.COMMAND, None)}


def test_a_dry_run_writes_nothing(table: Path) -> None:
    out, _err = run(table, "--dry-run", "--json")

    assert json.loads(out.splitlines()[-1]) == {
        "written": False,
        "dry_run": True,
        "kinds": {"department": {"created": 2, "changed": 0, "unchanged": 0}},
        "faults": [],
    }
    assert not Department.objects.exists()


def test_faults_are_told_by_cell_and_nothing_is_written(tmp_path: Path) -> None:
    path = tmp_path / "people.csv"
    path.write_text(f"{TABLE}department;XX;\n", encoding="utf-8")

    out, err = run(path, "--json")

    told = "Row 4, column name: The cell is empty; fill it in."
    assert err == f"{told}\nNothing was written: 1 faults."
    [fault] = json.loads(out.splitlines()[-1])["faults"]
    assert fault == {
        "sheet": "", "row": 4, "column": "name", "code": "missing",
        "message": "The cell is empty; fill it in.",
    }  # fmt: skip
    assert not Department.objects.exists()


def test_what_cannot_be_read_is_one_sentence(tmp_path: Path) -> None:
    damaged = tmp_path / "people.xlsx"
    damaged.write_bytes(b"PK\x03\x04")

    missing, broken = run(tmp_path / "none.csv")[1], run(damaged)[1]

    assert missing.endswith("none.csv: No such file or directory")
    assert "The Excel file is damaged" in broken
