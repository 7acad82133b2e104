"""tickets -> load: read files of one source into the canonical record."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from django.db import transaction

from rotation.workload.files import lines, tables
from rotation.workload.mapping import mapping_from
from rotation.workload.queries import tickets_without_team
from rotation.workload.rows import Tally, records
from rotation.workload.services import Upserted, mapping_data, source_named, upsert_tickets


@dataclass(slots=True)
class Delivery:
    """What one import did: rows read and rejected, tickets written, words nobody knows."""

    source: str
    tally: Tally = field(default_factory=Tally)
    tickets: Upserted = field(default_factory=Upserted)
    without_team: dict[str, int] = field(default_factory=dict)

    def figures(self) -> dict[str, Any]:
        """Return everything as JSON knows it; keys are part of the command's contract."""
        return {
            "source": self.source,
            "read": self.tally.read,
            "rejected": self.tally.rejected.total(),
            "reasons": dict(sorted(self.tally.rejected.items())),
            "rejected_rows": self.tally.examples,
            "created": self.tickets.created,
            "updated": self.tickets.updated,
            "unchanged": self.tickets.unchanged,
            "unmapped": {
                **{name: dict(words) for name, words in sorted(self.tally.unmapped.items())},
                **({"queue": self.without_team} if self.without_team else {}),
            },
        }


@transaction.atomic
def import_files(name: str, paths: Iterable[Path], now: datetime) -> Delivery:
    """Import all files of the source `name`, or none of them; safe to repeat.

    Raises:
        UnknownSource: nothing is called `name`.
        BadMapping: the source's mapping cannot be used.
        UnreadableFile: a file is missing, damaged, locked or empty.
        MissingColumn: a header lacks a column that the mapping needs.
    """
    source = source_named(name)
    mapping = mapping_from(mapping_data(source))
    delivery = Delivery(source.name)
    for path in paths:
        with tables(path) as found:
            for table, stream in found:
                rows = records(lines(stream, mapping.encoding), mapping, delivery.tally, table)
                delivery.tickets += upsert_tickets(source, rows, now)
    delivery.without_team = tickets_without_team(source)
    return delivery
