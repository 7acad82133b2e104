"""Tickets from files of a source."""

import json
import zipfile
from collections import Counter
from datetime import UTC, date, datetime
from io import StringIO
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.utils import timezone
from openpyxl import Workbook

from rotation.periods.weeks import WEEK
from rotation.workflows import import_load
from rotation.workflows.import_load import Delivery, import_files, import_stream
from rotation.workload.errors import UnreadableFile
from rotation.workload.models import Assignee, Ticket, TicketQueue, TicketSource
from rotation.workload.queries import open_tickets, tickets_created
from tests.builders import make_team
from tests.workload.logs import COLUMNS, log, row, written, zipped

pytestmark = pytest.mark.django_db
SOURCE = "servicenow-incidents"
NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)
REAL = settings.BASE_DIR.parent / "shared" / "data"


def load(*files: Path, source: str = SOURCE) -> Delivery:
    return import_files(source, files, NOW)


def counts(delivery: Delivery) -> tuple[int, int, int]:
    tickets = delivery.tickets
    return tickets.created, tickets.updated, tickets.unchanged


def run(*arguments: object) -> str:
    out = StringIO()
    call_command("import_tickets", "--source", SOURCE, *map(str, arguments), stdout=out)
    return out.getvalue()


def test_rows_of_one_incident_become_its_last_state(tmp_path: Path) -> None:
    rows = [
        row(incident_state="New", sys_mod_count="0", sys_updated_at="2/3/2026 09:05"),
        row(
            incident_state="Closed", sys_mod_count="3", sys_updated_at="9/3/2026 08:00",
            assignment_group="?", made_sla="false",
            resolved_at="3/3/2026 11:30", closed_at="9/3/2026 08:00",
        ),
        row(assignment_group="Group 7", sys_mod_count="2", sys_updated_at="3/3/2026 08:00"),
    ]  # fmt: skip
    delivery = load(written(tmp_path, log(*rows)))
    ticket = Ticket.objects.select_related("queue", "assignee").get()
    assert (delivery.tally.read, counts(delivery)) == (3, (1, 0, 0))
    assert (ticket.external_id, ticket.state, ticket.kind) == ("INC1", "closed", "incident")
    # "?" does not tell a group: the last one told stays.
    assert (ticket.queue and ticket.queue.key) == "Group 7"
    assert ticket.created_at == datetime(2026, 3, 2, 9, tzinfo=UTC)
    assert ticket.resolved_at == datetime(2026, 3, 3, 11, 30, tzinfo=UTC)
    assert ticket.closed_at == ticket.source_updated_at == datetime(2026, 3, 9, 8, tzinfo=UTC)
    assert ticket.done_at == ticket.resolved_at
    assert (ticket.priority, ticket.raw_priority, ticket.sla_breached) == (3, "3 - Moderate", True)


def test_revisions_are_ordered_as_numbers(tmp_path: Path) -> None:
    rows = [
        row(sys_mod_count="10", assignment_group="Group 10"),
        row(sys_mod_count="9", assignment_group="Group 9"),
    ]
    load(written(tmp_path, log(*rows)))
    assert list(Ticket.objects.values_list("queue__key", flat=True)) == ["Group 10"]


def test_reopened_work_is_open_whatever_dates_it_carries(tmp_path: Path) -> None:
    reopened = row(resolved_at="2/3/2026 09:30", closed_at="12/3/2026 09:30", reopen_count="1")
    load(written(tmp_path, log(reopened)))
    ticket = Ticket.objects.get()
    assert (ticket.state, ticket.reopened_count, ticket.done_at) == ("open", 1, None)
    assert open_tickets(NOW).count() == 1


def test_closed_without_resolution_is_done_when_closed(tmp_path: Path) -> None:
    rows = [
        row(number="INC1", incident_state="Closed", closed_at="5/3/2026 09:00"),
        row(number="INC2", incident_state="Closed"),
    ]
    load(written(tmp_path, log(*rows)))
    assert list(Ticket.objects.values_list("resolved_at", "done_at")) == [
        (None, datetime(2026, 3, 5, 9, tzinfo=UTC)),
        (None, datetime(2026, 3, 2, 10, tzinfo=UTC)),
    ]


