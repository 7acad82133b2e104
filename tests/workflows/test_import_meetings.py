import io
import json
from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from rotation.booking.models import Booking
from rotation.meetings.models import Blackout, Meeting, MeetingSeries
from rotation.rosters.errors import UnreadableTable
from rotation.rosters.plan import Effect
from rotation.workflows.import_meetings import ImportedMeetings, import_meetings
from tests.builders import (
    BY_SYSTEM,
    HOUR,
    NOW,
    TUESDAY_10,
    make_booking,
    make_department,
    make_host,
    make_staff,
)

pytestmark = pytest.mark.django_db
HEADER = "department;title;starts_on;time;minutes;every;seats;needs_approval;without_guests;key"
ROW = "SA;Weekly;10.03.2026;10:00;60;weekly;2;yes;;"


@pytest.fixture(autouse=True)
def _department() -> None:
    make_department("Sales", "SA")
    make_department("People", "HR")


def take(
    *rows: str, header: str = HEADER, dry_run: bool = False, only: int | None = None
) -> ImportedMeetings:
    table = io.BytesIO("\n".join([header, *rows]).encode())
    return import_meetings(
        table,
        by=BY_SYSTEM,
        now=NOW,
        allowed=lambda key: only in {None, key},
        dry_run=dry_run,
    )


def faults(found: ImportedMeetings) -> list[tuple[int, str]]:
    return [(fault.row, fault.column) for fault in found.faults]


def test_a_row_becomes_a_series_and_the_same_file_again_changes_nothing() -> None:
    first, second = take(ROW), take(ROW)

    series = MeetingSeries.objects.get()
    assert (first.effects[Effect.CREATED], second.effects[Effect.UNCHANGED]) == (1, 1)
    assert (series.rrule, series.seats, series.needs_approval, series.starts_at) == (
        "FREQ=WEEKLY;BYDAY=TU", 2, True, TUESDAY_10,
    )  # fmt: skip
    assert Meeting.objects.count() == 25


def test_a_changed_row_changes_the_series_and_takes_its_guests_along() -> None:
    take(ROW)
    visit = make_booking(staff=make_staff(), meeting=Meeting.objects.order_by("starts_at")[0])

    found = take(ROW.replace("10:00", "11:00"))

    visit.refresh_from_db()
    assert found.effects[Effect.CHANGED] == 1
    assert (visit.starts_at, visit.sequence) == (TUESDAY_10 + HOUR, 1)
    assert found.figures()["guests_told"] == 1


def test_a_key_knows_the_series_under_another_title() -> None:
    take(ROW + "k1")

    assert take(ROW.replace("Weekly", "Anew") + "k1").effects[Effect.CHANGED] == 1
    assert MeetingSeries.objects.get().title == "Anew"


def test_a_dry_run_says_all_and_does_nothing() -> None:
    found = take(ROW, dry_run=True)

    assert (found.effects[Effect.CREATED], found.is_written) == (1, False)
    assert not MeetingSeries.objects.exists()


def test_every_fault_is_named_by_its_cell_and_nothing_is_written() -> None:
    found = take(
        ROW,
        "XX;Other;10.03.2026;10:00;60;weekly;2;yes;;",
        "SA;;31.02.2026;25:00;x;weekly;2;perhaps;tomorrow;",
        "SA;Third;10.03.2026;10:00;60;hourly;2;yes;;",
        "SA;Fourth;10.03.2026;10:00;0;weekly;2;yes;;",
        "SA;Fifth;10.03.2026;10:00;60;weekly;99;yes;;",
        "SA;weekly;10.03.2026;10:00;60;weekly;2;yes;;",
        "SA;Sixth;10.03.9999;10:00;60;weekly;2;yes;;",
    )

    assert faults(found) == [
        (3, "department"), (4, "title"), (4, "starts_on"), (4, "time"), (4, "minutes"),
        (4, "needs_approval"), (4, "without_guests"), (5, "every"), (6, "minutes"), (7, "seats"),
        (8, "title"), (9, "starts_on"),
    ]  # fmt: skip
    assert all(fault["message"] for fault in found.figures()["faults"])
    assert not MeetingSeries.objects.exists()


def test_a_host_of_another_department_may_not() -> None:
    host = make_host(department=make_department("People"))

    assert faults(take(ROW, only=host.department_id)) == [(2, "department")]


def test_days_without_guests_and_a_contact() -> None:
    host = make_host(department=make_department("Sales"))
    header = "department;title;starts_on;time;host;without_guests;last_on;every;location"
    row = (
        f'sa;Weekly;2026-03-10;10;{host.user.email};"9.3.2026 - 20.3.2026";2026-03-31;'
        "freq=daily;Room 4"
    )

    found = take(row, header=header)

    series = MeetingSeries.objects.get()
    assert not found.faults
    assert (series.host, series.location) == (host, "Room 4")
    assert Blackout.objects.get().series == series
    assert Meeting.objects.filter(seats=0).count() == 11
    last = Meeting.objects.latest("starts_at").starts_at.astimezone(ZoneInfo("Europe/Berlin"))
    assert f"{last:%m-%d}" == "03-31"
    assert take(row, header=header).effects[Effect.UNCHANGED] == 1


def test_columns_that_are_not_known_are_named() -> None:
    assert faults(take("SA;Weekly;10.03.2026;10:00;1", header="department;title;starts_on;time;x"))[
        0
    ] == (1, "x")
    with pytest.raises(UnreadableTable):
        take(header="")


def test_the_command_tells_figures_and_faults(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "meetings.csv"
    file.write_text(f"{HEADER}\n{ROW}\n")
    call_command("import_meetings", file, "--json")
    assert json.loads(capsys.readouterr().out.splitlines()[-1])["series"] == {
        "created": 1, "changed": 0, "unchanged": 0,
    }  # fmt: skip

    file.write_text(f"{HEADER}\n{ROW.replace('10:00', 'noon')}\n")
    with pytest.raises(CommandError):
        call_command("import_meetings", file, "--dry-run")
    assert "Row 2, column time" in capsys.readouterr().err
    with pytest.raises(CommandError):
        call_command("import_meetings", tmp_path / "none.csv")


def test_a_cancelled_visit_of_a_row_that_vanishes_is_no_matter() -> None:
    take(ROW)
    meeting = Meeting.objects.order_by("starts_at")[1]
    visit = make_booking(staff=make_staff(), meeting=meeting)

    take(ROW.replace("weekly", "biweekly"))

    visit.refresh_from_db()
    assert visit.state == Booking.State.CANCELLED
    assert meeting.starts_at == TUESDAY_10 + timedelta(days=7)
