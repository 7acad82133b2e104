"""Rows become text for COPY."""

import io
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rotation.periods.weeks import is_plannable
from rotation.workload.delimited import delimited_table
from rotation.workload.errors import MissingColumn, UnreadableFile
from rotation.workload.mapping import SourceMapping, mapping_from
from rotation.workload.rows import Tally
from tests.workload.told import Told, told_by

COLUMNS = {"external_id": "id", "state": "state", "created_at": "created", "sla_met": "sla"}
HEADER = "id,state,created,sla\n"


def mapping(**parts: object) -> SourceMapping:
    return mapping_from({"columns": COLUMNS, "states": {"Open": "open"}, **parts})


def read(*rows: str, **parts: object) -> tuple[list[Told], Tally]:
    return lines_read([HEADER, *rows], mapping(**parts))


def lines_read(lines: list[str], wanted: SourceMapping) -> tuple[list[Told], Tally]:
    tally = Tally()
    stream = io.BytesIO("".join(lines).encode(errors="surrogateescape"))
    return told_by(delimited_table(stream, wanted, "f"), wanted, tally), tally


def test_local_times_are_read_in_the_zone_of_the_mapping() -> None:
    (record,), _ = read("1,Open,1.7.2026 12:00,\n", time_zone="Europe/Berlin",
                        date_format="%d.%m.%Y %H:%M")  # fmt: skip
    assert record["created_at"] == datetime(2026, 7, 1, 10, tzinfo=UTC)


def test_an_agreement_that_was_met_was_not_breached() -> None:
    found, _ = read(*(f"1,Open,2026-07-01,{met}\n" for met in ("TRUE", "no", "")))
    assert [record["sla_breached"] for record in found] == [False, True, None]


def test_empty_lines_are_no_rows() -> None:
    found, tally = read("\n", "1,Open,2026-07-01,\n", "\n")
    assert (len(found), tally.read) == (1, 1)


def test_only_the_first_rejected_rows_are_kept() -> None:
    _, tally = read(*(f"{number},Open,never,\n" for number in range(50)))
    assert (tally.rejected.total(), len(tally.examples)) == (50, Tally.MOST_EXAMPLES)


def test_a_file_without_a_header_is_refused() -> None:
    with pytest.raises(UnreadableFile):
        lines_read([], mapping())


def test_columns_that_are_optional_may_be_missing() -> None:
    lines = ["id,state,created\n", "1,Open,2026-07-01\n"]
    with pytest.raises(MissingColumn) as caught:
        lines_read(lines, mapping())
    assert caught.value.fields == {"file": "f", "column": "sla"}
    (record,), _ = lines_read(lines, mapping(optional=["sla_met"]))
    assert "sla_breached" not in record


@given(st.lists(st.text(alphabet=st.characters(max_codepoint=0x2FFF), max_size=40), max_size=6))
def test_whatever_the_lines_hold_each_row_is_read_or_rejected(rows: list[str]) -> None:
    found, tally = read(*rows)
    assert tally.read == len(found) + tally.rejected.total()


@settings(deadline=None)  # the first date with seconds makes the table of all seconds
@given(
    st.datetimes(min_value=datetime(2001, 1, 1), max_value=datetime(2090, 1, 1)),  # noqa: DTZ001
    st.sampled_from(("%d/%m/%Y %H:%M", "%Y-%m-%d", "%d.%m.%Y %H:%M:%S", "%Y%m%d%H%M", "%d %b %Y")),
    st.sampled_from(("", "1", " ", "x", "٣")),
    st.integers(0, 15),
)
def test_a_date_is_read_as_strptime_reads_it(
    at: datetime, date_format: str, noise: str, place: int
) -> None:
    text = at.strftime(date_format)
    text = text[:place] + noise + text[place + len(noise) :]

    found, _ = read(f"1,Open,{text},\n", date_format=date_format)

    try:
        expected = [datetime.strptime(text.strip(), date_format).replace(tzinfo=UTC)]
    except ValueError:
        expected = []
    assert [record["created_at"] for record in found] == [
        day for day in expected if is_plannable(day.date())
    ]


def test_a_row_that_its_neighbour_makes_void_is_read_and_not_written() -> None:
    columns = {**COLUMNS, "source_updated_at": "at", "queue_key": "queue"}
    head = "id,state,created,sla,at,queue\n"
    rows = [
        "1,Open,2026-07-01,,2026-07-01,Desk\n",  # the next one tells no queue
        "1,Open,2026-07-01,,2026-07-02,\n",  # void
        "1,Open,2026-07-01,,2026-07-03,Net\n",  # of the same moment as the next one
        "1,Open,2026-07-01,,2026-07-03,Net\n",  # followed by another ticket
        "2,Odd,2026-07-01,,2026-07-03,\n",  # tells no state, but the next one is earlier
        "2,Odd,2026-07-01,,2026-07-02,\n",
    ]
    found, tally = lines_read([head, *rows], mapping(columns=columns))
    assert [(row["external_id"], row["position"]) for row in found] == [
        ("1", "0"), ("1", "2"), ("1", "3"), ("2", "4"), ("2", "5"),
    ]  # fmt: skip
    assert (tally.read, tally.unmapped["state"]["Odd"]) == (6, 2)
