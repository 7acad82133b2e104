import re

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import Role
from rotation.booking.models import Booking
from rotation.directory.models import StaffMember
from rotation.directory.permissions import Actor
from rotation.web.access import zone_of
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

pytestmark = pytest.mark.django_db


def navigation(client: Client) -> dict[str, int]:
    """Return the entries of the left bar with what waits behind each."""
    entries = client.get(reverse("overview")).context["nav"]
    return {entry.name: entry.badge for entry in entries}


def test_a_host_sees_how_many_guests_ask_for_a_seat(client: Client) -> None:
    host = make_host(department=make_department("Sales"))
    meeting = make_meeting(
        series=make_series(department=host.department), starts_at=coming_tuesday(), seats=3
    )
    for seat, name in enumerate(("Ada", "Ben"), start=1):
        make_booking(
            staff=make_staff(name), meeting=meeting, seat=seat, state=Booking.State.REQUESTED
        )
    make_booking(
        staff=make_staff("Cem"),
        meeting=make_meeting(
            series=make_series(department=make_department("HR")), starts_at=coming_tuesday()
        ),
        state=Booking.State.REQUESTED,
    )
    client.force_login(host.user)

    assert navigation(client)["hosting"] == 2
    page = client.get(reverse("overview")).content.decode()
    assert '<span class="r-badge">2<span class="r-vh"> to do</span></span>' in page


def test_nothing_that_waits_is_no_badge(client: Client) -> None:
    client.force_login(make_user(roles=(Role.PLANNER,)))

    assert navigation(client)["held_answers"] == 0
    assert "r-badge" not in client.get(reverse("overview")).content.decode()


@pytest.mark.parametrize(("zone", "place"), [("Europe/Berlin", "Berlin"), ("UTC", "UTC")])
def test_the_foot_says_by_whose_clocks_the_page_is(client: Client, zone: str, place: str) -> None:
    staff = make_staff()
    StaffMember.objects.update(time_zone=zone)
    client.force_login(staff.user)

    page = client.get(reverse("overview")).content.decode()

    assert re.search(rf'r-side-foot">W\d+ · {place}</p>', page)


def test_a_guest_elsewhere_reads_both_clocks(client: Client) -> None:
    staff = make_staff()
    StaffMember.objects.update(time_zone="America/New_York")
    make_booking(staff=staff, meeting=make_meeting(starts_at=coming_tuesday()))
    client.force_login(staff.user)

    assert "(Berlin) · " in client.get(reverse("my_visits")).content.decode()
    client.force_login(make_user("planner@example.org", roles=(Role.PLANNER,)))
    assert "(Berlin) · " not in client.get(reverse("visits")).content.decode()


def test_who_is_no_it_person_reads_the_clock_of_the_house() -> None:
    assert zone_of(Actor(user_id=1)).key == "Europe/Berlin"
    assert zone_of(Actor(user_id=1, time_zone="Asia/Tokyo")).key == "Asia/Tokyo"


@pytest.mark.parametrize(("address", "status"), [("/nowhere/", 404), ("/outbox/", 403)])
def test_an_error_keeps_the_frame_of_who_is_signed_in(
    client: Client, address: str, status: int
) -> None:
    client.force_login(make_user(roles=(Role.PLANNER,)))

    answer = client.get(address)

    assert answer.status_code == status
    assert "r-side" in answer.content.decode()
