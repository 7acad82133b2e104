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


def mapping_data(source: TicketSource) -> dict[str, object]:
    """Return the source's own mapping, else the one shipped under its name; {} for none."""
    shipped = SHIPPED / f"{source.name}.json"
    if source.mapping or not shipped.is_file():
        return dict(source.mapping)
    return dict(json.loads(shipped.read_text(encoding="utf-8")))
