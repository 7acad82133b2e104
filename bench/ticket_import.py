"""Import of a generated log of ticket events, against a bare COPY and upsert of the same file.

The log has the columns, words and dates of a ServiceNow event log and as many rows as the public
one (141,712), some six for each ticket, which stand together as they do there; all is made up. Ours
is the whole import: each row is read, checked, mapped and dated, the rows of a ticket are folded
column by column, and tickets are compared with what is stored. The peer streams the file's bytes
into a temporary table of text columns (COPY ... CSV HEADER) and upserts the newest row of each
ticket into a copy of the product's table, dates cast by the database, nothing checked. CPU of
process and session; both begin with an empty table, and both are rolled back.
"""

import csv
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

from django.db import connection, transaction
from django.utils import timezone

from bench.measure import Effort, Line, Rounds, cost_of
from rotation.workflows.import_load import import_files

SOURCE = "servicenow-incidents"
HEADER = (
    "number", "incident_state", "active", "reassignment_count", "reopen_count", "sys_mod_count",
    "made_sla", "opened_at", "sys_updated_at", "category", "priority", "assignment_group",
    "assigned_to", "resolved_at", "closed_at",
)  # fmt: skip
STATES = ("New", "Active", "Active", "Awaiting User Info", "Resolved", "Closed")
PRIORITIES = ("2 - High", "3 - Moderate", "3 - Moderate", "4 - Low")
WRITTEN = "%d/%m/%Y %H:%M"


def run(effort: Effort) -> Iterator[Line]:
    """Yield the one line: events per second of CPU."""
    rounds = Rounds()
    with tempfile.TemporaryDirectory(prefix="rundgang-log-") as folder:
        log = Path(folder) / "log.csv"
        write_log(log, effort.events)
        for _ in range(effort.rounds):
            rounds.ours.append(effort.events / cost_of(lambda: _import(log)))
            rounds.peer.append(effort.events / cost_of(lambda: _copy(log)))
    yield rounds.line(f"Import of {effort.events:,} ticket events", "events/ms", at_least=0.5)


def write_log(path: Path, events: int) -> None:
    """Write a log of so many events; the same bytes each time."""
    random = Random("a log")  # noqa: S311 -- made up
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(HEADER)
        written = number = 0
        while written < events:
            number += 1
            for row in _ticket(number, random)[: events - written]:
                writer.writerow(row)
                written += 1


def _ticket(number: int, random: Random) -> list[tuple[object, ...]]:
    opened = datetime(2025, 3, 1, tzinfo=UTC) + timedelta(minutes=random.randrange(500_000))
    times = [opened]
    for _ in STATES[1:]:
        times.append(times[-1] + timedelta(minutes=random.randrange(1, 4000)))
    closed = times[-1].strftime(WRITTEN)
    fixed = (f"Category {random.randrange(40)}", random.choice(PRIORITIES))
    group = random.choice(("?", *(f"Group {each}" for each in range(70))))
    person = random.choice(("?", *(f"Resolver {each}" for each in range(200))))
    return [
        (
            f"INC{number:07}", state, str(at < times[-1]).lower(), revision // 3, 0, revision,
            "true", opened.strftime(WRITTEN), at.strftime(WRITTEN), *fixed, group, person,
            times[-2].strftime(WRITTEN), closed,
        )
        for revision, (state, at) in enumerate(zip(STATES, times, strict=True))
    ]  # fmt: skip


def _import(log: Path) -> None:
    with transaction.atomic():
        delivery = import_files(SOURCE, [log], timezone.now())
        assert not delivery.tally.rejected, delivery.tally.examples
        transaction.set_rollback(True)


def _copy(log: Path) -> None:
    with transaction.atomic(), connection.cursor() as cursor, log.open("rb") as file:
        cursor.execute("CREATE TEMP TABLE log ({})".format(", ".join(f"{c} text" for c in HEADER)))
        cursor.execute("CREATE TEMP TABLE ticket (LIKE rotation_ticket INCLUDING ALL)")
        with cursor.copy("COPY log FROM STDIN (FORMAT csv, HEADER)") as copy:
            while block := file.read(2**16):
                copy.write(block)
        cursor.execute(UPSERT)
        transaction.set_rollback(True)


UPSERT = """
    INSERT INTO ticket (
        source_id, external_id, source_updated_at, kind, state, raw_state, created_at,
        resolved_at, closed_at, reopened_count, priority, raw_priority, category_key,
        department_key, sla_paused, deleted, first_seen_at, last_seen_at
    )
    SELECT DISTINCT ON (number)
        1, number, to_timestamp(sys_updated_at, 'DD/MM/YYYY HH24:MI'), 'incident',
        CASE incident_state WHEN 'New' THEN 'new' WHEN 'Active' THEN 'open'
            WHEN 'Resolved' THEN 'resolved' WHEN 'Closed' THEN 'closed' ELSE 'waiting' END,
        incident_state,
        to_timestamp(opened_at, 'DD/MM/YYYY HH24:MI'),
        to_timestamp(resolved_at, 'DD/MM/YYYY HH24:MI'),
        to_timestamp(closed_at, 'DD/MM/YYYY HH24:MI'), reopen_count::int,
        left(priority, 1)::int, priority, category, '', false, false, now(), now()
    FROM log ORDER BY number, sys_mod_count::int DESC
    ON CONFLICT (source_id, external_id) DO UPDATE SET
        state = excluded.state, source_updated_at = excluded.source_updated_at,
        resolved_at = excluded.resolved_at, closed_at = excluded.closed_at
"""
