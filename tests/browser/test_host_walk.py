"""The host's walk: approve, decline, offer, move and call off; and the pages of those who watch."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from accounts.models import Role
from rotation.booking.models import Booking
from rotation.directory.models import Host
from rotation.invites.models import Mail
from rotation.invites.services import queue_invites
from rotation.meetings.models import Meeting, MeetingSeries
from rotation.replies import peer
from rotation.replies.models import Source
from rotation.workflows.receive_replies import receive
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

SignIn = Callable[..., Page]
CheckPage = Callable[[], None]


@pytest.fixture
def host(live_server: LiveServer) -> Host:
    del live_server  # it empties the database
    return make_host("Hanna Voss", department=make_department("Purchasing", "PU"))


@pytest.fixture
def series(host: Host) -> MeetingSeries:
    return make_series(
        department=host.department, title="Weekly round", host=host, needs_approval=True
    )


def asked(series: MeetingSeries, name: str, weeks: int = 1) -> Booking:
    meeting = make_meeting(series=series, starts_at=coming_tuesday(weeks))
    return make_booking(staff=make_staff(name), meeting=meeting, state="requested")


@pytest.mark.usefixtures("look")
def test_the_host_approves_one_guest_and_declines_another(
    sign_in: SignIn,
    live_server: LiveServer,
    host: Host,
    series: MeetingSeries,
    check_page: CheckPage,
) -> None:
    ada, ben = asked(series, "Ada Kern"), asked(series, "Ben Wolf", weeks=2)
    page = sign_in(host.user)
    page.goto(f"{live_server.url}/hosting/")
    check_page()

    page.get_by_role("button", name=re.compile("Approve.*Ada Kern")).click()
    expect(page.get_by_role("status")).to_contain_text("The guest is approved")
    expect(page).to_have_url(f"{live_server.url}/hosting/")

    page.get_by_role("link", name="Ben Wolf").first.click()
    check_page()
    page.get_by_role("link", name="Decline the guest…").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Reason").fill("Only auditors that day")
    check_page()
    dialog.get_by_role("button", name="Decline the guest").click()
    expect(page.get_by_role("status")).to_contain_text("The guest is declined")
    expect(page.get_by_text("Only auditors that day")).to_be_visible()

    states = dict(Booking.objects.values_list("staff__user__name", "state"))
    assert states == {ada.staff.name: "confirmed", ben.staff.name: "declined"}


@pytest.mark.usefixtures("look")
def test_the_host_offers_a_meeting(
    sign_in: SignIn, live_server: LiveServer, host: Host, check_page: CheckPage
) -> None:
    page = sign_in(host.user)
    page.goto(f"{live_server.url}/hosting/")
    check_page()
    page.get_by_role("link", name="Offer a meeting").first.click()

    page.get_by_label("Title").fill("Order desk")
    page.get_by_label("First date").fill(coming_tuesday().date().isoformat())
    expect(page.get_by_text(re.compile("^Tuesday"))).to_be_visible()
    page.get_by_label("Begins at").fill("10:00")
    page.get_by_label("How often").select_option(label="Every other week")
    page.get_by_label("the host approves each guest").check()
    check_page()
    page.get_by_role("button", name="Offer the meeting").click()

    expect(page.get_by_role("status")).to_contain_text("Order desk is offered every other week")
    assert Meeting.objects.order_by("starts_at")[0].starts_at == coming_tuesday()
    check_page()


@pytest.mark.usefixtures("look")
def test_the_host_moves_one_meeting_and_calls_another_off(
    sign_in: SignIn,
    live_server: LiveServer,
    host: Host,
    series: MeetingSeries,
    check_page: CheckPage,
) -> None:
    moved, called_off = asked(series, "Ada Kern"), asked(series, "Ben Wolf", weeks=2)
    page = sign_in(host.user)

    page.goto(f"{live_server.url}/hosting/meetings/{moved.meeting_id}/move/")
    page.get_by_label("Begins at").fill("14:30")
    check_page()
    page.get_by_role("button", name="Move the meeting").click()
    expect(page.get_by_role("status")).to_contain_text("The meeting is moved")

    page.get_by_role("link", name=re.compile("Call off")).last.click()
    expect(page.get_by_role("main")).to_contain_text("Ben Wolf")
    check_page()
    page.get_by_role("button", name="Call the meeting off").click()
    expect(page.get_by_role("status")).to_contain_text("The meeting is called off")

    assert Booking.objects.get(pk=moved.pk).starts_at.hour != moved.starts_at.hour
    assert Booking.objects.get(pk=called_off.pk).state == "cancelled"


@pytest.mark.usefixtures("look")
def test_the_manager_moves_swaps_and_cancels(
    sign_in: SignIn, live_server: LiveServer, series: MeetingSeries, check_page: CheckPage
) -> None:
    visit = asked(series, "Ada Kern")
    make_staff("Ben Wolf")
    make_meeting(series=series, starts_at=coming_tuesday(2))
    manager = make_user(roles=(Role.MANAGER,))
    make_team(managers=(manager,))
    page = sign_in(manager)

    page.goto(f"{live_server.url}/visits/")
    check_page()
    page.get_by_role("rowheader").get_by_role("link").click()
    page.get_by_role("link", name="Move…").click()
    check_page()
    page.get_by_role("button", name="Move here").first.click()
    expect(page.get_by_role("status")).to_contain_text("The visit is moved")

    page.get_by_role("link", name="Send somebody else…").click()
    check_page()
    page.get_by_role("button", name="Send Ben Wolf").click()
    expect(page.get_by_role("status")).to_contain_text("Somebody else goes now")
    expect(page.get_by_role("heading", level=1)).to_have_text("Ben Wolf visits Purchasing")

    page.get_by_role("link", name="Cancel the visit…").click()
    page.get_by_role("dialog").get_by_role("button", name="Cancel the visit").click()
    expect(page.get_by_role("status")).to_contain_text("The visit is cancelled")
    check_page()
    assert set(Booking.objects.values_list("state", flat=True)) == {"cancelled"}
    assert Booking.objects.get(pk=visit.pk).sequence == 2


@pytest.mark.usefixtures("look")
def test_a_stale_page_says_so_and_keeps_what_was_typed(
    sign_in: SignIn,
    live_server: LiveServer,
    host: Host,
    series: MeetingSeries,
    check_page: CheckPage,
) -> None:
    visit = asked(series, "Ada Kern")
    page = sign_in(host.user)
    page.goto(f"{live_server.url}/visits/{visit.pk}/decline/")
    page.get_by_label("Reason").fill("Only auditors that day")
    Booking.objects.update(version=7)

    page.get_by_role("button", name="Decline the guest").click()

    expect(page.get_by_role("alert")).to_contain_text("Somebody else changed this")
    expect(page.get_by_label("Reason")).to_have_value("Only auditors that day")
    check_page()


@pytest.mark.usefixtures("look")
def test_the_pages_of_those_who_keep_watch(
    sign_in: SignIn, live_server: LiveServer, series: MeetingSeries, check_page: CheckPage
) -> None:
    visit = asked(series, "Ada Kern")
    Booking.objects.update(state="confirmed")
    visit.refresh_from_db()
    queue_invites([visit], timezone.now())
    invitation = bytes(Mail.objects.get(purpose="invite").raw)
    later = timezone.now() + timedelta(seconds=1)
    receive(
        peer.reply_mail(invitation, partstat="DECLINED", now=later), source=Source.SMTP, now=later
    )
    Mail.objects.update(state="failed", last_error="550 5.1.1 nobody of this name")
    page = sign_in(make_user(roles=(Role.ADMIN,)))

    for address in ("/outbox/", "/health/", "/answers/"):
        page.goto(f"{live_server.url}{address}")
        check_page()

    page.get_by_role("button", name="The guest wrote this: apply it").click()
    expect(page.get_by_role("status")).to_contain_text("The guest declined.")
    expect(page.get_by_role("heading", name="Nothing is held")).to_be_visible()
    check_page()


def test_a_dialog_is_opened_left_and_confirmed_by_keyboard(
    sign_in: SignIn, live_server: LiveServer, host: Host, series: MeetingSeries
) -> None:
    visit = asked(series, "Ada Kern")
    page = sign_in(host.user)
    page.goto(f"{live_server.url}/visits/{visit.pk}/")
    opener = page.get_by_role("link", name="Decline the guest…")

    opener.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_be_hidden()
    expect(opener).to_be_focused()

    page.keyboard.press("Enter")
    page.keyboard.type("No chairs left")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_contain_text("The guest is declined")
    assert Booking.objects.get().state == "declined"


@pytest.mark.parametrize("action", ["decline", "cancel"])
def test_without_scripts_the_question_is_a_page_of_its_own(
    browser: Browser, live_server: LiveServer, host: Host, series: MeetingSeries,
    client: Client, action: str,
) -> None:  # fmt: skip
    visit = asked(series, "Ada Kern")
    if action == "cancel":
        Booking.objects.update(state="confirmed")
    client.force_login(host.user)
    cookie = client.cookies[settings.SESSION_COOKIE_NAME].value
    context = browser.new_context(java_script_enabled=False, locale="en-GB")
    context.add_cookies(
        [{"name": settings.SESSION_COOKIE_NAME, "value": cookie, "url": live_server.url}]
    )
    page = context.new_page()

    page.goto(f"{live_server.url}/visits/{visit.pk}/")
    page.locator(f'.r-actions a[href$="/{action}/"]').click()
    page.locator(f'main form[action$="/{action}/"] button').click()

    page.wait_for_url(f"{live_server.url}/visits/{visit.pk}/")
    expected = {"decline": "declined", "cancel": "cancelled"}
    assert Booking.objects.get().state == expected[action]
    context.close()
