"""How the parts of the product are: asked with short patience, answered without secrets."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import redis
from django.conf import settings
from django.db import DatabaseError, connection
from django.db.models import Max

from config.celery import beat_of
from rotation.budget.models import TeamBudget
from rotation.invites.queries import LATE_AFTER, oldest_waiting
from rotation.workload.models import TicketSource

PATIENCE_SECONDS = 2
PARTS = ("worker", "beat")


@dataclass(frozen=True, kw_only=True)
class VitalSigns:
    """What is known now.

    Attributes:
        outbox_age: How long the mail that is due longest has waited; None without a database.
        imports: When each ticket source was last imported; they never make the whole unwell.
        budgets_at: When team budgets were last computed.
    """

    database: bool
    broker: bool
    worker: bool
    beat: bool
    outbox_age: timedelta | None
    imports: dict[str, datetime | None]
    budgets_at: datetime | None

    @property
    def is_well(self) -> bool:
        """Whether all parts live and no mail is stuck."""
        parts = self.database and self.broker and self.worker and self.beat
        return parts and self.outbox_age is not None and self.outbox_age <= LATE_AFTER


def vital_signs(now: datetime) -> VitalSigns:
    """Return how the parts are; four queries and one question to the broker."""
    return VitalSigns(**{**_parts(), **_stored(now)})


def _parts() -> dict[str, Any]:
    try:
        with redis.Redis.from_url(
            settings.REDIS_URL,
            socket_timeout=PATIENCE_SECONDS,
            socket_connect_timeout=PATIENCE_SECONDS,
        ) as client:
            beats = client.mget([beat_of(part) for part in PARTS])
    except redis.RedisError:
        return {"broker": False, **dict.fromkeys(PARTS, False)}
    alive = {part: beat is not None for part, beat in zip(PARTS, beats, strict=True)}
    return {"broker": True, **alive}


def _stored(now: datetime) -> dict[str, Any]:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        return {
            "database": True,
            "outbox_age": oldest_waiting(now),
            "imports": dict(TicketSource.objects.values_list("name", "imported_at")),
            "budgets_at": TeamBudget.objects.aggregate(at=Max("computed_at"))["at"],
        }
    except DatabaseError:
        return {"database": False, "outbox_age": None, "imports": {}, "budgets_at": None}
