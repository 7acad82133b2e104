"""Writes of webhooks: where to tell what, and each message until it is taken."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from enum import Enum
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

from django.db import transaction

from rotation.audit.models import Entry, Subject
from rotation.audit.services import BY_RUNDGANG, By, record
from rotation.calendars.errors import AddressRefused, NoAnswer
from rotation.calendars.outside import Answer, Question, ask, checked_address
from rotation.directory.errors import RecordChanged
from rotation.webhooks.events import Event, data_of, events_of
from rotation.webhooks.models import LONGEST_REPLY, Delivery, Webhook
from rotation.webhooks.queries import due_deliveries, facts_after, untold_entries
from rotation.webhooks.retries import pause_after
from rotation.webhooks.signature import signed_headers

KEPT = timedelta(days=30)
SECONDS = 10.0
# The server as such is away or busy: its other messages need not be tried either.
AWAY = frozenset({429, 502, 503, 504})


class Sent(Enum):
    """What became of a message that was sent."""

    DELIVERED = "delivered"
    DELAYED = "delayed"
    FAILED = "failed"


@transaction.atomic
def add_webhook(*, name: str, url: str, events: Sequence[str], by: By, now: datetime) -> Webhook:
    """Add and return a webhook that is told what happens from now on.

    Raises:
        AddressRefused: nothing may be sent there.
    """
    checked_address(url)
    webhook = Webhook.objects.create(
        name=name,
        url=url,
        events=sorted(set(events)),
        created_at=now,
        active_since=now,
        pulled_to=now,
        secret_changed_at=now,
    )
    _record(webhook, "add", by, now)
    return webhook


@transaction.atomic
def change_webhook(
    webhook_id: int, changes: Mapping[str, Any], *, by: By, now: datetime
) -> Webhook:
    """Change name, url, events or state of a webhook and return it.

    What happens while it is not active is not told later; what had waited goes out once it is
    active again, what was given up too.

    Raises:
        AddressRefused: nothing may be sent to the new address.
        RecordChanged: it is not the version that `by` saw.
    """
    webhook = _lock(webhook_id, by)
    before, was_active = _facts(webhook), webhook.is_active
    if "url" in changes:
        checked_address(changes["url"])
    for name, value in changes.items():
        setattr(webhook, name, sorted(set(value)) if name == "events" else value)
    if webhook.is_active and not was_active:
        _start_again(webhook, now)
    webhook.version += 1
    webhook.save()
    _record(webhook, "change", by, now, before)
    return webhook


@transaction.atomic
def remove_webhook(webhook_id: int, *, by: By, now: datetime) -> None:
    """Delete a webhook with its messages.

    Raises:
        RecordChanged: it is not the version that `by` saw.
    """
    webhook = _lock(webhook_id, by)
    record(by, now, about=(Subject.WEBHOOK, webhook.pk), action="remove", old=_facts(webhook))
    webhook.delete()


@transaction.atomic
def renew_secret(webhook_id: int, *, by: By, now: datetime) -> Webhook:
    """Give a webhook a new secret; for a day the old one signs as well.

    Raises:
        RecordChanged: it is not the version that `by` saw.
    """
    webhook = _lock(webhook_id, by)
    webhook.secret_number += 1
    webhook.secret_changed_at = now
    webhook.version += 1
    webhook.save()
    record(by, now, about=(Subject.WEBHOOK, webhook.pk), action="renew_secret")
    return webhook


@transaction.atomic
def queue_test(webhook_id: int, *, by: By, now: datetime) -> Delivery:
    """Queue and return a message that only shows whether the address takes one.

    Raises:
        RecordChanged: the webhook is not the version that `by` saw.
    """
    webhook = _lock(webhook_id, by)
    data = {"webhook": webhook.pk}
    return Delivery.objects.create(
        webhook=webhook,
        subject=Subject.WEBHOOK,
        subject_id=webhook.pk,
        position=0,
        event=Event.TEST,
        body=_body(Event.TEST, now, data),
        not_before=now,
        created_at=now,
    )


@transaction.atomic
def pull_news(webhook_id: int, now: datetime) -> int:
    """Queue a message for each change that the webhook was not told of; return how many.

    A second time queues nothing; who pulls the same webhook meanwhile leaves it alone.
    """
    active = Webhook.objects.filter(state=Webhook.State.ACTIVE, pk=webhook_id)
    webhook = active.select_for_update(skip_locked=True).first()
    if webhook is None:
        return 0
    entries = list(untold_entries(webhook))
    facts = facts_after(entries)
    messages = [
        _message(webhook, entry, event, facts[entry.pk], now)
        for entry in entries
        for event in events_of(entry.subject, entry.action, entry.new)
        if event in webhook.events
    ]
    Delivery.objects.bulk_create(messages)
    webhook.pulled_to = now
    webhook.save(update_fields=("pulled_to",))
    return len(messages)


@transaction.atomic
def send_next(*, now: datetime, chance: float) -> Sent | None:
    """Send the message that waits longest and say what became of it; None where none is due.

    The row stays locked meanwhile: another sender skips it, and a sender that dies gives it back
    at once, so that the same message comes again under the same identifier.
    """
    due = due_deliveries(now).select_related("webhook")
    delivery = due.select_for_update(skip_locked=True, of=("self",)).first()
    if delivery is None:
        return None
    delivery.attempts += 1
    delivery.tried_at = now
    answer = _answer(delivery, now)
    delivery.status_code = answer.status or None
    delivery.reply = _line(answer.body)
    sent = _outcome(delivery, answer.status, now, chance)
    delivery.save(
        update_fields=("attempts", "tried_at", "status_code", "reply", "state", "not_before")
    )
    return sent


def forget_deliveries(now: datetime) -> int:
    """Delete messages that were delivered or given up a month ago; return how many."""
    done = Delivery.objects.exclude(state=Delivery.State.QUEUED)
    deleted, _by_table = done.filter(created_at__lt=now - KEPT).delete()
    return deleted


def _lock(webhook_id: int, by: By) -> Webhook:
    webhook = Webhook.objects.select_for_update().get(pk=webhook_id)
    if by.version is not None and by.version != webhook.version:
        raise RecordChanged(version=webhook.version)
    return webhook


def _facts(webhook: Webhook) -> dict[str, Any]:
    """Return what the trail tells: of the address the host only, as the rest may be a secret."""
    host = urlsplit(webhook.url).netloc
    return {"name": webhook.name, "host": host, "events": webhook.events, "state": webhook.state}


def _record(
    webhook: Webhook, action: str, by: By, now: datetime, before: Mapping[str, Any] | None = None
) -> None:
    about = (Subject.WEBHOOK, webhook.pk)
    record(by, now, about=about, action=action, old=before, new=_facts(webhook))


def _start_again(webhook: Webhook, now: datetime) -> None:
    webhook.active_since = webhook.pulled_to = now
    webhook.resting_until = None
    given_up = Delivery.objects.filter(webhook=webhook, state=Delivery.State.FAILED)
    given_up.exclude(event=Event.TEST).update(
        state=Delivery.State.QUEUED, attempts=0, not_before=now
    )


def _message(
    webhook: Webhook, entry: Entry, event: Event, facts: Mapping[str, Any], now: datetime
) -> Delivery:
    data = data_of(entry.subject, entry.subject_id, facts, entry.old)
    return Delivery(
        webhook=webhook,
        entry=entry,
        subject=entry.subject,
        subject_id=entry.subject_id,
        position=entry.pk,
        event=event,
        body=_body(event, entry.at, data),
        not_before=now,
        created_at=now,
    )


def _body(event: Event, at: datetime, data: Mapping[str, Any]) -> dict[str, Any]:
    return {"type": event.value, "timestamp": at.isoformat(), "data": dict(data)}


def body_bytes(delivery: Delivery) -> bytes:
    """Return a message as it is sent; the same bytes each time."""
    return json.dumps(delivery.body, separators=(",", ":"), sort_keys=True).encode()


def _answer(delivery: Delivery, now: datetime) -> Answer:
    """Return what the receiver says; status 0 where nothing was heard."""
    body = body_bytes(delivery)
    headers = {
        "content-type": "application/json",
        "user-agent": "Rundgang-Webhooks/1",
        **signed_headers(delivery.webhook, str(delivery.pk), body, now=now),
    }
    question = Question("POST", body, headers, seconds=SECONDS, most_bytes=LONGEST_REPLY)
    try:
        return ask(delivery.webhook.url, question)
    except NoAnswer as error:
        return Answer(0, {}, str(error.fields["reply"]).encode())
    except AddressRefused as error:
        return Answer(0, {}, f"address refused: {error.fields['why']}".encode())


def _line(body: bytes) -> str:
    text = body.decode(errors="replace")
    return "".join(char if char.isprintable() else " " for char in text)[:LONGEST_REPLY]


def _outcome(delivery: Delivery, status: int, now: datetime, chance: float) -> Sent:
    if HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES:
        delivery.state = Delivery.State.DELIVERED
        Webhook.objects.filter(pk=delivery.webhook_id).update(resting_until=None)
        return Sent.DELIVERED
    pause = pause_after(delivery.attempts, chance)
    if delivery.event == Event.TEST or status == HTTPStatus.GONE or pause is None:
        delivery.state = Delivery.State.FAILED
        if delivery.event != Event.TEST:
            _disable(delivery.webhook_id, now)
        return Sent.FAILED
    delivery.not_before = now + pause
    if not status or status in AWAY:
        active = Webhook.objects.filter(pk=delivery.webhook_id)
        active.update(resting_until=now + pause)
    return Sent.DELAYED


def _disable(webhook_id: int, now: datetime) -> None:
    """Send nothing more to an address that took nothing for a day; people have to look at it."""
    webhook = Webhook.objects.select_for_update().get(pk=webhook_id)
    before = _facts(webhook)
    webhook.state = Webhook.State.DISABLED
    webhook.version += 1
    webhook.save(update_fields=("state", "version"))
    _record(webhook, "disable", BY_RUNDGANG, now, before)
