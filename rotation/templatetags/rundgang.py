"""The tags and filters every template has; templates/components/README.md shows each in use.

They turn values into words and marks and decide nothing.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from django import template
from django.core.paginator import Page
from django.forms.utils import flatatt
from django.http import HttpRequest
from django.template.context import Context
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language
from lucide.templatetags.lucide import lucide

from rotation.periods import formats
from rotation.periods.formats import NOTHING, Number
from rotation.web import charts, components

register = template.Library()


def _language() -> str:
    return get_language() or "en"


# --- Dates and numbers --------------------------------------------------------------------------
@register.filter
def day(value: date | datetime | None, parts: str = "") -> str:
    """Return "Di, 19.01.2027"; `|day:"short"` leaves the year out."""
    if value is None:
        return NOTHING
    local = timezone.localtime(value) if isinstance(value, datetime) else value
    return formats.day_text(local, _language(), year=parts != "short")


@register.filter
def clock(value: datetime | None) -> str:
    """Return "10:00 Uhr" in the viewer's zone."""
    zone = timezone.get_current_timezone()
    return NOTHING if value is None else formats.clock_text(value, _language(), zone)


@register.filter
def moment(value: datetime | None) -> str:
    """Return "Di, 19.01.2027, 10:00 Uhr" in the viewer's zone."""
    zone = timezone.get_current_timezone()
    return NOTHING if value is None else formats.moment_text(value, _language(), zone)


@register.filter
def week(value: date | None, parts: str = "") -> str:
    """Return "KW 3"; `|week:"year"` adds the year."""
    if value is None:
        return NOTHING
    return formats.week_text(value, _language(), year=parts == "year")


@register.filter
def number(value: Number | None, places: int = 0) -> str:
    """Return "1.234,5"."""
    return NOTHING if value is None else formats.number_text(value, _language(), places=places)


@register.filter
def hours(value: timedelta | Number | None, places: int = 1) -> str:
    """Return "3,4 h" of a length of time or of a number of hours."""
    return NOTHING if value is None else formats.hours_text(value, _language(), places=places)


@register.filter
def minutes(value: int | None, places: int = 1) -> str:
    """Return "3,4 h" of 204 minutes."""
    return NOTHING if value is None else hours(timedelta(minutes=value), places)


@register.filter
def signed_hours(value: timedelta | Number | None, places: int = 1) -> str:
    """Return "+3,4 h" or "−3,4 h"."""
    if value is None:
        return NOTHING
    return formats.hours_text(value, _language(), places=places, signed=True)


@register.filter
def percent(value: Number | None, places: int = 0) -> str:
    """Return "18 %" of 0.18."""
    return NOTHING if value is None else formats.percent_text(value, _language(), places=places)


@register.filter
def duration(value: timedelta | None) -> str:
    """Return "1 h 30 min"."""
    return NOTHING if value is None else formats.duration_text(value)


@register.filter
def age(value: date | datetime | None) -> str:
    """Return "vor 11 Wochen" as seen now."""
    now = timezone.localtime()
    return NOTHING if value is None else formats.age_text(value, now, _language())


@register.simple_tag
def when(starts_at: datetime, ends_at: datetime, zone: str | ZoneInfo | None = None) -> str:
    """Return a span of time in `zone`, and in the viewer's zone too where the clocks differ."""
    viewer_zone = ZoneInfo(timezone.get_current_timezone_name())
    return formats.span_for_viewer(
        starts_at,
        ends_at,
        _language(),
        zone=ZoneInfo(str(zone)) if zone else viewer_zone,
        viewer_zone=viewer_zone,
    )


# --- Icons and chips ----------------------------------------------------------------------------
@lru_cache(maxsize=256)
def _icon(name: str, size: int) -> SafeString:
    # The markup comes from the lucide package, not from a person.
    return mark_safe(lucide(name, size=size, aria_hidden="true", focusable="false"))  # noqa: S308


@register.simple_tag
def icon(name: str, size: int = 16) -> SafeString:
    """Return a lucide icon that screen readers pass over; say the same in words beside it."""
    return _icon(name, size)


@register.simple_tag
def chip(kind: str, icon_name: str, label: str) -> SafeString:
    """Return a chip: `kind` is proposed, ok, warn, bad, swap, off or quiet."""
    return _chip(components.Chip(kind, icon_name, label))


@register.simple_tag
def state_chip(state: str) -> SafeString:
    """Return the chip of a booking's state."""
    return _chip(components.state_chip(state))


@register.simple_tag
def partstat_chip(partstat: str) -> SafeString:
    """Return the chip of a guest's answer."""
    return _chip(components.partstat_chip(partstat))


@register.simple_tag
def traffic_light(light: str) -> SafeString:
    """Return the chip of "green", "amber", "red" or "unknown"."""
    return _chip(components.traffic_light(light))


def _chip(what: components.Chip) -> SafeString:
    return _chip_of(what.kind, what.icon, str(what.label))


@lru_cache(maxsize=256)
def _chip_of(kind: str, icon_name: str, label: str) -> SafeString:
    return format_html(
        '<span class="r-chip r-chip--{}">{}{}</span>', kind, _icon(icon_name, 14), label
    )


