"""Mappings of sources are data, and are checked."""

import json
from pathlib import Path

import pytest

from rotation.workload.errors import BadMapping
from rotation.workload.mapping import mapping_from
from rotation.workload.services import SHIPPED

GOOD = {
    "columns": {"external_id": "id", "state": "state", "created_at": "created"},
    "states": {"Open": "open"},
}


@pytest.mark.parametrize("path", sorted(SHIPPED.glob("*.json")), ids=lambda path: path.stem)
def test_every_shipped_mapping_can_be_used(path: Path) -> None:
    mapping = mapping_from(json.loads(path.read_text(encoding="utf-8")))
    assert mapping.columns["external_id"]


def test_what_is_not_said_has_a_plain_default() -> None:
    mapping = mapping_from(GOOD)
    assert (str(mapping.zone), mapping.date_format, mapping.kind) == ("UTC", "iso", "incident")
    assert (mapping.encoding, mapping.delimiter, mapping.missing) == (
        "utf-8-sig",
        ",",
        frozenset({""}),
    )


@pytest.mark.parametrize(
    ("part", "value"),
    [
        ("columns", {"external_id": "id", "state": "state"}),
        ("columns", {**GOOD["columns"], "requester": "caller"}),
        ("columns", ["id"]),
        ("states", {"Open": "lazy"}),
        ("states", {"Open": 1}),
        ("priorities", {"P0": 0}),
        ("priorities", [1]),
        ("kinds", {"INC": "trouble"}),
        ("kind", "trouble"),
        ("time_zone", "Mars/Olympus"),
        ("encoding", "utf-99"),
        ("encoding", 8),
        ("delimiter", ",,"),
        ("delimiter", "–"),
        ("delimiter", '"'),
        ("columns", {**GOOD["columns"], "state": ""}),
        ("states", [["Open"]]),
        ("priorities", {"High": [1]}),
        ("priorities", {"High": True}),
        ("kind", ["incident"]),
        ("time_zone", ["UTC"]),
        ("encoding", "rot13"),
        ("date_format", "%Q"),
        ("date_format", "%H:%M"),
        ("date_format", 1),
        ("missing", "?"),
        ("optional", [1]),
        ("colums", {}),
    ],
)
def test_a_wrong_part_is_named(part: str, value: object) -> None:
    with pytest.raises(BadMapping) as caught:
        mapping_from({**GOOD, part: value})
    assert caught.value.fields == {"field": part}
