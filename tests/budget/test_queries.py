"""Budgets of people and capacities of teams."""

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction
from pytest_django import DjangoAssertNumQueries

from rotation.budget.models import TeamBudget
from rotation.budget.queries import (
    TeamHours,
    granted_minutes,
    hours_of_teams,
    net_minutes_of_teams,
)
from rotation.directory.models import Absence, Duty, StaffMember, Team, WorkingPattern
from rotation.periods.weeks import WEEK
from tests.builders import NOW, make_absence, make_contract, make_duty, make_staff, make_team

pytestmark = pytest.mark.django_db
THIS_WEEK = date(2026, 3, 2)
NEXT_WEEK = THIS_WEEK + WEEK
MONDAY = datetime(2026, 3, 1, 23, tzinfo=UTC)  # 00:00 in Berlin
FULL = 45 * 60  # make_staff: 8 to 17 on five days


def budget_of(team: Team, share: str, week: date = THIS_WEEK) -> TeamBudget:
    return TeamBudget.objects.create(
        team=team, week=week, share=Decimal(share), capacity_minutes=1, computed_at=NOW
    )


def granted(staff: StaffMember, week: date = THIS_WEEK) -> int:
    return granted_minutes([staff], [week])[staff.pk, week]


def test_a_week_without_a_computed_share_gets_the_target() -> None:
    assert granted(make_staff()) == FULL * 85 // 1000


def test_the_share_of_the_own_team_in_that_week_counts() -> None:
    staff = make_staff()
    budget_of(staff.team, "0.200")
    budget_of(staff.team, "0.050", NEXT_WEEK)
    budget_of(make_team("Other"), "0.000")
    found = granted_minutes([staff], [THIS_WEEK, NEXT_WEEK])
    assert found == {(staff.pk, THIS_WEEK): 459, (staff.pk, NEXT_WEEK): 114}


def test_absence_and_duty_take_their_part() -> None:
    absent, on_duty, stand_by, away = (make_staff(name) for name in "ABCD")
    make_absence(absent, MONDAY, timedelta(days=1))
    make_duty(on_duty, MONDAY, WEEK)
    make_duty(stand_by, MONDAY, WEEK)
    Duty.objects.filter(staff=stand_by).update(kind=Duty.Kind.SECONDARY)
    make_absence(away, MONDAY - 5 * WEEK, 20 * WEEK)
    assert [granted(person) for person in (absent, on_duty, stand_by, away)] == [183, 0, 114, 0]


def test_hours_over_the_edge_of_a_week_count_where_they_lie() -> None:
    staff = make_staff(works=False)
    staff.time_zone = "Asia/Tokyo"  # Monday 8 to 12 there ends on Sunday at 4 in Berlin
    staff.save()
    make_contract(staff, days=[0], hours=(time(0), time(12)))
    make_absence(staff, MONDAY, timedelta(hours=4))
    found = granted_minutes([staff], [THIS_WEEK - WEEK, THIS_WEEK, NEXT_WEEK])
    # Eight of the twelve hours lie on Berlin's Sunday; the four on its Monday are taken off.
    assert list(found.values()) == [61, 40, 61]
    assert net_minutes_of_teams([THIS_WEEK]) == {(staff.team_id, THIS_WEEK): 408}


def test_any_day_of_a_week_names_the_week() -> None:
    staff = make_staff()
    assert list(granted_minutes([staff], [date(2026, 3, 5)])) == [(staff.pk, THIS_WEEK)]


def test_nobody_and_no_week_cost_nothing(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    with django_assert_num_queries(0):
        assert granted_minutes([], [THIS_WEEK]) == {}


def test_budgets_take_four_queries_however_many_they_are(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    people = [make_staff(f"P{number}", team=make_team(f"T{number}")) for number in range(3)]
    for staff in (people[:1], people):
        for count in (1, 14):
            weeks = [THIS_WEEK + index * WEEK for index in range(count)]
            with django_assert_num_queries(4):
                assert len(granted_minutes(staff, weeks)) == len(staff) * count
            with django_assert_num_queries(5):
                net_minutes_of_teams(weeks)


def test_what_a_team_may_spend_is_what_its_members_may() -> None:
    team = make_team()
    people = [make_staff(name, team=team) for name in ("Ada", "Ben")]
    make_duty(people[0], MONDAY, WEEK)
    budget_of(team, "0.200")
    assert hours_of_teams([team.pk], [THIS_WEEK]) == {
        (team.pk, THIS_WEEK): TeamHours(net_minutes=2 * 2295, granted_minutes=459)
    }
    assert hours_of_teams([], [THIS_WEEK]) == {}


def test_the_capacity_of_a_team_is_the_net_time_of_its_members() -> None:
    team = make_team()
    make_staff("Ada", team=team)
    part_timer = make_staff("Ben", team=team)
    WorkingPattern.objects.filter(contract__staff=part_timer, weekday__gte=2).delete()
    gone = make_staff("Cem", team=team)
    gone.left_on, gone.has_left = date(2026, 1, 1), True
    gone.save()
    Absence.objects.create(staff=part_timer, starts_at=MONDAY, ends_at=MONDAY + timedelta(days=1))
    assert net_minutes_of_teams([THIS_WEEK, NEXT_WEEK]) == {
        (team.pk, THIS_WEEK): 2295 + 459,
        (team.pk, NEXT_WEEK): 2295 + 918,
    }


@pytest.mark.parametrize(
    ("week", "share"),
    [
        pytest.param(date(2026, 3, 3), "0.100", id="a week is its Monday"),
        pytest.param(THIS_WEEK, "1.001", id="a share is at most one"),
        pytest.param(THIS_WEEK, "-0.001", id="a share is not negative"),
    ],
)
def test_the_database_refuses_what_is_no_budget(week: date, share: str) -> None:
    team = make_team()
    with pytest.raises(IntegrityError), transaction.atomic():
        budget_of(team, share, week)


def test_the_database_keeps_one_budget_of_a_team_and_week() -> None:
    team = make_team()
    budget_of(team, "0.100")
    with pytest.raises(IntegrityError), transaction.atomic():
        budget_of(team, "0.200")


def test_a_contract_that_changes_in_mid_week_counts_by_its_days() -> None:
    """Two days of nine hours and three of four: 30 hours, of which 85 % and a tenth."""
    staff = make_staff(works=False)
    wednesday = THIS_WEEK + timedelta(days=2)
    make_contract(staff, ends_on=wednesday)
    make_contract(staff, wednesday, hours=(time(8), time(12)))

    found = granted_minutes([staff], [THIS_WEEK, NEXT_WEEK])

    assert found == {(staff.pk, THIS_WEEK): 153, (staff.pk, NEXT_WEEK): 102}


def test_a_gap_between_contracts_and_the_time_after_the_last_day_grant_nothing() -> None:
    staff = make_staff(works=False)
    make_contract(staff, ends_on=THIS_WEEK)
    make_contract(staff, NEXT_WEEK)
    staff.left_on = NEXT_WEEK + timedelta(days=4)
    staff.save()

    weeks = [THIS_WEEK - WEEK, THIS_WEEK, NEXT_WEEK, NEXT_WEEK + WEEK]

    assert list(granted_minutes([staff], weeks).values()) == [229, 0, 229, 0]


def test_dispatch_binds_as_much_as_being_on_duty() -> None:
    staff = make_staff()
    Duty.objects.create(
        staff=staff, kind=Duty.Kind.DISPATCH, starts_at=MONDAY, ends_at=MONDAY + WEEK
    )

    assert granted_minutes([staff], [THIS_WEEK]) == {(staff.pk, THIS_WEEK): 0}
