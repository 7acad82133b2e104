"""Charts as SVG made on the server: the same picture on the page, in a PDF and in a mail."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import count

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from rotation.periods.formats import hours_text, number_text, week_text

WIDTH, HEIGHT = 560, 232
LEFT, RIGHT, TOP, BOTTOM = 48, 4, 12, 24
GRID_LINES = 4
LABELS_FIT = 14
# Colours that are close in lightness need a gap between them.
GAP = 2
# An hour of visits beside a thousand of tickets is still to be seen; its figure is in the table.
LEAST_HEIGHT = 3

Attributes = Mapping[str, str | float]
Palette = Mapping[str, Mapping[str, str]]

SCREEN: Palette = {
    "reactive": {"class": "r-c-reactive"},
    "expected": {"class": "r-c-expected"},
    "proactive": {"class": "r-c-proactive"},
    "grid": {"class": "r-c-grid"},
    "line": {"class": "r-c-line"},
    "text": {},
}
# A printed chart stands without the style sheet, so its colours are attributes; the dashed edge
# tells the two series apart on a grey printer.
PRINT: Palette = {
    "reactive": {"fill": "#A8430A"},
    "expected": {"fill": "#EAD3C6", "stroke": "#A8430A", "stroke-dasharray": "3 2"},
    "proactive": {"fill": "#1A93A0", "stroke": "#0A565E", "stroke-dasharray": "2 2"},
    "grid": {"stroke": "#D3D9E1"},
    "line": {"fill": "none", "stroke": "#18212D", "stroke-width": "1.5", "stroke-dasharray": "4 3"},
    "text": {"fill": "#525D6B", "font-size": "11.5", "font-family": "sans-serif"},
}
PALETTES = {"screen": SCREEN, "print": PRINT}


@dataclass(frozen=True, kw_only=True)
class WeekColumn:
    """One week's hours; those on tickets may be expected ones, as the week is not over."""

    week: date
    reactive_hours: float
    proactive_hours: float
    available_hours: float
    is_expected: bool = False


@dataclass(frozen=True, kw_only=True)
class WeekChart:
    """Hours on tickets and on visits, week by week, against the hours that were there."""

    title: str
    rows: Sequence[WeekColumn]
    palette: str = "screen"
    ident: str = "chart"

    @property
    def has_expected(self) -> bool:
        """Whether any week's hours on tickets are expected ones."""
        return any(row.is_expected for row in self.rows)


@dataclass(frozen=True)
class _Scale:
    """Where a column and an amount of hours lie in the picture."""

    top_hours: float
    columns: int

    @property
    def pitch(self) -> float:
        return (WIDTH - LEFT - RIGHT) / max(self.columns, 1)

    @property
    def bar_width(self) -> float:
        return min(self.pitch * 0.64, 48)

    def x(self, column: int) -> float:
        return LEFT + self.pitch * (column + 0.5)

    def y(self, hours: float) -> float:
        return TOP + (HEIGHT - TOP - BOTTOM) * (1 - hours / self.top_hours)


def week_columns(chart: WeekChart, language: str) -> SafeString:
    """Return the chart as one `<svg>`: columns of hours and the line of available hours.

    Its title and description are read out; put the same figures in a table beside it.
    """
    palette = PALETTES[chart.palette]
    scale = _Scale(_top_hours(chart.rows), len(chart.rows))
    title, description = f"{chart.ident}-title", f"{chart.ident}-description"
    parts = [
        _element("title", {"id": title}, chart.title),
        _element("desc", {"id": description}, _description(chart.rows, language)),
        *_grid(scale, palette, language),
        *_columns(chart.rows, scale, palette),
        *_week_labels(chart.rows, scale, palette, language),
        _available_line(chart.rows, scale, palette),
    ]
    frame = {
        "xmlns": "http://www.w3.org/2000/svg",
        "class": "r-chart",
        "viewBox": f"0 0 {WIDTH} {HEIGHT}",
        "role": "img",
        "aria-labelledby": f"{title} {description}",
    }
    return _element("svg", frame, format_html_join("", "{}", ((part,) for part in parts)))


