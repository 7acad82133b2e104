"""The manager's walk: see load and budget, choose a department, book; and be refused well."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from accounts.models import Role, User
from rotation.booking.models import Booking
from rotation.meetings.models import Meeting
from rotation.workflows.plan_budgets import refresh_team_budgets
from tests.builders import (
    coming_tuesday,
    make_absence,
    make_department,
    make_meeting,
    make_queue,
    make_series,
    make_staff,
    make_team,
    make_tickets,
    make_user,
)

PASSWORD = "a long demo password"
CheckPage = Callable[[], None]


@pytest.fixture
def manager(live_server: LiveServer) -> User:
    del live_server  # it empties the database
    user = make_user("mara@example.org", name="Mara Berg", roles=(Role.MANAGER,))
    make_team(managers=(user,))
    return user


@pytest.fixture
def meeting(manager: User) -> Meeting:
    del manager
    series = make_series(department=make_department("Purchasing", "PU"), title="Weekly round")
    meeting = make_meeting(series=series, starts_at=coming_tuesday())
    make_meeting(series=series, starts_at=coming_tuesday(2))
    return meeting


def give_load(people: int) -> None:
    """Make a team of `people` more, with a history of tickets and the budget that follows."""
    team, now = make_team(), timezone.now()
    for number in range(people):
        make_staff(f"Person {number}", team=team)
    queue = make_queue(team)
    for week in range(1, 14):
        make_tickets(queue, 20, created_at=now - timedelta(weeks=week))
    refresh_team_budgets(now)


@pytest.mark.usefixtures("look")
def test_the_manager_books_the_best_guest_for_the_longest_unvisited_department(
    page: Page, live_server: LiveServer, meeting: Meeting, check_page: CheckPage
) -> None:
    make_staff("Ada Kern")
    make_absence(make_staff("Ben Wolf"), meeting.starts_at)
    give_load(people=3)

    page.goto(live_server.url)
    page.get_by_label("Email").fill("mara@example.org")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Overview")
    expect(page.get_by_role("heading", name="Left for visits this week")).to_be_visible()
    expect(page.get_by_role("img", name="Hours on tickets and on visits")).to_be_visible()
    check_page()

    page.get_by_role("link", name="Find a guest for Purchasing").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Purchasing")
    check_page()

    page.get_by_role("link", name=re.compile("Weekly round")).first.click()
    expect(page.get_by_text("Has never been with this department").first).to_be_visible()
    page.get_by_text("1 person who cannot go, and why").click()
    expect(page.get_by_text("The person is away")).to_be_visible()
    check_page()

    page.get_by_role("button", name="Book Ada Kern").click()
    page.wait_for_url(re.compile(r"/visits/\d+/$"))
    expect(page.get_by_role("status")).to_contain_text("Ada Kern is booked")
    assert Booking.objects.get().staff.name == "Ada Kern"


@pytest.mark.usefixtures("look")
def test_a_refusal_names_every_reason_and_offers_what_is_possible(
    sign_in: Callable[[User], Page],
    live_server: LiveServer,
    manager: User,
    meeting: Meeting,
    check_page: CheckPage,
) -> None:
    make_staff("Ada Kern")
    ben = make_staff("Ben Wolf", works=False)
    make_absence(ben, meeting.starts_at)
    page = sign_in(manager)

    page.goto(f"{live_server.url}/meetings/{meeting.pk}/")
    page.get_by_label("Person").select_option(label="Ben Wolf (Service Desk)")
    page.get_by_role("button", name="Book this person").click()

    panel = page.get_by_role("alert").filter(has_text="cannot be booked")
    expect(panel.get_by_role("listitem")).to_have_count(3)
    expect(page.get_by_label("Person")).to_have_value(str(ben.pk))
    check_page()

    panel.get_by_role("button", name="Book Ada Kern instead").click()
    page.wait_for_url(re.compile(r"/visits/\d+/$"))
    assert Booking.objects.get().staff.name == "Ada Kern"


@pytest.mark.usefixtures("look", "meeting")
@pytest.mark.parametrize(
    ("address", "heading"), [("/team/", "Team capacity"), ("/departments/", "Departments")]
)
def test_the_lists_of_the_manager_are_sound_in_every_look(
    sign_in: Callable[[User], Page],
    live_server: LiveServer,
    manager: User,
    check_page: CheckPage,
    address: str,
    heading: str,
) -> None:
    give_load(people=5)
    page = sign_in(manager)

    page.goto(f"{live_server.url}{address}")

    expect(page.get_by_role("heading", level=1)).to_have_text(heading)
    check_page()


def test_a_double_click_books_once(
    sign_in: Callable[[User], Page], live_server: LiveServer, manager: User, meeting: Meeting
) -> None:
    make_staff("Ada Kern")
    page = sign_in(manager)

    page.goto(f"{live_server.url}/meetings/{meeting.pk}/")
    page.get_by_role("button", name="Book Ada Kern").dblclick(no_wait_after=True)
    page.wait_for_url(re.compile(r"/visits/\d+/$"))

    assert Booking.objects.count() == 1
