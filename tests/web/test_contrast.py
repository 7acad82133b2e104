import re
from itertools import product
from pathlib import Path

import pytest

TOKENS = Path("rotation/static/rotation/css/tokens.css").read_text(encoding="utf-8")
COLOURS = {
    name: {"light": light, "dark": dark}
    for name, light, dark in re.findall(
        r"--r-([\w-]+): light-dark\((#[0-9A-F]{6}), (#[0-9A-F]{6})\);", TOKENS
    )
}
TEXT, GRAPHIC = 4.5, 3.0
STATES = ("proposed", "ok", "warn", "bad", "swap", "off")
PAIRS = [
    *((fg, bg, TEXT) for fg, bg in product(("text", "muted"), ("bg", "surface", "surface-2"))),
    *(("accent", bg, TEXT) for bg in ("bg", "surface")),
    *(("accent-hover", bg, TEXT) for bg in ("bg", "surface")),
    *(("on-accent", bg, TEXT) for bg in ("accent", "accent-hover")),
    *((f"{state}-fg", f"{state}-bg", TEXT) for state in STATES),
    *((f"{kind}-fg", f"{kind}-bg", TEXT) for kind in ("reactive", "proactive")),
    *((f"heat-{step}-fg", f"heat-{step}-bg", TEXT) for step in range(5)),
    ("free-fg", "free", TEXT),
    ("bad-fg", "surface", TEXT),
    ("ok-fg", "surface", TEXT),
    *((f"{state}-bd", "surface", GRAPHIC) for state in STATES),
    *(("focus", bg, GRAPHIC) for bg in ("bg", "surface", "surface-2")),
    *((mark, "surface", GRAPHIC) for mark in ("border-strong", "reactive", "proactive")),
]


def luminance(colour: str) -> float:
    """Return the relative luminance (WCAG 2.2)."""
    channels = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    red, green, blue = (
        c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize(("front", "back", "least"), PAIRS)
def test_what_people_must_see_stands_out(theme: str, front: str, back: str, least: float) -> None:
    assert contrast(COLOURS[front][theme], COLOURS[back][theme]) >= least


def test_black_on_white_has_the_greatest_contrast() -> None:
    assert round(contrast("#000000", "#FFFFFF"), 2) == 21


def test_colours_are_written_down_in_the_tokens_only() -> None:
    css = Path("rotation/static/rotation/css/app.css").read_text(encoding="utf-8")
    # The ground of a QR code is white in both themes; the arrow of a select is a picture.
    assert set(re.findall(r"#[0-9A-Fa-f]{3,8}\b", css)) == {"#FFFFFF"}


def test_every_token_used_exists() -> None:
    used = set()
    for sheet in Path("rotation/static/rotation/css").glob("*.css"):
        used |= set(re.findall(r"var\(--(r-[\w-]+)\)", sheet.read_text(encoding="utf-8")))
    assert used - set(re.findall(r"--(r-[\w-]+):", TOKENS)) == set()
