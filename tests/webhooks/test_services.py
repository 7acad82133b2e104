"""Messages: queued once for each change, sent in order, until they are taken."""

import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from pytest_django import Settings

from rotation.audit.models import Entry, Subject
from rotation.audit.queries import entries_of
from rotation.audit.services import By, record
from rotation.booking import services as booking_services
from rotation.booking.answers import record_answer
from rotation.booking.models import Booking
from rotation.calendars.errors import AddressRefused
from rotation.directory.errors import RecordChanged
from rotation.webhooks.models import Delivery, Webhook
from rotation.webhooks.retries import PAUSES
from rotation.webhooks.services import (
    Sent,
    add_webhook,
    change_webhook,
    forget_deliveries,
    pull_news,
    queue_test,
    remove_webhook,
    send_next,
)
from rotation.webhooks.signature import secret_of
from tests.builders import BY_SYSTEM, HOUR, NOW, make_meeting, make_staff
from tests.webhook_receiver import Receiver
from tests.webhooks.test_signature import verified

pytestmark = pytest.mark.django_db
ALL = ["booking.booked", "booking.cancelled", "booking.declined", "answer.received"]


def make_webhook(url: str = "https://example.org/hook", events: Sequence[str] = ALL) -> Webhook:
    return add_webhook(name="CMDB", url=url, events=events, by=BY_SYSTEM, now=NOW)


def book(name: str = "Ada", at: datetime = NOW) -> Booking:
    staff, meeting = make_staff(name), make_meeting()
    return booking_services.book_visit(
        staff_id=staff.pk, meeting_id=meeting.pk, by=BY_SYSTEM, now=at
    )


def send(now: datetime = NOW) -> Sent | None:
    return send_next(now=now, chance=0.5)


def test_a_change_is_told_once_with_keys_and_states(hook: Receiver) -> None:
    webhook, booking = make_webhook(hook.url), book()
    assert [pull_news(webhook.pk, NOW), pull_news(webhook.pk, NOW)] == [1, 0]
    assert [send(), send()] == [Sent.DELIVERED, None]
    ((headers, body),) = hook.messages
    entry = entries_of(Subject.BOOKING, booking.pk).get()
    assert json.loads(body) == {
        "type": "booking.booked",
        "timestamp": NOW.isoformat(),
        "data": {
            "booking": booking.pk,
            "state": "confirmed",
            "declined_by": "",
            "partstat": "NEEDS-ACTION",
            "staff": booking.staff_id,
            "meeting": booking.meeting_id,
            "starts_at": entry.new["starts_at"],
            "ends_at": entry.new["ends_at"],
            "before": {},
        },
    }
    assert verified(secret_of(webhook), headers, body) == [True]
    assert b"Ada" not in body
    delivery = Delivery.objects.get()
    assert (delivery.state, delivery.status_code, delivery.attempts) == ("delivered", 200, 1)
    assert delivery.reply == ("said so" * 100)[:200]


def test_a_later_message_tells_what_held_then_and_what_was_before(hook: Receiver) -> None:
    webhook, booking = make_webhook(hook.url), book()
    record_answer(booking.pk, partstat="ACCEPTED", by=BY_SYSTEM, now=NOW)
    booking_services.cancel_booking(booking.pk, by=BY_SYSTEM, now=NOW)
    assert pull_news(webhook.pk, NOW) == 3
    assert [send(), send(), send()] == [Sent.DELIVERED] * 3
    told = [json.loads(body)["data"] for _headers, body in hook.messages]
    assert [(row["state"], row["partstat"], row["before"]) for row in told] == [
        ("confirmed", "NEEDS-ACTION", {}),
        ("confirmed", "ACCEPTED", {"partstat": "NEEDS-ACTION"}),
        ("cancelled", "ACCEPTED", {"state": "confirmed"}),
    ]


def test_only_what_was_asked_for_is_told() -> None:
    webhook, booking = make_webhook(events=["booking.declined"]), book()
    record_answer(booking.pk, partstat="DECLINED", by=BY_SYSTEM, now=NOW)
    assert pull_news(webhook.pk, NOW) == 1
    assert Delivery.objects.get().event == "booking.declined"


def test_what_happened_before_is_not_told() -> None:
    book(at=NOW - timedelta(minutes=1))
    assert pull_news(make_webhook().pk, NOW) == 0


def test_a_change_that_becomes_visible_late_is_told_all_the_same() -> None:
    webhook, booking = make_webhook(), book()
    pull_news(webhook.pk, NOW + timedelta(minutes=50))
    late = record(
        BY_SYSTEM,
        NOW,
        about=(Subject.BOOKING, booking.pk),
        action="cancel",
        new={"state": "cancelled"},
    )
    assert pull_news(webhook.pk, NOW + timedelta(minutes=55)) == 1
    assert Delivery.objects.filter(entry=late).count() == 1


