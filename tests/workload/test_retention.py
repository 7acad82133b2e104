"""What is forgotten of tickets, and what stays."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import DatabaseError
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st

from rotation.periods.weeks import WEEK, week_of, weeks_from
from rotation.workload import retention
from rotation.workload.models import Assignee, Ticket, TicketQueue, TicketSource, TicketWeek
from rotation.workload.pushed import reader_of_records as rows
from rotation.workload.queries import inflow_by_week, loads_of_teams, tickets_created
from rotation.workload.retention import Forgotten, forget_tickets
from rotation.workload.upsert import Upserted, upsert_tickets
from tests.builders import NOW, make_queue, make_team, make_tickets

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
LONG_AGO = NOW - 800 * DAY  # more than 24 months
BERLIN = timezone.get_default_timezone()


@pytest.fixture
def queue() -> TicketQueue:
    return make_queue(make_team())


def assigned(queue: TicketQueue, **fields: Any) -> Ticket:  # noqa: ANN401 -- by the field
    assignee, _ = Assignee.objects.get_or_create(source=queue.source, key="A")
    make_tickets(queue, assignee=assignee, **fields)
    return Ticket.objects.latest("pk")


def test_who_worked_on_a_ticket_is_forgotten_thirty_days_after_it_was_done(
    queue: TicketQueue,
) -> None:
    just = assigned(queue, state="closed", resolved_at=NOW - 30 * DAY, created_at=NOW - 40 * DAY)
    old = assigned(queue, state="closed", closed_at=NOW - 31 * DAY, created_at=NOW - 40 * DAY)
    still = assigned(queue, created_at=NOW - 100 * DAY)
    gone = assigned(queue, deleted=True, last_seen_at=NOW - 31 * DAY)

    assert forget_tickets(NOW) == [Forgotten(keys=2)]

    kept = Ticket.objects.exclude(assignee=None).order_by("pk")
    assert list(kept) == [just, still]
    assert {old.pk, gone.pk} == set(
        Ticket.objects.filter(assignee=None).values_list("pk", flat=True)
    )
    assert forget_tickets(NOW) == [Forgotten()]


def test_a_key_that_no_ticket_holds_is_deleted(queue: TicketQueue) -> None:
    assigned(queue, state="closed", resolved_at=NOW - 31 * DAY, created_at=NOW - 40 * DAY)
    other = Assignee.objects.create(source=TicketSource.objects.create(name="other"), key="A")
    make_tickets(queue, assignee=other)

    found = forget_tickets(NOW)

    assert sum(each.assignees for each in found) == 1
    assert list(Assignee.objects.all()) == [other]


def test_a_ticket_goes_after_two_years_and_its_sums_stay(queue: TicketQueue) -> None:
    facts: dict[str, Any] = {
        "category_key": "Net",
        "created_at": LONG_AGO,
        "last_seen_at": LONG_AGO + DAY,
    }
    make_tickets(queue, 2, **facts)
    make_tickets(
        queue, 3, state="closed", resolved_at=LONG_AGO + 14 * DAY, effort_logged_minutes=20, **facts
    )
    make_tickets(queue, deleted=True, **facts)
    make_tickets(None, **{**facts, "category_key": ""})
    make_tickets(queue, created_at=LONG_AGO, last_seen_at=NOW - 700 * DAY)

    assert [each.tickets for each in forget_tickets(NOW)] == [7]

    week = week_of(LONG_AGO, BERLIN)
    sums = TicketWeek.objects.order_by("week", "queue").values_list(
        "queue", "week", "category_key", "created_count", "done_count", "effort_minutes"
    )
    assert list(sums) == [
        (queue.pk, week, "Net", 5, 0, 0),
        (None, week, "", 1, 0, 0),
        (queue.pk, week + 2 * WEEK, "Net", 0, 3, 60),
    ]
    assert Ticket.objects.count() == 1
    assert [each.tickets for each in forget_tickets(NOW)] == [0]


def test_sums_of_a_later_run_are_added(queue: TicketQueue) -> None:
    for seen in (LONG_AGO, LONG_AGO + DAY):
        make_tickets(queue, created_at=LONG_AGO, last_seen_at=seen)
    forget_tickets(NOW - 69 * DAY)
    forget_tickets(NOW)
    assert list(TicketWeek.objects.values_list("created_count", flat=True)) == [2]


def test_load_of_past_weeks_stays_what_it_was(queue: TicketQueue) -> None:
    first = week_of(LONG_AGO, BERLIN)
    for index in range(30):
        at = LONG_AGO + index * 2 * DAY
        make_tickets(
            queue, 1 + index % 4, created_at=at, last_seen_at=at, state="closed", closed_at=at
        )
    make_tickets(queue, created_at=NOW - 3 * DAY, last_seen_at=NOW)
    weeks = list(weeks_from(first, 16))

    def told() -> object:
        created = tickets_created(weeks[0], weeks[-1], BERLIN)
        return created, inflow_by_week(weeks), loads_of_teams(NOW)

    before = told()
    forget_tickets(NOW)
    assert Ticket.objects.count() == 1
    assert told() == before
    assert sum(tickets_created(weeks[0], weeks[-1], BERLIN).values()) > 30


def test_a_deleted_ticket_does_not_come_back_with_an_old_file(queue: TicketQueue) -> None:
    source = queue.source
    old = [
        {"external_id": f"T{n}", "created_at": LONG_AGO, "state": "open", "assignee_key": "A"}
        for n in range(3)
    ]
    assert upsert_tickets(source, rows(old), LONG_AGO) == Upserted(3, 0, 0)
    assert [each.tickets for each in forget_tickets(NOW)] == [3]

    new = {"external_id": "T9", "created_at": NOW - DAY, "state": "open"}
    assert upsert_tickets(source, rows([*old, new]), NOW) == Upserted(1, 0, 3, forgotten=3)
    assert not Assignee.objects.exists()

    moved = {**old[0], "source_updated_at": NOW}
    assert upsert_tickets(source, rows([moved]), NOW) == Upserted(1, 0, 0)


def test_a_date_of_the_far_future_hides_no_new_ticket(queue: TicketQueue) -> None:
    odd = {"external_id": "T1", "created_at": datetime(2099, 1, 1, tzinfo=UTC), "state": "open"}
    upsert_tickets(queue.source, rows([odd]), LONG_AGO)
    forget_tickets(NOW)
    new = {"external_id": "T2", "created_at": NOW, "state": "open"}
    assert upsert_tickets(queue.source, rows([new]), NOW) == Upserted(1, 0, 0)


def test_a_ticket_deleted_at_its_source_keeps_nobodys_key(queue: TicketQueue) -> None:
    told = {"external_id": "T1", "created_at": NOW - 40 * DAY, "state": "open", "deleted": "true",
            "assignee_key": "A"}  # fmt: skip
    upsert_tickets(queue.source, rows([told]), NOW - 31 * DAY)
    forget_tickets(NOW)
    assert upsert_tickets(queue.source, rows([told]), NOW) == Upserted(0, 0, 1)
    assert not Assignee.objects.exists()


def test_a_run_that_dies_half_way_takes_nothing(
    queue: TicketQueue, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_tickets(queue, created_at=LONG_AGO, last_seen_at=LONG_AGO)
    monkeypatch.setattr(retention, "_KEYS", "SELECT 1 / 0")
    with pytest.raises(DatabaseError):
        forget_tickets(NOW)
    assert (Ticket.objects.count(), TicketWeek.objects.count()) == (1, 0)


@settings(max_examples=25, deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(0, 900), st.integers(0, 900), st.booleans(), st.booleans()),
        max_size=12,
    )
)
def test_whatever_is_stored_what_came_in_adds_up_and_a_second_run_changes_nothing(
    ages: list[tuple[int, int, bool, bool]],
) -> None:
    Ticket.objects.all().delete()
    TicketWeek.objects.all().delete()
    queue = make_queue(None)
    for created, seen, is_done, is_deleted in ages:
        at = NOW - created * DAY
        done = {"state": "closed", "closed_at": at + DAY} if is_done else {}
        assigned(queue, created_at=at, last_seen_at=NOW - seen * DAY, deleted=is_deleted, **done)
    first, last = week_of(NOW - 950 * DAY, BERLIN), week_of(NOW, BERLIN)
    before = tickets_created(first, last, BERLIN)

    forget_tickets(NOW)

    assert tickets_created(first, last, BERLIN) == before
    rest = list(Ticket.objects.order_by("pk").values()), list(TicketWeek.objects.values())
    forget_tickets(NOW)
    again = list(Ticket.objects.order_by("pk").values()), list(TicketWeek.objects.values())
    assert again == rest
