"""The meetings in a calendar that a host gives: times, rules, exceptions; nobody's name."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from typing import Any, TypeVar

import icalendar
from icalendar.prop import vBroken

from rotation.calendars.errors import UnreadableCalendar
from rotation.calendars.lines import PARSER_FAULTS, ZONE_TABLE, Limits, content_lines, joined
from rotation.periods.intervals import Interval

LIMITS = Limits(size=5 * 1024 * 1024, lines=200_000, components=10_000)
MOST_DATES = 1_000
LONGEST_TEXT = 300
# What is not kept is never parsed: attendees, organizers and descriptions go no further.
KEPT = frozenset(
    {
        "BEGIN", "END", "UID", "RECURRENCE-ID", "DTSTART", "DTEND", "DURATION", "RRULE", "EXRULE",
        "EXDATE", "RDATE", "SUMMARY", "LOCATION", "STATUS", "CLASS",
    }
)  # fmt: skip
T = TypeVar("T")


class EventProblem(StrEnum):
    """Why an event of a calendar cannot become a series."""

    NONE = ""
    NO_UID = "no_uid"
    NO_TITLE = "no_title"
    ALL_DAY = "all_day"
    UNKNOWN_ZONE = "unknown_zone"
    NO_DURATION = "no_duration"
    CANCELLED = "cancelled"
    SEVERAL_RULES = "several_rules"
    TOO_MANY_DATES = "too_many_dates"
    THIS_AND_FUTURE = "this_and_future"
    UNREADABLE = "unreadable"
    RULE = "rule"
    TOO_LONG = "too_long"
    OVER = "over"


@dataclass(frozen=True, slots=True)
class CalendarEvent:
    """One event and its exceptions; `problem` says why it cannot become a series.

    Attributes:
        excluded_on: Local days that are left out (EXDATE, and single days that are cancelled).
        extra_on: Local days beside the rule (RDATE).
        moves: Local days whose meeting stands elsewhere (RECURRENCE-ID with another DTSTART).
    """

    uid: str
    title: str
    location: str = ""
    starts_at: datetime | None = None
    duration: timedelta = timedelta()
    time_zone: str = ""
    rrule: str = ""
    is_confidential: bool = False
    excluded_on: tuple[date, ...] = ()
    extra_on: tuple[date, ...] = ()
    moves: dict[date, Interval] = field(default_factory=dict)
    problem: EventProblem = EventProblem.NONE


class _Unsupported(Exception):  # noqa: N818 -- a fact, not a fault
    """The event cannot become a series; carries the `EventProblem`."""

    def __init__(self, problem: EventProblem) -> None:
        super().__init__(problem)
        self.problem = problem


def read_events(data: bytes) -> list[CalendarEvent]:
    """Return the events of a calendar, each with its exceptions, in the order of the file.

    Raises:
        CalendarTooLarge: more than `LIMITS` allow.
        UnreadableCalendar: there is no whole VCALENDAR, or the parser gave up on it.
    """
    lines, _ = content_lines(data, KEPT, LIMITS)
    with ZONE_TABLE:
        icalendar.use_zoneinfo()  # type: ignore[no-untyped-call]
        try:
            calendars = icalendar.Calendar.from_ical(joined(lines), multiple=True)
            found = [event for each in calendars for event in each.walk("VEVENT")]
            masters, others = _sorted(found)
            return [_event(master, others[_text(master, "UID")]) for master in masters]
        except PARSER_FAULTS as fault:
            raise UnreadableCalendar(problem=type(fault).__name__) from fault


Component = Any  # icalendar's components are untyped where we look into them


def _sorted(events: Iterable[Component]) -> tuple[list[Component], dict[str, list[Component]]]:
    """Return the events themselves, and the exceptions of each by UID."""
    masters: dict[str, Component] = {}
    others: dict[str, list[Component]] = defaultdict(list)
    for number, event in enumerate(events):
        uid = _text(event, "UID")
        if "RECURRENCE-ID" in event:
            others[uid].append(event)
        else:
            masters.setdefault(uid or f"#{number}", event)
    return list(masters.values()), others


def _event(master: Component, others: Sequence[Component]) -> CalendarEvent:
    uid, title = _text(master, "UID"), _text(master, "SUMMARY")
    try:
        return _supported(master, others, uid, title)
    except _Unsupported as error:
        return CalendarEvent(uid=uid, title=title, problem=error.problem)
    except PARSER_FAULTS:
        return CalendarEvent(uid=uid, title=title, problem=EventProblem.UNREADABLE)


def _supported(
    master: Component, others: Sequence[Component], uid: str, title: str
) -> CalendarEvent:
    """Return the event; raises `_Unsupported`."""
    _refuse_if(not uid or len(uid) > 255, EventProblem.NO_UID)  # noqa: PLR2004 -- RFC 5545's octets
    _refuse_if(not title, EventProblem.NO_TITLE)
    _refuse_if(_status(master) == "CANCELLED", EventProblem.CANCELLED)
    start = _moment(master, "DTSTART")
    first, zone = start.astimezone(UTC), getattr(start.tzinfo, "key", "UTC")
    excluded = {each.astimezone(start.tzinfo).date() for each in _dates(master, "EXDATE")}
    extra = {each.astimezone(start.tzinfo): None for each in _dates(master, "RDATE")}
    length = _length(master, start)
    moves = {
        at.date(): Interval(at, at.astimezone(UTC) + length)
        for at in extra
        if at.time() != start.time()
    }
    for other in others:
        _except(other, start, length, excluded, moves)
    return CalendarEvent(
        uid=uid,
        title=title,
        location=_text(master, "LOCATION"),
        starts_at=first,
        duration=length,
        time_zone=zone,
        rrule=_rule(master),
        is_confidential=_text(master, "CLASS").upper() in {"PRIVATE", "CONFIDENTIAL"},
        excluded_on=tuple(sorted(excluded)),
        extra_on=tuple(sorted({at.date() for at in extra})),
        moves=moves,
    )


def _refuse_if(condition: bool, problem: EventProblem) -> None:  # noqa: FBT001 -- reads well
    if condition:
        raise _Unsupported(problem)


def _except(
    other: Component,
    start: datetime,
    length: timedelta,
    excluded: set[date],
    moves: dict[date, Interval],
) -> None:
    """Add one exception: a day that is cancelled, or stands elsewhere."""
    found = other.get("RECURRENCE-ID")
    ranged = getattr(found, "params", {}).get("RANGE", "")
    _refuse_if(str(ranged).upper() == "THISANDFUTURE", EventProblem.THIS_AND_FUTURE)
    day = _moment(other, "RECURRENCE-ID").astimezone(start.tzinfo).date()
    if _status(other) == "CANCELLED":
        excluded.add(day)
        return
    at = _moment(other, "DTSTART")
    length = _length(other, at, default=length)
    moves[day] = Interval(at, at.astimezone(UTC) + length)


def _status(component: Component) -> str:
    return _text(component, "STATUS").upper()


def _rule(component: Component) -> str:
    """Return the RRULE as text; empty for a single meeting."""
    rules = _values(component, "RRULE")
    _refuse_if(len(rules) > 1 or "EXRULE" in component, EventProblem.SEVERAL_RULES)
    rule = str(rules[0].to_ical().decode().upper()) if rules else ""
    _refuse_if(not rule and "RRULE" in component, EventProblem.RULE)
    return rule


def _length(component: Component, start: datetime, default: timedelta = timedelta()) -> timedelta:
    """Return how long the event is, in real time."""
    if "DTEND" in component:
        length = _moment(component, "DTEND").astimezone(UTC) - start.astimezone(UTC)
    elif "DURATION" in component:
        length = component["DURATION"].dt
    else:
        length = default
    _refuse_if(length <= timedelta(), EventProblem.NO_DURATION)
    return length


def _moment(component: Component, name: str) -> datetime:
    """Return a moment in its own zone; raises `_Unsupported`."""
    values = _values(component, name)
    _refuse_if(not values, EventProblem.UNREADABLE)
    return _aware(getattr(values[0], "dt", None))


def _aware(value: object) -> datetime:
    if not isinstance(value, datetime):
        raise _Unsupported(
            EventProblem.ALL_DAY if isinstance(value, date) else EventProblem.UNREADABLE
        )
    if value.tzinfo is None:
        raise _Unsupported(EventProblem.UNKNOWN_ZONE)
    return value


def _dates(component: Component, name: str) -> list[datetime]:
    """Return the moments of EXDATE or RDATE, whose values are lists."""
    found = [each.dt for group in _values(component, name) for each in getattr(group, "dts", ())]
    _refuse_if(len(found) > MOST_DATES, EventProblem.TOO_MANY_DATES)
    return [_aware(each) for each in found]


def _values(component: Component, name: str) -> list[Any]:
    found = component.get(name, [])
    values = found if isinstance(found, list) else [found]
    return [each for each in values if not isinstance(each, vBroken)]


def _text(component: Component, name: str) -> str:
    """Return a property as one line that pages and mails can carry."""
    values = _values(component, name)
    raw = str(values[0]) if values else ""
    line = "".join(c if c.isprintable() else " " for c in raw[:LONGEST_TEXT])
    return " ".join(line.split())
