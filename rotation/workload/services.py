"""Writes of ticket sources: on first use, their mapping, and which team works on a queue."""

import json
from pathlib import Path

from rotation.workload.errors import UnknownSource
from rotation.workload.models import TicketSource

SHIPPED = Path(__file__).parent / "sources"


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
