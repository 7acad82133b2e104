"""The content lines of a calendar from strangers: capped, unfolded, only those worth parsing."""

import re
import threading
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from rotation.calendars.errors import CalendarTooLarge, UnreadableCalendar

MAX_DEPTH = 8
MAX_LINE = 16_384
MAX_ZONE_DATES = 1_000
MAX_ZONE_PARTS = 40
# What icalendar 7.3 raises on broken input outside the properties it forgives.
PARSER_FAULTS = (
    ValueError, TypeError, KeyError, IndexError, AttributeError, OverflowError, RecursionError,
)  # fmt: skip
# icalendar keeps the zones of all calendars in one process-wide table.
ZONE_TABLE = threading.Lock()
_NAME = re.compile(r"([A-Za-z0-9-]+)[;:]")
_SAFE_RULE_PART = re.compile(
    r"FREQ=YEARLY|INTERVAL=1|BYMONTH=\d{1,2}|BYDAY=[+-]?\d?[A-Z]{2}|BYMONTHDAY=[\d,-]{1,40}"
    r"|UNTIL=[0-9TZ]{8,16}|COUNT=\d{1,4}|WKST=[A-Z]{2}"
)
_ZONE_OF_UTC_VALUE = re.compile(
    r'^((?:DTSTART|DTEND|RECURRENCE-ID)[^:]*?);TZID=(?:"[^"]*"|[^";:]*)(.*:\d{8}T\d{6}Z)$',
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Limits:
    """How much one calendar may hold: bytes, content lines, components."""

    size: int
    lines: int
    components: int


def content_lines(
    data: bytes, kept: frozenset[str], limits: Limits, charset: str = "utf-8"
) -> tuple[list[str], list[list[str]]]:
    """Return the lines of the `kept` properties, and apart the harmless VTIMEZONEs.

    Raises:
        CalendarTooLarge: more than `limits` allow, or nested deeper than any calendar.
        UnreadableCalendar: there is no whole VCALENDAR.
    """
    if len(data) > limits.size:
        raise CalendarTooLarge(size=len(data), limit=limits.size)
    return _sorted_lines(_unfolded(_cut(_decoded(data, charset)), limits), kept, limits)


def joined(lines: list[str]) -> str:
    """Return the lines as a parser reads them."""
    return "\r\n".join(lines) + "\r\n"


def _decoded(data: bytes, charset: str) -> str:
    """Return text for any bytes; a lie about the charset garbles names, not the answer."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16", errors="replace")
    for name in ("utf-8-sig", charset):
        try:
            return data.decode(name)
        except (UnicodeError, LookupError, ValueError):
            continue
    return data.decode("latin-1")


def _cut(text: str) -> str:
    """Return the text from the first BEGIN:VCALENDAR to the last END:VCALENDAR.

    Raises:
        UnreadableCalendar: one of the two is missing.
    """
    start = re.search(r"BEGIN:VCALENDAR", text, re.IGNORECASE)
    ends = [match.end() for match in re.finditer(r"END:VCALENDAR", text, re.IGNORECASE)]
    if start is None or not ends or ends[-1] < start.start():
        raise UnreadableCalendar(problem="no whole VCALENDAR")
    return text[start.start() : ends[-1]]


def _unfolded(text: str, limits: Limits) -> list[str]:
    """Return the content lines (RFC 5545 §3.1), whichever line ends the sender uses."""
    unified = text.replace("\r\n", "\n").replace("\r", "\n").replace("\x00", "")
    lines = re.sub(r"\n[ \t]", "", unified).split("\n")
    if len(lines) > limits.lines:
        raise CalendarTooLarge(size=len(lines), limit=limits.lines)
    return lines


def _sorted_lines(
    lines: Iterable[str], kept_names: frozenset[str], limits: Limits
) -> tuple[list[str], list[list[str]]]:
    """Return the lines worth parsing, and apart from them the harmless VTIMEZONEs.

    Raises:
        CalendarTooLarge: nested deeper, or more components, than the caps allow.
    """
    kept: list[str] = []
    zones: list[list[str]] = []
    for name, path, line in _walk(lines, limits):
        if path[1:2] == ["VTIMEZONE"]:
            if name == "BEGIN" and len(path) == 2:  # noqa: PLR2004 -- VCALENDAR, VTIMEZONE
                zones.append([])
            zones[-1].append(line)
        elif name in kept_names and path and len(line) <= MAX_LINE:
            kept.append(_ZONE_OF_UTC_VALUE.sub(r"\1\2", line))
    return kept, [zone for zone in zones if _is_safe_zone(zone)]


def _walk(lines: Iterable[str], limits: Limits) -> Iterator[tuple[str, list[str], str]]:
    """Yield (property name, names of the open components, line), END still inside its own."""
    path: list[str] = []
    begun = 0
    for line in lines:
        match = _NAME.match(line)
        name = match.group(1).upper() if match else ""
        if name == "BEGIN":
            path.append(line.partition(":")[2].strip().upper())
            begun += 1
        if len(path) > MAX_DEPTH or begun > limits.components:
            raise CalendarTooLarge(size=begun, limit=limits.components)
        yield name, path, line
        if name == "END" and path:
            path.pop()


def _is_safe_zone(lines: list[str]) -> bool:
    """Return whether a VTIMEZONE is cheap to evaluate: simple yearly rules, few single dates."""
    upper = [line.upper() for line in lines]
    rules = [line.partition(":")[2].split(";") for line in upper if line.startswith("RRULE")]
    dates = sum(line.count(",") + 1 for line in upper if line.startswith("RDATE"))
    return (
        dates <= MAX_ZONE_DATES
        and sum(line.startswith("BEGIN") for line in upper) <= MAX_ZONE_PARTS
        and not any(line.startswith("EX") for line in upper)
        and all(_SAFE_RULE_PART.fullmatch(part.strip()) for rule in rules for part in rule)
    )
