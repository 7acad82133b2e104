from datetime import UTC, date, datetime, timedelta

import pytest
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from accounts.models import Role
from rotation.booking.errors import Code
from rotation.booking.facts import booked_minutes, visit_of
from rotation.booking.models import Booking
from rotation.booking.queries import (
    alternatives_for,
    bookable_meetings,
    bookings_seen_by,
    suggestions_for,
    with_seats_free,
)
from rotation.directory.permissions import actor_of
from rotation.directory.queries import active_staff
from rotation.meetings.models import Meeting
from rotation.planning.suggestions import Fact
from tests.builders import (
    HOUR,
    NOW,
    TUESDAY_10,
    make_absence,
    make_booking,
    make_department,
    make_host,
    make_meeting,
    make_series,
    make_staff,
    make_team,
    make_user,
)

pytestmark = pytest.mark.django_db
WEEK = date(2026, 3, 9)


def test_seats_free_counts_only_who_holds_one() -> None:
    meeting = make_meeting(seats=3)
    make_booking(meeting=meeting)
    make_booking(meeting=meeting, seat=2, state=Booking.State.CANCELLED)

    assert with_seats_free(Meeting.objects.all()).get().seats_free == 2


def test_a_meeting_is_bookable_while_it_is_free_and_its_notice_is_kept() -> None:
    free = make_meeting()
    make_booking(meeting=make_meeting(starts_at=TUESDAY_10 + HOUR))
    cancelled = make_meeting(starts_at=TUESDAY_10 + 2 * HOUR)
    cancelled.cancelled_at = NOW
    cancelled.save()

    assert list(bookable_meetings(NOW)) == [free]
    assert list(bookable_meetings(TUESDAY_10 - timedelta(hours=24))) == [free]
    assert list(bookable_meetings(TUESDAY_10 - timedelta(hours=23))) == []


def test_booked_minutes_are_counted_by_person_and_local_week() -> None:
    sunday_late = TUESDAY_10.replace(day=15, hour=23)  # already Monday in Berlin
    staff = make_staff()
    make_booking(staff=staff)
    make_booking(staff=staff, meeting=make_meeting(starts_at=sunday_late))
    make_booking(
        staff=staff,
        state=Booking.State.CANCELLED,
        meeting=make_meeting(starts_at=TUESDAY_10 + 5 * HOUR),
    )

    weeks = [WEEK, WEEK + timedelta(weeks=1)]

    assert booked_minutes([staff.pk], weeks) == {(staff.pk, week): 90 for week in weeks}


def test_a_request_that_nobody_approved_in_time_was_no_visit_to_the_department() -> None:
    asked, been = make_staff("Ada"), make_staff("Bo")
    past = make_meeting(starts_at=NOW - timedelta(weeks=3), seats=2)
    make_booking(staff=asked, meeting=past, state=Booking.State.REQUESTED)
    make_booking(staff=been, meeting=past, seat=2)

    facts = {
        row.staff_id: row.facts[:2] for row in suggestions_for(make_meeting(), [asked, been], NOW)
    }

    assert facts == {
        asked.pk: ((Fact.NEVER_VISITED, 0), (Fact.VISITS_LATELY, 0)),
        been.pk: ((Fact.WEEKS_SINCE, 3), (Fact.VISITS_LATELY, 1)),
    }


@pytest.mark.parametrize("viewer", ["Europe/Berlin", "America/New_York"])
def test_the_host_s_month_is_the_organisation_s_whoever_looks(viewer: str) -> None:
    series = make_series(guests_per_month=1)
    last_of_march = make_meeting(series=series, starts_at=datetime(2026, 3, 31, 10, tzinfo=UTC))
    # Already April in Berlin, and still March in New York.
    first_of_april = make_meeting(series=series, starts_at=datetime(2026, 3, 31, 23, tzinfo=UTC))
    make_booking(meeting=first_of_april)

    with timezone.override(viewer):
        assert visit_of(last_of_march).guests_this_month == 0
        assert visit_of(first_of_april).guests_this_month == 1


def test_each_sees_the_bookings_that_concern_the_own_team_self_or_department() -> None:
    manager = make_user(roles=(Role.MANAGER,))
    own = make_booking(staff=make_staff(team=make_team(managers=(manager,))))
    other = make_booking(
        staff=make_staff("Bo", team=make_team("Network")),
        meeting=make_meeting(series=make_series(department=make_department("Legal"))),
    )
    host = make_host(department=make_department("Legal"))
    planner, council = make_user(roles=(Role.PLANNER,)), make_user(roles=(Role.COUNCIL,))

    seen = [
        set(bookings_seen_by(actor_of(user)))
        for user in (manager, own.staff.user, host.user, planner, council)
    ]

    assert seen == [{own}, {own}, {other}, {own, other}, set()]


def test_suggestions_name_conflicts_and_put_free_people_first() -> None:
    free, away = make_staff("Zoe"), make_staff("Ada")
    make_absence(away, TUESDAY_10)

    rows = suggestions_for(make_meeting(), [away, free], NOW)

    assert [(row.staff_id, [reason.code for reason in row.conflicts]) for row in rows] == [
        (free.pk, []),
        (away.pk, [Code.ABSENT]),
    ]


@pytest.mark.parametrize("people", [1, 3])
def test_suggestions_cost_the_same_queries_for_any_number_of_people(
    people: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(people):
        make_booking(staff=make_staff(f"P{number}"), meeting=make_meeting(starts_at=NOW - HOUR))
    meeting, staff = make_meeting(), list(active_staff())

    with django_assert_num_queries(8):
        suggestions_for(meeting, staff, NOW)


def test_alternatives_are_other_meetings_of_the_department_that_would_do() -> None:
    staff, series = make_staff(), make_series()
    full = make_booking(meeting=make_meeting(series=series)).meeting
    later = make_meeting(series=series, starts_at=TUESDAY_10 + 7 * 24 * HOUR)
    make_meeting(series=series, starts_at=TUESDAY_10.replace(hour=20))  # after hours

    assert alternatives_for(staff, full, NOW) == [later]


def test_who_replaces_a_guest_takes_the_guests_seat() -> None:
    booking = make_booking()
    other = make_staff("Ben")

    [full] = suggestions_for(booking.meeting, [other], NOW)
    [replacing] = suggestions_for(booking.meeting, [other], NOW, without=booking.pk)

    assert [reason.code for reason in full.conflicts] == [Code.NO_SEAT]
    assert replacing.conflicts == ()


def test_a_visit_that_moves_is_not_in_its_own_way() -> None:
    booking = make_booking()
    later = make_meeting(
        series=booking.meeting.series, starts_at=TUESDAY_10 + timedelta(minutes=30)
    )

    assert alternatives_for(booking.staff, booking.meeting, NOW) == []
    assert alternatives_for(booking.staff, booking.meeting, NOW, without=booking.pk) == [later]
