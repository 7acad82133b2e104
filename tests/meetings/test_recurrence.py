from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rotation.meetings.recurrence import occurrences, rule_fault

FIRST = datetime(2026, 3, 10, 9, tzinfo=UTC)  # a Tuesday, 10 o'clock in Berlin


def starts(rrule: str, days: int, first: datetime = FIRST) -> list[datetime]:
    until = first + timedelta(days=days)
    return list(occurrences(rrule, first, "Europe/Berlin", after=first, until=until))


def test_a_weekly_meeting_keeps_its_wall_clock_through_the_change() -> None:
    assert starts("FREQ=WEEKLY;BYDAY=TU", 27) == [
        datetime(2026, 3, 10, 9, tzinfo=UTC),
        datetime(2026, 3, 17, 9, tzinfo=UTC),
        datetime(2026, 3, 24, 9, tzinfo=UTC),
        datetime(2026, 3, 31, 8, tzinfo=UTC),
    ]


def test_the_first_tuesday_of_each_month() -> None:
    assert [start.day for start in starts("FREQ=MONTHLY;BYDAY=1TU", 90)] == [7, 5, 2]


def test_no_rule_is_one_meeting() -> None:
    assert starts("", 28) == [FIRST]


def test_a_start_in_the_missing_hour_is_taken_an_hour_later() -> None:
    first = datetime(2026, 3, 22, 1, 30, tzinfo=UTC)  # Sunday, 2:30 in Berlin

    assert starts("FREQ=WEEKLY", 8, first)[1].isoformat() == "2026-03-29T01:30:00+00:00"


def test_until_in_utc_includes_the_last_occurrence() -> None:
    assert len(starts("FREQ=WEEKLY;UNTIL=20260324T090000Z", 60)) == 3


def test_a_window_gives_the_same_starts_as_the_whole() -> None:
    whole = starts("FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,TH", 200)
    middle = FIRST + timedelta(days=100)
    until = FIRST + timedelta(days=200)

    window = list(
        occurrences(
            "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,TH", FIRST, "Europe/Berlin", after=middle, until=until
        )
    )

    assert window == [start for start in whole if start >= middle]


@pytest.mark.parametrize(
    ("rrule", "fault"),
    [
        ("FREQ=WEEKLY;BYDAY=TU", None),
        ("FREQ=MONTHLY;BYDAY=-1FR;INTERVAL=3", None),
        ("FREQ=SECONDLY", "FREQ"),
        ("FREQ=MINUTELY;COUNT=5", "FREQ"),
        ("FREQ=DAILY;INTERVAL=0", "INTERVAL"),
        ("FREQ=DAILY;INTERVAL=53", "INTERVAL"),
        ("FREQ=DAILY;COUNT=1001", "COUNT"),
        ("FREQ=DAILY;COUNT=99999999999", "COUNT"),
        ("FREQ=DAILY;BYSECOND=1", "BYSECOND"),
        ("FREQ=DAILY;BYSETPOS=5", "BYSETPOS"),
        ("FREQ=MONTHLY;BYDAY=TU;BYSETPOS=2", None),
        ("FREQ=WEEKLY;BYDAY=XX", "FREQ=WEEKLY;BYDAY=XX"),
        ("FREQ=WEEKLY;FREQ=DAILY", "FREQ=WEEKLY;FREQ=DAILY"),
        ("nonsense", "nonsense"),
        ("FREQ=WEEKLY;;", "FREQ=WEEKLY;;"),
        ("FREQ=WEEKLY\nEXRULE:FREQ=DAILY", "FREQ=WEEKLY\nEXRULE:FREQ=DAILY"),
        ("UNTIL=20270101\nRDATE:20270101;FREQ=DAILY", "UNTIL=20270101\nRDATE:20270101;FREQ=DAILY"),
        ("FREQ=DAILY;UNTIL=20270101T000000Z", None),
        ("FREQ=DAILY;UNTIL=99991231T235959Z", "UNTIL"),
        ("FREQ=DAILY;UNTIL=20271345", "FREQ=DAILY;UNTIL=20271345"),
        ("FREQ=DAILY;COUNT=3;UNTIL=20270101T000000Z", "UNTIL"),
        ("FREQ=MONTHLY;BYMONTHDAY=1,-1", None),
        ("FREQ=MONTHLY;BYMONTHDAY=0", "BYMONTHDAY"),
        ("FREQ=MONTHLY;BYMONTHDAY=1,99", "BYMONTHDAY"),
    ],
)
def test_only_bounded_rules_are_taken(rrule: str, fault: str | None) -> None:
    assert rule_fault(rrule) == fault


@given(st.text(max_size=60))
def test_any_text_is_judged_without_an_exception(text: str) -> None:
    fault = rule_fault(text)

    assert fault is None or isinstance(fault, str)
