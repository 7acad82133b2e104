"""One delivery, set by set."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from operator import itemgetter
from typing import Any

import pytest
from django.db import connection
from hypothesis import given, settings
from hypothesis import strategies as st

from rotation.workload.models import Ticket, TicketQueue, TicketSource
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


KEYS = st.sampled_from([None, "A", "B"])
STATES = st.sampled_from([None, "open", "waiting", "closed"])
ROWS = st.lists(
    st.fixed_dictionaries(
        {
            "external_id": st.sampled_from(["T1", "T2", "T3"]),
            "minute": st.integers(0, 3),
            "state": STATES,
            "queue_key": KEYS,
            "category_key": KEYS,
            "priority": st.sampled_from([None, "1", "5"]),
        }
    ),
    max_size=12,
)


@settings(max_examples=60, deadline=None)
@given(ROWS)
def test_each_column_keeps_its_last_told_value(told: list[dict[str, Any]]) -> None:
    TicketSource.objects.filter(name="folding").delete()
    source = TicketSource.objects.create(name="folding")
    sent = [{**row, "source_updated_at": NOW + timedelta(minutes=row["minute"]), "created_at": NOW}
            for row in told]  # fmt: skip

    done = upsert_tickets(source, rows(sent), NOW)

    expected: dict[str, dict[str, Any]] = {}
    for row in sorted(sent, key=itemgetter("minute")):  # stable: by time, then place
        known = expected.setdefault(row["external_id"], {})
        known.update({name: value for name, value in row.items() if value is not None})
    stored = (
        Ticket.objects.filter(source=source)
        .order_by("external_id")
        .values_list(
            "external_id", "source_updated_at", "state", "queue__key", "category_key", "priority"
        )
    )
    assert list(stored) == [
        (
            number, last["source_updated_at"], last.get("state", "new"), last.get("queue_key"),
            last.get("category_key", ""), int(last["priority"]) if "priority" in last else None,
        )
        for number, last in sorted(expected.items())
    ]  # fmt: skip
    assert done == Upserted(len(expected), 0, 0)
    assert upsert_tickets(source, rows(sent), NOW) == Upserted(0, 0, len(expected))


def test_a_delivery_that_breaks_off_leaves_nothing(source: TicketSource) -> None:
    whole = rows([record(external_id=f"T{number}", queue_key="Desk") for number in range(600)])
    blocks = whole.blocks

    def broken() -> Iterator[str]:
        yield next(blocks())
        raise OSError

    whole.blocks = broken  # type: ignore[method-assign]
    with pytest.raises(OSError):
        upsert_tickets(source, whole, NOW)
    assert not Ticket.objects.exists()
    assert not TicketQueue.objects.exists()
    assert upsert_tickets(source, rows([record()]), NOW) == Upserted(1, 0, 0)


@pytest.mark.django_db(transaction=True)
def test_two_deliveries_of_one_source_at_once_wait_for_each_other() -> None:
    source = TicketSource.objects.create(name="push")
    numbers = [f"T{number}" for number in range(300)]

    def deliver(order: list[str]) -> Upserted:
        try:
            return upsert_tickets(
                source, rows([record(external_id=n, queue_key=n) for n in order]), NOW
            )
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        done = list(pool.map(deliver, [numbers, numbers[::-1]] * 2))

    assert sum(each.created for each in done) == len(numbers)
    assert sum(each.unchanged for each in done) == 3 * len(numbers)
    assert Ticket.objects.count() == TicketQueue.objects.count() == len(numbers)