def test_an_unknown_state_is_reported_and_the_last_known_one_kept(tmp_path: Path) -> None:
    rows = [
        row(incident_state="Awaiting Vendor", sys_mod_count="1"),
        row(incident_state="-100", sys_mod_count="2", priority="9 - Odd"),
    ]
    figures = load(written(tmp_path, log(*rows))).figures()
    assert figures["unmapped"] == {
        "priority": {"9 - Odd": 1},
        "state": {"-100": 1},
        "queue": {"Group 1": 1},
    }
    assert list(Ticket.objects.values_list("state", "raw_state")) == [("waiting", "-100")]


def test_queues_with_a_team_are_not_reported(tmp_path: Path) -> None:
    file = written(tmp_path, log(row(), row(number="INC2", assignment_group="?")))
    load(file)
    TicketQueue.objects.update(team=make_team())
    assert load(file).figures()["unmapped"] == {}


def test_the_same_files_twice_change_nothing(tmp_path: Path) -> None:
    files = [
        written(tmp_path, log(row(), row(number="INC2", incident_state="Closed")), "a.csv"),
        written(tmp_path, log(row(sys_updated_at="3/3/2026 10:00", priority="1 - Critical"))),
    ]
    assert counts(load(*files)) == (2, 1, 0)
    before = list(Ticket.objects.order_by("pk").values())
    # The older of both files is older than what is stored by now: it changes nothing either.
    assert counts(load(*files)) == (0, 0, 3)
    assert list(Ticket.objects.order_by("pk").values()) == before


def test_keys_that_retention_took_do_not_come_back(tmp_path: Path) -> None:
    file = written(tmp_path, log(row(incident_state="Closed"), row(number="INC2")))
    load(file)
    Ticket.objects.filter(state="closed").update(assignee=None)
    Assignee.objects.all().delete()
    load(file)
    assert list(Ticket.objects.values_list("external_id", "assignee__key")) == [
        ("INC1", None),
        ("INC2", "Resolver 1"),
    ]
    assert counts(load(file)) == (0, 0, 2)
    Assignee.objects.all().delete()
    Ticket.objects.filter(external_id="INC2").delete()
    closed = written(tmp_path, log(row(incident_state="Closed")))
    assert counts(load(closed)) == (0, 0, 1)
    assert not Assignee.objects.exists()


def test_a_changed_mapping_updates_what_it_touches(tmp_path: Path) -> None:
    file = written(tmp_path, log(row(), row(number="INC2", incident_state="Awaiting Vendor")))
    load(file)
    shipped = Path("rotation/workload/sources") / f"{SOURCE}.json"
    mapping = json.loads((settings.BASE_DIR / shipped).read_text())
    mapping["states"]["Awaiting Vendor"] = "scheduled"
    TicketSource.objects.update(mapping=mapping)
    assert counts(load(file)) == (0, 1, 1)


@pytest.mark.parametrize(
    ("bad", "fault", "column"),
    [
        ({"opened_at": "31/2/2026 09:00"}, "bad_date", "opened_at"),
        ({"opened_at": "2026-03-02"}, "bad_date", "opened_at"),
        ({"opened_at": "1/1/1900 00:00"}, "bad_date", "opened_at"),
        ({"closed_at": "31/12/9999 23:59"}, "bad_date", "closed_at"),
        ({"opened_at": "?"}, "missing_value", "opened_at"),
        ({"number": ""}, "missing_value", "number"),
        ({"number": "X" * 81}, "too_long", "number"),
        ({"assignment_group": "X" * 121}, "too_long", "assignment_group"),
        ({"assignment_group": "a\x00b"}, "control_character", "assignment_group"),
        ({"assignment_group": "a\nb"}, "control_character", "assignment_group"),
        ({"reopen_count": "-1"}, "bad_number", "reopen_count"),
        ({"reopen_count": "99999"}, "bad_number", "reopen_count"),
        ({"sys_mod_count": "٣"}, "bad_number", "sys_mod_count"),
        ({"made_sla": "perhaps"}, "bad_flag", "made_sla"),
        ({"category": "X" * 200_000}, "bad_quotes", ""),
    ],
)
def test_a_bad_row_is_named_and_the_others_are_read(
    tmp_path: Path, bad: dict[str, str], fault: str, column: str
) -> None:
    content = log(row(number="INC0"), row(**bad), row(number="INC2"))
    figures = load(written(tmp_path, content)).figures()
    assert (figures["read"], figures["created"], figures["rejected"]) == (3, 2, 1)
    assert figures["reasons"] == {fault: 1}
    assert figures["rejected_rows"] == [
        {"file": "log.csv", "row": 3, "reason": fault, "column": column}
    ]


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        pytest.param(b"one,two\n", "wrong_width", id="too few columns"),
        pytest.param(b"x" * 10_000_000 + b"\n", "line_too_long", id="10 MB in one line"),
        pytest.param(
            log(row(assignment_group="Büro")).splitlines(keepends=True)[1]
            .decode().encode("latin-1"),
            "bad_encoding",
            id="latin-1 in a UTF-8 file",
        ),
    ],
)  # fmt: skip
def test_a_broken_line_is_named_and_the_others_are_read(
    tmp_path: Path, line: bytes, fault: str
) -> None:
    content = log(row()) + line + b"\r\n" + log(row(number="INC2")).split(b"\n", 1)[1]
    figures = load(written(tmp_path, content)).figures()
    assert (figures["created"], figures["reasons"]) == (2, {fault: 1})