def test_the_work_grows_with_the_news_not_with_the_trail(
    django_assert_num_queries: Any,  # noqa: ANN401 -- pytest-django's
) -> None:
    webhook = make_webhook()
    book("Ada")
    with django_assert_num_queries(7):
        pull_news(webhook.pk, NOW)
    for name in ("Bo", "Cy", "Di"):
        book(name)
    with django_assert_num_queries(7):
        pull_news(webhook.pk, NOW)


def test_a_message_that_is_not_taken_comes_again_with_its_name_and_body(hook: Receiver) -> None:
    webhook = make_webhook(hook.url)
    book()
    pull_news(webhook.pk, NOW)
    hook.will(500, 200)
    assert [send(), send()] == [Sent.DELAYED, None]
    assert send(NOW + HOUR) is Sent.DELIVERED
    assert hook.ids[0] == hook.ids[1] == str(Delivery.objects.get().pk)
    assert hook.messages[0][1] == hook.messages[1][1]
    assert hook.messages[0][0]["webhook-timestamp"] != hook.messages[1][0]["webhook-timestamp"]


def test_messages_of_one_visit_keep_their_order_and_hold_up_no_other(hook: Receiver) -> None:
    webhook, booking = make_webhook(hook.url), book("Ada")
    booking_services.cancel_booking(booking.pk, by=BY_SYSTEM, now=NOW)
    other = book("Bo")
    pull_news(webhook.pk, NOW)
    hook.will(500, 200)
    assert [send(), send(), send()] == [Sent.DELAYED, Sent.DELIVERED, None]
    assert [send(NOW + HOUR), send(NOW + HOUR)] == [Sent.DELIVERED, Sent.DELIVERED]
    told = [(row["data"]["booking"], row["type"]) for row in bodies(hook)]
    assert told == [
        (booking.pk, "booking.booked"),
        (other.pk, "booking.booked"),
        (booking.pk, "booking.booked"),
        (booking.pk, "booking.cancelled"),
    ]


def bodies(hook: Receiver) -> list[dict[str, Any]]:
    return [json.loads(body) for _headers, body in hook.messages]


@pytest.mark.parametrize("status", [429, 502, 503, 504])
def test_a_server_that_is_away_is_left_alone_for_a_while(hook: Receiver, status: int) -> None:
    webhook = make_webhook(hook.url)
    book("Ada")
    book("Bo")
    pull_news(webhook.pk, NOW)
    hook.will(status, 200)
    assert [send(), send()] == [Sent.DELAYED, None]
    assert [send(NOW + HOUR), send(NOW + HOUR)] == [Sent.DELIVERED] * 2


def test_after_a_day_of_failures_the_webhook_is_disabled_and_the_trail_says_so(
    hook: Receiver,
) -> None:
    webhook = make_webhook(hook.url)
    book()
    pull_news(webhook.pk, NOW)
    hook.will(500)
    ends = [send(NOW + day * timedelta(days=1)) for day in range(len(PAUSES) + 1)]
    assert ends == [Sent.DELAYED] * len(PAUSES) + [Sent.FAILED]
    webhook.refresh_from_db()
    assert (webhook.state, Delivery.objects.get().state) == ("disabled", "failed")
    line = entries_of(Subject.WEBHOOK, webhook.pk)[0]
    assert (line.action, line.via, line.new) == ("disable", "system", {"state": "disabled"})
    assert send(NOW + timedelta(days=30)) is None
    book("Bo")
    assert pull_news(webhook.pk, NOW) == 0


def test_who_is_gone_for_good_is_disabled_at_once(hook: Receiver) -> None:
    webhook = make_webhook(hook.url)
    book()
    pull_news(webhook.pk, NOW)
    hook.will(410)
    assert send() is Sent.FAILED
    webhook.refresh_from_db()
    assert webhook.state == "disabled"


def test_a_webhook_that_is_active_again_gets_what_was_given_up_and_no_news_of_between(
    hook: Receiver,
) -> None:
    webhook = make_webhook(hook.url)
    book("Ada")
    pull_news(webhook.pk, NOW)
    hook.will(410, 200)
    send()
    book("Bo", at=NOW + timedelta(minutes=1))
    later = NOW + timedelta(minutes=30)
    change_webhook(webhook.pk, {"state": "active"}, by=BY_SYSTEM, now=later)
    assert pull_news(webhook.pk, later) == 0
    assert [send(later), send(later)] == [Sent.DELIVERED, None]
    assert hook.ids[0] == hook.ids[1]


