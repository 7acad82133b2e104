"""What is forgotten of tickets, and when: first who worked on them, then all but their sums.

Sums are kept per queue, category and week and name no person, so that load of past weeks stays
what it was. Every step works on what is left; a second run changes nothing.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from dateutil.relativedelta import relativedelta
from django.conf import settings
from django.db import connection, transaction

from rotation.workload.models import TicketSource

# Whoever worked on a ticket is forgotten so long after it was done, or deleted at its source.
ASSIGNEE_KEPT_DAYS = 30
# A ticket is deleted so long after its last change was seen.
TICKET_KEPT_MONTHS = 24


@dataclass(frozen=True, slots=True)
class Forgotten:
    """What one run took away: keys from tickets, keys altogether, tickets."""

    keys: int = 0
    assignees: int = 0
    tickets: int = 0


def forget_tickets(now: datetime) -> list[Forgotten]:
    """Take away what is kept no longer, source by source, each in one transaction."""
    return [_forget(pk, now) for pk in TicketSource.objects.values_list("pk", flat=True)]


@transaction.atomic
def _forget(source_id: int, now: datetime) -> Forgotten:
    values = {
        "source": source_id,
        "done_before": now - timedelta(days=ASSIGNEE_KEPT_DAYS),
        "seen_before": now - relativedelta(months=TICKET_KEPT_MONTHS),
        "zone": settings.TIME_ZONE,
    }
    TicketSource.objects.select_for_update().get(pk=source_id)
    with connection.cursor() as cursor:
        cursor.execute(_TICKETS, values)
        tickets, until = cursor.fetchone()
        cursor.execute(_KEYS, values)
        keys = cursor.rowcount
        cursor.execute(_ASSIGNEES, values)
        assignees = cursor.rowcount
        if tickets:
            cursor.execute(_UNTIL, {**values, "until": until})
    return Forgotten(keys, assignees, tickets)


_KEYS = """
    UPDATE rotation_ticket SET assignee_id = NULL
    WHERE source_id = %(source)s AND assignee_id IS NOT NULL AND (
        done_at < %(done_before)s OR (deleted AND last_seen_at < %(done_before)s)
    )
"""
_ASSIGNEES = """
    DELETE FROM rotation_assignee AS assignee
    WHERE source_id = %(source)s AND NOT EXISTS (
        SELECT FROM rotation_ticket AS ticket WHERE ticket.assignee_id = assignee.id
    )
"""
# What was deleted at its source never counted; the row was kept so that it does not come back.
_TICKETS = """
    WITH gone AS (
        DELETE FROM rotation_ticket
        WHERE source_id = %(source)s AND last_seen_at < %(seen_before)s
        RETURNING queue_id, category_key, deleted, effort_logged_minutes, source_updated_at,
            last_seen_at,
            date_trunc('week', created_at AT TIME ZONE %(zone)s)::date AS created_week,
            date_trunc('week', done_at AT TIME ZONE %(zone)s)::date AS done_week
    ), counted AS (
        SELECT queue_id, category_key, created_week AS week, 1 AS created, 0 AS done, 0 AS effort
        FROM gone WHERE NOT deleted
        UNION ALL
        SELECT queue_id, category_key, done_week, 0, 1, coalesce(effort_logged_minutes, 0)
        FROM gone WHERE NOT deleted AND done_week IS NOT NULL
    ), kept AS (
        INSERT INTO rotation_ticketweek AS known (
            source_id, queue_id, week, category_key, created_count, done_count, effort_minutes
        )
        SELECT %(source)s, queue_id, week, category_key, sum(created), sum(done), sum(effort)
        FROM counted GROUP BY queue_id, week, category_key
        ON CONFLICT (source_id, week, queue_id, category_key) DO UPDATE SET
            created_count = known.created_count + excluded.created_count,
            done_count = known.done_count + excluded.done_count,
            effort_minutes = known.effort_minutes + excluded.effort_minutes
    )
    SELECT count(*), max(least(source_updated_at, last_seen_at)) FROM gone
"""
_UNTIL = """
    UPDATE rotation_ticketsource SET forgotten_until = greatest(forgotten_until, %(until)s)
    WHERE id = %(source)s
"""
