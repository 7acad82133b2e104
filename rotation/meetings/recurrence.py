"""Recurrence rules that a series may have (RFC 5545 section 3.3.10), and when they fall; pure."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from dateutil.rrule import rrulestr

from rotation.periods.weeks import is_plannable

FREQUENCIES = frozenset({"DAILY", "WEEKLY", "MONTHLY"})
PARTS = frozenset({"FREQ", "INTERVAL", "COUNT", "UNTIL", "BYDAY", "BYMONTHDAY", "BYSETPOS", "WKST"})
LARGEST_INTERVAL = 52
LARGEST_COUNT = 1000
LARGEST_MONTHDAY = 31
# One rule, no second line: dateutil would take one for another rule or a list of dates.
_RULE = re.compile(r"[A-Z0-9=;,+-]+")
_UNTIL = re.compile(r"UNTIL=(\d{8})")
_UNTIL_UTC = re.compile(r"UNTIL=(\d{8}T\d{6})Z")


def rule_fault(rrule: str) -> str | None:
    """Return the part of `rrule` that a series may not have; None when the rule is fine.

    Only DAILY, WEEKLY and MONTHLY rules with bounded parts: no rule can keep a worker busy.
    """
    parts = [part.partition("=")[::2] for part in rrule.split(";")]
    values = dict(parts)
    if len(values) != len(parts) or not set(values) <= PARTS or not _RULE.fullmatch(rrule):
        return next((name[:40] for name, _ in parts if name and name not in PARTS), rrule[:40])
    if values.get("FREQ") not in FREQUENCIES:
        return "FREQ"
    if "BYSETPOS" in values and values["FREQ"] != "MONTHLY":
        return "BYSETPOS"  # the fifth of a day's one is looked for up to the year 9999
    return _part_out_of_bounds(values) or _unreadable_part(rrule)


def _part_out_of_bounds(values: Mapping[str, str]) -> str | None:
    for name, largest in (("INTERVAL", LARGEST_INTERVAL), ("COUNT", LARGEST_COUNT)):
        if name in values and not _is_between(values[name], 1, largest):
            return name
    if {"COUNT", "UNTIL"} <= set(values):
        return "UNTIL"  # RFC 5545 section 3.3.10: one of both
    days = values.get("BYMONTHDAY", "1").split(",")
    if not all(_is_between(day.lstrip("+-"), 1, LARGEST_MONTHDAY) for day in days):
        return "BYMONTHDAY"
    return None


def _is_between(text: str, least: int, largest: int) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= 4 and least <= int(text) <= largest  # noqa: PLR2004 -- digits


def _unreadable_part(rrule: str) -> str | None:
    try:
        if (until := _UNTIL.search(rrule)) and not is_plannable(_day(until[1])):
            return "UNTIL"
        rrulestr(_local_until(rrule, ZoneInfo("UTC")), dtstart=datetime(2026, 1, 5))  # noqa: DTZ001 -- local time
    except (ValueError, TypeError, KeyError, AttributeError):
        return rrule[:40]
    return None


def _day(text: str) -> date:
    return date(int(text[:4]), int(text[4:6]), int(text[6:]))


def _local_until(rrule: str, zone: ZoneInfo) -> str:
    """Return the rule with an UNTIL of UTC in local time, as the rule is expanded there."""
    match = _UNTIL_UTC.search(rrule)
    if match is None:
        return rrule
    until = datetime.strptime(match[1], "%Y%m%dT%H%M%S").replace(tzinfo=UTC).astimezone(zone)
    return rrule.replace(match[0], f"UNTIL={until:%Y%m%dT%H%M%S}")


def occurrences(
    rrule: str, first: datetime, time_zone: str, *, after: datetime, until: datetime
) -> Iterator[datetime]:
    """Return the starts in [after, until) of a series that began at `first`, in UTC order.

    The wall clock of `time_zone` stays the same through clock changes; a start that the change
    skips is taken an hour later, one that it doubles is the first of both.
    """
    zone = ZoneInfo(time_zone)
    local_first = first.astimezone(zone).replace(tzinfo=None)
    if not rrule:
        if after <= first < until:
            yield first.astimezone(UTC)
        return
    rule = rrulestr(_local_until(rrule, zone), dtstart=local_first)
    # A day more on both sides: the zone's offset moves the window's edges.
    window = (
        after.astimezone(zone).replace(tzinfo=None) - timedelta(days=1),
        until.astimezone(zone).replace(tzinfo=None) + timedelta(days=1),
    )
    for local in rule.between(*window, inc=True):
        start = local.replace(tzinfo=zone).astimezone(UTC)
        if after <= start < until:
            yield start


@dataclass(frozen=True, slots=True)
class RecurrenceSet:
    """Which days hold a meeting (RFC 5545 section 3.8.5): the rule, less and more single days.

    A day holds at most one: the rules that are taken come round at one time of day.

    Attributes:
        first: The first start; its wall clock in `time_zone` is that of every day.
    """

    rrule: str
    first: datetime
    time_zone: str
    excluded_on: frozenset[date] = frozenset()
    extra_on: frozenset[date] = frozenset()

    def starts(self, *, after: datetime, until: datetime) -> dict[date, datetime]:
        """Return the starts in [after, until), in UTC, by their local days, in order."""
        zone = ZoneInfo(self.time_zone)
        by_rule = occurrences(self.rrule, self.first, self.time_zone, after=after, until=until)
        days = {start.astimezone(zone).date(): start for start in by_rule}
        for day in self.extra_on:
            start = self._on(day, zone)
            if after <= start < until:
                days.setdefault(day, start)
        return {day: days[day] for day in sorted(days) if day not in self.excluded_on}

    def _on(self, day: date, zone: ZoneInfo) -> datetime:
        wall_clock = self.first.astimezone(zone).time()
        return datetime.combine(day, wall_clock, zone).astimezone(UTC)
