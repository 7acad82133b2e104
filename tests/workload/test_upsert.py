"""One delivery, set by set."""

from datetime import timedelta

import pytest

from rotation.workload.models import Ticket, TicketSource
from rotation.workload.pushed import reader_of_records as rows
from rotation.workload.upsert import Upserted, upsert_tickets
from tests.builders import NOW

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(hours=1)


@pytest.fixture
def source() -> TicketSource:
    return TicketSource.objects.create(name="push")


def record(**values: object) -> dict[str, object]:
    return {"external_id": "T1", "source_updated_at": NOW, "created_at": NOW, "state": "open",
            **values}  # fmt: skip


def test_a_later_delivery_replaces_and_an_earlier_one_does_not(source: TicketSource) -> None:
    assert upsert_tickets(source, rows([record(priority=3)]), NOW) == Upserted(1, 0, 0)
    newer = record(priority=1, source_updated_at=LATER)
    assert upsert_tickets(source, rows([newer]), LATER) == Upserted(0, 1, 0)
    assert upsert_tickets(source, rows([record(priority=5)]), LATER) == Upserted(0, 0, 1)
    ticket = Ticket.objects.get()
    assert (ticket.priority, ticket.first_seen_at, ticket.last_seen_at) == (1, NOW, LATER)


def test_the_same_number_in_two_sources_is_two_tickets(source: TicketSource) -> None:
    other = TicketSource.objects.create(name="other")
    for each in (source, other):
        upsert_tickets(each, rows([record(queue_key="Desk", assignee_key="A")]), NOW)
    assert Ticket.objects.values("source", "queue", "assignee").distinct().count() == 2


def test_open_work_that_changes_hands_is_updated(source: TicketSource) -> None:
    upsert_tickets(source, rows([record(assignee_key="A")]), NOW)
    assert upsert_tickets(source, rows([record(assignee_key="B")]), NOW) == Upserted(0, 1, 0)
    assert list(Ticket.objects.values_list("assignee__key", flat=True)) == ["B"]


def test_an_empty_delivery_changes_nothing(source: TicketSource) -> None:
    assert upsert_tickets(source, rows([]), NOW) == Upserted(0, 0, 0)
    source.refresh_from_db()
    assert source.imported_at == NOW
