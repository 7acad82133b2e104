from dataclasses import replace
from datetime import date, timedelta
from xml.etree import ElementTree as ET

import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from rotation.web.charts import HEIGHT, LABELS_FIT, WIDTH, WeekChart, WeekColumn, week_columns

MONDAY = date(2027, 1, 4)
SVG = "{http://www.w3.org/2000/svg}"
HOURS = st.floats(0, 1e6)


def chart(*hours: tuple[float, float, float], palette: str = "screen") -> WeekChart:
    rows = [
        WeekColumn(
            week=MONDAY + timedelta(weeks=number),
            reactive_hours=reactive,
            proactive_hours=proactive,
            available_hours=available,
        )
        for number, (reactive, proactive, available) in enumerate(hours)
    ]
    return WeekChart(title="Hours & weeks", rows=rows, palette=palette)


def drawn(what: WeekChart, language: str = "en") -> ET.Element:
    with translation.override(language):
        return ET.fromstring(week_columns(what, language))  # noqa: S314 -- our own picture


def test_the_picture_says_in_words_what_it_shows() -> None:
    picture = drawn(chart((80, 20, 120), (90, 10, 110)))
    named = picture.attrib["aria-labelledby"].split()
    texts = {child.attrib.get("id"): child.text for child in picture}
    assert picture.attrib["role"] == "img"
    assert [texts[name] for name in named] == [
        "Hours & weeks",
        (
            "From W1\u00a02027 to W2\u00a02027: 170\u00a0h on tickets, 30\u00a0h on visits,"
            " 230\u00a0h available."
        ),
    ]


def test_columns_stand_on_each_other_with_a_gap() -> None:
    reactive, proactive = drawn(chart((80, 20, 100))).findall(f"{SVG}rect")
    bottom = float(proactive.attrib["y"]) + float(proactive.attrib["height"])
    assert float(reactive.attrib["y"]) - bottom == pytest.approx(2, abs=0.11)
    assert float(reactive.attrib["height"]) + 2 == pytest.approx(
        4 * float(proactive.attrib["height"]), abs=0.5
    )


def test_few_hours_of_visits_beside_many_of_tickets_can_be_seen() -> None:
    _, proactive = drawn(chart((1000, 1, 1200))).findall(f"{SVG}rect")
    _, none = drawn(chart((1000, 0, 1200))).findall(f"{SVG}rect")
    assert [float(mark.attrib["height"]) for mark in (proactive, none)] == [3, 0]


@pytest.mark.parametrize(
    ("palette", "attribute", "marks"),
    [
        ("screen", "class", ["r-c-reactive", "r-c-expected"]),
        ("print", "fill", ["#A8430A", "#EAD3C6"]),
    ],
)
def test_what_is_only_expected_looks_different_and_is_said(
    palette: str, attribute: str, marks: list[str]
) -> None:
    known, expected = chart((80, 0, 120), (90, 0, 120), palette=palette).rows
    rows = [known, replace(expected, is_expected=True)]
    picture = drawn(WeekChart(title="Hours", rows=rows, palette=palette))
    assert [mark.attrib[attribute] for mark in picture.findall(f"{SVG}rect")][::2] == marks
    assert (picture[1].text or "").endswith(
        "The hours on tickets are expected ones from W2\u00a02027 on."
    )


def test_the_scale_ends_at_a_round_number() -> None:
    texts = [text.text for text in drawn(chart((900, 200, 1450))).findall(f"{SVG}text")]
    assert texts == ["0", "400", "800", "1,200", "1,600", "W1"]


def test_many_weeks_name_only_some() -> None:
    texts = drawn(chart(*[(1, 1, 2)] * 52)).findall(f"{SVG}text")
    assert len(texts) - 5 <= LABELS_FIT


def test_no_weeks_are_a_picture_too() -> None:
    picture = drawn(chart())
    assert [child.text for child in picture][:2] == ["Hours & weeks", "No weeks to show."]


def test_in_print_every_mark_carries_its_colour() -> None:
    picture = drawn(chart((80, 20, 120), palette="print"))
    marks = [mark for tag in ("rect", "text") for mark in picture.findall(SVG + tag)]
    assert all(mark.attrib["fill"].startswith("#") for mark in marks)


@given(st.lists(st.tuples(HOURS, HOURS, HOURS), max_size=60), st.sampled_from(["screen", "print"]))
def test_everything_lies_inside_the_picture(
    hours: list[tuple[float, float, float]], palette: str
) -> None:
    for box in drawn(chart(*hours, palette=palette)).findall(f"{SVG}rect"):
        x, y, width, height = (float(box.attrib[name]) for name in ("x", "y", "width", "height"))
        assert x >= 0
        assert x + width <= WIDTH
        assert y >= 0
        assert y + height <= HEIGHT
