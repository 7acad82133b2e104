"""From `create_admin` to the first booking: by hand, and by a table."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from django.core.management import call_command
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from rotation.booking.models import Booking
from rotation.directory.models import Department, Host, StaffMember, Team
from rotation.invites.models import Mail
from rotation.web.people_example import example_xlsx
from tests.builders import coming_tuesday
from tests.mail_server import MailServer

CheckPage = Callable[[], None]
PASSWORD = "a Long pass phrase"


@pytest.fixture
def administrator(page: Page, live_server: LiveServer, monkeypatch: pytest.MonkeyPatch) -> Page:
    """A page on a house without a demo, signed in as who was made on the command line."""
    monkeypatch.setattr("sys.stdin.readline", lambda: f"{PASSWORD}\n")
    call_command("create_admin", "root@example.org", "--name", "Petra Sommer", "--password-stdin")
    page.goto(live_server.url)
    page.get_by_label("Email").fill("root@example.org")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", name="First steps")).to_be_visible()
    return page


def to_overview(page: Page) -> None:
    page.get_by_role("link", name="Overview").first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Overview")


def step(page: Page, button: str, done: int) -> None:
    """See how far the list is, and follow its next step."""
    expect(page.get_by_text(f"{done} of 6 done")).to_be_visible()
    following = page.locator('[aria-current="step"]')
    expect(following).to_have_count(1)
    following.get_by_role("link", name=button).click()


def add_department(page: Page, name: str, code: str) -> None:
    page.get_by_label("Name").fill(name)
    page.get_by_label("Code").fill(code)
    page.get_by_role("button", name="Add the department").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(name)


def add_departments_and_team(page: Page, check_page: CheckPage) -> None:
    step(page, "Add a department", done=0)
    check_page()
    add_department(page, "IT", "IT")
    to_overview(page)
    step(page, "Add a department", done=0)
    add_department(page, "Purchasing", "PU")
    check_page()

    to_overview(page)
    step(page, "Add a team", done=1)
    page.get_by_label("Name").fill("Service Desk")
    page.get_by_label("Belongs to").select_option(label="IT")
    page.get_by_label("Petra Sommer").check()
    check_page()
    page.get_by_role("button", name="Add the team").click()
    expect(page.get_by_role("rowheader", name="Service Desk")).to_be_visible()
    check_page()


def add_person(page: Page, check_page: CheckPage) -> None:
    to_overview(page)
    step(page, "Add a person", done=2)
    page.get_by_label("Name").fill("Ada Kern")
    page.get_by_label("E-mail").fill("ada@example.org")
    page.get_by_label("Team").select_option(label="Service Desk")
    page.get_by_label("Send a mail").uncheck()
    check_page()
    page.get_by_role("button", name="Add the person").click()

    expect(page.get_by_role("heading", level=1)).to_have_text("New working hours")
    page.get_by_role("button", name="Four days").click()
    expect(page.get_by_label("Friday, from")).to_have_value("")
    page.get_by_role("button", name="Full time").click()
    expect(page.get_by_label("Friday, from")).to_have_value("08:00")
    check_page()
    page.get_by_role("button", name="Save").last.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Ada Kern")
    expect(page.get_by_text("40.0 h a week")).to_be_visible()
    check_page()


def add_host(page: Page, check_page: CheckPage) -> None:
    to_overview(page)
    step(page, "Add a host", done=3)
    page.get_by_label("Name").fill("Hanna Voss")
    page.get_by_label("E-mail").fill("hanna@example.org")
    page.get_by_label("Send a mail").uncheck()
    check_page()
    page.get_by_role("button", name="Add the host").click()
    expect(page.get_by_role("link", name="Hanna Voss")).to_be_visible()


def offer_meeting(page: Page, department: str) -> None:
    page.get_by_label("Department").select_option(label=department)
    page.get_by_label("Title").fill("Order desk")
    page.get_by_label("First date").fill(coming_tuesday().date().isoformat())
    page.get_by_label("Begins at").fill("10:00")
    page.get_by_role("button", name="Offer the meeting").click()
    expect(page.get_by_role("status")).to_contain_text("Order desk is offered")


def book(page: Page, guest: str) -> None:
    page.get_by_role("button", name=re.compile(f"{guest}")).first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text(f"{guest} visits Purchasing")


def invited(mail_server: MailServer) -> list[str]:
    """Return who gets mail of the first visit, once the mails have left."""
    invitation = Mail.objects.get(purpose="invite")
    assert b"method=REQUEST" in bytes(invitation.raw)
    call_command("send_invites")
    assert set(Mail.objects.values_list("state", flat=True)) == {"sent"}
    return [address for each in mail_server.deliveries for address in each.recipients]


@pytest.mark.usefixtures("look")
def test_a_new_house_gets_from_its_administrator_to_the_first_visit(
    administrator: Page, check_page: CheckPage, mail_server: MailServer
) -> None:
    page = administrator
    check_page()

    add_departments_and_team(page, check_page)
    add_person(page, check_page)
    add_host(page, check_page)

    to_overview(page)
    step(page, "Offer a meeting", done=4)
    offer_meeting(page, "Purchasing")

    to_overview(page)
    check_page()
    step(page, "Book the first visit", done=5)
    check_page()
    book(page, "Ada Kern")

    assert Booking.objects.get().state == Booking.State.CONFIRMED
    assert sorted(invited(mail_server)) == ["ada@example.org", "hanna@example.org"]
    to_overview(page)
    expect(page.get_by_role("heading", name="First steps")).to_have_count(0)
    check_page()


@pytest.mark.usefixtures("look")
def test_a_table_takes_the_place_of_the_first_steps(
    administrator: Page, check_page: CheckPage, mail_server: MailServer, tmp_path: Path
) -> None:
    page, table = administrator, tmp_path / "people.xlsx"
    table.write_bytes(example_xlsx())

    page.get_by_role("link", name="Import a table").click()
    page.get_by_text("All columns").click()
    check_page()
    page.get_by_label("File").set_input_files(table)
    page.get_by_role("button", name="Check the file").click()
    expect(page.get_by_role("heading", name="This is what people.xlsx does")).to_be_visible()
    assert not StaffMember.objects.exists()
    check_page()
    page.get_by_role("button", name="Import", exact=True).click()
    expect(page.get_by_role("status")).to_contain_text("The table is imported")
    check_page()
    counts = [model.objects.count() for model in (Department, Team, StaffMember, Host)]
    assert counts == [2, 1, 2, 1]

    to_overview(page)
    step(page, "Offer a meeting", done=4)
    offer_meeting(page, "Purchasing")
    to_overview(page)
    step(page, "Book the first visit", done=5)
    book(page, "Ada Kern")

    assert sorted(invited(mail_server)) == ["ada@example.org", "hanna@example.org"]


def test_faults_of_a_table_are_shown_by_cell(
    administrator: Page, check_page: CheckPage, tmp_path: Path
) -> None:
    page, table = administrator, tmp_path / "people.csv"
    table.write_text("kind;code;name;cadence_weeks\ndepartment;SA;Sales;often\n")

    page.goto(page.url.rstrip("/") + "/people/import/")
    page.get_by_label("File").set_input_files(table)
    page.get_by_role("button", name="Check the file").click()

    expect(page.get_by_role("alert")).to_contain_text("1 cell has to be corrected")
    expect(page.get_by_role("cell", name="cadence_weeks")).to_be_visible()
    check_page()


def test_the_first_steps_can_be_put_away_and_fetched_again(
    administrator: Page, check_page: CheckPage
) -> None:
    page = administrator
    page.get_by_role("button", name="Hide the first steps").click()
    expect(page.get_by_role("heading", name="First steps")).to_have_count(0)
    check_page()
    page.get_by_role("button", name="Show the first steps again").click()
    expect(page.get_by_role("heading", name="First steps")).to_be_visible()
