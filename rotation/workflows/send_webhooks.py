"""trail -> webhooks: queue what happened, and hand the messages to those who want to know."""

import secrets
import time
from datetime import datetime

from django.utils import timezone

from rotation.webhooks.models import Webhook
from rotation.webhooks.services import Sent, pull_news, send_next

# Well below the time limit of a task; the next call goes on with the rest.
PATIENCE_SECONDS = 30.0


def send_webhooks(seconds: float = PATIENCE_SECONDS) -> int:
    """Queue the news of every webhook and send what is due; return how many were delivered.

    Any number may run at once: each message goes to one of them.
    """
    queue_news(timezone.now())
    return send_due_messages(seconds)


def queue_news(now: datetime) -> int:
    """Queue what active webhooks were not told of; return how many messages."""
    active = Webhook.objects.filter(state=Webhook.State.ACTIVE)
    return sum(pull_news(pk, now) for pk in active.values_list("pk", flat=True))


def send_due_messages(seconds: float = PATIENCE_SECONDS) -> int:
    """Send due messages, one transaction each, until none is due or `seconds` are over."""
    delivered, until = 0, time.monotonic() + seconds
    chance = secrets.SystemRandom().random
    while time.monotonic() < until:
        sent = send_next(now=timezone.now(), chance=chance())
        if sent is None:
            break
        delivered += sent is Sent.DELIVERED
    return delivered
