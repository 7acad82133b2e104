"""VTIMEZONE components with two yearly rules, made from the pinned tz database.

Calendar programs read the rules in a VTIMEZONE and little else: lists of RDATEs put meetings an
hour off. The last line of a TZif file (RFC 9636 section 3.3) is a POSIX rule for all times after
the last listed transition; where that rule is yearly and simple it becomes two RRULEs.
"""

import importlib.resources
import re
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cache
from itertools import pairwise
from zoneinfo import ZoneInfo

from icalendar import Timezone, TimezoneDaylight, TimezoneStandard

# Every component starts in this year, so that all programs expand the same few dozen years.
FIRST_YEAR = 1970
LAST_WEEK = 5
WEEKDAYS = ("SU", "MO", "TU", "WE", "TH", "FR", "SA")
HEADER_LENGTH = 44

_NAME = r"(<[+\-\w]+>|[A-Za-z]+)"
_OFFSET = r"([+-]?\d+(?::\d+)*)"
_FOOTER = re.compile(rf"{_NAME}{_OFFSET}(?:{_NAME}{_OFFSET}?,([^,]+),([^,]+))?")
_RULE = re.compile(rf"M(\d+)\.(\d)\.(\d)(?:/{_OFFSET})?")


@dataclass(frozen=True)
class YearlyRule:
    """The `week`-th `weekday` (0 is Sunday) of a month at a wall time; week 5 is the last."""

    month: int
    week: int
    weekday: int
    at: timedelta

    def onset(self, year: int) -> datetime:
        """Return the wall time of the change in `year`, as the clocks show it just before."""
        if self.week == LAST_WEEK:
            end = date(year + self.month // 12, self.month % 12 + 1, 1) - timedelta(days=1)
            day = end - timedelta(days=(end.isoweekday() - self.weekday) % 7)
        else:
            start = date(year, self.month, 1)
            ahead = (self.weekday - start.isoweekday()) % 7 + 7 * (self.week - 1)
            day = start + timedelta(days=ahead)
        return datetime(day.year, day.month, day.day) + self.at  # noqa: DTZ001  wall time

    @property
    def is_expressible(self) -> bool:
        """Whether one BYDAY and one BYMONTH say it: the change falls on the rule's own day."""
        return timedelta(0) <= self.at < timedelta(days=1)


@dataclass(frozen=True)
class Observance:
    """One half of a zone's year: the offset, its short name and when it starts, if it ever does."""

    name: str
    offset: timedelta
    starts: YearlyRule | None = None


@dataclass(frozen=True)
class Zone:
    """What is needed of a zone: its yearly halves and from which instant on they hold."""

    key: str
    observances: tuple[Observance, ...]
    holds_from: datetime

    @property
    def is_expressible(self) -> bool:
        """Whether two plain yearly RRULEs, or one fixed offset, describe the zone better than Z."""
        if self.observances == (Observance("UTC", timedelta(0)),):
            return False
        return all(one.starts is None or one.starts.is_expressible for one in self.observances)


@cache
def zone_names() -> frozenset[str]:
    """Return the names of all zones of the pinned tz database."""
    listing = importlib.resources.files("tzdata").joinpath("zones").read_text(encoding="ascii")
    return frozenset(listing.split())


def vtimezone(key: str, *, since: datetime) -> Timezone | None:
    """Return the zone's VTIMEZONE, right for every time from `since` on.

    None where two yearly rules cannot say it (Cairo, Gaza), where the rules start only after
    `since` (a country that is about to change), where the zone is UTC or its name unknown: write
    UTC then.
    RFC 5545 section 3.6.5; MS-OXCICAL 2.1.3.1.1.19.2.2.
    """
    if key not in zone_names():
        return None
    zone = _zone(key)
    if since < zone.holds_from or not zone.is_expressible:
        return None
    component = Timezone()
    component.add("TZID", zone.key)
    for before, observance in _with_predecessors(zone.observances):
        component.add_component(_subcomponent(observance, before))
    return component


def _with_predecessors(
    observances: tuple[Observance, ...],
) -> Iterator[tuple[Observance, Observance]]:
    """Yield each observance after the one it follows in the year; a lone one follows itself."""
    yield from pairwise((observances[-1], *observances))


def _subcomponent(
    observance: Observance, before: Observance
) -> TimezoneDaylight | TimezoneStandard:
    """Return a STANDARD or DAYLIGHT part; summer is whatever is further ahead (Dublin)."""
    is_summer = observance.offset > before.offset
    part = TimezoneDaylight() if is_summer else TimezoneStandard()
    rule = observance.starts
    part.add("DTSTART", rule.onset(FIRST_YEAR) if rule else datetime(FIRST_YEAR, 1, 1))  # noqa: DTZ001
    part.add("TZOFFSETFROM", before.offset)
    part.add("TZOFFSETTO", observance.offset)
    part.add("TZNAME", observance.name)
    if rule:
        number = -1 if rule.week == LAST_WEEK else rule.week
        day = f"{number}{WEEKDAYS[rule.weekday]}"
        part.add("RRULE", {"FREQ": "YEARLY", "BYMONTH": rule.month, "BYDAY": day})
    return part


@cache
def _zone(key: str) -> Zone:
    data = importlib.resources.files("tzdata").joinpath("zoneinfo", *key.split("/")).read_bytes()
    observances = _observances(data.rstrip(b"\n").rpartition(b"\n")[2].decode("ascii"))
    return Zone(key, observances, _holds_from(key, observances, _listed_transitions(data)))


def _observances(footer: str) -> tuple[Observance, ...]:
    """Return the halves of the year that a POSIX TZ string names, in the order of the year."""
    match = _FOOTER.fullmatch(footer)
    if match is None:
        raise ValueError(f"unknown tz rule {footer!r}")
    standard, west, summer, summer_west, to_summer, to_standard = match.groups()
    offset = -_posix_time(west)
    if summer is None:
        return (Observance(standard.strip("<>"), offset),)
    ahead = -_posix_time(summer_west) if summer_west else offset + timedelta(hours=1)
    halves = (
        Observance(summer.strip("<>"), ahead, _rule(to_summer)),
        Observance(standard.strip("<>"), offset, _rule(to_standard)),
    )
    return tuple(sorted(halves, key=lambda half: half.starts.month if half.starts else 0))


def _rule(text: str) -> YearlyRule:
    """Return the rule Mm.w.d/time; the tz database's compiler writes no other kind for a year."""
    match = _RULE.fullmatch(text)
    if match is None:
        raise ValueError(f"unknown tz rule {text!r}")
    month, week, weekday = (int(number) for number in match.groups()[:3])
    at = _posix_time(match[4]) if match[4] else timedelta(hours=2)
    return YearlyRule(month, week, weekday, at)


def _posix_time(text: str) -> timedelta:
    """Return [+-]h[:m[:s]] as a duration; POSIX counts zone offsets westward."""
    hours, minutes, seconds = (*text.lstrip("+-").split(":"), "0", "0")[:3]
    size = timedelta(hours=int(hours), minutes=int(minutes), seconds=int(seconds))
    return -size if text.startswith("-") else size


def _listed_transitions(data: bytes) -> tuple[int, ...]:
    """Return the instants of the 64-bit block of a TZif file, seconds since 1970 (RFC 9636)."""
    is_utc, is_std, leaps, times, types, chars = _counts(data)
    block = HEADER_LENGTH + times * 5 + types * 6 + chars + leaps * 8 + is_std + is_utc
    times = _counts(data[block:])[3]
    return struct.unpack_from(f">{times}q", data, block + HEADER_LENGTH)


def _counts(header: bytes) -> tuple[int, ...]:
    return struct.unpack_from(">6L", header, 20)


def _holds_from(key: str, observances: tuple[Observance, ...], listed: tuple[int, ...]) -> datetime:
    """Return the first instant after which the yearly rules and the listed transitions agree.

    Both are constant between the instants looked at, so that agreement there is agreement
    everywhere; after the last listed transition the rules hold by definition.
    """
    zone = _load(key)
    epoch = datetime(FIRST_YEAR, 1, 1, tzinfo=UTC)
    after_epoch = [epoch + timedelta(seconds=second) for second in listed if second > 0]
    changes = sorted({*after_epoch, *_changes(observances, after_epoch), epoch})
    wrong = [
        at for at in changes if at.astimezone(zone).utcoffset() != _offset_by_rule(observances, at)
    ]
    return next(at for at in changes if not wrong or at > wrong[-1])


def _load(key: str) -> ZoneInfo:
    """Return the zone of the pinned database, whatever search path the process has."""
    resource = importlib.resources.files("tzdata").joinpath("zoneinfo", *key.split("/"))
    with resource.open("rb") as file:
        return ZoneInfo.from_file(file, key=key)


def _changes(observances: tuple[Observance, ...], listed: list[datetime]) -> Iterator[datetime]:
    """Yield the instants at which the rules change the offset, up to the last listed year."""
    for year in range(FIRST_YEAR, (listed[-1].year if listed else FIRST_YEAR) + 2):
        for before, observance in _with_predecessors(observances):
            if observance.starts:
                wall = observance.starts.onset(year).replace(tzinfo=UTC)
                yield wall - before.offset


def _offset_by_rule(observances: tuple[Observance, ...], at: datetime) -> timedelta:
    """Return the offset the rules give at `at`: that of the observance that started last."""
    started = [(datetime.min.replace(tzinfo=UTC), observances[-1].offset)]
    for year in (at.year - 1, at.year, at.year + 1):
        for before, observance in _with_predecessors(observances):
            if observance.starts:
                onset = observance.starts.onset(year).replace(tzinfo=UTC) - before.offset
                started.append((onset, observance.offset))
    return max(pair for pair in started if pair[0] <= at)[1]