# --- Figures ------------------------------------------------------------------------------------
@register.inclusion_tag("components/capacity_bar.html")
def capacity_bar(
    reactive: timedelta | Number,
    proactive: timedelta | Number,
    capacity: timedelta | Number,
    absent: timedelta | Number = 0,
    *,
    slim: bool = False,
    text: bool = True,
) -> dict[str, object]:
    """Draw the hours of a week; `text=False` where the same hours stand beside it."""
    bar = components.CapacityBar(
        reactive=reactive, proactive=proactive, capacity=capacity, absent=absent
    )
    return {"bar": bar, "slim": slim, "text": text}


@register.inclusion_tag("components/legend.html")
def capacity_legend(*, line: bool = False, expected: bool = False) -> dict[str, object]:
    """Name the colours of bars and columns; of a chart its line and what is expected, too."""
    return {"line": line, "expected": expected}


@register.inclusion_tag("components/heat_cell.html")
def heat_cell(value: Number, full: Number = 4, href: str = "") -> dict[str, object]:
    """Draw one cell of a heat table; `full` is the value of the darkest shade."""
    return {"value": value, "step": components.heat_step(value, full), "href": href}


@register.inclusion_tag("components/kpi.html")
def kpi(
    label: str, value: object, note: str = "", href: str = "", trend: str = ""
) -> dict[str, object]:
    """Draw a figure with its name; `trend` "up" or "down" marks the note as better or worse."""
    return {"label": label, "value": value, "note": note, "href": href, "trend": trend}


@register.inclusion_tag("components/week_chart.html")
def week_chart(chart: charts.WeekChart) -> dict[str, object]:
    """Draw the columns of `charts.WeekChart` with their table."""
    return {"chart": chart, "svg": charts.week_columns(chart, _language())}


# --- Forms --------------------------------------------------------------------------------------
OptionGroup = tuple[str | None, Sequence[Mapping[str, Any]], int]


@register.simple_tag
def select_options(groups: Iterable[OptionGroup]) -> SafeString:
    """Return the options of a select box: a template takes longer for them than for its page."""
    return mark_safe("".join(map(_option_group, groups)))  # noqa: S308 -- each part is escaped


def _option_group(group: OptionGroup) -> SafeString:
    """Return a named group with its options; Django puts each option without one into its own."""
    name, options, _ = group
    written = mark_safe("".join(map(_option, options)))  # noqa: S308 -- each part is escaped
    return format_html('<optgroup label="{}">{}</optgroup>', name, written) if name else written


def _option(option: Mapping[str, Any]) -> SafeString:
    attributes = flatatt(option["attrs"]) if option["attrs"] else ""
    return format_html(
        '<option value="{}"{}>{}</option>', option["value"], attributes, option["label"]
    )


# --- Blocks -------------------------------------------------------------------------------------
CALLOUT_ICONS: Mapping[str, str] = {
    "info": "info",
    "ok": "circle-check",
    "warn": "triangle-alert",
    "bad": "octagon-alert",
}


@register.simple_block_tag
def callout(content: str, kind: str = "info", title: str = "", role: str = "") -> str:
    """Draw a box: `kind` is info, ok, warn or bad; `role="alert"` where htmx puts it in."""
    values = {
        "content": content,
        "kind": kind,
        "title": title,
        "role": role,
        "icon_name": CALLOUT_ICONS[kind],
    }
    return render_to_string("components/callout.html", values)


@register.simple_block_tag
def empty_state(content: str, icon_name: str, title: str) -> str:
    """Draw what a list shows when it is empty: what to do, and in `content` the way there."""
    values = {"content": content, "icon_name": icon_name, "title": title}
    return render_to_string("components/empty_state.html", values)


@register.inclusion_tag("components/pager.html", takes_context=True)
def pager(context: Context, page: Page[object]) -> dict[str, object]:
    """Draw "1–25 of 312" with the ways to the pages before and after."""
    return {"page": page, "request": context["request"]}


@register.inclusion_tag("components/sort_header.html", takes_context=True)
def sort_header(
    context: Context, field: str, label: str, css: str = "", *, default: bool = False
) -> dict[str, object]:
    """Draw a column's head that sorts by `?sort=field`; `default` marks the order without it."""
    request: HttpRequest = context["request"]
    current = request.GET.get("sort") or (field if default else "")
    order = {field: "ascending", f"-{field}": "descending"}.get(current, "none")
    target = f"-{field}" if order == "ascending" else field
    return {"order": order, "target": target, "label": label, "css": css, "request": request}


# --- Frame --------------------------------------------------------------------------------------
@register.simple_tag(takes_context=True)
def theme(context: Context) -> str:
    """Return the viewer's theme: the signed-in user's, else the browser's cookie, else system."""
    request = context.get("request")
    if request is None:
        return "system"
    user = getattr(request, "user", None)
    chosen = getattr(user, "theme", None) or request.COOKIES.get("theme")
    return chosen if chosen in {"light", "dark"} else "system"
