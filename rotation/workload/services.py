"""Writes of ticket sources: on first use, their mapping, and which team works on a queue."""

import json
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from django.db import IntegrityError, transaction

from rotation.audit.models import Subject
from rotation.audit.services import By, record
from rotation.workload.errors import ChangedSource, SourceExists, UnknownSource
from rotation.workload.mapping import mapping_from
from rotation.workload.models import TicketQueue, TicketSource

SHIPPED = Path(__file__).parent / "sources"


def source_names() -> list[str]:
    """Return the names of all mappings, shipped and stored, sorted."""
    return sorted({*shipped_names()} | set(TicketSource.objects.values_list("name", flat=True)))


def source_named(name: str) -> TicketSource:
    """Return the source called `name`, stored on first use of a shipped mapping.

    Raises:
        UnknownSource: nothing is called so.
    """
    known = source_names()
    if name not in known:
        raise UnknownSource(name=name, known=known)
    return TicketSource.objects.get_or_create(name=name)[0]


def source_for_push(name: str) -> TicketSource:
    """Return the source called `name`, stored on its first push."""
    way = TicketSource.Way.PUSH
    return TicketSource.objects.get_or_create(name=name, defaults={"way": way})[0]


def mapping_data(source: TicketSource) -> dict[str, object]:
    """Return the source's own mapping, else the one shipped under its name, else that of CSV."""
    if source.mapping:
        return dict(source.mapping)
    shipped = SHIPPED / f"{source.name}.json"
    file = shipped if shipped.is_file() else SHIPPED / "csv.json"
    return dict(json.loads(file.read_text(encoding="utf-8")))


def shipped_names() -> list[str]:
    """Return the names of the shipped mappings, sorted."""
    return sorted(path.stem for path in SHIPPED.glob("*.json"))


@transaction.atomic
def add_source(name: str, based_on: str, *, by: By, now: datetime) -> TicketSource:
    """Store a source whose mapping begins as a copy of the shipped one called `based_on`.

    Raises:
        SourceExists: there is one of this name.
    """
    mapping = json.loads((SHIPPED / f"{based_on}.json").read_text(encoding="utf-8"))
    try:
        with transaction.atomic():
            source = TicketSource.objects.create(name=name, mapping=mapping)
    except IntegrityError as error:
        raise SourceExists(name=name) from error
    record(by, now, about=(Subject.TICKET_SOURCE, source.pk), action="add", new={"name": name})
    return source


@transaction.atomic
def change_mapping(
    source_id: int, mapping: Mapping[str, Any], *, by: By, now: datetime
) -> TicketSource:
    """Let the source be read by `mapping` from now on; what is stored stays as it is.

    Raises:
        BadMapping: the mapping cannot be used.
        ChangedSource: it is no longer of the version that was seen.
    """
    mapping_from(mapping)
    source = TicketSource.objects.select_for_update().get(pk=source_id)
    if by.version is not None and by.version != source.version:
        raise ChangedSource(version=source.version)
    before, after = _parts(mapping_data(source)), _parts(mapping)
    if before != after:
        source.mapping, source.version = dict(mapping), source.version + 1
        source.save(update_fields=["mapping", "version"])
        about = (Subject.TICKET_SOURCE, source.pk)
        record(by, now, about=about, action="change", old=before, new=after)
    return source


def _parts(mapping: Mapping[str, Any]) -> dict[str, str]:
    return {
        name: json.dumps(value, ensure_ascii=False, sort_keys=True)
        for name, value in mapping.items()
    }


@transaction.atomic
def assign_queues(source_id: int, teams: Mapping[int, int | None], *, by: By, now: datetime) -> int:
    """Let each queue's load count for the team named beside it; return how many changed."""
    queues = TicketQueue.objects.select_for_update().filter(source=source_id, pk__in=teams)
    changed = [queue for queue in queues if queue.team_id != teams[queue.pk]]
    for queue in changed:
        before, queue.team_id = queue.team_id, teams[queue.pk]
        queue.save(update_fields=["team"])
        record(
            by,
            now,
            about=(Subject.TICKET_SOURCE, source_id),
            action="change",
            old={"team": before},
            new={"team": queue.team_id, "queue": queue.key},
        )
    return len(changed)
