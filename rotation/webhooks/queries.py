"""Reads of webhooks and of their messages."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from rotation.audit.models import Entry
from rotation.webhooks.events import TOLD, Event
from rotation.webhooks.models import Delivery, Webhook

# No change takes longer from the moment it is stamped until others can see it: a request has two
# minutes at most, a task too.
LONGEST_CHANGE = timedelta(hours=1)


def untold_entries(webhook: Webhook) -> QuerySet[Entry]:
    """Return the lines of the trail that may be news to the webhook, in their order.

    Keys are given out before a change is committed, so that no key says "all before are seen".
    Therefore the last hour before the latest look is looked through again, and what has a message
    already is left out.
    """
    since = max(webhook.active_since, webhook.pulled_to - LONGEST_CHANGE)
    told = Delivery.objects.filter(webhook=webhook, entry=OuterRef("pk"))
    news = Entry.objects.filter(subject__in=TOLD, at__gte=since)
    return news.exclude(Exists(told)).order_by("pk")


def facts_after(entries: Sequence[Entry]) -> Mapping[int, Mapping[str, Any]]:
    """Return what held of its record after each of `entries`; one query.

    The first line of a record tells all its facts, each later one what changed.
    """
    wanted = {entry.pk for entry in entries}
    about = Q(pk__in=[])
    for subject in TOLD:
        ids = {entry.subject_id for entry in entries if entry.subject == subject}
        about |= Q(subject=subject, subject_id__in=ids)
    facts: dict[tuple[str, int], dict[str, Any]] = defaultdict(dict)
    found = {}
    for entry in Entry.objects.filter(about, pk__lte=max(wanted, default=0)).order_by("pk"):
        known = facts[entry.subject, entry.subject_id]
        known.update(entry.new)
        if entry.pk in wanted:
            found[entry.pk] = dict(known)
    return found


def due_deliveries(now: datetime) -> QuerySet[Delivery]:
    """Return the messages to send now, the oldest first; a later one of a record waits its turn.

    A test goes out whatever the state of its webhook.
    """
    before = Delivery.objects.filter(
        webhook=OuterRef("webhook"),
        subject=OuterRef("subject"),
        subject_id=OuterRef("subject_id"),
        position__lt=OuterRef("position"),
        state=Delivery.State.QUEUED,
    )
    rested = Q(webhook__resting_until=None) | Q(webhook__resting_until__lte=now)
    goes = Q(event=Event.TEST) | (rested & Q(webhook__state=Webhook.State.ACTIVE))
    due = Delivery.objects.filter(goes, ~Exists(before), state=Delivery.State.QUEUED)
    return due.filter(not_before__lte=now).order_by("created_at", "position")


def deliveries_of(webhook: Webhook) -> QuerySet[Delivery]:
    """Return the messages to one webhook, the newest first."""
    return Delivery.objects.filter(webhook=webhook).order_by("-created_at", "-position", "pk")