def test_a_zip_is_read_without_unpacking_it(tmp_path: Path) -> None:
    path = zipped(tmp_path, first=log(row()), second=log(row(number="INC2")))
    assert counts(load(path)) == (2, 0, 0)


def test_plain_iso_files_are_known_as_csv(tmp_path: Path) -> None:
    content = (
        "external_id,state,queue_key,created_at\n"
        "T1,open,Desk,2026-03-02T09:00:00+01:00\n"
        "T2,open,Desk,yesterday\n"
    )
    delivery = load(written(tmp_path, content.encode("utf-8-sig")), source="csv")
    assert list(Ticket.objects.values_list("external_id", "created_at")) == [
        ("T1", datetime(2026, 3, 2, 8, tzinfo=UTC))
    ]
    assert delivery.tally.rejected == Counter({"bad_date": 1})


def test_the_command_tells_what_it_did_and_ends_with_json(tmp_path: Path) -> None:
    file = written(tmp_path, log(row(), row(opened_at="soon"), row(incident_state="-100")))
    *told, last = run(file, "--json").splitlines()
    assert told == [
        "3 rows read, 1 rejected.",
        "  log.csv, row 3: bad_date in column opened_at",
        "1 tickets created, 0 updated, 0 unchanged.",
        "Not mapped, state: -100 (1)",
        "Not mapped, queue: Group 1 (1)",
    ]
    assert json.loads(last) == {
        "source": SOURCE,
        "read": 3,
        "rejected": 1,
        "reasons": {"bad_date": 1},
        "rejected_rows": [
            {"file": "log.csv", "row": 3, "reason": "bad_date", "column": "opened_at"}
        ],
        "created": 1,
        "updated": 0,
        "unchanged": 0,
        "unmapped": {"state": {"-100": 1}, "queue": {"Group 1": 1}},
    }


def test_files_that_cannot_be_read_get_one_sentence(tmp_path: Path) -> None:
    good = written(tmp_path, log(row()), "good.csv")
    columns = tuple(name for name in COLUMNS if name != "opened_at")
    wrong = {
        "no such file": tmp_path / "nothing.csv",
        "holds no .csv file": zipped(tmp_path),
        "is empty": written(tmp_path, b"", "empty.csv"),
        "no readable zip": written(tmp_path, b"PK\x03\x04 broken", "broken.zip"),
        "no column “opened_at”": written(tmp_path, log(row(), columns=columns), "narrow.csv"),
        "no column “number”": written(tmp_path, log(row()).decode().encode("utf-16"), "wide.csv"),
    }
    for sentence, path in wrong.items():
        with pytest.raises(CommandError, match=sentence) as caught:
            run(good, path)
        assert "\n" not in str(caught.value)
    # One bad file: nothing of the delivery is stored.
    assert not Ticket.objects.exists()


def test_an_unknown_source_names_the_known_ones() -> None:
    with pytest.raises(CommandError, match=r"“nowhere”; known: csv, servicenow-incidents\."):
        call_command("import_tickets", "--source", "nowhere", "x.csv")


def test_a_broken_mapping_names_its_part(tmp_path: Path) -> None:
    TicketSource.objects.create(name=SOURCE, mapping={"columns": {}, "states": {"New": "fresh"}})
    with pytest.raises(CommandError, match="look at “columns”"):
        run(written(tmp_path, log(row())))


@pytest.fixture
def golden() -> dict[str, object]:
    path = REAL / "golden-numbers.json"
    if not path.is_file():
        pytest.skip(f"the real incident log is not beside this checkout ({REAL})")
    figures: dict[str, object] = json.loads(path.read_text())["servicenow"]
    return figures


