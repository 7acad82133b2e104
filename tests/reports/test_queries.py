"""The overview's figures, from the database."""

from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest
from pytest_django import DjangoAssertNumQueries

from rotation.booking.models import Booking
from rotation.budget.models import TeamBudget
from rotation.directory.models import Department, StaffMember, Team
from rotation.meetings.models import Meeting
from rotation.periods.weeks import WEEK
from rotation.reports.figures import Balance, Coverage
from rotation.reports.queries import balance, coverage
from rotation.workload.load import Light
from tests.builders import (
    NOW,
    make_booking,
    make_department,
    make_meeting,
    make_queue,
    make_series,
    make_staff,
    make_team,
    make_tickets,
)

pytestmark = pytest.mark.django_db
MONDAY = date(2026, 3, 2)
DAY = timedelta(days=1)


def team_of(size: int, name: str = "Desk") -> tuple[Team, StaffMember]:
    team = make_team(name)
    people = [make_staff(f"{name} {number}", team=team) for number in range(size)]
    return team, people[0]


def booked(staff: StaffMember, at: datetime, state: str = Booking.State.CONFIRMED) -> Booking:
    meeting = make_meeting(starts_at=at, series=make_series(title=f"{at} {staff}"))
    return make_booking(staff=staff, meeting=meeting, state=state)


def row_of(team: Team, week: date) -> Balance:
    (row,) = balance([team], NOW, [week])
    return row


def test_the_overview_spans_six_weeks_back_and_seven_ahead() -> None:
    teams = [make_team("B"), make_team("A")]
    rows = balance(teams, NOW)
    expected = [MONDAY + index * WEEK for index in range(-6, 7)]
    assert [(row.team_id, row.week) for row in rows] == [
        (team.pk, week) for team in teams for week in expected
    ]
    assert [row.is_past for row in rows[:13]] == [True] * 6 + [False] * 7


def test_past_weeks_show_what_came_in_and_coming_ones_what_is_expected() -> None:
    team, _ = team_of(5)
    make_tickets(make_queue(team), 4, created_at=NOW - WEEK)
    TeamBudget.objects.create(
        team=team, week=MONDAY, share=Decimal("0.200"), capacity_minutes=1, backlog_minutes=400,
        inflow_minutes=1000, computed_at=NOW,
    )  # fmt: skip
    weeks = [row_of(team, MONDAY + index * WEEK) for index in (-2, -1, 0, 1)]
    assert [row.reactive_minutes for row in weeks] == [0, 180, 1100, None]
    assert [row.light for row in weeks] == [Light.GREEN] * 3 + [Light.UNKNOWN]
    assert [row.share for row in weeks] == [Decimal(s) for s in ("0.1", "0.1", "0.2", "0.1")]
    assert {row.capacity_minutes for row in weeks} == {5 * 2295}
    assert [row.granted_minutes for row in weeks] == [1145, 1145, 2295, 1145]


def test_a_team_without_a_ticket_source_has_no_reactive_hours() -> None:
    team, _ = team_of(5)
    assert row_of(team, MONDAY - WEEK).reactive_minutes is None


def test_booked_hours_are_those_of_visits_that_stand() -> None:
    team, staff = team_of(5)
    _, other = team_of(1, "Other")
    for index, state in enumerate(Booking.State):
        booked(staff, NOW + index * DAY / 2, state)
    booked(other, NOW)
    booked(staff, NOW + WEEK)
    assert row_of(team, MONDAY).booked_minutes == 3 * 90


def test_a_team_of_four_shows_a_light_and_its_budget_only() -> None:
    team, staff = team_of(4)
    make_tickets(make_queue(team), 999, created_at=NOW - WEEK)
    booked(staff, NOW - WEEK)
    row = row_of(team, MONDAY - WEEK)
    assert (row.suppressed, row.light) == (True, Light.RED)
    assert (row.capacity_minutes, row.reactive_minutes, row.utilisation) == (None, None, None)
    assert (row.granted_minutes, row.booked_minutes) == (916, 90)


def test_the_balance_takes_eleven_queries_however_many_teams(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    teams = []
    for name in ("A", "B", "C"):
        team, staff = team_of(2, name)
        make_tickets(make_queue(team), created_at=NOW - WEEK)
        booked(staff, NOW)
        teams.append(team)
        with django_assert_num_queries(11):
            balance(teams, NOW)


def visit(department: Department, at: datetime, state: str = Booking.State.ATTENDED) -> Meeting:
    series = make_series(department=department, title=f"{at}")
    meeting = make_meeting(series=series, starts_at=at)
    make_booking(meeting=meeting, state=state, staff=make_staff(f"{at} {department}"))
    return meeting


def coverage_of(department: Department) -> Coverage:
    (row,) = coverage(NOW, [department.pk])
    return row


def test_a_department_without_meetings_is_not_listed() -> None:
    make_team()
    assert coverage(NOW) == []


def test_a_never_visited_department_says_so() -> None:
    sales = make_department(cadence_weeks=4, code="SA")
    make_series(department=sales)
    make_series(department=sales, title="Another")
    assert coverage(NOW) == [
        Coverage(
            department_id=sales.pk, name="Sales", code="SA", cadence_weeks=4, last_visit_on=None,
            weeks_since=None, visits=0, next_visit_at=None,
        )
    ]  # fmt: skip


def test_visits_count_when_they_took_place() -> None:
    sales, other = make_department(), make_department("Other")
    visit(sales, NOW - 14 * WEEK)
    visit(sales, NOW - 12 * WEEK)
    visit(sales, NOW - 3 * WEEK - DAY, Booking.State.CONFIRMED)
    for state in ("requested", "missed", "declined", "cancelled"):
        visit(sales, NOW - 2 * WEEK + DAY, state)
    visit(other, NOW - DAY)
    row = coverage_of(sales)
    assert (row.last_visit_on, row.weeks_since, row.visits) == (date(2026, 2, 8), 3, 2)
    assert [each.name for each in coverage(NOW)] == ["Other", "Sales"]


def test_the_next_visit_is_the_first_that_still_stands() -> None:
    sales = make_department()
    visit(sales, NOW + DAY, Booking.State.CANCELLED)
    second = visit(sales, NOW + 2 * DAY, Booking.State.REQUESTED)
    visit(sales, NOW + 3 * DAY, Booking.State.CONFIRMED)
    assert coverage_of(sales).next_visit_at == second.starts_at


def test_a_visit_shortly_after_midnight_counts_on_the_day_of_the_department() -> None:
    tokyo = make_department("Tokyo", time_zone="Asia/Tokyo")
    visit(tokyo, datetime.fromisoformat("2026-02-20T00:30:00+09:00"))
    assert coverage_of(tokyo).last_visit_on == date(2026, 2, 20)


def test_coverage_takes_one_query(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    for name in ("A", "B"):
        visit(make_department(name), NOW - WEEK)
        with django_assert_num_queries(1):
            coverage(NOW)
