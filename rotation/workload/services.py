"""Writes of tickets: one delivery, set by set, whatever its size."""

import json
from collections.abc import Iterable
from dataclasses import dataclass, fields
from datetime import datetime
from operator import attrgetter
from pathlib import Path

from django.db import connection, transaction

from rotation.workload.errors import UnknownSource
from rotation.workload.models import TicketSource
from rotation.workload.records import Record

SHIPPED = Path(__file__).parent / "sources"


@dataclass(frozen=True, slots=True)
class Upserted:
    """Tickets of one delivery, after folding its rows per number."""

    created: int = 0
    updated: int = 0
    unchanged: int = 0

    def __add__(self, other: "Upserted") -> "Upserted":
        return Upserted(
            self.created + other.created,
            self.updated + other.updated,
            self.unchanged + other.unchanged,
        )


def source_names() -> list[str]:
    """Return the names of all mappings, shipped and stored, sorted."""
    shipped = {path.stem for path in SHIPPED.glob("*.json")}
    return sorted(shipped | set(TicketSource.objects.values_list("name", flat=True)))


def source_named(name: str) -> TicketSource:
    """Return the source called `name`, stored on first use of a shipped mapping.

    Raises:
        UnknownSource: nothing is called so.
    """
    known = source_names()
    if name not in known:
        raise UnknownSource(name=name, known=known)
    return TicketSource.objects.get_or_create(name=name)[0]


def mapping_data(source: TicketSource) -> dict[str, object]:
    """Return the source's own mapping, else the one shipped under its name; {} for none."""
    shipped = SHIPPED / f"{source.name}.json"
    if source.mapping or not shipped.is_file():
        return dict(source.mapping)
    return dict(json.loads(shipped.read_text(encoding="utf-8")))


@transaction.atomic
def upsert_tickets(source: TicketSource, records: Iterable[Record], now: datetime) -> Upserted:
    """Bring the tickets of `source` up to date with `records`, in any order, and count.

    Rows of one number are folded first: each column keeps its last told value, ordered by
    update time, revision and place in the delivery. A delivery that is older than what is
    stored changes nothing, and the same delivery twice changes nothing the second time, keys
    that retention took away from finished tickets included.

    `records` is consumed as a stream into a temporary table, so memory stays flat; while it
    runs it cannot use the database itself.
    """
    with connection.cursor() as cursor:
        cursor.execute(_CREATE_INCOMING)
        with cursor.copy(_COPY) as copy:
            for position, record in enumerate(records):
                copy.write_row((position, *_values(record)))
        cursor.execute(_FOLD)
        cursor.execute(_QUEUES, {"source": source.pk})
        cursor.execute(_ASSIGNEES, {"source": source.pk})
        cursor.execute(_UPSERT, {"source": source.pk, "now": now})
        created, changed, total = cursor.fetchone()
        cursor.execute("DROP TABLE incoming, folded")
    TicketSource.objects.filter(pk=source.pk).update(imported_at=now)
    return Upserted(created, changed - created, total - changed)


