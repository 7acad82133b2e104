"""`tickets/`: what other systems push."""

from typing import Any

import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from accounts.models import Role, TokenScope
from rotation.api.tickets import MOST_RECORDS, TicketRecord
from rotation.workload.models import Assignee, Ticket, TicketQueue, TicketSource
from rotation.workload.pushed import NAMES
from tests.api.callers import caller
from tests.builders import make_user

pytestmark = pytest.mark.django_db
URL = "/api/v1/tickets/"
WHOLE = {
    "source": "jira", "external_id": "A-1", "source_updated_at": "2026-03-03T09:00:00+01:00",
    "kind": "request", "state": "closed", "raw_state": "Done", "queue_key": "Desk",
    "assignee_key": "7f3a", "created_at": "2026-03-02T09:00:00+01:00",
    "first_response_at": "2026-03-02T10:00:00Z", "resolved_at": "2026-03-03T07:00:00Z",
    "closed_at": None, "reopened_count": 1, "priority": 2, "raw_priority": "High",
    "category_key": "Net", "department_key": "SALES", "effort_logged_min": 30,
    "effort_estimate_min": 45, "sla_due_at": "2026-03-05T09:00:00Z", "sla_paused": False,
    "sla_breached": False, "deleted": False, "first_seen_at": "2020-01-01T00:00:00Z",
    "last_seen_at": None,
}  # fmt: skip


def record(**values: Any) -> dict[str, Any]:  # noqa: ANN401 -- by the field
    few = {name: WHOLE[name] for name in ("source", "external_id", "state", "created_at")}
    return {**few, **values}


@pytest.fixture
def client() -> APIClient:
    return caller(make_user(roles=(Role.ADMIN,)))


def outcomes(client: APIClient, *records: object) -> list[str]:
    answer = client.post(URL, list(records))
    assert answer.status_code == 200, answer.content
    return [result["outcome"] for result in answer.json()["results"]]


def test_a_whole_record_is_stored_under_its_names(client: APIClient) -> None:
    answer = client.post(URL, WHOLE)
    assert (answer.status_code, answer.json()) == (
        200,
        {"created": 1, "updated": 0, "unchanged": 0, "rejected": 0,
         "results": [{"external_id": "A-1", "outcome": "created", "errors": []}]},
    )  # fmt: skip
    ticket = Ticket.objects.select_related("queue", "assignee", "source").get()
    source = ticket.source
    assert (source.name, source.way, bool(source.imported_at)) == ("jira", "push", True)
    assert (ticket.state, ticket.raw_state, ticket.raw_priority) == ("closed", "Done", "High")
    assert (ticket.kind, ticket.priority, ticket.reopened_count) == ("request", 2, 1)
    assert (ticket.effort_logged_minutes, ticket.effort_estimate_minutes) == (30, 45)
    assert (ticket.queue and ticket.queue.key, ticket.assignee and ticket.assignee.key) == (
        "Desk", "7f3a",
    )  # fmt: skip
    assert (ticket.department_key, ticket.sla_breached) == ("SALES", False)
    assert ticket.first_seen_at.year > 2020


def test_what_is_described_is_what_is_taken() -> None:
    assert set(TicketRecord().fields) == NAMES
    assert set(WHOLE) == NAMES


def test_results_come_in_the_order_of_the_records(client: APIClient) -> None:
    client.post(URL, [record(), record(external_id="A-2")])
    newer = record(external_id="A-2", source_updated_at="2026-03-04T00:00:00Z", priority=1)
    older = record(source_updated_at="2026-03-01T00:00:00Z", priority=1)
    fresh = record(source="zammad", external_id="A-2")
    bad = record(external_id="A-3", state="lazy")
    assert outcomes(client, newer, bad, fresh, older) == [
        "updated", "rejected", "created", "unchanged",
    ]  # fmt: skip
    assert outcomes(client, newer, fresh) == ["unchanged", "unchanged"]


def test_records_of_one_number_share_the_outcome_of_the_last_state(client: APIClient) -> None:
    closed = record(state="closed", source_updated_at="2026-03-04T00:00:00Z")
    assert outcomes(client, closed, record(queue_key="Desk")) == ["created", "created"]
    assert list(Ticket.objects.values_list("state", "queue__key")) == [("closed", "Desk")]


def test_everything_that_is_wrong_with_a_record_is_told(client: APIClient) -> None:
    bad = {
        "source": "a b", "title": "Printer on fire", "created_at": "2026-03-02T09:00:00",
        "state": "lazy", "priority": 9, "queue_key": {"name": "Desk"}, "category_key": "x\ny",
        "effort_logged_min": -1, "sla_paused": "perhaps", "raw_state": "x" * 81,
    }  # fmt: skip
    answer = client.post(URL, bad)
    assert answer.status_code == 400
    assert answer.json()["code"] == "invalid"
    told = {error["field"]: error["code"] for error in answer.json()["errors"]}
    assert told == {
        "source": "bad_word", "title": "unknown_field", "created_at": "bad_date",
        "state": "bad_word", "priority": "bad_word", "queue_key": "bad_type",
        "category_key": "control_character", "effort_logged_min": "bad_number",
        "sla_paused": "bad_flag", "raw_state": "too_long", "external_id": "missing_value",
    }  # fmt: skip
    assert "Printer" not in answer.content.decode()
    assert not TicketSource.objects.exists()


