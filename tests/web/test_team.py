from datetime import datetime, timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from accounts.models import Role, User
from rotation.directory.models import Team
from rotation.periods.weeks import midnight, monday_of
from rotation.workflows.plan_budgets import refresh_team_budgets
from tests.builders import (
    make_absence,
    make_booking,
    make_meeting,
    make_staff,
    make_team,
    make_user,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def manager() -> User:
    return make_user("mara@example.org", roles=(Role.MANAGER,))


@pytest.fixture
def as_manager(client: Client, manager: User) -> Client:
    client.force_login(manager)
    return client


def team_of(manager: User, people: int, name: str = "Service Desk") -> Team:
    team = make_team(name, managers=(manager,))
    for number in range(people):
        make_staff(f"{name} {number}", team=team)
    return team


def monday() -> datetime:
    zone = timezone.get_default_timezone()
    return midnight(monday_of(timezone.localdate()), zone)


def show(client: Client) -> str:
    return client.get(reverse("team")).content.decode()


def test_a_team_shows_its_figures_and_its_chart(as_manager: Client, manager: User) -> None:
    team_of(manager, 5)
    refresh_team_budgets(timezone.now())

    answer = as_manager.get(reverse("team"))

    [part] = answer.context["teams"]
    assert part.now.capacity_minutes == 5 * 45 * 60 * 85 // 100
    assert len(part.chart.rows) == 13
    assert "<svg" in answer.content.decode()


def test_a_team_under_five_shows_a_light_and_no_figure(as_manager: Client, manager: User) -> None:
    team_of(manager, 4)

    [part] = as_manager.get(reverse("team")).context["teams"]

    assert (part.chart, part.now.capacity_minutes, part.now.suppressed) == (None, None, True)
    text = show(as_manager)
    assert "fewer than five people" in text
    assert "r-kpi" not in text


def test_several_teams_are_a_table_and_one_of_them_a_tab(as_manager: Client, manager: User) -> None:
    small, large = team_of(manager, 4, "Architects"), team_of(manager, 5)

    every = as_manager.get(reverse("team"))
    one = as_manager.get(reverse("team"), {"team": large.pk})

    assert [part.team for part in every.context["teams"]] == [small, large]
    assert (len(every.context["rows"]), len(one.context["rows"])) == (9, 5)
    assert [part.team for part in one.context["teams"]] == [large]
    assert "Fewer than five people" in every.content.decode()
    assert "<svg" in one.content.decode()


@pytest.mark.parametrize("team", ["0", "x", "\x00", "99999999999999999999"])
def test_a_team_that_is_not_there_is_all_of_them(
    as_manager: Client, manager: User, team: str
) -> None:
    team_of(manager, 1, "Architects")
    team_of(manager, 1)
    foreign = make_team("Network")

    for key in (team, str(foreign.pk)):
        assert len(as_manager.get(reverse("team"), {"team": key}).context["teams"]) == 2


def test_people_are_sorted_by_name_with_their_own_hours(as_manager: Client, manager: User) -> None:
    team = team_of(manager, 0)
    zoe, ada = make_staff("Zoe", team=team), make_staff("Ada", team=team)
    make_absence(ada, monday(), timedelta(days=1))
    meeting = make_meeting(starts_at=monday() + timedelta(days=1, hours=9))
    make_booking(staff=zoe, meeting=meeting)

    first, second = as_manager.get(reverse("team")).context["rows"]

    assert [first.week.staff, second.week.staff] == [ada, zoe]
    assert (first.week.absent_minutes, second.week.visit_minutes) == (9 * 60, 90)
    assert [part.kind for part in first.segments] == ["absent", "free"]
    assert [part.kind for part in second.segments] == ["proactive", "free"]


@pytest.mark.parametrize("week", ["", "x", "1900-01-01", "9999-12-31", "2026-13-01", "\x00"])
def test_a_week_that_is_not_offered_is_this_week(
    as_manager: Client, manager: User, week: str
) -> None:
    team_of(manager, 1)

    answer = as_manager.get(reverse("team"), {"week": week})

    assert answer.context["chosen"] == monday().date()


def test_a_coming_week_can_be_chosen(as_manager: Client, manager: User) -> None:
    [ada] = [make_staff("Ada", team=team_of(manager, 0))]
    coming = monday() + timedelta(weeks=1)
    make_booking(staff=ada, meeting=make_meeting(starts_at=coming + timedelta(hours=9)))

    [row] = as_manager.get(reverse("team"), {"week": str(coming.date())}).context["rows"]

    assert row.week.visit_minutes == 90


def test_other_teams_are_not_shown(as_manager: Client, manager: User) -> None:
    team_of(manager, 1)
    make_staff("Zoe Fremd", team=make_team("Network"))

    text = show(as_manager)

    assert "Zoe Fremd" not in text
    assert "Network" not in text


def test_executives_see_teams_and_no_person(client: Client, manager: User) -> None:
    team_of(manager, 5)
    client.force_login(make_user(roles=(Role.EXECUTIVE,)))

    answer = client.get(reverse("team"))

    assert len(answer.context["teams"]) == 1
    assert answer.context["rows"] == []
    assert "Service Desk 0" not in answer.content.decode()


@pytest.mark.parametrize("role", [Role.STAFF, Role.HOST, Role.COUNCIL, Role.ADMIN])
def test_others_may_not_see_load(client: Client, role: Role) -> None:
    client.force_login(make_user(roles=(role,)))

    assert client.get(reverse("team")).status_code == 403


def test_a_manager_without_a_team_is_told_what_to_do(as_manager: Client) -> None:
    assert "No team is assigned to you" in show(as_manager)


@pytest.mark.parametrize(("teams", "people"), [(1, 1), (1, 3), (3, 2)])
def test_the_queries_grow_neither_with_teams_nor_with_people(
    as_manager: Client,
    manager: User,
    django_assert_num_queries: DjangoAssertNumQueries,
    teams: int,
    people: int,
) -> None:
    for number in range(teams):
        team_of(manager, people, f"Team {number}")

    with django_assert_num_queries(32):
        show(as_manager)
