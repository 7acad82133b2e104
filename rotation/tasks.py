"""Celery's door: every task, its name and its retries, on one page; bodies fetch nothing."""

from typing import Any

from celery import shared_task
from django.conf import settings
from django.db import InterfaceError, OperationalError
from django.utils import timezone

from rotation.replies.errors import MailServerAway
from rotation.workflows import (
    close_day,
    poll_imap,
    promote_waiting,
    read_series_feed,
    receive_replies,
    remind_approvers,
    send_invites,
    send_webhooks,
)

# The database is away (restart, failover), or was when a connection was to be used once more:
# the same step later finds all it needs. Tried until the call expires: each caller says when.
AWAY = (OperationalError, InterfaceError)
AGAIN: dict[str, Any] = {
    "autoretry_for": AWAY,
    "retry_backoff": True,
    "retry_backoff_max": 30,
    "max_retries": None,
}


@shared_task(name="rotation.relay_mail", **AGAIN)
def relay_mail() -> int:
    """Hand due mails to the mail server; beat calls every 3 s, each change at once."""
    return send_invites.relay_due_mails()


@shared_task(name="rotation.send_invites", **AGAIN)
def queue_untold() -> int:
    """Queue what a crash left untold; beat calls each minute."""
    return send_invites.queue_due_invites(timezone.now())


@shared_task(name="rotation.receive_replies", throws=(MailServerAway,), **AGAIN)
def receive_waiting() -> int:
    """Decide what was stored, then fetch mails where a mailbox is named; beat calls each 30 s.

    A mail server that is away is one line in the log: the next call tries again.
    """
    decided = receive_replies.receive_waiting(timezone.now())
    if settings.INBOUND_IMAP_URL:
        decided += poll_imap.poll_imap(settings.INBOUND_IMAP_URL, now=timezone.now())
    return decided


@shared_task(name="rotation.close_day", **AGAIN)
def make_ahead() -> None:
    """Make coming occurrences and this week's budgets; beat calls each hour."""
    close_day.close_day(timezone.now())


@shared_task(name="rotation.promote_waiting", **AGAIN)
def move_queues_up() -> int:
    """Give free seats to who waits for them; beat calls each minute, a freed seat at once."""
    return promote_waiting.promote_all(timezone.now())


@shared_task(name="rotation.remind_approvers", **AGAIN)
def look_after_requests() -> int:
    """Remind hosts of requests, and end those that lapsed; beat calls each minute."""
    return remind_approvers.look_after_requests(timezone.now())


@shared_task(name="rotation.send_webhooks", **AGAIN)
def tell_webhooks() -> int:
    """Tell other programs what happened; beat calls each 5 s."""
    return send_webhooks.send_webhooks()


@shared_task(name="rotation.read_feeds", **AGAIN)
def read_feeds() -> int:
    """Read the hosts' calendars that are due; beat calls each 5 minutes."""
    return read_series_feed.read_due_feeds(timezone.now())
