"""Tickets of one delivery, whatever its size: into a table of its own, folded, then compared."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum, auto

from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper

from rotation.workload.models import TicketSource
from rotation.workload.rows import RowReader

# Tickets of a delivery from which on they are compared as sets. Where the table was empty when it
# was last analysed, the planner would look through it once for each of them.
MANY = 1_000


@dataclass(frozen=True, slots=True)
class Upserted:
    """Tickets of one delivery, after folding its rows per number.

    Attributes:
        forgotten: Those of the unchanged that retention deleted; they do not come back.
    """

    created: int = 0
    updated: int = 0
    unchanged: int = 0
    forgotten: int = 0

    def __add__(self, other: "Upserted") -> "Upserted":
        return Upserted(
            self.created + other.created,
            self.updated + other.updated,
            self.unchanged + other.unchanged,
            self.forgotten + other.forgotten,
        )


class Outcome(StrEnum):
    """What became of one pushed record."""

    CREATED = auto()
    UPDATED = auto()
    UNCHANGED = auto()
    REJECTED = auto()


@transaction.atomic
def upsert_tickets(source: TicketSource, rows: RowReader, now: datetime) -> Upserted:
    """Bring the tickets of `source` up to date with `rows`, in any order, and count.

    Rows of one number are folded first: each column keeps its last told value, ordered by
    update time, revision and place in the delivery. A delivery that is older than what is
    stored changes nothing, and the same delivery twice changes nothing the second time, keys
    and tickets that retention took away included.

    `rows` is consumed as a stream into a temporary table, so memory stays flat; while it
    runs it cannot use the database itself. Deliveries of one source wait for each other.
    """
    with connection.cursor() as cursor:
        forgotten = _fold(cursor, source, rows)
        cursor.execute(_WRITE + _COUNTED, _values(source, rows, now))
        created, updated, total = cursor.fetchone()
        cursor.execute(_DROP)
    _note(source, TicketSource.Way.FILE, now)
    return Upserted(created, updated, total - created - updated + forgotten, forgotten)


@transaction.atomic
def push_tickets(source: TicketSource, rows: RowReader, now: datetime) -> dict[str, Outcome]:
    """Do as `upsert_tickets`, and return by number what was done; missing ones are unchanged."""
    with connection.cursor() as cursor:
        _fold(cursor, source, rows)
        cursor.execute(_WRITE + _LISTED, _values(source, rows, now))
        done = {number: Outcome(outcome) for number, outcome in cursor.fetchall()}
        cursor.execute(_DROP)
    _note(source, TicketSource.Way.PUSH, now)
    return done


def _note(source: TicketSource, way: TicketSource.Way, now: datetime) -> None:
    TicketSource.objects.filter(pk=source.pk).update(imported_at=now, way=way)


def _values(
    source: TicketSource, rows: RowReader, now: datetime
) -> dict[str, int | datetime | str]:
    return {"source": source.pk, "now": now, "kind": rows.mapping.kind}


def _fold(cursor: CursorWrapper, source: TicketSource, rows: RowReader) -> int:
    """Leave the newest state of each ticket in the table `folded`; queues and assignees exist.

    Returns:
        How many tickets are left out because retention deleted them.
    """
    stored = TicketSource.objects.select_for_update().get(pk=source.pk)
    cursor.execute(_CREATE_INCOMING)
    # FREEZE: nobody else sees the table, so that its rows need not be looked at twice.
    with cursor.copy(f"COPY incoming ({', '.join(rows.fields)}) FROM STDIN (FREEZE)") as copy:
        for block in rows.blocks():
            copy.write(block)
    cursor.execute("SET LOCAL work_mem = '64MB'")
    cursor.execute(_FOLD)
    if cursor.rowcount > MANY:
        cursor.execute("SET LOCAL enable_nestloop = off")
    for name in rows.fields_with_gaps():
        if name in _TOLD:
            cursor.execute(_FILL.format(name=name))
    cursor.execute(_FORGET, {"source": source.pk, "until": stored.forgotten_until})
    forgotten: int = cursor.rowcount
    cursor.execute(_QUEUES, {"source": source.pk})
    cursor.execute(_ASSIGNEES, {"source": source.pk})
    return forgotten


def _moment(column: str) -> str:
    """Return the SQL that reads a column of microseconds."""
    return f"'epoch'::timestamptz + {column} * interval '1 microsecond'"


def _read(name: str) -> str:
    return f"{_moment(name)} AS {name}" if name in _TIMES else name


# Dates come as microseconds since 1970: most rows of a log are folded away, and only what stays is
# turned into a date.
_TIMES = {
    "source_updated_at", "created_at", "first_response_at", "resolved_at", "closed_at",
    "sla_due_at",
}  # fmt: skip
_TYPES = {
    "position": "bigint",
    "external_id": 'text COLLATE "C"',  # sorts several times faster
    **dict.fromkeys(_TIMES, "bigint"),
    "revision": "integer",
    "reopened_count": "smallint",
    "priority": "smallint",
    "effort_logged_minutes": "integer",
    "effort_estimate_minutes": "integer",
    "sla_paused": "boolean",
    "sla_breached": "boolean",
    "deleted": "boolean",
}
_TOLD = (
    "kind", "state", "raw_state", "queue_key", "assignee_key", "created_at", "first_response_at",
    "resolved_at", "closed_at", "reopened_count", "priority", "raw_priority", "category_key",
    "department_key", "effort_logged_minutes", "effort_estimate_minutes", "sla_due_at",
    "sla_paused", "sla_breached", "deleted",
)  # fmt: skip
_READ = ("external_id", "source_updated_at", *_TOLD)
_CREATE_INCOMING = "CREATE TEMP TABLE incoming ({})".format(
    ", ".join(f"{name} {_TYPES.get(name, 'text')}" for name in ("position", "revision", *_READ))
)
_UPDATED = "coalesce(source_updated_at, greatest(created_at, resolved_at, closed_at))"
_LATEST_FIRST = f"external_id, {_UPDATED} DESC, coalesce(revision, 0) DESC, position DESC"
# Only the keys are sorted. Names keep the collation of their column from here on.
_FOLD = f"""
    CREATE TEMP TABLE folded AS
    SELECT external_id COLLATE "default" AS external_id, {_UPDATED} AS source_updated_at,
        {", ".join(_TOLD)}
    FROM incoming
    WHERE position IN (
        SELECT DISTINCT ON (external_id) position FROM incoming ORDER BY {_LATEST_FIRST}
    )
