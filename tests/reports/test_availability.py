from datetime import date, timedelta

import pytest
from pytest_django import DjangoAssertNumQueries

from rotation.directory.models import StaffMember
from rotation.reports.availability import availability_of
from tests.builders import (
    HOUR,
    TUESDAY_10,
    make_absence,
    make_booking,
    make_duty,
    make_meeting,
    make_staff,
)

pytestmark = pytest.mark.django_db
WEEK = date(2026, 3, 9)


def test_a_week_is_taken_by_absence_duty_and_visits() -> None:
    ada = make_staff("Ada")
    make_booking(staff=ada)
    make_absence(ada, TUESDAY_10 + timedelta(days=1), 3 * HOUR)
    make_duty(ada, TUESDAY_10 + timedelta(days=1), 5 * HOUR)

    [row] = availability_of([ada], WEEK)

    assert row.working_minutes == 45 * 60
    assert row.absent_minutes == 3 * 60
    assert row.duty_minutes == 2 * 60  # the absent hours are not counted twice
    assert row.visit_minutes == 90
    assert row.free_minutes == 45 * 60 - 3 * 60 - 2 * 60 - 90


def test_what_is_left_may_be_less_than_nothing() -> None:
    ada = make_staff("Ada")
    make_absence(ada, TUESDAY_10 - timedelta(days=1), timedelta(days=5))
    make_booking(staff=ada)

    [row] = availability_of([ada], WEEK)

    assert row.left_minutes == row.granted_minutes - 90 < 0


def test_nobody_has_no_week() -> None:
    assert availability_of([], WEEK) == []


@pytest.mark.parametrize("people", [1, 3])
def test_the_queries_do_not_grow_with_the_people(
    django_assert_num_queries: DjangoAssertNumQueries, people: int
) -> None:
    for number in range(people):
        make_booking(staff=make_staff(f"P{number}"), meeting=make_meeting())
    staff = list(StaffMember.objects.select_related("team", "user"))

    with django_assert_num_queries(8):
        assert len(availability_of(staff, WEEK)) == people