_TYPES = {
    "external_id": "text",
    "source_updated_at": "timestamptz",
    "created_at": "timestamptz",
    "revision": "integer",
    "first_response_at": "timestamptz",
    "resolved_at": "timestamptz",
    "closed_at": "timestamptz",
    "reopened_count": "smallint",
    "priority": "smallint",
    "effort_logged_minutes": "integer",
    "effort_estimate_minutes": "integer",
    "sla_due_at": "timestamptz",
    "sla_paused": "boolean",
    "sla_breached": "boolean",
    "deleted": "boolean",
}
_NAMES = tuple(column.name for column in fields(Record))
_values = attrgetter(*_NAMES)
_CREATE_INCOMING = "CREATE TEMP TABLE incoming (position bigint, {})".format(
    ", ".join(f"{name} {_TYPES.get(name, 'text')}" for name in _NAMES)
)
_COPY = f"COPY incoming (position, {', '.join(_NAMES)}) FROM STDIN"
_LATEST_FIRST = "ORDER BY source_updated_at DESC, revision DESC, position DESC"
_TOLD = tuple(
    name for name in _NAMES if name not in {"external_id", "source_updated_at", "revision"}
)
_FOLD = (
    "CREATE TEMP TABLE folded AS SELECT external_id,"  # noqa: S608 -- constants of this module
    " max(source_updated_at) AS source_updated_at, "
    + ", ".join(
        f"(array_agg({name} {_LATEST_FIRST}) FILTER (WHERE {name} IS NOT NULL))[1] AS {name}"
        for name in _TOLD
    )
    + " FROM incoming GROUP BY external_id"
)
_QUEUES = """
    INSERT INTO rotation_ticketqueue (source_id, key)
    SELECT DISTINCT %(source)s::bigint, queue_key FROM folded WHERE queue_key IS NOT NULL
    ON CONFLICT DO NOTHING
"""
# Only for tickets that will be written: a key that retention took away must not come back.
_ASSIGNEES = """
    INSERT INTO rotation_assignee (source_id, key)
    SELECT DISTINCT %(source)s::bigint, folded.assignee_key
    FROM folded
    LEFT JOIN rotation_ticket AS ticket
        ON ticket.source_id = %(source)s AND ticket.external_id = folded.external_id
    WHERE folded.assignee_key IS NOT NULL
        AND (ticket.id IS NULL OR ticket.done_at IS NULL
            OR ticket.source_updated_at < folded.source_updated_at)
    ON CONFLICT DO NOTHING
"""
# What makes a stored ticket 'updated'. The assignee counts while work is open only.
_CONTENT = (
    "source_updated_at", "kind", "state", "raw_state", "queue_id", "created_at",
    "first_response_at", "resolved_at", "closed_at", "reopened_count", "priority",
    "raw_priority", "category_key", "department_key", "effort_logged_minutes",
    "effort_estimate_minutes", "sla_due_at", "sla_paused", "sla_breached", "deleted",
)  # fmt: skip
_STORED = (*_CONTENT, "assignee_id", "last_seen_at")
_SETS = ", ".join(f"{name} = excluded.{name}" for name in _STORED)
_UPSERT = f"""
    WITH normal AS (
        SELECT folded.*, coalesce(state, 'new') AS known_state,
            coalesce(state, 'new') IN ('resolved', 'closed', 'cancelled') AS finished
        FROM folded
    ), written AS (
        INSERT INTO rotation_ticket AS ticket (
            source_id, external_id, {", ".join(_STORED)}, first_seen_at
        )
        SELECT %(source)s, external_id, source_updated_at, coalesce(kind, 'other'), known_state,
            coalesce(raw_state, ''), queue.id, created_at, first_response_at,
            -- Reopened work is open since it was created, whatever dates it still carries.
            CASE WHEN finished THEN resolved_at END,
            CASE WHEN finished THEN coalesce(
                closed_at, CASE WHEN resolved_at IS NULL THEN source_updated_at END
            ) END,
            coalesce(reopened_count, 0), priority, coalesce(raw_priority, ''),
            coalesce(category_key, ''), coalesce(department_key, ''), effort_logged_minutes,
            effort_estimate_minutes, sla_due_at, coalesce(sla_paused, false), sla_breached,
            coalesce(deleted, false), assignee.id, %(now)s, %(now)s
        FROM normal
        LEFT JOIN rotation_ticketqueue AS queue
            ON queue.source_id = %(source)s AND queue.key = normal.queue_key
        LEFT JOIN rotation_assignee AS assignee
            ON assignee.source_id = %(source)s AND assignee.key = normal.assignee_key
        ON CONFLICT (source_id, external_id) DO UPDATE SET {_SETS}
        WHERE excluded.source_updated_at >= ticket.source_updated_at AND (
            ({", ".join(f"ticket.{name}" for name in _CONTENT)})
                IS DISTINCT FROM ({", ".join(f"excluded.{name}" for name in _CONTENT)})
            OR (ticket.done_at IS NULL AND ticket.assignee_id IS DISTINCT FROM excluded.assignee_id)
        )
        RETURNING (xmax = 0) AS is_new
    )
    SELECT count(*) FILTER (WHERE is_new), count(*), (SELECT count(*) FROM folded) FROM written
"""  # noqa: S608 -- constants of this module