"""  # noqa: S608 -- constants of this module
# Where the newest row of a ticket does not tell, the last one that does.
_FILL = f"""
    UPDATE folded SET {{name}} = told.{{name}} FROM (
        SELECT DISTINCT ON (external_id) external_id, {{name}}
        FROM incoming
        WHERE {{name}} IS NOT NULL
            AND external_id IN (SELECT external_id FROM folded WHERE {{name}} IS NULL)
        ORDER BY {_LATEST_FIRST}
    ) AS told
    WHERE folded.external_id = told.external_id AND folded.{{name}} IS NULL
"""  # noqa: S608 -- constants of this module
_FORGET = f"""
    DELETE FROM folded WHERE {_moment("source_updated_at")} <= %(until)s AND NOT EXISTS (
        SELECT FROM rotation_ticket AS ticket
        WHERE ticket.source_id = %(source)s AND ticket.external_id = folded.external_id
    )
"""  # noqa: S608 -- constants of this module
_QUEUES = """
    INSERT INTO rotation_ticketqueue (source_id, key)
    SELECT DISTINCT %(source)s::bigint, queue_key FROM folded WHERE queue_key IS NOT NULL
    ON CONFLICT DO NOTHING
"""
# Only for tickets that will be written: a key that retention took away must not come back.
_ASSIGNEES = f"""
    INSERT INTO rotation_assignee (source_id, key)
    SELECT DISTINCT %(source)s::bigint, folded.assignee_key
    FROM folded
    LEFT JOIN rotation_ticket AS ticket
        ON ticket.source_id = %(source)s AND ticket.external_id = folded.external_id
    WHERE folded.assignee_key IS NOT NULL
        AND (ticket.id IS NULL OR (ticket.done_at IS NULL AND NOT ticket.deleted)
            OR ticket.source_updated_at < {_moment("folded.source_updated_at")})
    ON CONFLICT DO NOTHING
