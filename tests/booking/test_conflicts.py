"""Booked visits that a later change of the person stands against."""

from datetime import timedelta

import pytest
from pytest_django import DjangoAssertNumQueries

from rotation.booking.conflicts import visits_in_conflict
from rotation.booking.errors import Code
from rotation.booking.models import Booking
from rotation.directory.models import Department, StaffMember
from tests.builders import (
    NOW,
    TUESDAY_10,
    make_absence,
    make_booking,
    make_contract,
    make_duty,
    make_meeting,
    make_series,
    make_staff,
)

pytestmark = pytest.mark.django_db
DAY, WEEK = timedelta(days=1), timedelta(weeks=1)


def found(staff: StaffMember) -> list[tuple[Booking, list[Code]]]:
    conflicts = visits_in_conflict(staff.pk, NOW)
    return [(each.visit, [reason.code for reason in each.reasons]) for each in conflicts]


def test_a_visit_that_still_fits_is_no_conflict() -> None:
    assert found(make_booking().staff) == []


def test_absence_and_duty_over_a_visit_are_named_by_visit() -> None:
    staff, series = make_staff(), make_series()
    first = make_booking(staff=staff, meeting=make_meeting(series=series))
    later = make_meeting(series=series, starts_at=TUESDAY_10 + WEEK)
    second = make_booking(staff=staff, meeting=later)
    make_absence(staff, TUESDAY_10)
    make_duty(staff, TUESDAY_10 + WEEK)

    assert found(staff) == [(first, [Code.ABSENT]), (second, [Code.ON_DUTY])]


def test_a_contract_that_ends_before_a_visit_is_a_conflict() -> None:
    staff = make_staff(works=False)
    make_contract(staff, ends_on=TUESDAY_10.date())
    booking = make_booking(staff=staff)

    assert found(staff) == [(booking, [Code.OUTSIDE_WORKING_HOURS])]


def test_a_team_that_moved_into_the_department_is_a_conflict() -> None:
    booking = make_booking()
    team = booking.staff.team
    team.department = Department.objects.get(name="Sales")
    team.save()

    assert found(booking.staff) == [(booking, [Code.OWN_DEPARTMENT])]


def test_visits_that_are_over_or_given_up_are_no_conflicts() -> None:
    staff = make_staff(works=False)
    make_booking(staff=staff, state=Booking.State.CANCELLED)

    assert found(staff) == []
    assert visits_in_conflict(staff.pk, TUESDAY_10 + WEEK) == []


def test_many_visits_take_as_many_queries_as_one(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    staff, series = make_staff(works=False), make_series()
    for week in range(4):
        meeting = make_meeting(series=series, starts_at=TUESDAY_10 + week * WEEK)
        make_booking(staff=staff, meeting=meeting)

    with django_assert_num_queries(4):
        assert len(found(staff)) == 4
