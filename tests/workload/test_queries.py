"""Load of teams, from tickets in the database."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from pytest_django import DjangoAssertNumQueries

from rotation.periods.weeks import WEEK
from rotation.workload.load import TeamLoad
from rotation.workload.models import TeamEffort
from rotation.workload.queries import (
    inflow_by_week,
    loads_of_teams,
    open_tickets,
    teams_too_small,
    tickets_created,
)
from tests.builders import NOW, make_queue, make_staff, make_team, make_tickets

pytestmark = pytest.mark.django_db
BERLIN = ZoneInfo("Europe/Berlin")


def test_what_was_open_counts_from_creation_until_it_was_done() -> None:
    make_tickets(None, created_at=NOW - WEEK)
    make_tickets(None, created_at=NOW - WEEK, state="closed", closed_at=NOW)
    make_tickets(None, created_at=NOW - WEEK, state="resolved", resolved_at=NOW - WEEK / 2)
    make_tickets(None, created_at=NOW)
    make_tickets(None, created_at=NOW - WEEK, deleted=True)
    assert [open_tickets(at).count() for at in (NOW - WEEK, NOW, NOW + WEEK)] == [0, 2, 2]


def test_a_ticket_of_sunday_night_counts_in_the_week_of_the_zone() -> None:
    make_tickets(None, created_at=datetime(2026, 3, 1, 23, 30, tzinfo=UTC))
    week = date(2026, 3, 2)
    assert tickets_created(week, week, BERLIN) == {(None, week): 1}
    assert tickets_created(week - WEEK, week - WEEK, UTC) == {(None, week - WEEK): 1}


def test_past_inflow_is_tickets_times_the_minutes_of_the_team() -> None:
    desk, network = make_team("Desk"), make_team("Network")
    TeamEffort.objects.create(team=network, ticket_minutes=120)
    last_week = NOW - WEEK
    make_tickets(make_queue(desk), 2, created_at=last_week)
    make_tickets(make_queue(network), 3, created_at=last_week)
    make_tickets(None, 5, created_at=last_week)
    week = date(2026, 2, 23)
    assert inflow_by_week([week]) == {(desk.pk, week): 90, (network.pk, week): 360}
    assert inflow_by_week([]) == {}


def test_the_load_of_a_team_is_its_backlog_and_its_inflow() -> None:
    team = make_team()
    queue = make_queue(team)
    for weeks in range(1, 11):
        make_tickets(
            queue, weeks, created_at=NOW - weeks * WEEK, state="closed", closed_at=NOW - WEEK
        )
    make_tickets(queue, 4, created_at=NOW - timedelta(days=1), state="waiting")
    # Nine whole weeks: that of the first ticket is not whole. The open ones came last week.
    assert loads_of_teams(NOW) == {team.pk: TeamLoad(45, 5 * 45, 8 * 45)}


def test_a_young_queue_has_a_backlog_and_no_forecast() -> None:
    team = make_team()
    make_tickets(make_queue(team), 2, created_at=NOW - 3 * WEEK)
    assert loads_of_teams(NOW) == {team.pk: TeamLoad(90, None, None)}


def test_the_week_of_the_first_ticket_is_not_counted_as_a_whole_one() -> None:
    team = make_team()
    queue = make_queue(team)
    for weeks in range(1, 9):
        make_tickets(queue, created_at=NOW - weeks * WEEK)
    assert loads_of_teams(NOW)[team.pk].inflow_p80_minutes is None
    make_tickets(queue, created_at=NOW - 9 * WEEK)
    assert loads_of_teams(NOW)[team.pk].inflow_p80_minutes == 45


def test_teams_without_a_queue_have_no_known_load() -> None:
    make_team()
    make_tickets(make_queue(None), 2, created_at=NOW - 20 * WEEK)
    assert loads_of_teams(NOW) == {}


def test_loads_take_as_many_queries_for_one_team_as_for_three(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    for name in ("A", "B", "C"):
        make_tickets(make_queue(make_team(name)), 2, created_at=NOW - 9 * WEEK)
        with django_assert_num_queries(5):
            loads_of_teams(NOW)


def test_a_team_of_four_is_too_small_for_figures() -> None:
    small, large = make_team("Small"), make_team("Large")
    for number in range(5):
        make_staff(f"L{number}", team=large)
    staff = [make_staff(f"S{number}", team=small) for number in range(5)]
    assert teams_too_small() == set()
    staff[0].left_on, staff[0].has_left = date(2026, 1, 1), True
    staff[0].save()
    assert teams_too_small() == {small.pk}
