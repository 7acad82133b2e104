"""One rule, one test of its name; times are Tuesday 10 March 2026, 10 to 11 in Berlin."""

from dataclasses import replace
from datetime import time, timedelta

import pytest

from rotation.booking.errors import Code
from rotation.booking.rules import Candidate, Visit, blocked_by, cost_of, reasons_against
from rotation.periods.working_time import WorkingHours
from tests.builders import HOUR, NOW, TUESDAY_10, interval

VISIT = Visit(
    meeting=interval(),
    travel=timedelta(0),
    notice=timedelta(hours=24),
    department_id=1,
    seats_free=1,
)
ADA = Candidate(
    department_id=2,
    time_zone="Europe/Berlin",
    buffer=timedelta(minutes=15),
    left_minutes=90,
    pattern=[WorkingHours(1, time(8), time(17))],
)
MINUTE = timedelta(minutes=1)
QUARTER = timedelta(minutes=15)


def codes(visit: Visit = VISIT, candidate: Candidate = ADA, now: object = NOW) -> list[Code]:
    return [reason.code for reason in reasons_against(visit, candidate, now)]  # type: ignore[arg-type]


def test_nothing_speaks_against_a_good_visit() -> None:
    assert codes() == []


def test_cancelled() -> None:
    assert codes(replace(VISIT, is_cancelled=True)) == [Code.MEETING_CANCELLED]


def test_past() -> None:
    assert codes(now=TUESDAY_10) == [Code.MEETING_PAST]


def test_notice_too_short() -> None:
    assert codes(now=TUESDAY_10 - timedelta(hours=24)) == []
    assert codes(now=TUESDAY_10 - timedelta(hours=24) + MINUTE) == [Code.NOTICE_TOO_SHORT]


def test_no_seat() -> None:
    assert codes(replace(VISIT, seats_free=0)) == [Code.NO_SEAT]


def test_host_limit() -> None:
    assert codes(replace(VISIT, guests_per_month=2, guests_this_month=1)) == []
    assert codes(replace(VISIT, guests_per_month=2, guests_this_month=2)) == [Code.HOST_LIMIT]


def test_own_department() -> None:
    assert codes(candidate=replace(ADA, department_id=1)) == [Code.OWN_DEPARTMENT]


@pytest.mark.parametrize(
    ("start", "length", "expected"),
    [
        (TUESDAY_10 - HOUR, HOUR, []),
        (TUESDAY_10 - HOUR, HOUR + MINUTE, [Code.ABSENT]),
        (TUESDAY_10 + HOUR, HOUR, []),
    ],
)
def test_absent(start: object, length: timedelta, expected: list[Code]) -> None:
    away = interval(start, length)  # type: ignore[arg-type]

    assert codes(candidate=replace(ADA, absences=[away])) == expected


def test_on_duty() -> None:
    assert codes(candidate=replace(ADA, duties=[interval()])) == [Code.ON_DUTY]


@pytest.mark.parametrize(
    ("start", "expected"),
    [
        (TUESDAY_10 + HOUR + QUARTER, []),
        (TUESDAY_10 + HOUR + QUARTER - MINUTE, [Code.OVERLAP]),
        (TUESDAY_10 - HOUR, []),
        (TUESDAY_10 - HOUR + MINUTE, [Code.OVERLAP]),
    ],
)
def test_overlap_counts_the_buffer_once(start: object, expected: list[Code]) -> None:
    other = interval(start)  # type: ignore[arg-type]

    assert codes(candidate=replace(ADA, booked=[other])) == expected


def test_outside_working_hours() -> None:
    early = replace(ADA, pattern=[WorkingHours(1, time(8), time(10, 30))])

    assert codes(candidate=early) == [Code.OUTSIDE_WORKING_HOURS]
    assert codes(candidate=replace(ADA, pattern=[])) == [Code.OUTSIDE_WORKING_HOURS]


def test_the_way_must_fit_into_working_hours() -> None:
    on_time = replace(ADA, pattern=[WorkingHours(1, time(10), time(11))], left_minutes=600)

    assert codes(candidate=on_time) == []
    assert codes(replace(VISIT, travel=QUARTER), on_time) == [Code.OUTSIDE_WORKING_HOURS]


def test_over_budget() -> None:
    assert codes(candidate=replace(ADA, left_minutes=89)) == [Code.OVER_BUDGET]


def test_every_reason_is_named_at_once() -> None:
    visit = replace(VISIT, seats_free=0, is_cancelled=True)
    candidate = replace(ADA, department_id=1, left_minutes=0, absences=[interval()])

    assert codes(visit, candidate) == [
        Code.MEETING_CANCELLED,
        Code.NO_SEAT,
        Code.OWN_DEPARTMENT,
        Code.ABSENT,
        Code.OVER_BUDGET,
    ]


def test_the_cost_is_meeting_and_ways_and_preparation() -> None:
    assert cost_of(interval(), timedelta(0)) == 90
    assert cost_of(interval(), QUARTER) == 120
    assert cost_of(interval(length=timedelta(seconds=61)), timedelta(0)) == 32


def test_a_visit_blocks_its_ways_and_the_buffer_after_it() -> None:
    blocked = blocked_by(interval(), QUARTER, QUARTER)

    assert blocked.starts_at == TUESDAY_10 - QUARTER
    assert blocked.ends_at == TUESDAY_10 + HOUR + 2 * QUARTER
