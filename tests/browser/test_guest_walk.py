"""The guest's walk: see what comes, answer it, answer by the mail's link, tell what was learned."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from accounts.models import Role
from rotation.booking.models import Booking
from rotation.directory.models import StaffMember
from rotation.insights.models import Note
from rotation.invites.answer_links import answer_token
from rotation.invites.models import Mail
from rotation.invites.services import queue_invites
from rotation.replies.models import Source
from rotation.replies.services import store_demo_mail
from rotation.workflows.receive_replies import receive
from tests.builders import (
    coming_tuesday,
    make_booking,
    make_department,
    make_host,
    make_meeting,
    make_series,
    make_staff,
    make_user,
)
from tests.mail_server import MailServer

SignIn = Callable[..., Page]
CheckPage = Callable[[], None]


@pytest.fixture
def ada(live_server: LiveServer) -> StaffMember:
    del live_server  # it empties the database
    return make_staff("Ada Kern")


@pytest.fixture
def visit(ada: StaffMember) -> Booking:
    department = make_department("Purchasing", "PU", purpose="Buys what others need.")
    host = make_host("Hanna Voss", department=department)
    series = make_series(
        department=department, title="Weekly round", host=host, location="https://meet.example.org"
    )
    make_booking(staff=ada, meeting=make_meeting(series=series, starts_at=coming_tuesday(2)))
    return make_booking(staff=ada, meeting=make_meeting(series=series, starts_at=coming_tuesday()))


@pytest.mark.usefixtures("look")
def test_the_guest_answers_the_next_visit(
    sign_in: SignIn, live_server: LiveServer, visit: Booking, check_page: CheckPage
) -> None:
    page = sign_in(visit.staff.user)
    page.goto(f"{live_server.url}/my/")

    nearest = page.get_by_role("region", name=re.compile("Your next visit"))
    expect(nearest).to_contain_text("Purchasing: Weekly round")
    expect(nearest.get_by_role("link", name="Hanna Voss")).to_be_visible()
    check_page()

    nearest.get_by_role("button", name="Accept").click()
    expect(page.get_by_role("status")).to_contain_text("you have accepted")
    expect(page).to_have_url(f"{live_server.url}/my/")
    assert Booking.objects.get(pk=visit.pk).partstat == "ACCEPTED"

    nearest.get_by_role("link", name="Purchasing: Weekly round").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Ada Kern visits Purchasing")
    expect(page.get_by_role("listitem").filter(has_text="The guest accepted.")).to_be_visible()
    check_page()


@pytest.mark.usefixtures("look")
def test_the_link_of_the_mail_works_signed_out_and_can_be_changed(
    page: Page, live_server: LiveServer, visit: Booking, check_page: CheckPage
) -> None:
    page.goto(f"{live_server.url}/r/{answer_token(visit)}/?a=no")
    expect(page.get_by_role("heading", level=1)).to_have_text("Your visit to Purchasing")
    check_page()
    assert Booking.objects.get(pk=visit.pk).partstat == "NEEDS-ACTION"

    page.get_by_label("A word to the host").fill("Sorry, the dentist")
    page.get_by_role("button", name="Decline").click()
    expect(page.get_by_role("status")).to_contain_text("you have declined")
    assert Booking.objects.get(pk=visit.pk).state == "declined"

    page.get_by_role("button", name="Accept").click()
    expect(page.get_by_role("status")).to_contain_text("you have accepted")
    assert Booking.objects.get(pk=visit.pk).state == "confirmed"
    check_page()


@pytest.mark.usefixtures("look", "ada")
def test_a_link_that_is_not_whole_says_what_to_do(
    page: Page, live_server: LiveServer, check_page: CheckPage
) -> None:
    page.goto(f"{live_server.url}/r/WzEsMSwwXQ:cut/")

    expect(page.get_by_role("heading", level=1)).to_have_text("This link does not work")
    check_page()


@pytest.mark.usefixtures("look")
def test_the_guest_tells_what_was_learned(
    sign_in: SignIn, live_server: LiveServer, ada: StaffMember, check_page: CheckPage
) -> None:
    yesterday = timezone.now() - timedelta(days=1)
    make_booking(staff=ada, meeting=make_meeting(starts_at=yesterday))
    page = sign_in(ada.user)
    page.goto(f"{live_server.url}/my/")

    page.get_by_role("link", name="Write a note").click()
    page.get_by_label("What I learned").fill("They print every order twice.")
    check_page()
    page.get_by_role("button", name="Save the note").click()

    expect(page.get_by_role("status")).to_contain_text("Your note is saved")
    expect(page.get_by_label("What I learned")).to_have_value("They print every order twice.")
    assert Note.objects.get().text == "They print every order twice."


@pytest.mark.usefixtures("look")
def test_the_answer_leaves_the_mailbox_as_a_true_mail(
    sign_in: SignIn,
    live_server: LiveServer,
    settings: Settings,
    inbox: MailServer,
    visit: Booking,
    check_page: CheckPage,
) -> None:
    settings.ROTATION_DEMO = True
    settings.INBOUND_SMTP_PORT = inbox.port
    queue_invites([visit], timezone.now())
    mail = Mail.objects.get(purpose="invite")
    store_demo_mail(
        bytes(mail.raw), recipient=mail.recipient, sender=mail.envelope_sender, now=timezone.now()
    )
    page = sign_in(make_user(roles=(Role.COUNCIL,)))

    page.goto(f"{live_server.url}/mailbox/")
    check_page()
    page.get_by_role("link", name=mail.subject).click()
    page.get_by_text("Source of the mail").click()
    check_page()
    page.get_by_role("button", name="Maybe").click()
    expect(page.get_by_role("status")).to_contain_text("The answer was sent by mail")

    [delivery] = inbox.deliveries
    receive(delivery.content, source=Source.SMTP, now=timezone.now() + timedelta(seconds=2))
    page.reload()
    expect(page.get_by_role("main")).to_contain_text("Maybe")
    assert Booking.objects.get(pk=visit.pk).partstat == "TENTATIVE"
