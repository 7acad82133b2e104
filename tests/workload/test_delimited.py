"""Files as lines of bounded length."""

import io

from rotation.workload.delimited import LONGEST_LINE, lines
from rotation.workload.records import OVERLONG_LINE


def test_a_line_that_is_too_long_is_skipped_to_its_end() -> None:
    content = b"one\n" + b"x" * (3 * LONGEST_LINE) + b"\ntwo\n"
    assert list(lines(io.BytesIO(content), "utf-8")) == ["one\n", OVERLONG_LINE, "two\n"]


def test_a_line_of_just_the_longest_length_is_read() -> None:
    content = b"x" * (LONGEST_LINE - 1) + b"\n"
    assert [len(line) for line in lines(io.BytesIO(content), "utf-8")] == [LONGEST_LINE]


def test_an_endless_last_line_ends() -> None:
    assert list(lines(io.BytesIO(b"x" * (2 * LONGEST_LINE)), "utf-8")) == [OVERLONG_LINE]


def test_unknown_bytes_come_out_as_lone_surrogates() -> None:
    assert list(lines(io.BytesIO(b"B\xfcro"), "utf-8")) == ["B\udcfcro"]


def test_the_mark_of_utf_8_is_no_part_of_the_first_column() -> None:
    assert list(lines(io.BytesIO(b"\xef\xbb\xbfnumber\n"), "utf-8-sig")) == ["number\n"]
