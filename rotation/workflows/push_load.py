"""tickets -> load: take records that other systems push."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from rotation.workload.pushed import Pushed, read_pushed, reader_of
from rotation.workload.services import source_for_push
from rotation.workload.upsert import Outcome, push_tickets


@transaction.atomic
def push_records(records: Sequence[object], now: datetime) -> list[tuple[Pushed, Outcome]]:
    """Write what can be read of `records`, and return what became of each, in the order given.

    Records of one number are folded first and share their outcome. A source is stored when its
    first record can be read. Sources are taken in the order of their names, so that two pushes
    never wait for each other.
    """
    read = read_pushed(records)
    right = [record for record in read if not record.faults]
    done = {}
    for name in sorted({record.source for record in right}):
        rows = [record.row for record in right if record.source == name]
        done[name] = push_tickets(source_for_push(name), reader_of(rows), now)
    return [
        (
            record,
            Outcome.REJECTED
            if record.faults
            else done[record.source].get(record.external_id, Outcome.UNCHANGED),
        )
        for record in read
    ]
