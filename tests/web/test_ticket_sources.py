"""Ticket sources: mappings, queues and files, for administrators."""

import io
import json
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from openpyxl import Workbook

from accounts.models import Role
from rotation.audit.models import Entry, Subject
from rotation.web.uploads import LARGEST_FILE
from rotation.workload.models import Ticket, TicketQueue, TicketSource
from rotation.workload.services import mapping_data, source_named
from tests.builders import make_team, make_tickets, make_user

pytestmark = pytest.mark.django_db
CSV = b"external_id,state,queue_key,created_at\nT1,open,Desk,2026-03-02\nT2,lazy,Desk,2026-03-02\n"
BAD = CSV + b"T3,open,Desk,yesterday\n"


@pytest.fixture
def as_admin(client: Client) -> Client:
    client.force_login(make_user(roles=(Role.ADMIN,)))
    return client


@pytest.fixture
def source() -> TicketSource:
    return source_named("csv")


def send(client: Client, source: TicketSource, content: bytes, step: str, **more: Any) -> Any:  # noqa: ANN401
    file = SimpleUploadedFile(more.pop("name", "more.csv"), content)
    address = reverse("ticket_source_file", args=[source.pk])
    return client.post(address, {"file": file, "step": step}, **more)


def text(answer: Any) -> str:  # noqa: ANN401 -- Django's test response
    return " ".join(answer.content.decode().split())


def test_without_a_source_the_page_says_what_to_do(as_admin: Client) -> None:
    assert "No tickets come in yet" in text(as_admin.get(reverse("ticket_sources")))


def test_sources_are_listed_by_name_with_age_and_queues(
    as_admin: Client, source: TicketSource
) -> None:
    send(as_admin, source, CSV, "import")
    TicketSource.objects.create(name="another")
    with CaptureQueriesContext(connection) as of_two:
        answer = as_admin.get(reverse("ticket_sources"))
    found = [
        (each.name, each.ticket_count, each.queue_count, each.open_queue_count)
        for each in answer.context["sources"]
    ]
    assert found == [("another", 0, 0, 0), ("csv", 2, 1, 1)]
    assert "30 days after it was done" in text(answer)
    assert "24 months after its last change" in text(answer)
    for number in range(5):
        TicketSource.objects.create(name=f"more-{number}")
    with CaptureQueriesContext(connection) as of_many:
        as_admin.get(reverse("ticket_sources"))
    assert len(of_many) == len(of_two)


def test_a_source_is_added_with_a_mapping_to_begin_with(as_admin: Client) -> None:
    wanted = {"name": "snow", "based_on": "servicenow-incidents"}
    answer = as_admin.post(reverse("ticket_source_new"), wanted)
    source = TicketSource.objects.get()
    assert answer["Location"] == reverse("ticket_source", args=[source.pk])
    assert source.mapping["columns"]["external_id"] == "number"
    assert Entry.objects.get().subject == Subject.TICKET_SOURCE
    again = as_admin.post(reverse("ticket_source_new"), wanted)
    assert again.status_code == 400
    assert "There is a source called “snow”" in text(again)
    odd = as_admin.post(reverse("ticket_source_new"), {"name": "a b", "based_on": "nothing"})
    assert set(odd.context["form"].errors) == {"name", "based_on"}


def test_a_saved_mapping_counts_and_is_in_the_trail(as_admin: Client, source: TicketSource) -> None:
    mapping = mapping_data(source)
    mapping["states"] = {**mapping["states"], "lazy": "waiting"}  # type: ignore[dict-item]
    address = reverse("ticket_source_mapping", args=[source.pk])
    wanted = {"mapping": json.dumps(mapping), "version": 1}
    assert as_admin.post(address, wanted).status_code == 302
    source.refresh_from_db()
    assert (source.version, source.mapping) == (2, mapping)
    line = Entry.objects.get()
    assert (line.action, set(line.old), set(line.new)) == ("change", {"states"}, {"states"})
    assert "“csv”" in text(as_admin.get(reverse("audit")))
    as_admin.post(address, {**wanted, "version": 2})
    assert Entry.objects.count() == 1

    stale = as_admin.post(address, {**wanted, "mapping": json.dumps(mapping | {"missing": ["?"]})})
    assert (stale.status_code, stale.context["mapping"]["version"].value()) == (409, 2)
    assert "Somebody changed this meanwhile" in text(stale)


@pytest.mark.parametrize(
    ("mapping", "why"),
    [
        ('{"columns": {', "line 1, character 14"),
        ("[]", "Write an object"),
        ("", "required"),
        ("[" * 5000, "This is no JSON"),
        ('{"columns": {}}', "look at “states”"),
        ('{"columns": {}, "states": {}, "x": 1}', "look at “columns”"),
    ],
)
def test_a_wrong_mapping_is_told_at_its_field(
    as_admin: Client, source: TicketSource, mapping: str, why: str
) -> None:
    address = reverse("ticket_source_mapping", args=[source.pk])
    answer = as_admin.post(address, {"mapping": mapping, "version": 1})
    assert answer.status_code == 400
    assert why in " ".join(answer.context["mapping"].errors["mapping"])
    source.refresh_from_db()
    assert source.mapping == {}


