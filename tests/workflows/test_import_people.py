"""A table of people goes in wholly or not at all, and a second time changes nothing."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time
from io import BytesIO
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from openpyxl import Workbook

from accounts.models import Role, User
from rotation.audit.models import Entry, Subject
from rotation.audit.queries import entries_of
from rotation.directory.models import (
    Absence,
    Contract,
    Department,
    Duty,
    Host,
    Site,
    StaffMember,
    Team,
)
from rotation.directory.queries import working_patterns_of
from rotation.periods.working_time import weekly_minutes
from rotation.rosters.kinds import Kind
from rotation.rosters.plan import Effect
from rotation.rosters.sentences import fault_line
from rotation.workflows.import_people import Imported, import_people
from tests.builders import BY_SYSTEM, NOW, make_contract, make_site, make_staff, make_team

pytestmark = pytest.mark.django_db

# In no sensible order: what is referred to stands below.
WHOLE = """\
kind;name;code;email;team;department;site;managers;from;to;mon;tue;wed;thu;fri;weekly_hours;days;duty;country;region;time_zone;roles
duty;;;ada@example.org;;;;;02.03.2026;08.03.2026;;;;;;;;dispatch;;;;
absence;;;ada@example.org;;;;;16.03.2026;17.03.2026;;;;;;;;;;;;
absence;;;ada@example.org;;;;;18.03.2026 08:00;18.03.2026 12:00;;;;;;;;;;;;
contract;;;ada@example.org;;;;;01.01.2025;;8-12, 12:45-16:45;8-12, 12:45-16:45;8-12;-;;;;;;;;
contract;;;ada@example.org;;;;;01.04.2026;;;;;;;38,5;Mo-Fr;;;;;
staff;Ada Lovelace;;Ada@Example.org;Netze;;München;;;;;;;;;;;;;;;
host;Hanna Host;;hanna@example.org;;HR;;;;;;;;;;;;;;;;
team;Netze;;;;IT;;lead@example.org;;;;;;;;;;;;;;
user;Lena Lead;;lead@example.org;;;;;;;;;;;;;;;;;;manager
department;Personal;HR;;;;München;;;;;;;;;;;;;;;
department;Informatik;IT;;;;;;;;;;;;;;;;;;;
site;München;;;;;;;;;;;;;;;;;DE;BY;Europe/Berlin;
"""


def take(text: str | bytes, **options: Any) -> Imported:  # noqa: ANN401 -- as import_people
    raw = text if isinstance(text, bytes) else text.encode()
    return import_people(BytesIO(raw), by=BY_SYSTEM, now=NOW, **options)


def effects(imported: Imported) -> Mapping[str, Sequence[int]]:
    return {
        kind.value: [counts[effect] for effect in Effect]
        for kind, counts in imported.effects.items()
    }


def faults(text: str | bytes) -> list[str]:
    imported = take(text)
    assert not imported.is_written
    return [fault_line(fault) for fault in imported.faults]


def test_a_table_in_any_order_makes_a_whole_house() -> None:
    imported = take(WHOLE)

    assert imported.faults == []
    ada = StaffMember.objects.select_related("user", "team__department", "site").get()
    assert (ada.name, ada.email, ada.team.name) == ("Ada Lovelace", "ada@example.org", "Netze")
    assert (ada.team.department.code, ada.site and ada.site.subdivision) == ("IT", "BY")
    assert ada.user.roles == [Role.STAFF]
    assert not ada.user.has_usable_password()
    assert [user.email for user in ada.team.managers.all()] == ["lead@example.org"]
    assert Host.objects.get().department.name == "Personal"
    spans = Contract.objects.values_list("starts_on", "ends_on")
    assert list(spans) == [
        (date(2025, 1, 1), date(2026, 4, 1)),
        (date(2026, 4, 1), None),
    ]
    hours = working_patterns_of([ada.pk])[ada.pk]
    asked = (date(2026, 3, 31), date(2026, 4, 1))
    assert [weekly_minutes(hours, day) for day in asked] == [20 * 60, 38 * 60 + 30]


def test_whole_days_run_to_the_end_of_the_last_one_by_the_clock_of_the_person() -> None:
    take(WHOLE)

    spans = [
        (span.starts_at.isoformat(), span.ends_at.isoformat()) for span in Absence.objects.all()
    ]
    assert spans == [
        ("2026-03-15T23:00:00+00:00", "2026-03-17T23:00:00+00:00"),
        ("2026-03-18T07:00:00+00:00", "2026-03-18T11:00:00+00:00"),
    ]
    assert Duty.objects.get().kind == Duty.Kind.DISPATCH


def test_an_absence_over_the_change_of_clocks_is_an_hour_shorter() -> None:
    make_staff(email="ada@example.org")

    take("kind,email,from,to\nabsence,ada@example.org,2026-03-29,2026-03-29\n")

    absence = Absence.objects.get()
    assert (absence.ends_at - absence.starts_at).total_seconds() == 23 * 3600


def test_a_second_time_changes_nothing() -> None:
    first = take(WHOLE)
    lines, passwords = Entry.objects.count(), list(User.objects.values_list("password"))

    second = take(WHOLE)

    created = {"site": 1, "department": 2, "user": 1, "team": 1, "staff": 1, "host": 1}
    times = {"contract": 2, "absence": 2, "duty": 1}
    assert effects(first) == {kind: [n, 0, 0] for kind, n in {**created, **times}.items()}
    assert effects(second) == {kind: [0, 0, n] for kind, n in {**created, **times}.items()}
    assert Entry.objects.count() == lines
    assert list(User.objects.values_list("password")) == passwords


def test_a_dry_run_tells_the_same_and_writes_nothing() -> None:
    dry = take(WHOLE, dry_run=True)
    stored = [model.objects.exists() for model in (Site, Department, User, Team, Entry)]

    assert effects(dry) == effects(take(WHOLE))
    assert stored == [False] * 5
    assert (dry.is_written, dry.is_dry) == (False, True)


def test_what_differs_is_changed_and_told_without_names() -> None:
    take(WHOLE)
    Team.objects.create(name="Zwei", department=Department.objects.get(code="IT"))
    user = User.objects.get(email="ada@example.org")

    imported = take(
        "kind,email,name,team\nstaff,ada@example.org,Ada King,Zwei\nstaff,ben@example.org,Ben,Zwei"
    )

    ada = StaffMember.objects.get(user=user)
    assert (ada.user.name, ada.team.name, ada.version) == ("Ada King", "Zwei", 2)
    assert User.objects.get(pk=user.pk).sort_key == "ada king"
    assert effects(imported) == {"staff": [1, 1, 0]}
    [named] = entries_of(Subject.USER, user.pk).filter(action="change")
    [moved] = entries_of(Subject.STAFF, ada.pk).filter(action="change")
    assert (named.old, named.new) == ({}, {"name": "changed"})
    assert moved.new == {"team": ada.team_id}


def test_empty_cells_leave_what_is_there() -> None:
    take(WHOLE)
    before = Department.objects.values("site", "purpose", "time_zone").get(code="HR")

    imported = take("kind,code,name,site,purpose\ndepartment,HR,Personal,,\n")

    assert effects(imported) == {"department": [0, 0, 1]}
    assert Department.objects.values("site", "purpose", "time_zone").get(code="HR") == before


def test_a_person_of_a_site_lives_by_its_clock_unless_told_otherwise() -> None:
    make_site("Wien", time_zone="Europe/Vienna")
    make_team("Netze")

    take(
        "kind;email;name;team;site;time_zone\n"
        "staff;a@example.org;A;Netze;Wien;\n"
        "staff;b@example.org;B;Netze;Wien;Asia/Tokyo\n"
    )

    zones = StaffMember.objects.values_list("time_zone", flat=True)
    assert list(zones) == ["Europe/Vienna", "Asia/Tokyo"]


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        ("staff,a@b.example,A,Nowhere,,", "column team: No team is called “Nowhere”"),
        ("staff,a@b,A,Netze,,", "column email: Enter a valid email address."),
        ("staff,,A,Netze,,", "column email: The cell is empty"),
        ("staff,a@b.example,,Netze,,", "column name: The cell is empty"),
        ("absence,x@b.example,,,2026-01-01,2026-01-02", "column email: No IT person has"),
        ("absence,ada@example.org,,,31.2.2026,2026-01-02", "column from: “31.2.2026” is no date"),
        ("absence,ada@example.org,,,2026-01-02,2026-01-01", "column to: It ends before"),
        ("absence,ada@example.org,,,2026-01-02,", "column to: The cell is empty"),
        ("absence,ada@example.org,,,1026-01-02,2026-01-03", "column from: 1026-01-02 is out of"),
        ("absence,ada@example.org,A,,2026-01-02,2026-01-03", "column name: A row of the kind"),
        ("holiday,ada@example.org,,,2026-01-02,2026-01-03", "column kind: Nothing of this kind"),
        (",ada@example.org,,,2026-01-02,2026-01-03", "column kind: The row does not say"),
        ("contract,ada@example.org,,,2026-01-02,", "column weekly_hours: The contract tells no"),
        ('staff,a@b.example,"A\u202eB",Netze,,', "column name: Remove the invisible"),
    ],
)
def test_a_fault_is_told_by_row_and_column(rows: str, told: str) -> None:
    make_staff("Ada", team=make_team("Netze"), email="ada@example.org", works=False)
    before = Entry.objects.count()

    [line] = faults(f"kind,email,name,team,from,to\n{rows}\n")

    assert line.startswith("Row 2, ")
    assert told in line
    assert (User.objects.count(), Entry.objects.count()) == (1, before)


def test_one_fault_keeps_everything_out() -> None:
    assert len(faults(f"{WHOLE}staff;X;;x@example.org;Nowhere;;;;;;;;;;;;;;;;;\n")) == 1
    assert not Site.objects.exists()


def test_who_refers_to_a_row_with_a_fault_is_not_told_of_as_well() -> None:
    told = faults(
        "kind,name,email,team,department\n"
        "team,Netze,,,Nowhere\n"
        "staff,Ada,ada@example.org,Netze,\n"
        "staff,Ben,ben@example.org,Netze,\n"
    )

    assert [line.partition(":")[0] for line in told] == ["Row 2, column department"]


def test_the_same_row_twice_is_one_and_two_that_differ_are_a_fault() -> None:
    make_team("Netze")
    head = "kind,email,name,team\nstaff,a@example.org,A,Netze\n"

    assert effects(take(f"{head}staff,A@example.org,A,Netze\n")) == {"staff": [1, 0, 1]}
    told = "Row 2 says something else about the same; correct or remove one of them."
    assert faults(f"{head}staff,a@example.org,B,Netze\n") == [f"Row 3, column name: {told}"]


def test_unknown_columns_and_columns_twice_are_told_in_the_header() -> None:
    lines = faults("kind,email,e-mail,nmae\n")

    assert [line.partition(":")[0] for line in lines] == [
        "Row 1, column e-mail",
        "Row 1, column nmae",
    ]


def test_the_name_of_another_department_is_taken() -> None:
    assert (
        "column name: The department with the code"
        in faults("kind,code,name\ndepartment,AA,Sales\ndepartment,BB,Sales\n")[0]
    )


def test_a_region_of_another_country_is_told() -> None:
    [line] = faults("kind,name,country,region\nsite,Wien,AT,BY\n")

    assert line.startswith("Row 2, column region: “BY” is no holiday region of the country.")


def test_who_has_left_is_not_brought_back_by_a_table() -> None:
    staff = make_staff("Ada", email="ada@example.org")
    StaffMember.objects.filter(pk=staff.pk).update(left_on=date(2026, 1, 1), has_left=True)

    [line] = faults(f"kind,email,name,team\nstaff,ada@example.org,Ada,{staff.team.name}\n")

    assert "ada@example.org has left" in line


def test_nobody_becomes_an_administrator_by_a_table() -> None:
    [line] = faults("kind,email,name,roles\nuser,a@example.org,A,admin\n")

    assert "column roles: A role is not known" in line


def test_a_new_contract_ends_the_open_one_that_is_stored() -> None:
    staff = make_staff("Ada", email="ada@example.org")
    row = "kind,email,from,weekly_hours\ncontract,ada@example.org,2026-04-01,20\n"

    counts = [effects(take(row)), effects(take(row))]

    spans = Contract.objects.filter(staff=staff).values_list("starts_on", "ends_on")
    assert list(spans) == [(date(2020, 1, 1), date(2026, 4, 1)), (date(2026, 4, 1), None)]
    assert counts == [{"contract": [1, 0, 0]}, {"contract": [0, 0, 1]}]
    actions = entries_of(Subject.STAFF, staff.pk).order_by("pk").values_list("action", flat=True)
    assert list(actions) == ["change_contract", "add_contract"]


def test_a_contract_over_another_is_a_fault() -> None:
    staff = make_staff("Ada", email="ada@example.org", works=False)
    make_contract(staff, date(2026, 1, 1), date(2026, 6, 1))

    [line] = faults(
        "kind,email,from,to,weekly_hours\ncontract,ada@example.org,2026-05-01,2026-12-31,20\n"
    )

    assert line.startswith("Row 2, column from: The person has another contract")


def test_the_last_day_of_a_contract_is_part_of_it() -> None:
    make_staff("Ada", email="ada@example.org", works=False)

    take("kind,email,from,to,weekly_hours\ncontract,ada@example.org,2026-01-01,2026-12-31,40\n")

    assert Contract.objects.get().ends_on == date(2027, 1, 1)


def test_hours_of_a_contract_change_in_place() -> None:
    staff = make_staff("Ada", email="ada@example.org")

    imported = take("kind,email,from,mon\ncontract,ada@example.org,2020-01-01,9-10\n")

    assert effects(imported) == {"contract": [0, 1, 0]}
    assert weekly_minutes(working_patterns_of([staff.pk])[staff.pk], date(2026, 1, 1)) == 60


def wall(day: date, clock: time = time()) -> datetime:
    """Return a moment as spreadsheets have them: without a zone."""
    return datetime.combine(day, clock)


def excel(**sheets: Sequence[Sequence[object]]) -> bytes:
    book = Workbook()
    book.remove(book.worksheets[0])
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    file = BytesIO()
    book.save(file)
    return file.getvalue()


def test_excel_has_a_sheet_for_each_kind_and_dates_of_its_own() -> None:
    day = date(2026, 3, 18)

    imported = take(
        excel(
            Absences=[
                ["E-Mail", "Von", "Bis"],
                ["ada@example.org", wall(date(2026, 3, 16)), date(2026, 3, 17)],
                ["ada@example.org", wall(day, time(8, 30)), wall(day, time(12))],
                ["ada@example.org", 46100, 46100],
            ],
            Staff=[["name", "email", "team"], [], ["Ada", "ada@example.org", "Netze"]],
            Teams=[["name", "department"], ["Netze", "IT"]],
            Departments=[["code", "name", "cadence_weeks"], ["IT", "Informatik", 4.0]],
        )
    )

    assert imported.faults == []
    assert effects(imported) == {
        "department": [1, 0, 0], "team": [1, 0, 0], "staff": [1, 0, 0], "absence": [3, 0, 0],
    }  # fmt: skip
    assert Absence.objects.order_by("starts_at")[1].starts_at.time() == time(7, 30)
    assert Department.objects.get().cadence_weeks == 4


def test_faults_of_excel_name_the_sheet() -> None:
    make_team("Netze")
    told = faults(
        excel(
            Staff=[
                ["name", "email", "team"],
                ["Ada", "ada@example.org", "Netz"],
                ["Ben", "=A1", "Netze"],
            ],
            Notes=[["free text"]],
        )
    )

    assert told[0].startswith("Sheet Notes: No kind of rows is called “Notes”")
    assert told[1].startswith("Sheet Staff, row 2, column team: No team is called “Netz”")
    assert told[2].startswith("Sheet Staff, row 3, column email: The formula =A1 has no stored")
    assert len(told) == 3


def large(people: int) -> str:
    rows = [f"staff,P{n},p{n}@example.org,Netze,,,\n" for n in range(people)]
    rows += [f"contract,,p{n}@example.org,,2026-01-01,,40\n" for n in range(people)]
    rows += [f"absence,,p{n}@example.org,,2026-03-02,2026-03-03,\n" for n in range(people)]
    return f"kind,name,email,team,from,to,weekly_hours\n{''.join(rows)}"


def queries_of(people: int) -> int:
    with CaptureQueriesContext(connection) as captured:
        imported = take(large(people))
    assert imported.faults == []
    return len(captured)


def test_the_number_of_queries_does_not_depend_on_the_rows() -> None:
    make_team("Netze")

    counts = [queries_of(1), queries_of(2), queries_of(40)]

    assert counts[1] == counts[2]
    assert max(counts) <= 40


def test_ten_thousand_rows_take_seconds() -> None:
    make_team("Netze")

    imported = take(large(3334))

    assert effects(imported) == {
        kind: [3334, 0, 0] for kind in (Kind.STAFF, Kind.CONTRACT, Kind.ABSENCE)
    }