def test_when_nothing_can_be_read_each_field_is_named_with_its_place(client: APIClient) -> None:
    answer = client.post(URL, [record(title="x"), "text", record(created_at=None)])
    assert [error["field"] for error in answer.json()["errors"]] == [
        "0.title", "1.body", "2.created_at",
    ]  # fmt: skip


@pytest.mark.parametrize("body", ["text", 7, None])
def test_what_is_neither_a_record_nor_a_list_is_refused(client: APIClient, body: object) -> None:
    answer = client.post(URL, body)
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid")


def test_too_many_records_are_refused(client: APIClient) -> None:
    many = [{"source": "s", "external_id": str(n)} for n in range(MOST_RECORDS + 1)]
    assert client.post(URL, many).status_code == 400
    assert outcomes(client) == []


def test_a_body_beyond_the_limit_is_a_413(client: APIClient) -> None:
    large = record(queue_key="x" * settings.DATA_UPLOAD_MAX_MEMORY_SIZE)
    assert client.post(URL, large).status_code == 413


def test_five_thousand_records_are_written_with_the_queries_of_one(client: APIClient) -> None:
    client.post(URL, record())
    few = {"source": "jira", "state": "open", "created_at": "2026-03-02T09:00:00Z"}
    many = [{**few, "external_id": f"C-{number}"} for number in range(MOST_RECORDS)]
    with CaptureQueriesContext(connection) as of_one:
        client.post(URL, record(external_id="B-1"))
    with CaptureQueriesContext(connection) as of_many:
        answer = client.post(URL, many)
    assert answer.json()["created"] == MOST_RECORDS
    assert len(of_many) <= len(of_one) + 1  # how many are compared as sets


def test_a_key_makes_a_repeat_answer_the_same(client: APIClient) -> None:
    first = client.post(URL, record(), headers={"Idempotency-Key": "one"})
    again = client.post(URL, record(), headers={"Idempotency-Key": "one"})
    assert first.json() == again.json()
    assert first.json()["created"] == 1
    assert Ticket.objects.count() == 1


def test_a_key_that_retention_took_does_not_make_a_pushed_ticket_updated(client: APIClient) -> None:
    old = record(state="closed", closed_at="2026-03-03T07:00:00Z", assignee_key="7f3a")
    assert outcomes(client, old) == ["created"]
    Ticket.objects.update(assignee=None)
    Assignee.objects.all().delete()
    assert outcomes(client, old) == ["unchanged"]
    assert not Assignee.objects.exists()


def test_there_is_no_list(client: APIClient) -> None:
    answer = client.get(URL)
    assert (answer.status_code, answer["Content-Type"]) == (405, "application/problem+json")
    assert APIClient().get(URL).status_code == 401
    assert APIClient().post(URL, record()).status_code == 401
    assert client.get(f"{URL}1/").status_code == 404


def test_who_may_not_push_hears_so_before_the_body_is_looked_at() -> None:
    for role in set(Role.values) - {Role.ADMIN}:
        answer = caller(make_user(roles=(role,))).post(URL, "nonsense")
        assert (role, answer.status_code) == (role, 403)
    reader = caller(make_user(roles=(Role.ADMIN,)), scopes=[TokenScope.READ])
    assert reader.post(URL, record()).json()["scope"] == TokenScope.TICKETS
    pusher = caller(make_user(roles=(Role.ADMIN,)), scopes=[TokenScope.TICKETS])
    assert pusher.post(URL, record()).status_code == 200


def test_a_file_may_follow_what_was_pushed(client: APIClient, tmp_path: Any) -> None:  # noqa: ANN401
    client.post(URL, record(queue_key="Desk"))
    file = tmp_path / "more.csv"
    file.write_text("external_id,state,queue_key,created_at\nA-1,open,Desk,2026-03-05T00:00:00Z\n")
    call_command("import_tickets", "--source", "jira", str(file))
    assert (Ticket.objects.count(), TicketQueue.objects.count()) == (1, 1)
    assert Ticket.objects.get().state == "open"


def test_what_a_file_told_is_unchanged_when_it_is_pushed(client: APIClient, tmp_path: Any) -> None:  # noqa: ANN401
    file = tmp_path / "log.csv"
    file.write_text(
        "external_id,source_updated_at,state,queue_key,priority,created_at\n"
        "A-1,2026-03-05T00:00:00Z,open,Desk,2,2026-03-05T00:00:00Z\n"
    )
    call_command("import_tickets", "--source", "csv", str(file))
    told = {"source": "csv", "external_id": "A-1", "state": "open", "priority": 2, "kind": None}
    at = "2026-03-05T00:00:00Z"
    told |= {
        "created_at": at,
        "source_updated_at": at,
        "queue_key": "Desk",
        "kind": Ticket.objects.get().kind,
    }

    assert outcomes(client, told) == ["unchanged"]
