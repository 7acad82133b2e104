"""tickets -> load: read files of one source into the canonical record."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import IO, Any

from django.db import transaction

from rotation.workload.files import opened, tables
from rotation.workload.mapping import SourceMapping, mapping_from
from rotation.workload.models import TicketSource
from rotation.workload.queries import tickets_without_team
from rotation.workload.rows import RowReader, Table, Tally
from rotation.workload.services import mapping_data, source_named
from rotation.workload.upsert import Upserted, upsert_tickets

LARGEST_SENT = 200_000_000  # bytes that a file sent by a browser may unpack to


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
def import_files(
    name: str, paths: Iterable[Path], now: datetime, *, dry_run: bool = False
) -> Delivery:
    """Import all files of the source `name`, or none of them; safe to repeat.

    A dry run does the same and takes it back: its figures are those of an import.

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
        with opened(path) as stream, tables(stream, path.name, mapping) as found:
            _take(delivery, source, found, mapping, now)
    return _finished(delivery, source, dry_run=dry_run)


@transaction.atomic
def import_stream(
    source: TicketSource, stream: IO[bytes], name: str, now: datetime, *, dry_run: bool = False
) -> Delivery:
    """Import one file that was sent to us, called `name`; else as `import_files`."""
    mapping = mapping_from(mapping_data(source))
    delivery = Delivery(source.name)
    with tables(stream, name, mapping, LARGEST_SENT) as found:
        _take(delivery, source, found, mapping, now)
    return _finished(delivery, source, dry_run=dry_run)


def _take(
    delivery: Delivery, source: TicketSource, found: Iterator[Table], mapping: SourceMapping,
    now: datetime,
) -> None:  # fmt: skip
    for table in found:
        rows = RowReader(table, mapping, delivery.tally)
        delivery.tickets += upsert_tickets(source, rows, now)


def _finished(delivery: Delivery, source: TicketSource, *, dry_run: bool) -> Delivery:
    delivery.without_team = tickets_without_team(source)
    if dry_run:
        transaction.set_rollback(True)
    return delivery