def _top_hours(rows: Sequence[WeekColumn]) -> float:
    """Return a round number of hours that no column and no point of the line exceeds."""
    most = max((max(_sum(row), row.available_hours) for row in rows), default=0.0)
    steps = (factor * 10.0**power for power in count() for factor in (4, 8, 12, 16, 20, 32))
    return next(step for step in steps if step >= most)


def _sum(row: WeekColumn) -> float:
    return row.reactive_hours + row.proactive_hours


def _description(rows: Sequence[WeekColumn], language: str) -> str:
    if not rows:
        return _("No weeks to show.")
    reactive, proactive, available = (
        hours_text(sum(amounts), language, places=0)
        for amounts in zip(
            *((row.reactive_hours, row.proactive_hours, row.available_hours) for row in rows),
            strict=True,
        )
    )
    sums = _(
        "From %(first)s to %(last)s: %(reactive)s on tickets, %(proactive)s on visits,"
        " %(available)s available."
    ) % {
        "first": week_text(rows[0].week, language, year=True),
        "last": week_text(rows[-1].week, language, year=True),
        "reactive": reactive,
        "proactive": proactive,
        "available": available,
    }
    return f"{sums} {_expectation(rows, language)}".rstrip()


def _expectation(rows: Sequence[WeekColumn], language: str) -> str:
    week = next((row.week for row in rows if row.is_expected), None)
    if week is None:
        return ""
    return _("The hours on tickets are expected ones from %(week)s on.") % {
        "week": week_text(week, language, year=True)
    }


def _grid(scale: _Scale, palette: Palette, language: str) -> Iterator[SafeString]:
    for step in range(GRID_LINES + 1):
        hours = scale.top_hours * step / GRID_LINES
        y = scale.y(hours)
        ends: Attributes = {"x1": LEFT, "x2": WIDTH - RIGHT, "y1": y, "y2": y}
        yield _element("line", {**ends, **palette["grid"]})
        place: Attributes = {"x": LEFT - 6, "y": y + 4, "text-anchor": "end"}
        yield _element("text", {**place, **palette["text"]}, number_text(hours, language))


def _columns(rows: Sequence[WeekColumn], scale: _Scale, palette: Palette) -> Iterator[SafeString]:
    bottom = scale.y(0)
    for column, row in enumerate(rows):
        middle, low = scale.y(row.reactive_hours), scale.y(_sum(row))
        height = max(LEAST_HEIGHT, middle - low) if row.proactive_hours else 0.0
        gap = GAP if row.proactive_hours else 0
        kind = "expected" if row.is_expected else "reactive"
        left = scale.x(column) - scale.bar_width / 2
        for name, y, length in (
            (kind, middle + gap, max(0.0, bottom - middle - gap)),
            ("proactive", middle - height, height),
        ):
            box: Attributes = {"x": left, "y": y, "width": scale.bar_width, "height": length}
            yield _element("rect", {**box, **palette[name]})


def _week_labels(
    rows: Sequence[WeekColumn], scale: _Scale, palette: Palette, language: str
) -> Iterator[SafeString]:
    every = -(-len(rows) // LABELS_FIT)
    for column, row in enumerate(rows):
        if column % every == 0:
            place: Attributes = {"x": scale.x(column), "y": HEIGHT - 6, "text-anchor": "middle"}
            yield _element("text", {**place, **palette["text"]}, week_text(row.week, language))


def _available_line(rows: Sequence[WeekColumn], scale: _Scale, palette: Palette) -> SafeString:
    points = " ".join(
        f"{scale.x(column):.1f},{scale.y(row.available_hours):.1f}"
        for column, row in enumerate(rows)
    )
    return _element("polyline", {"points": points, **palette["line"]})


def _element(tag: str, attributes: Attributes, content: str | SafeString = "") -> SafeString:
    written = format_html_join(
        "",
        ' {}="{}"',
        (
            (name, f"{value:.1f}" if isinstance(value, float) else value)
            for name, value in attributes.items()
        ),
    )
    return format_html("<{}{}>{}</{}>", tag, written, content, tag)
