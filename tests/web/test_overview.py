from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from accounts.models import Role, User
from rotation.booking.models import Booking
from rotation.directory.models import StaffMember, Team
from tests.builders import (
    coming_tuesday,
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
LONG_AGO = timedelta(days=30)


@pytest.fixture
def manager(client: Client) -> User:
    user = make_user("mara@example.org", roles=(Role.MANAGER,))
    client.force_login(user)
    return user


@pytest.fixture
def team(manager: User) -> Team:
    return make_team(managers=(manager,))


def show(client: Client) -> Any:  # noqa: ANN401 -- the test client's own response
    return client.get(reverse("overview"))


def waits(client: Client) -> list[tuple[str, str]]:
    return [(each.text, each.url) for each in show(client).context["to_dos"]]


def make_waiting(team: Team) -> None:
    asked = timezone.now() - LONG_AGO
    requested, silent, past = (make_staff(name, team=team) for name in ("Ada", "Ben", "Cem"))
    make_booking(
        staff=requested,
        meeting=make_meeting(starts_at=coming_tuesday()),
        state=Booking.State.REQUESTED,
        created_at=asked,
    )
    make_booking(staff=silent, meeting=make_meeting(starts_at=coming_tuesday()), created_at=asked)
    make_booking(staff=past, meeting=make_meeting(starts_at=coming_tuesday() - LONG_AGO))


def test_what_waits_comes_first_with_the_way_there(client: Client, team: Team) -> None:
    make_waiting(team)

    assert waits(client) == [
        (
            "1 visit has waited for the host's approval for more than two days",
            "/visits/?state=requested",
        ),
        (
            "1 invitation has not been answered for more than five days",
            "/visits/?unanswered=on",
        ),
        ("1 past visit: was the guest there?", "/visits/?when=past&state=confirmed"),
    ]


def test_every_way_of_the_list_leads_somewhere(client: Client, team: Team) -> None:
    make_waiting(team)

    assert [client.get(url).status_code for _, url in waits(client)] == [200, 200, 200]


@pytest.mark.usefixtures("manager")
def test_nothing_to_do_is_said_too(client: Client) -> None:
    assert "Nothing waits for you." in show(client).content.decode()


def test_the_manager_sees_load_budget_and_who_was_not_visited(client: Client, team: Team) -> None:
    for number in range(5):
        make_staff(f"Person {number}", team=team)
    make_series(department=make_department("Purchasing"))

    context = show(client).context

    [row] = context["load"].teams
    assert (row.team, row.shows_budget, row.row.suppressed) == (team, True, False)
    assert context["load"].granted_minutes > 0
    assert len(context["load"].chart.rows) == 13
    assert (context["coverage"].within, context["coverage"].departments) == (0, 1)
    assert [row.name for row in context["coverage"].unvisited] == ["Purchasing"]


def test_a_manager_of_a_small_team_sees_its_budget_and_no_load(client: Client, team: Team) -> None:
    make_staff("Ada", team=team)

    load = show(client).context["load"]

    assert (load.chart, load.teams[0].shows_budget) == (None, True)


def test_an_executive_sees_figures_but_none_of_a_small_team(client: Client, team: Team) -> None:
    make_staff("Ada", team=team)
    client.force_login(make_user(roles=(Role.EXECUTIVE,)))

    answer = show(client)

    [row] = answer.context["load"].teams
    assert (row.shows_budget, answer.context["load"].granted_minutes) == (False, 0)
    assert "Ada" not in answer.content.decode()
    assert "Find a guest" not in answer.content.decode()


def test_staff_see_the_own_next_visit_budget_and_notes_to_write(client: Client) -> None:
    ada = make_staff("Ada")
    mine = make_booking(staff=ada, meeting=make_meeting(starts_at=coming_tuesday()))
    told = make_booking(
        staff=ada, meeting=make_meeting(starts_at=coming_tuesday() - LONG_AGO), state="attended"
    )
    make_booking(staff=make_staff("Ben"), meeting=make_meeting(starts_at=coming_tuesday()))
    client.force_login(ada.user)

    answer = show(client)

    own = answer.context["own"]
    assert (own.next_visit, own.to_tell, own.week.staff) == (mine, [told], ada)
    assert answer.context["load"] is None
    assert "Ben" not in answer.content.decode()


def test_a_host_sees_requests_and_next_guests_of_the_own_department(client: Client) -> None:
    host = make_host(department=make_department("Sales"))
    ours = make_series(department=host.department, seats=2)
    meeting = make_meeting(series=ours, starts_at=coming_tuesday(), seats=2)
    asks = make_booking(staff=make_staff("Ada"), meeting=meeting, state="requested")
    comes = make_booking(staff=make_staff("Ben"), meeting=meeting, seat=2)
    theirs = make_series(department=make_department("Legal"))
    make_booking(
        staff=make_staff("Cem"),
        meeting=make_meeting(series=theirs, starts_at=coming_tuesday()),
    )
    client.force_login(host.user)

    answer = show(client)

    hosting = answer.context["hosting"]
    assert (hosting.requests, hosting.guests) == ([asks], [comes])
    assert waits(client) == [("1 guest asks for a seat in your meetings", "/hosting/")]
    assert "Cem" not in answer.content.decode()


def test_the_administrator_is_led_to_mails_and_health(client: Client) -> None:
    client.force_login(make_user(roles=(Role.ADMIN,)))

    text = show(client).content.decode()

    assert [f'href="{reverse(name)}"' in text for name in ("health", "outbox", "admin:index")] == [
        True,
        True,
        True,
    ]


@pytest.mark.parametrize("roles", [(Role.COUNCIL,), ()])
def test_who_sees_no_visit_reads_what_is_counted(client: Client, roles: tuple[str, ...]) -> None:
    client.force_login(make_user(roles=roles))

    assert "never per person" in show(client).content.decode()


@pytest.mark.parametrize("role", Role)
def test_every_role_opens_the_page_of_an_empty_house(client: Client, role: Role) -> None:
    client.force_login(make_user(roles=(role,)))

    answer = show(client)

    assert answer.status_code == 200
    assert answer.content.decode().count('href="/departments/"') >= 1


def test_only_the_five_next_visits_are_shown(client: Client, team: Team) -> None:
    for week in range(1, 8):
        make_booking(
            staff=make_staff(f"P{week}", team=team),
            meeting=make_meeting(starts_at=coming_tuesday(week)),
        )

    names = [visit.staff.name for visit in show(client).context["visits"]]

    assert names == ["P1", "P2", "P3", "P4", "P5"]


@pytest.mark.parametrize("count", [1, 3])
def test_the_queries_do_not_grow(
    client: Client, manager: User, django_assert_num_queries: DjangoAssertNumQueries, count: int
) -> None:
    me = StaffMember.objects.create(user=manager, team=make_team("Own team"))
    host = make_host()
    type(host).objects.filter(pk=host.pk).update(user=manager)
    User.objects.filter(pk=manager.pk).update(roles=[Role.MANAGER, Role.STAFF, Role.HOST])
    for number in range(count):
        team = make_team(f"Team {number}", managers=(manager,))
        series = make_series(department=make_department(f"D{number}"))
        for staff in (me, make_staff(f"P{number}", team=team)):
            for weeks in (number + 1, -number - 3):
                starts_at = coming_tuesday() + timedelta(weeks=weeks, hours=staff == me)
                make_booking(staff=staff, meeting=make_meeting(series=series, starts_at=starts_at))

    with django_assert_num_queries(38):
        show(client)
