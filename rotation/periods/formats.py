"""Dates, times, weeks, numbers and ages as people read them; each language is a row of data."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo
from decimal import ROUND_HALF_UP, Decimal
from zoneinfo import ZoneInfo

NBSP = "\u00a0"
MINUS = "\u2212"
NOTHING = "–"

Number = int | float | Decimal


@dataclass(frozen=True, kw_only=True)
class Style:
    """How one language writes; the patterns are str.format templates."""

    weekdays: tuple[str, ...]
    months: tuple[str, ...]
    day: str
    clock: str
    zoned: str
    week: str
    week_of_year: str
    decimal_mark: str
    group_mark: str
    percent: str
    units: Mapping[str, tuple[str, str]]
    past: str
    future: str
    just_now: str
    near_days: Mapping[int, str]


GERMAN = Style(
    weekdays=("Mo", "Di", "Mi", "Do", "Fr", "Sa", "So"),
    months=("Jan", "Feb", "Mär", "Apr", "Mai", "Jun", "Jul", "Aug", "Sep", "Okt", "Nov", "Dez"),
    day="{weekday}, {day:02}.{month:02}.{year:04}",
    clock=f"{{clock}}{NBSP}Uhr",
    zoned="{here} ({place}) · {there} bei Ihnen",
    week=f"KW{NBSP}{{week}}",
    week_of_year=f"KW{NBSP}{{week}}/{{year}}",
    decimal_mark=",",
    group_mark=".",
    percent=f"{{number}}{NBSP}%",
    units={
        "minute": ("Minute", "Minuten"),
        "hour": ("Stunde", "Stunden"),
        "day": ("Tag", "Tagen"),
        "week": ("Woche", "Wochen"),
        "month": ("Monat", "Monaten"),
        "year": ("Jahr", "Jahren"),
    },
    past="vor {amount}",
    future="in {amount}",
    just_now="gerade eben",
    near_days={-1: "gestern", 0: "heute", 1: "morgen"},
)
ENGLISH = Style(
    weekdays=("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"),
    months=("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"),
    day="{weekday} {day} {month_name} {year}",
    clock="{clock}",
    zoned="{here} ({place}) · {there} for you",
    week="W{week}",
    week_of_year=f"W{{week}}{NBSP}{{year}}",
    decimal_mark=".",
    group_mark=",",
    percent="{number}%",
    units={
        "minute": ("minute", "minutes"),
        "hour": ("hour", "hours"),
        "day": ("day", "days"),
        "week": ("week", "weeks"),
        "month": ("month", "months"),
        "year": ("year", "years"),
    },
    past="{amount} ago",
    future="in {amount}",
    just_now="just now",
    near_days={-1: "yesterday", 0: "today", 1: "tomorrow"},
)

# From this age on, the length of one unit, its name. Weeks up to half a year: visits are planned
# in weeks.
_AGES = (
    (timedelta(days=730), timedelta(days=365), "year"),
    (timedelta(days=182), timedelta(days=30), "month"),
    (timedelta(days=14), timedelta(days=7), "week"),
    (timedelta(days=1), timedelta(days=1), "day"),
    (timedelta(hours=1), timedelta(hours=1), "hour"),
    (timedelta(minutes=1), timedelta(minutes=1), "minute"),
)
# Across midnight people still count the hours of one evening.
_BY_THE_CLOCK = timedelta(hours=6)


def style(language: str) -> Style:
    """Return how `language` ("de", "de-at", "en", ...) writes; English where it is not known."""
    return GERMAN if language.partition("-")[0] == "de" else ENGLISH


def day_text(value: date, language: str, *, year: bool = True) -> str:
    """Return "Di, 19.01.2027" or "Tue 19 Jan 2027"; without `year` "Di, 19.01." or "Tue 19 Jan"."""
    how = style(language)
    text = how.day.format(
        weekday=how.weekdays[value.weekday()],
        day=value.day,
        month=value.month,
        month_name=how.months[value.month - 1],
        year=value.year,
    )
    return text if year else text.removesuffix(f"{value.year:04}").rstrip()


def clock_text(at: datetime, language: str, zone: tzinfo) -> str:
    """Return the time of day in `zone`: "10:00 Uhr" or "10:00"."""
    return style(language).clock.format(clock=_clock(at.astimezone(zone)))


def moment_text(at: datetime, language: str, zone: tzinfo) -> str:
    """Return "Di, 19.01.2027, 10:00 Uhr" or "Tue 19 Jan 2027, 10:00", both in `zone`."""
    return f"{day_text(at.astimezone(zone), language)}, {clock_text(at, language, zone)}"


def span_text(starts_at: datetime, ends_at: datetime, language: str, zone: tzinfo) -> str:
    """Return "Di, 19.01.2027, 10:00–11:30 Uhr"; both dates where it ends on another day.

    From midnight to midnight it is days without clocks: "Di, 19.01.2027 – Mi, 20.01.2027".
    """
    first, last = starts_at.astimezone(zone), ends_at.astimezone(zone)
    if first < last and first.time() == last.time() == time():
        return _days_text(first.date(), last.date() - timedelta(days=1), language)
    if first.date() == last.date():
        return f"{day_text(first, language)}, {_clocks(first, last, language)}"
    return f"{moment_text(first, language, zone)} – {moment_text(last, language, zone)}"


def span_for_viewer(
    starts_at: datetime,
    ends_at: datetime,
    language: str,
    *,
    zone: ZoneInfo,
    viewer_zone: ZoneInfo,
) -> str:
    """Return the span in `zone`, and in the viewer's zone where the clocks differ just then.

    "Tue 19 Jan 2027, 10:00–11:00 (Berlin) · 09:00–10:00 for you"; with the viewer's date where it
    is another day there.
    """
    here = span_text(starts_at, ends_at, language, zone)
    if have_same_clocks(zone, viewer_zone, at=(starts_at, ends_at)):
        return here
    first, last = starts_at.astimezone(viewer_zone), ends_at.astimezone(viewer_zone)
    same_day = first.date() == last.date() == starts_at.astimezone(zone).date()
    there = (
        _clocks(first, last, language)
        if same_day
        else span_text(starts_at, ends_at, language, viewer_zone)
    )
    return style(language).zoned.format(here=here, place=place_name(zone), there=there)


def have_same_clocks(zone: tzinfo, other: tzinfo, *, at: Iterable[datetime]) -> bool:
    """Return whether the clocks of both zones show the same at all these moments."""
    return zone == other or all(
        moment.astimezone(zone).utcoffset() == moment.astimezone(other).utcoffset() for moment in at
    )


def place_name(zone: ZoneInfo) -> str:
    """Return the city of a zone: "New York" of America/New_York; "UTC" stays."""
    return zone.key.rsplit("/", 1)[-1].replace("_", " ")


def week_text(value: date, language: str, *, year: bool = False) -> str:
    """Return the ISO week of a day: "KW 3" or "W3"; with `year` "KW 3/2027" or "W3 2027"."""
    iso = value.isocalendar()
    how = style(language)
    return (how.week_of_year if year else how.week).format(week=iso.week, year=iso.year)


def number_text(value: Number, language: str, *, places: int = 0, signed: bool = False) -> str:
    """Return "1.234,5" or "1,234.5", rounded half up to `places`; `signed` writes the plus too."""
    how = style(language)
    exact = Decimal(str(value)).quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)
    whole, _, fraction = f"{abs(exact):,f}".partition(".")
    digits = whole.replace(",", how.group_mark) + (how.decimal_mark + fraction if fraction else "")
    return f"{_sign(exact, signed=signed)}{digits}"


def hours_text(
    value: timedelta | Number, language: str, *, places: int = 1, signed: bool = False
) -> str:
    """Return "3,4 h" or "3.4 h"; a bare number is taken as hours."""
    digits = number_text(hours_of(value), language, places=places, signed=signed)
    return f"{digits}{NBSP}h"


def hours_of(value: timedelta | Number) -> Number:
    """Return a length of time in hours; a bare number is hours already."""
    return value / timedelta(hours=1) if isinstance(value, timedelta) else value


def percent_text(share: Number, language: str, *, places: int = 0) -> str:
    """Return a share of 1 as "18 %" or "18%"."""
    number = number_text(Decimal(str(share)) * 100, language, places=places)
    return style(language).percent.format(number=number)


def duration_text(value: timedelta) -> str:
    """Return "45 min", "2 h" or "1 h 30 min", the same in both languages."""
    hours, minutes = divmod(round(value / timedelta(minutes=1)), 60)
    parts = [(hours, "h"), (minutes, "min")]
    return " ".join(f"{n}{NBSP}{unit}" for n, unit in parts if n) or f"0{NBSP}min"


def age_text(then: date | datetime, now: datetime, language: str) -> str:
    """Return "vor 11 Wochen", "gestern", "in 3 Tagen" as seen at `now`.

    A date is compared by the calendar of `now`'s zone; an instant by the clock on the same day or
    some hours off, else by the calendar too: from Tuesday noon, Thursday at nine is in two days.
    Parts of a unit are dropped.
    """
    how = style(language)
    day = then.astimezone(now.tzinfo).date() if isinstance(then, datetime) else then
    days = (day - now.date()).days
    if isinstance(then, datetime) and (days == 0 or abs(then - now) < _BY_THE_CLOCK):
        near = abs(then - now) < timedelta(minutes=1)
        return how.just_now if near else _distance(then - now, how)
    return how.near_days.get(days) or _distance(timedelta(days=days), how)


def _distance(distance: timedelta, how: Style) -> str:
    length = abs(distance)
    unit, name = next((unit, name) for least, unit, name in _AGES if length >= least)
    count = length // unit
    word = how.units[name][count != 1]
    pattern = how.past if distance < timedelta() else how.future
    return pattern.format(amount=f"{count}{NBSP}{word}")


def _days_text(first: date, last: date, language: str) -> str:
    days = [day_text(day, language) for day in sorted({first, last})]
    return " – ".join(days)


def _clock(at: datetime) -> str:
    return f"{at:%H:%M}"


def _clocks(first: datetime, last: datetime, language: str) -> str:
    return style(language).clock.format(clock=f"{_clock(first)}–{_clock(last)}")


def _sign(value: Decimal, *, signed: bool) -> str:
    if value < 0:
        return MINUS
    return "+" if signed and value > 0 else ""
