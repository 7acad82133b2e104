"""The lists: their fields, their filters, and as many queries for three rows as for one."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries
from rest_framework.test import APIClient

from accounts.models import Role
from rotation.meetings.models import Meeting, MeetingSeries
from rotation.periods.weeks import week_of
from tests.api.callers import BERLIN, Organisation, caller, make_organisation, workday
from tests.builders import (
    make_absence,
    make_booking,
    make_department,
    make_meeting,
    make_series,
    make_staff,
    make_user,
)

pytestmark = pytest.mark.django_db
API = "/api/v1/"


@pytest.fixture
def house() -> Organisation:
    return make_organisation()


@pytest.fixture
def manager(house: Organisation) -> APIClient:
    return caller(house.manager)


def rows(client: APIClient, address: str) -> list[dict[str, Any]]:
    answer = client.get(f"{API}{address}")
    assert answer.status_code == 200, answer.content
    assert list(answer.json()) == ["count", "next", "previous", "results"]
    return list(answer.json()["results"])


def test_departments_tell_coverage(house: Organisation, manager: APIClient) -> None:
    held = make_meeting(series=house.meeting.series, starts_at=workday(days=-14))
    make_booking(staff=house.person, meeting=held, state="attended")
    quiet = make_department("Archive", "AR")
    it = house.team.department
    found = {row["id"]: row for row in rows(manager, "departments/")}
    assert set(found) == {house.department.pk, quiet.pk, it.pk}
    assert found[house.department.pk] == {
        "id": house.department.pk,
        "name": "Sales",
        "code": "SA",
        "time_zone": "Europe/Berlin",
        "cadence_weeks": 8,
        "last_visit_on": workday(days=-14).date().isoformat(),
        "coverage": 0.62,  # 1 of 13/8
        "purpose": "",
        "site": None,
        "version": 1,
    }
    assert (found[quiet.pk]["last_visit_on"], found[quiet.pk]["coverage"]) == (None, None)
    assert manager.get(f"{API}departments/{quiet.pk}/").json() == found[quiet.pk]


def test_staff_tell_hours_and_the_budget_of_this_week(
    house: Organisation, manager: APIClient
) -> None:
    (row,) = rows(manager, "staff/")
    week = week_of(timezone.now(), BERLIN).isoformat()
    budget = row.pop("budget")
    assert row == {
        "id": house.person.pk,
        "name": "Ada",
        "email": house.person.email,
        "team": house.team.pk,
        "time_zone": "Europe/Berlin",
        "weekly_hours": 45.0,
        "left_on": None,
        "site": None,
        "version": 1,
    }
    assert (budget["staff"], budget["week"], budget["booked_hours"]) == (house.person.pk, week, 0)
    assert budget["granted_hours"] == pytest.approx(45 * 0.85 * 0.1, abs=1 / 60)
    assert manager.get(f"{API}staff/{house.stranger.pk}/").status_code == 404


def test_budgets_have_a_row_per_person_and_week(house: Organisation, manager: APIClient) -> None:
    make_booking(staff=house.person, meeting=house.meeting)
    week = week_of(house.meeting.starts_at, BERLIN)
    found = rows(manager, f"budgets/?staff={house.person.pk}&from={workday().date()}&weeks=2")
    assert [row["week"] for row in found] == [
        week.isoformat(),
        (week + timedelta(weeks=1)).isoformat(),
    ]
    assert [row["booked_hours"] for row in found] == [1.5, 0.0]
    assert found[0]["left_hours"] == pytest.approx(found[0]["granted_hours"] - 1.5)


def test_meetings_tell_free_seats(house: Organisation, manager: APIClient) -> None:
    make_booking(staff=house.person, meeting=house.meeting)
    later = make_meeting(series=house.meeting.series, starts_at=workday(days=21), seats=2)
    full, free = rows(manager, "meetings/")
    assert (full["id"], full["seats"], full["seats_free"]) == (house.meeting.pk, 1, 0)
    assert set(free) == {
        "id", "series", "department", "title", "starts_at", "ends_at", "seats", "seats_free",
        "cancelled_at",
    }  # fmt: skip
    assert (free["id"], free["seats_free"]) == (later.pk, 2)


def test_free_meetings_are_ahead_with_a_seat_and_in_time(
    house: Organisation, manager: APIClient
) -> None:
    series = house.meeting.series
    make_booking(
        staff=house.person, meeting=make_meeting(series=series, starts_at=workday(days=21))
    )
    make_meeting(series=series, starts_at=workday(days=-7))
    make_meeting(series=series, starts_at=timezone.now() + timedelta(hours=2))
    cancelled = make_meeting(series=series, starts_at=workday(days=28))
    Meeting.objects.filter(pk=cancelled.pk).update(cancelled_at=timezone.now())
    assert [row["id"] for row in rows(manager, "meetings/?free=true")] == [house.meeting.pk]
    assert len(rows(manager, "meetings/?free=false")) == 5


def test_meetings_are_narrowed(house: Organisation, manager: APIClient) -> None:
    legal = make_meeting(series=make_series(department=make_department("Legal", "LE")))
    by_department = rows(manager, f"meetings/?department={legal.series.department_id}")
    assert [row["id"] for row in by_department] == [legal.pk]
    ahead = rows(manager, f"meetings/?from={workday().date()}")
    assert [row["id"] for row in ahead] == [house.meeting.pk]


def test_suggestions_are_ordered_with_reasons(house: Organisation, manager: APIClient) -> None:
    away = make_staff("Bo", team=house.team)
    make_absence(away, workday())
    best, last = rows(manager, f"meetings/{house.meeting.pk}/suggestions/")
    assert (best["staff"], best["name"], best["conflicts"]) == (house.person.pk, "Ada", [])
    assert best["reasons"][0] == {
        "code": "never_visited_department",
        "message": "Has never been with this department",
        "value": 0,
    }
    assert (last["staff"], [found["code"] for found in last["conflicts"]]) == (away.pk, ["absent"])
    body = {"staff": best["staff"], "meeting": house.meeting.pk}
    assert manager.post(f"{API}bookings/", body).status_code == 201


def test_load_of_a_small_team_is_only_a_light(house: Organisation, manager: APIClient) -> None:
    (row,) = rows(manager, "load/")
    assert row == {
        "team": house.team.pk,
        "week": week_of(timezone.now(), BERLIN).isoformat(),
        "capacity_hours": None,
        "backlog_hours": None,
        "inflow_p50_hours": None,
        "inflow_p80_hours": None,
        "share": None,
        "at_floor": None,
        "suppressed": True,
        "light": "unknown",
    }


def test_load_of_five_people_is_told(house: Organisation, manager: APIClient) -> None:
    for number in range(4):
        make_staff(f"Person {number}", team=house.team)
    found = rows(manager, f"load/?team={house.team.pk}&from={workday().date()}&weeks=2")
    assert [row["suppressed"] for row in found] == [False, False]
    assert found[0]["capacity_hours"] == pytest.approx(5 * 45 * 0.85, abs=0.2)
    assert rows(manager, f"load/?team={house.other_team.pk}") == []


def test_the_balance_of_a_small_team_tells_its_budget_to_its_manager(
    house: Organisation, manager: APIClient
) -> None:
    period = f"from={workday().date()}&to={workday().date() + timedelta(days=1)}"

    [mine] = rows(manager, f"reports/balance/?{period}")

    assert (mine["team"], mine["suppressed"]) == (house.team.pk, True)
    assert mine["capacity_hours"] is None
    assert mine["granted_hours"] == pytest.approx(3.8, abs=0.1)


@pytest.mark.usefixtures("house")
def test_the_balance_of_a_small_team_tells_its_budget_to_nobody_else() -> None:
    executive = caller(make_user(roles=(Role.EXECUTIVE,)))

    found = rows(executive, "reports/balance/")

    figures = {(row["granted_hours"], row["booked_hours"], row["left_hours"]) for row in found}
    assert figures == {(None, None, None)}


def test_the_balance_has_thirteen_weeks_by_itself(house: Organisation) -> None:
    assert len(rows(caller(house.planner), "reports/balance/")) == 26


def test_coverage_is_that_of_the_departments(house: Organisation, manager: APIClient) -> None:
    (row,) = rows(manager, "reports/coverage/")
    assert (row["department"], row["visits"], row["overdue"]) == (house.department.pk, 0, True)
    assert row["next_visit_at"] is None


def test_a_host_offers_a_series_with_its_meetings(house: Organisation) -> None:
    body = {
        "department": house.department.pk,
        "title": "Jour fixe",
        "rrule": "FREQ=WEEKLY;BYDAY=TU",
        "starts_at": workday().isoformat(),
        "duration_minutes": 45,
        "seats": 2,
        "needs_approval": True,
        "location": "4.12",
    }
    answer = caller(house.host.user).post(f"{API}meeting-series/", body)
    assert answer.status_code == 201, answer.content
    series = MeetingSeries.objects.get(pk=answer.json()["id"])
    assert series.host == house.host
    assert answer.json() == {
        **body,
        "id": series.pk,
        "starts_at": answer.json()["starts_at"],
        "time_zone": "Europe/Berlin",
        "confidential": False,
        "notice_hours": 24,
        "travel_minutes": 0,
        "guests_per_month": None,
        "excluded_on": [],
        "extra_on": [],
        "ended_at": None,
        "host": house.host.pk,
        "version": 1,
    }
    assert Meeting.objects.filter(series=series, seats=2).count() >= 23
    seen = caller(house.manager).get(f"{API}meeting-series/{series.pk}/")
    assert seen.json() == answer.json()


def test_a_host_offers_nothing_for_another_department(house: Organisation) -> None:
    body = {"department": make_department("Legal", "LE").pk, "title": "x", "starts_at": "x"}
    body["starts_at"] = workday().isoformat()
    assert caller(house.host.user).post(f"{API}meeting-series/", body).status_code == 403


def grow(house: Organisation) -> None:
    """Make one more of everything that is listed."""
    number = Meeting.objects.count()
    department = make_department(f"Department {number}")
    series = make_series(department=department)
    held = make_meeting(series=series, starts_at=workday(days=-7 * number))
    person = make_staff(f"Person {number}", team=house.team)
    booking = make_booking(staff=person, meeting=held, state="attended")
    answer = caller(person.user).post(
        f"{API}insights/", {"booking": booking.pk, "text": "They type each order twice."}
    )
    assert answer.status_code == 201


@pytest.mark.parametrize(
    "address",
    [
        "departments/", "teams/", "staff/", "meeting-series/", "meetings/", "meetings/?free=true",
        "meetings/{meeting}/suggestions/", "bookings/", "load/?weeks=3", "budgets/?weeks=3",
        "insights/", "reports/coverage/", "reports/balance/",
    ],
)  # fmt: skip
def test_a_list_takes_as_many_queries_for_three_rows_as_for_one(
    house: Organisation,
    manager: APIClient,
    django_assert_num_queries: DjangoAssertNumQueries,
    address: str,
) -> None:
    url = f"{API}{address.format(meeting=house.meeting.pk)}"
    grow(house)
    with CaptureQueriesContext(connection) as few:
        assert manager.get(url).status_code == 200
    count = len(few)
    assert 2 <= count <= 18
    grow(house)
    grow(house)
    with django_assert_num_queries(count):
        assert manager.get(url).status_code == 200
