"""Cells: what is written comes back as what was meant, or as a fault."""

from contextlib import suppress
from datetime import date, datetime, time, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rotation.rosters import cells
from rotation.rosters.cells import EXCEL_EPOCH, BadCell, CellFault

DAYS = st.dates(date(1955, 1, 1), date(2118, 12, 31))
CLOCKS = st.times().map(lambda clock: clock.replace(second=0, microsecond=0))
ANY_CELL = st.one_of(
    st.text(), st.integers(), st.floats(), st.booleans(), st.datetimes(), st.dates(), st.times()
)


@given(DAYS)
def test_a_day_reads_the_same_however_it_is_written(day: date) -> None:
    written: list[cells.Cell] = [
        day.isoformat(),
        f"{day:%d.%m.%Y}",
        f"{day.day}.{day.month}.{day.year}",
        f" {day.day}. {day.month}. {day.year} ",
        day,
        datetime.combine(day, time()),
        (day - EXCEL_EPOCH).days,
        float((day - EXCEL_EPOCH).days),
    ]

    assert {cells.day(each) for each in written[:3] + written[4:]} == {day}


@given(DAYS, CLOCKS)
def test_a_moment_reads_the_same_however_it_is_written(day: date, clock: time) -> None:
    written = [
        f"{day} {clock:%H:%M}",
        f"{day}T{clock:%H:%M:%S}",
        f"{day:%d.%m.%Y} {clock:%H:%M} Uhr",
    ]

    assert {cells.day_or_moment(each) for each in written} == {(day, clock)}


@given(DAYS, CLOCKS)
def test_a_moment_of_a_spreadsheet_is_one_unless_it_is_midnight(day: date, clock: time) -> None:
    moment = datetime.combine(day, clock)
    serial = (moment - datetime.combine(EXCEL_EPOCH, time())) / timedelta(days=1)

    expected = (day, clock if clock != time() else None)

    assert cells.day_or_moment(moment) == expected
    assert cells.day_or_moment(serial) == expected


@pytest.mark.parametrize(
    "cell", ["", "x", "31.02.2026", "2026-13-01", "1.1.26", "12", True, 3, time(8), "2026-01-01 25"]
)
def test_what_is_no_day_is_a_fault(cell: cells.Cell) -> None:
    with pytest.raises(BadCell) as bad:
        cells.day_or_moment(cell)

    assert bad.value.fault in {CellFault.NO_DAY, CellFault.NO_MOMENT}


@given(st.decimals(min_value=-(10**6), max_value=10**6, places=2))
def test_a_number_has_a_point_or_a_comma(number: Decimal) -> None:
    written = [str(number), str(number).replace(".", ",")]

    assert {cells.number(each) for each in written} == {number}


@pytest.mark.parametrize("cell", ["1.234,5", "1 000", "vier", "", "1e3", "--1", True, "½"])
def test_what_is_no_number_is_a_fault(cell: cells.Cell) -> None:
    with pytest.raises(BadCell):
        cells.number(cell)


@pytest.mark.parametrize("cell", ["8.5", 8.5, "99999999999"])
def test_what_is_no_whole_number_is_a_fault(cell: cells.Cell) -> None:
    with pytest.raises(BadCell):
        cells.whole(cell)


@given(st.lists(CLOCKS, unique=True, max_size=6), st.sampled_from([", ", "; ", " ", "/", " und "]))
def test_hours_read_back_whatever_stands_between_them(clocks: list[time], between: str) -> None:
    ordered = sorted(clocks)
    spans = list(zip(ordered[::2], ordered[1::2], strict=False))
    written = between.join(f"{starts:%H:%M}-{ends:%H:%M}" for starts, ends in spans) or "-"

    assert cells.spans(written) == spans


@pytest.mark.parametrize(
    "written",
    [
        "8-12, 12:30-16:30",
        "08:00 – 12:00; 12.30 – 16.30",
        "8:00-12:00 12:30-16:30",
        "12:30-16:30,8-12",
        "8 Uhr bis 12 Uhr, 12:30 bis 16:30 Uhr",
        "8 to 12 and 12:30 to 16:30",
    ],
)
def test_hours_may_be_written_in_many_ways(written: str) -> None:
    assert cells.spans(written) == [(time(8), time(12)), (time(12, 30), time(16, 30))]


@pytest.mark.parametrize("written", ["8", "12-8", "8-8", "25-26", "früh", "8-12-13", "8-12,11-13"])
def test_what_are_no_hours_is_a_fault(written: str) -> None:
    with pytest.raises(BadCell):
        cells.spans(written)


@pytest.mark.parametrize(
    ("written", "days"),
    [
        ("Mo-Do", [0, 1, 2, 3]),
        ("Mon – Fri", [0, 1, 2, 3, 4]),
        ("Mo, Mi, Fr", [0, 2, 4]),
        ("Montag/Mittwoch", [0, 2]),
        ("fr mo", [0, 4]),
        ("Mo.-Di., So", [0, 1, 6]),
    ],
)
def test_weekdays_of_both_languages(written: str, days: list[int]) -> None:
    assert cells.weekdays(written) == days


@pytest.mark.parametrize("written", ["Fr-Mo", "Freitags", "", "1"])
def test_what_names_no_weekdays_is_a_fault(written: str) -> None:
    with pytest.raises(BadCell):
        cells.weekdays(written)


@given(ANY_CELL)
def test_no_cell_is_more_than_a_value_or_a_fault(cell: cells.Cell) -> None:
    for reader in (
        cells.text, cells.upper, cells.address, cells.addresses, cells.words, cells.day,
        cells.day_or_moment, cells.number, cells.whole, cells.spans, cells.weekdays,
    ):  # fmt: skip
        with suppress(BadCell):
            reader(cell)


@given(st.text())
def test_text_is_one_line_and_stays_when_read_again(written: str) -> None:
    once = cells.text(written)

    assert (cells.text(once), once.strip(), "\n" in once) == (once, once, False)


def test_numbers_in_text_columns_have_no_point() -> None:
    assert [cells.text(4711.0), cells.text(4711), cells.text(1.5)] == ["4711", "4711", "1.5"]


def test_names_are_kept_in_composed_form() -> None:
    assert cells.text("Zo\u0308e") == "Zöe"


def test_addresses_are_small_and_each_once() -> None:
    assert cells.addresses("A@x.de; b@x.de, a@X.DE mailto:c@x.de") == ["a@x.de", "b@x.de", "c@x.de"]
