"""Safe reading of iCalendar bytes from strangers: caps first, then icalendar, plain values out."""

import contextlib
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Any

import icalendar
from icalendar.prop import vBroken

from rotation.calendars.addresses import normal_address
from rotation.calendars.errors import UnreadableCalendar
from rotation.calendars.lines import PARSER_FAULTS, ZONE_TABLE, Limits, content_lines, joined

MAX_BYTES = 512 * 1024
MAX_LINES = 20_000
MAX_COMPONENTS = 100
MAX_ATTENDEES = 200
LIMITS = Limits(MAX_BYTES, MAX_LINES, MAX_COMPONENTS)
MAX_TEXT = 2_000
# Not "printable" to Python, yet what keeps "10:00 Uhr" on one line is no control character.
SPACES = "\n\t\u00a0\u202f"
# Everything an answer may say. The rest is left out before the parser sees it: a reply must not
# change it (RFC 5546 §3.2.3), and what is not parsed can neither fail nor cost time.
KEPT = frozenset(
    {
        "BEGIN", "END", "METHOD", "UID", "RECURRENCE-ID", "SEQUENCE", "DTSTAMP", "ATTENDEE",
        "ORGANIZER", "COMMENT", "REQUEST-STATUS", "DTSTART", "DTEND", "SUMMARY", "LOCATION",
        "STATUS",
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Attendee:
    """One ATTENDEE line; addresses are normal, `partstat` upper case, NEEDS-ACTION by default."""

    address: str
    partstat: str = "NEEDS-ACTION"
    sent_by: str = ""
    delegated_to: tuple[str, ...] = ()
    delegated_from: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CalendarComponent:
    """One VEVENT, VTODO or other component; instants are UTC, None where absent or unreadable."""

    name: str
    uid: str = ""
    sequence: int | None = None
    dtstamp: datetime | None = None
    recurrence_id: datetime | None = None
    has_recurrence_id: bool = False
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    organizer: str = ""
    attendees: tuple[Attendee, ...] = ()
    comment: str = ""
    summary: str = ""
    location: str = ""
    status: str = ""
    request_status: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CalendarObject:
    """One VCALENDAR: its METHOD in upper case (empty where absent) and its components."""

    method: str
    components: tuple[CalendarComponent, ...]


def parse_calendars(data: bytes, charset: str = "utf-8") -> tuple[CalendarObject, ...]:
    """Return every VCALENDAR in `data`, whatever stands before, between and after them.

    Raises:
        CalendarTooLarge: more bytes, lines, components or nesting than an answer ever needs.
        UnreadableCalendar: there is no whole VCALENDAR, or the parser gave up on it.
    """
    lines, zones = content_lines(data, KEPT, LIMITS, charset)
    with ZONE_TABLE:
        # An unknown TZID of one sender must never colour the next one's times.
        icalendar.use_zoneinfo()  # type: ignore[no-untyped-call]
        for zone in zones:
            _learn_zone(zone)
        try:
            found = icalendar.Calendar.from_ical(joined(lines), multiple=True)
            calendars = tuple(_calendar(each) for each in found if each.name == "VCALENDAR")
        except PARSER_FAULTS as fault:
            raise UnreadableCalendar(problem=type(fault).__name__) from fault
    if not calendars:
        raise UnreadableCalendar(problem="no whole VCALENDAR")
    return calendars


def _learn_zone(lines: list[str]) -> None:
    """Make a sender's own time zone known to the parser; a broken one stays unknown."""
    with contextlib.suppress(*PARSER_FAULTS):
        icalendar.Timezone.from_ical(joined(lines))


def _calendar(calendar: icalendar.Component) -> CalendarObject:
    components = tuple(
        _component(each) for each in calendar.subcomponents if each.name != "VTIMEZONE"
    )
    return CalendarObject(method=_text(calendar, "METHOD").strip().upper(), components=components)


def _component(component: icalendar.Component) -> CalendarComponent:
    return CalendarComponent(
        name=str(component.name),
        uid=_text(component, "UID").strip(),
        sequence=_sequence(component),
        dtstamp=_instant(component, "DTSTAMP"),
        recurrence_id=_instant(component, "RECURRENCE-ID"),
        has_recurrence_id="RECURRENCE-ID" in component,
        starts_at=_instant(component, "DTSTART"),
        ends_at=_instant(component, "DTEND"),
        organizer=normal_address(_text(component, "ORGANIZER")),
        attendees=tuple(_attendee(x) for x in _values(component, "ATTENDEE")[:MAX_ATTENDEES]),
        comment="\n".join(_plain(each) for each in _values(component, "COMMENT"))[:MAX_TEXT],
        summary=_text(component, "SUMMARY"),
        location=_text(component, "LOCATION"),
        status=_text(component, "STATUS").strip().upper(),
        request_status=tuple(_plain(each) for each in _values(component, "REQUEST-STATUS")),
    )


def _values(component: icalendar.Component, name: str) -> list[Any]:
    """Return all values of a property, readable ones only; icalendar lists just the repeated."""
    found = component.get(name, [])
    values = found if isinstance(found, list) else [found]
    return [each for each in values if not isinstance(each, vBroken)]


def _text(component: icalendar.Component, name: str) -> str:
    values = _values(component, name)
    return _plain(values[0]) if values else ""


def _plain(value: object) -> str:
    """Return a value as text without control characters, cut to a length a page can show."""
    raw = value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)
    return "".join(c for c in raw[:MAX_TEXT] if c in SPACES or c.isprintable())


def _sequence(component: icalendar.Component) -> int | None:
    """Return SEQUENCE; None where absent, negative or past the 32 bits of RFC 5545 §3.3.8."""
    try:
        number = int(_text(component, "SEQUENCE"))
    except ValueError:
        return None
    return number if 0 <= number < 2**31 else None


def _instant(component: icalendar.Component, name: str) -> datetime | None:
    """Return a date-time as UTC; None for floating times, whose zone nobody stated or knows."""
    values = _values(component, name)
    moment = getattr(values[0], "dt", None) if values else None
    if isinstance(moment, datetime):
        return moment.astimezone(UTC) if moment.tzinfo is not None else None
    if isinstance(moment, date):
        return datetime.combine(moment, time(), tzinfo=UTC)
    return None


def _attendee(value: Any) -> Attendee:  # noqa: ANN401 -- icalendar's address type is untyped
    params = getattr(value, "params", {})
    return Attendee(
        address=normal_address(_plain(value)),
        partstat=_first(params.get("PARTSTAT", "")).strip().upper() or "NEEDS-ACTION",
        sent_by=normal_address(_first(params.get("SENT-BY", ""))),
        delegated_to=_addresses(params.get("DELEGATED-TO", ())),
        delegated_from=_addresses(params.get("DELEGATED-FROM", ())),
    )


def _first(value: object) -> str:
    """Return a parameter's value; icalendar gives a list where a sender wrote several."""
    if isinstance(value, list | tuple):
        return str(value[0]) if value else ""
    return str(value)


def _addresses(value: object) -> tuple[str, ...]:
    values = value if isinstance(value, list | tuple) else (value,)
    return tuple(normal_address(str(each)) for each in values if str(each))