def test_the_real_log_gives_the_golden_numbers(golden: dict[str, object]) -> None:
    file = REAL / SOURCE / "incident_event_log.zip"
    figures = load(file).figures()
    tickets = Ticket.objects.all()
    opened = tickets.order_by("created_at").values_list("created_at", flat=True)
    first_week = date(2016, 2, 29)
    weeks = tickets_created(first_week, first_week + 12 * WEEK, UTC)
    assert {
        "events": figures["read"],
        "incidents": figures["created"],
        "opened_min": str(opened[0].replace(tzinfo=None)),
        "opened_max": str(opened.reverse()[0].replace(tzinfo=None)),
        "unassigned_group": tickets.filter(queue=None).count(),
        "unassigned_agent": tickets.filter(assignee=None).count(),
        "no_resolved_at": tickets.filter(resolved_at=None).count(),
        "open_at_2016-04-01": open_tickets(datetime(2016, 4, 1, tzinfo=UTC)).count(),
        "open_at_2016-05-02": open_tickets(datetime(2016, 5, 2, tzinfo=UTC)).count(),
        "opened_per_week_first13": [weeks[None, first_week + index * WEEK] for index in range(13)],
    } == {name: golden[name] for name in GOLDEN}
    assert (figures["rejected"], figures["unmapped"]["state"]) == (0, {"-100": 5})
    # golden-numbers.json ordered revisions as text ("10" before "9"): 73 groups and 222 agents.
    # By number, by time and by place in the file there are these:
    assert (TicketQueue.objects.count(), Assignee.objects.count()) == (72, 220)
    again = load(file)
    assert counts(again) == (0, 0, 24918)
    assert timezone.is_aware(opened[0])


GOLDEN = (
    "events", "incidents", "opened_min", "opened_max", "unassigned_group", "unassigned_agent",
    "no_resolved_at", "open_at_2016-04-01", "open_at_2016-05-02", "opened_per_week_first13",
)  # fmt: skip


def test_a_dry_run_tells_what_an_import_would_and_changes_nothing(tmp_path: Path) -> None:
    file = written(tmp_path, log(row(), row(opened_at="soon"), row(number="INC2")))
    told = run(file, "--dry-run", "--json").splitlines()
    assert told[-2] == "Dry run: nothing was changed."
    assert not TicketSource.objects.exists()
    assert not Ticket.objects.exists()
    assert run(file, "--json").splitlines()[-1] == told[-1]
    assert json.loads(told[-1])["created"] == 2


def test_csv_json_and_excel_tell_the_same(tmp_path: Path) -> None:
    rows = [row(), row(number="INC2", incident_state="Closed", closed_at="9/3/2026 08:00")]
    book = Workbook()
    assert book.active is not None
    book.active.append(COLUMNS)
    for each in rows:
        book.active.append([each[name] for name in COLUMNS])
    book.save(tmp_path / "log.xlsx")
    lines = "\n".join(json.dumps(each) for each in rows).encode()
    files = [
        written(tmp_path, log(*rows)),
        tmp_path / "log.xlsx",
        written(tmp_path, json.dumps(rows).encode(), "log.json"),
        written(tmp_path, lines, "log.jsonl"),
    ]
    assert counts(load(files[0])) == (2, 0, 0)
    for file in files[1:]:
        assert (file.suffix, counts(load(file))) == (file.suffix, (0, 0, 2))


def test_a_zip_may_hold_json_and_is_refused_when_it_unpacks_to_too_much(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "log.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("log.json", json.dumps([row(), row(number="INC2")]))
    assert counts(load(path)) == (2, 0, 0)
    source = TicketSource.objects.get(name=SOURCE)
    monkeypatch.setattr(import_load, "LARGEST_SENT", 10)
    with path.open("rb") as stream, pytest.raises(UnreadableFile) as caught:
        import_stream(source, stream, "log.zip", NOW)
    assert caught.value.fields == {"file": "log.zip", "problem": "too_large"}


def test_a_damaged_member_of_a_zip_is_one_sentence(tmp_path: Path) -> None:
    path = zipped(tmp_path, first=log(*(row(number=f"INC{n}") for n in range(500))))
    content = bytearray(path.read_bytes())
    content[400:420] = b"\xff" * 20
    with pytest.raises(CommandError, match="no readable zip archive"):
        run(written(tmp_path, bytes(content), "damaged.zip"))
    assert not Ticket.objects.exists()