def test_a_test_goes_out_whatever_the_state_and_disables_nothing(hook: Receiver) -> None:
    webhook = make_webhook(hook.url)
    change_webhook(webhook.pk, {"state": "paused"}, by=BY_SYSTEM, now=NOW)
    hook.will(500, 200)
    queue_test(webhook.pk, by=BY_SYSTEM, now=NOW)
    queue_test(webhook.pk, by=BY_SYSTEM, now=NOW)
    assert [send(), send(), send()] == [Sent.FAILED, Sent.DELIVERED, None]
    assert bodies(hook)[1] == {
        "type": "webhook.test", "timestamp": NOW.isoformat(), "data": {"webhook": webhook.pk},
    }  # fmt: skip
    webhook.refresh_from_db()
    assert webhook.state == "paused"


def test_an_address_that_leads_into_the_house_gets_nothing(settings: Settings) -> None:
    settings.PRIVATE_HOSTS = ["127.0.0.1"]
    webhook = make_webhook("http://127.0.0.1:1/hook")
    settings.PRIVATE_HOSTS = []
    queue_test(webhook.pk, by=BY_SYSTEM, now=NOW)
    assert send() is Sent.FAILED
    delivery = Delivery.objects.get()
    assert (delivery.status_code, delivery.reply) == (None, "address refused: not_https")


def test_an_address_that_may_not_be_asked_is_not_stored() -> None:
    with pytest.raises(AddressRefused):
        make_webhook("https://127.0.0.1/")
    webhook = make_webhook()
    with pytest.raises(AddressRefused):
        change_webhook(webhook.pk, {"url": "http://x.example"}, by=BY_SYSTEM, now=NOW)


def test_a_change_counts_and_an_old_version_is_refused() -> None:
    webhook = make_webhook()
    seen = By(None, BY_SYSTEM.via, version=1)
    changed = change_webhook(webhook.pk, {"name": "new"}, by=seen, now=NOW)
    assert (changed.name, changed.version) == ("new", 2)
    with pytest.raises(RecordChanged):
        change_webhook(webhook.pk, {"name": "newer"}, by=seen, now=NOW)
    with pytest.raises(RecordChanged):
        remove_webhook(webhook.pk, by=seen, now=NOW)


def test_the_trail_tells_the_host_and_no_secret() -> None:
    webhook = make_webhook("https://example.org/hook?token=hunter2")
    remove_webhook(webhook.pk, by=BY_SYSTEM, now=NOW)
    lines = list(entries_of(Subject.WEBHOOK, webhook.pk).values("action", "old", "new"))
    facts = {
        "name": "CMDB", "host": "example.org", "events": sorted(ALL), "state": "active",
    }  # fmt: skip
    assert {line["action"]: (line["old"], line["new"]) for line in lines} == {
        "add": ({}, facts),
        "remove": (facts, {}),
    }


def test_messages_are_forgotten_after_a_month() -> None:
    webhook = make_webhook()
    book()
    pull_news(webhook.pk, NOW)
    assert forget_deliveries(NOW + timedelta(days=31)) == 0
    Delivery.objects.update(state="delivered")
    assert [forget_deliveries(NOW + timedelta(days=days)) for days in (30, 31)] == [0, 1]


@pytest.mark.django_db(transaction=True)
def test_of_two_changes_that_overlap_the_one_committed_last_is_told_too() -> None:
    """The first to take a key commits last: a cursor of keys would step over it."""
    webhook, first, second = make_webhook(), book("Ada"), book("Bo")
    pull_news(webhook.pk, NOW)
    other = connection.copy()
    try:
        other.set_autocommit(False)
        with other.cursor() as cursor:
            cursor.execute(INSERT, [NOW, first.pk])
            record_cancel(second)
            assert pull_news(webhook.pk, NOW) == 1
            other.commit()
    finally:
        other.close()
    keys = Entry.objects.filter(action="cancel").order_by("pk").values_list("subject_id", flat=True)
    assert list(keys) == [first.pk, second.pk]
    assert [pull_news(webhook.pk, NOW), pull_news(webhook.pk, NOW)] == [1, 0]
    told = Delivery.objects.filter(event="booking.cancelled").order_by("created_at", "position")
    assert {delivery.subject_id for delivery in told} == {first.pk, second.pk}


INSERT = """
INSERT INTO rotation_entry (at, token, via, subject, subject_id, action, old, new, reason)
VALUES (%s, '', 'system', 'booking', %s, 'cancel', '{}', '{"state": "cancelled"}', '')
"""


def record_cancel(booking: Booking) -> None:
    record(BY_SYSTEM, NOW, about=(Subject.BOOKING, booking.pk), action="cancel", new={})