def test_queues_get_their_team_and_the_trail_its_line(
    as_admin: Client, source: TicketSource
) -> None:
    send(as_admin, source, CSV, "import")
    queue, team = TicketQueue.objects.get(), make_team()
    address = reverse("ticket_source_queues", args=[source.pk])
    assert as_admin.post(address, {str(queue.pk): team.pk}).status_code == 302
    queue.refresh_from_db()
    assert queue.team == team
    line = Entry.objects.get()
    assert (line.old, line.new) == ({"team": None}, {"team": team.pk, "queue": "Desk"})
    as_admin.post(address, {str(queue.pk): team.pk})
    assert Entry.objects.count() == 1
    odd = as_admin.post(address, {str(queue.pk): "77777"})
    assert odd.status_code == 400
    as_admin.post(address, {str(queue.pk): ""})
    queue.refresh_from_db()
    assert queue.team is None


def test_checking_a_file_tells_all_and_changes_nothing(
    as_admin: Client, source: TicketSource
) -> None:
    answer = send(as_admin, source, BAD, "check")
    told = answer.context["delivery"]
    assert (told["read"], told["created"], told["rejected"]) == (3, 2, 1)
    assert "This is no date" in text(answer)
    assert "lazy (1)" in text(answer)
    assert "Desk (2)" in text(answer)
    assert not Ticket.objects.exists()
    assert not TicketQueue.objects.exists()
    source.refresh_from_db()
    assert source.imported_at is None


def test_importing_does_what_checking_told_and_once_more_nothing(
    as_admin: Client, source: TicketSource
) -> None:
    told = send(as_admin, source, BAD, "check").context["delivery"]
    done = send(as_admin, source, BAD, "import").context["delivery"]
    assert done == told
    again = send(as_admin, source, BAD, "import").context["delivery"]
    assert (again["created"], again["updated"], again["unchanged"]) == (0, 0, 2)


def test_a_script_gets_the_result_alone(as_admin: Client, source: TicketSource) -> None:
    answer = send(as_admin, source, CSV, "check", headers={"HX-Request": "true"})
    assert "<html" not in text(answer)
    assert 'id="delivery-result"' in text(answer)


def test_an_excel_file_is_taken(as_admin: Client, source: TicketSource) -> None:
    book, file = Workbook(), io.BytesIO()
    assert book.active is not None
    book.active.append(["external_id", "state", "queue_key", "created_at"])
    book.active.append([7, "open", "Desk", "2026-03-02"])
    book.save(file)
    send(as_admin, source, file.getvalue(), "import", name="more.xlsx")
    assert list(Ticket.objects.values_list("external_id", flat=True)) == ["7"]


@pytest.mark.parametrize(
    ("content", "name", "why"),
    [
        (b"", "empty.csv", "empty"),
        (b"x\n", "narrow.csv", "no column “external_id”"),
        (b"PK\x03\x04", "broken.zip", "no readable zip"),
        (b"\xd0\xcf\x11\xe0 old", "old.xlsx", "protected by a password"),
        (b"[1", "broken.json", "no readable JSON"),
        (b"x" * (LARGEST_FILE + 1), "large.csv", "larger than 20 MB"),
    ],
)
def test_what_cannot_be_read_is_told_in_a_sentence(
    as_admin: Client, source: TicketSource, content: bytes, name: str, why: str
) -> None:
    answer = send(as_admin, source, content, "import", name=name)
    assert answer.status_code == 422
    assert why in " ".join(answer.context["file"].errors["file"])
    assert not Ticket.objects.exists()


def test_a_broken_mapping_is_told_when_a_file_comes(as_admin: Client, source: TicketSource) -> None:
    TicketSource.objects.update(mapping={"columns": {}, "states": {}})
    assert "look at “columns”" in text(send(as_admin, source, CSV, "check"))


def test_a_file_needs_the_token_of_the_page(source: TicketSource) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(make_user(roles=(Role.ADMIN,)))
    assert send(client, source, CSV, "import").status_code == 403
    assert not Ticket.objects.exists()


def test_only_administrators_see_and_change_sources(source: TicketSource) -> None:
    make_tickets(None)
    pages = ("ticket_sources", "ticket_source")
    changes = (
        "ticket_source_new", "ticket_source_mapping", "ticket_source_queues", "ticket_source_file",
    )  # fmt: skip
    for role in (*sorted(set(Role.values) - {Role.ADMIN}), None):
        client = Client()
        client.force_login(make_user(roles=(role,) if role else ()))
        for name in (*pages, *changes):
            address = reverse(name, args=[] if name in {pages[0], changes[0]} else [source.pk])
            answer = client.get(address) if name in pages else client.post(address)
            assert (role, name, answer.status_code) == (role, name, 403)
    assert Client().get(reverse("ticket_sources")).status_code == 302


def test_pages_are_there_in_german(as_admin: Client, source: TicketSource) -> None:
    send(as_admin, source, BAD, "import")
    for address in (reverse("ticket_sources"), reverse("ticket_source", args=[source.pk])):
        answer = as_admin.get(address, headers={"Accept-Language": "de"})
        assert answer.status_code == 200
    nowhere = reverse("ticket_source", args=[source.pk + 1])
    assert as_admin.get(nowhere).status_code == 404
