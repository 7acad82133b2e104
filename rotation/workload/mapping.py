"""How the columns and words of a source become the canonical record: data, checked; pure."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from rotation.workload.errors import BadMapping

KINDS = frozenset({"incident", "request", "problem", "change", "task", "other"})
STATES = frozenset({"new", "open", "waiting", "scheduled", "resolved", "closed", "cancelled"})
REQUIRED = ("external_id", "state", "created_at")
DATES = frozenset(
    {
        "source_updated_at", "created_at", "first_response_at", "resolved_at", "closed_at",
        "sla_due_at",
    }
)  # fmt: skip
NUMBERS = frozenset(
    {"revision", "reopened_count", "effort_logged_minutes", "effort_estimate_minutes"}
)
FLAGS = frozenset({"sla_met", "sla_breached", "sla_paused", "deleted"})
TEXTS = frozenset(
    {
        "external_id", "queue_key", "assignee_key", "category_key", "department_key", "raw_state",
        "raw_priority",
    }
)  # fmt: skip
FIELDS = DATES | NUMBERS | FLAGS | TEXTS | {"kind", "state", "priority"}
ISO = "iso"


@dataclass(frozen=True, slots=True)
class SourceMapping:
    """One source's table.

    Attributes:
        columns: Canonical field -> column name in the file.
        optional: Fields whose column may be absent from a file.
        zone: Of times that name none; None: such times are refused.
        missing: Texts that mean "not told"; nothing at all always does.
        date_format: A `strptime` format, or "iso".
        states, priorities, kinds: The source's words -> ours.
        is_strict: Whether a word that is not ours is refused, not left out and reported.
    """

    columns: Mapping[str, str]
    zone: ZoneInfo | None
    date_format: str
    missing: frozenset[str]
    states: Mapping[str, str]
    priorities: Mapping[str, int]
    kinds: Mapping[str, str]
    kind: str
    optional: frozenset[str]
    encoding: str
    delimiter: str
    is_strict: bool = False


def mapping_from(data: Mapping[str, Any]) -> SourceMapping:
    """Return the checked mapping that `data` (JSON) describes.

    Raises:
        BadMapping: a part is missing, of the wrong type, or names something unknown.
    """
    columns = _words(data, "columns")
    states = _words(data, "states")
    kinds = {kind: kind for kind in KINDS} | _words(data, "kinds", {})
    priorities = data.get("priorities", {})
    checks = {
        "columns": set(columns) <= FIELDS and all(columns.get(name) for name in REQUIRED),
        "states": set(states.values()) <= STATES,
        "kinds": set(kinds.values()) <= KINDS,
        "priorities": isinstance(priorities, dict)
        and all(type(value) is int and value in PRIORITIES for value in priorities.values()),
        "missing": _are_texts(data.get("missing", [])),
        "optional": _are_texts(data.get("optional", [])),
        **{name: is_right(data[name]) for name, is_right in PLAIN.items() if name in data},
        **dict.fromkeys(set(data).difference(PARTS), False),
    }
    for field, is_right in checks.items():
        if not is_right:
            raise BadMapping(field=field)
    return SourceMapping(
        columns=MappingProxyType(columns),
        zone=ZoneInfo(data.get("time_zone", "UTC")),
        date_format=data.get("date_format", ISO),
        missing=frozenset(("", *data.get("missing", ()))),
        states=MappingProxyType(states),
        priorities=MappingProxyType(priorities),
        kinds=MappingProxyType(kinds),
        kind=data.get("kind", "incident"),
        optional=frozenset(data.get("optional", ())),
        encoding=data.get("encoding", "utf-8-sig"),
        delimiter=data.get("delimiter", ","),
    )


def _words(
    data: Mapping[str, Any], field: str, default: dict[str, str] | None = None
) -> dict[str, str]:
    words = data.get(field, default)
    if not isinstance(words, dict) or not all(isinstance(word, str) for word in words.values()):
        raise BadMapping(field=field)
    return words


def _are_texts(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(text, str) for text in value)


def _is_encoding(name: object) -> bool:
    try:
        return isinstance(name, str) and "".encode(name) is not None
    except (LookupError, UnicodeError, ValueError):
        return False


def _is_delimiter(text: object) -> bool:
    return isinstance(text, str) and len(text) == 1 and text.isascii() and text not in '"\r\n\0'


def _is_date_format(text: object) -> bool:
    """Return whether dates written so can be read again."""
    if not isinstance(text, str):
        return False
    try:
        return text == ISO or datetime.strptime(A_DAY.strftime(text), text) == A_DAY  # noqa: DTZ007
    except ValueError:
        return False


PRIORITIES = range(1, 6)
A_DAY = datetime(2026, 3, 12)  # noqa: DTZ001 -- of no zone: only its digits are looked at
# Parts that are a single text each.
PLAIN: Mapping[str, Callable[[Any], bool]] = {
    "kind": lambda kind: isinstance(kind, str) and kind in KINDS,
    "time_zone": lambda zone: isinstance(zone, str) and zone in available_timezones(),
    "date_format": _is_date_format,
    "encoding": _is_encoding,
    "delimiter": _is_delimiter,
}
# As people read them.
PARTS = (
    "encoding", "delimiter", "time_zone", "date_format", "missing", "kind", "columns", "optional",
    "states", "priorities", "kinds",
)  # fmt: skip


# What is pushed: the canonical record by its own names; `source` is read apart.
PUSHED = SourceMapping(
    columns=MappingProxyType(
        {
            name: name.replace("_minutes", "_min")
            for name in sorted(FIELDS - {"revision", "sla_met"})
        }
    ),
    zone=None,
    date_format=ISO,
    missing=frozenset({""}),
    states=MappingProxyType({state: state for state in STATES}),
    priorities=MappingProxyType({str(priority): priority for priority in range(1, 6)}),
    kinds=MappingProxyType({kind: kind for kind in KINDS}),
    kind="other",
    optional=frozenset(),
    encoding="utf-8",
    delimiter=",",
    is_strict=True,
)