"""  # noqa: S608 -- constants of this module
# What makes a stored ticket 'updated'. The assignee counts while work is open only.
_CONTENT = (
    "source_updated_at", "kind", "state", "raw_state", "queue_id", "created_at",
    "first_response_at", "resolved_at", "closed_at", "reopened_count", "priority",
    "raw_priority", "category_key", "department_key", "effort_logged_minutes",
    "effort_estimate_minutes", "sla_due_at", "sla_paused", "sla_breached", "deleted",
)  # fmt: skip
_STORED = (*_CONTENT, "assignee_id")
# Whoever writes holds the source's row: between look and insert no ticket of it can appear.
_WRITE = f"""
    WITH told AS (
        SELECT {", ".join(map(_read, _READ))},
            coalesce(state, 'new') AS known_state,
            coalesce(state, 'new') IN ('resolved', 'closed', 'cancelled') AS finished
        FROM folded
    ), wanted AS (
        SELECT external_id, source_updated_at, coalesce(kind, %(kind)s) AS kind,
            known_state AS state, coalesce(raw_state, '') AS raw_state, queue.id AS queue_id,
            created_at, first_response_at,
            -- Reopened work is open since it was created, whatever dates it still carries.
            CASE WHEN finished THEN resolved_at END AS resolved_at,
            CASE WHEN finished THEN coalesce(
                closed_at, CASE WHEN resolved_at IS NULL THEN source_updated_at END
            ) END AS closed_at,
            coalesce(reopened_count, 0) AS reopened_count, priority,
            coalesce(raw_priority, '') AS raw_priority, coalesce(category_key, '') AS category_key,
            coalesce(department_key, '') AS department_key, effort_logged_minutes,
            effort_estimate_minutes, sla_due_at, coalesce(sla_paused, false) AS sla_paused,
            sla_breached, coalesce(deleted, false) AS deleted, assignee.id AS assignee_id
        FROM told
        LEFT JOIN rotation_ticketqueue AS queue
            ON queue.source_id = %(source)s AND queue.key = told.queue_key
        LEFT JOIN rotation_assignee AS assignee
            ON assignee.source_id = %(source)s AND assignee.key = told.assignee_key
    ), updated AS (
        UPDATE rotation_ticket AS ticket
        SET {", ".join(f"{name} = wanted.{name}" for name in _STORED)}, last_seen_at = %(now)s
        FROM wanted
        WHERE ticket.source_id = %(source)s AND ticket.external_id = wanted.external_id
            AND wanted.source_updated_at >= ticket.source_updated_at AND (
                ({", ".join(f"ticket.{name}" for name in _CONTENT)})
                    IS DISTINCT FROM ({", ".join(f"wanted.{name}" for name in _CONTENT)})
                OR (ticket.done_at IS NULL AND NOT ticket.deleted
                    AND ticket.assignee_id IS DISTINCT FROM wanted.assignee_id)
            )
        RETURNING ticket.external_id
    ), created AS (
        INSERT INTO rotation_ticket (
            source_id, external_id, {", ".join(_STORED)}, first_seen_at, last_seen_at
        )
        SELECT %(source)s, external_id, {", ".join(_STORED)}, %(now)s, %(now)s
        FROM wanted
        WHERE NOT EXISTS (
            SELECT FROM rotation_ticket AS ticket
            WHERE ticket.source_id = %(source)s AND ticket.external_id = wanted.external_id
        )
        RETURNING external_id
    )
"""  # noqa: S608 -- constants of this module
_COUNTED = """
    SELECT (SELECT count(*) FROM created), (SELECT count(*) FROM updated),
        (SELECT count(*) FROM folded)
"""
_LISTED = """
    SELECT external_id, 'created' FROM created UNION ALL SELECT external_id, 'updated' FROM updated
"""
_DROP = "DROP TABLE incoming, folded; SET LOCAL enable_nestloop TO DEFAULT"
