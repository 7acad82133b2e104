"""Records in JSON."""

import io
import json
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rotation.workload.delimited import LONGEST_LINE
from rotation.workload.errors import UnreadableFile
from rotation.workload.mapping import mapping_from
from rotation.workload.rows import Tally
from rotation.workload.structured import structured_table
from tests.workload.told import Told, told_by

MAPPING = mapping_from(
    {
        "columns": {
            "external_id": "id", "state": "fields.status.name", "created_at": "created",
            "priority": "prio", "sla_paused": "paused",
        },
        "states": {"Open": "open"},
        "priorities": {"3": 3},
    }
)  # fmt: skip
GOOD = {"id": "A", "fields": {"status": {"name": "Open"}}, "created": "2026-03-02", "prio": 3}


def read(content: bytes) -> tuple[list[Told], Tally]:
    tally = Tally()
    return told_by(structured_table(io.BytesIO(content), MAPPING, "f"), MAPPING, tally), tally


def dumped(*records: object) -> bytes:
    return json.dumps(records).encode()


@pytest.mark.parametrize(
    "content",
    [
        dumped(GOOD, {**GOOD, "id": 7}),
        json.dumps([GOOD, {**GOOD, "id": 7}], indent=4).encode("utf-8-sig"),
        b"\n".join(json.dumps(each).encode() for each in (GOOD, {**GOOD, "id": 7})),
        b"".join(json.dumps(each).encode() + b"\r\n\r\n" for each in (GOOD, {**GOOD, "id": 7})),
    ],
    ids=["array", "indented with a mark", "lines", "lines with gaps"],
)
def test_an_array_and_objects_on_lines_tell_the_same(content: bytes) -> None:
    found, tally = read(content)
    assert [(row["external_id"], row["state"], row["priority"]) for row in found] == [
        ("A", "open", "3"), ("7", "open", "3"),
    ]  # fmt: skip
    assert (tally.read, tally.rejected) == (2, Counter())


def test_values_are_read_by_what_they_are() -> None:
    found, _ = read(dumped({**GOOD, "paused": True, "prio": 3.0}, {**GOOD, "prio": None}))
    assert [(row["sla_paused"], row["priority"]) for row in found] == [(True, "3"), (None, None)]


def test_a_member_that_is_called_with_dots_counts_before_the_path() -> None:
    found, _ = read(dumped({**GOOD, "fields.status.name": "Open", "fields": None}))
    assert found[0]["state"] == "open"


@pytest.mark.parametrize(
    ("bad", "fault", "column"),
    [
        ({**GOOD, "id": {"a": 1}}, "bad_type", "id"),
        ({**GOOD, "created": ["2026-03-02"]}, "bad_type", "created"),
        ({**GOOD, "id": None}, "missing_value", "id"),
        ({**GOOD, "created": "soon"}, "bad_date", "created"),
        ({**GOOD, "id": "a\u0000"}, "control_character", "id"),
        ({**GOOD, "id": "\ud800"}, "bad_encoding", "id"),
        ("text", "bad_type", "id"),
        ([], "bad_type", "id"),
    ],
)
def test_a_bad_record_is_named_and_the_others_are_read(
    bad: object, fault: str, column: str
) -> None:
    found, tally = read(dumped(GOOD, bad, GOOD))
    assert len(found) == 2
    assert tally.examples == [{"file": "f", "row": 2, "reason": fault, "column": column}]


def test_a_line_that_is_no_json_is_named_and_the_others_are_read() -> None:
    line = json.dumps(GOOD).encode()
    long = b'{"id": "' + b"x" * (2 * LONGEST_LINE) + b'"}'
    found, tally = read(b"\n".join([line, b"{broken", long, b"[" * 5000, line]))
    assert len(found) == 2
    assert [example["reason"] for example in tally.examples] == [
        "bad_json", "line_too_long", "bad_json",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"", "empty_json"),
        (b" \n", "empty_json"),
        (b"[", "json"),
        (b"[{}", "json"),
        (b"[{} {}]", "json"),
        (b"[{},}", "json"),
        (b"[" * 100_000, "json"),
        (b'["' + b"x" * (3 * LONGEST_LINE), "json"),
    ],
    ids=str,
)
def test_an_array_that_breaks_off_is_refused(content: bytes, problem: str) -> None:
    with pytest.raises(UnreadableFile) as caught:
        read(content)
    assert caught.value.fields == {"file": "f", "problem": problem}


SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20)
NAMES = st.text(max_size=8)
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(NAMES, inner, max_size=4)
)


@given(VALUES)
def test_whatever_the_records_hold_each_is_read_or_rejected(value: object) -> None:
    found, tally = read(dumped(value, {**GOOD, "id": value}, GOOD))
    assert tally.read == 3 == len(found) + tally.rejected.total()
