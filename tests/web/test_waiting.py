"""The queue of a full meeting on its pages."""

import pytest
from django.test import Client
from django.urls import reverse

from rotation.booking.models import Booking, Waiting
from rotation.directory.models import StaffMember
from rotation.meetings.models import Meeting
from tests.builders import (
    coming_tuesday,
    make_absence,
    make_booking,
    make_host,
    make_meeting,
    make_staff,
    make_team,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def full() -> Meeting:
    meeting = make_meeting(starts_at=coming_tuesday())
    make_booking(staff=make_staff("Holder"), meeting=meeting)
    return meeting


def put(client: Client, person: StaffMember, meeting: Meeting) -> str:
    """Put a person on the list and return the page that follows."""
    address = reverse("meeting_wait", args=[meeting.pk])
    return client.post(address, {"staff": person.pk}, follow=True).content.decode()


def test_a_full_meeting_offers_its_waiting_list(as_manager: Client, full: Meeting) -> None:
    ada, bob = make_staff("Ada"), make_staff("Bob")

    empty = as_manager.get(reverse("meeting", args=[full.pk])).content.decode()
    put(as_manager, ada, full)
    page = put(as_manager, bob, full)

    assert "Put on the waiting list" in empty
    assert "Every seat is taken, and nobody waits." in empty
    assert "Bob is number 2 on the waiting list." in page
    assert page.index("Number 1") < page.index("Number 2")


def test_a_meeting_with_a_seat_has_no_waiting_list(as_manager: Client) -> None:
    meeting = make_meeting(starts_at=coming_tuesday())
    ada = make_staff("Ada")

    page = as_manager.get(reverse("meeting", args=[meeting.pk])).content.decode()

    assert "Waiting list" not in page
    assert "There is a free seat in this meeting" in put(as_manager, ada, meeting)


def test_nobody_waits_for_a_seat_in_the_own_department_and_the_page_says_why(
    as_manager: Client, full: Meeting
) -> None:
    ada = make_staff("Ada")
    type(ada.team).objects.update(department=full.series.department)

    assert "one of the person&#x27;s own department" in put(as_manager, ada, full)


def test_whoever_would_be_passed_over_is_told_why(as_manager: Client, full: Meeting) -> None:
    ada = make_staff("Ada")
    make_absence(ada, full.starts_at)

    page = put(as_manager, ada, full)

    assert "A free seat goes past for now; the place stays:" in page
    assert page.count("The person is away") >= 1


def test_only_own_people_can_be_put_on_the_list(as_manager: Client, full: Meeting) -> None:
    stranger = make_staff("Stranger", team=make_team("Network"))

    assert "This is nobody whom you may book" in put(as_manager, stranger, full)
    assert Waiting.objects.count() == 0


def test_a_place_is_taken_off_the_list(as_manager: Client, full: Meeting) -> None:
    put(as_manager, make_staff("Ada"), full)
    place = Waiting.objects.get()

    answer = as_manager.post(reverse("waiting_leave", args=[place.pk]), follow=True)

    place.refresh_from_db()
    assert place.state == "left"
    assert "Ada is no longer on the waiting list." in answer.content.decode()


def test_the_guest_sees_the_own_places_and_leaves_one(client: Client, full: Meeting) -> None:
    ada = make_staff("Ada")
    place = Waiting.objects.create(staff=ada, meeting=full, created_at=full.starts_at)
    client.force_login(ada.user)

    page = client.get(reverse("my_visits")).content.decode()
    answer = client.post(reverse("waiting_leave", args=[place.pk]), {"next": reverse("my_visits")})

    assert "Waiting for a seat" in page
    assert "Number 1" in page
    assert answer["Location"] == reverse("my_visits")
    assert Waiting.objects.get().state == "left"


def test_a_host_sees_who_waits_and_takes_nobody_off(client: Client, full: Meeting) -> None:
    place = Waiting.objects.create(staff=make_staff("Ada"), meeting=full, created_at=full.starts_at)
    client.force_login(make_host(department=full.series.department).user)

    page = client.get(reverse("meeting", args=[full.pk])).content.decode()

    assert "Ada" in page
    assert "Take off the list" not in page
    assert client.post(reverse("waiting_leave", args=[place.pk])).status_code == 403


def test_others_see_how_many_wait_and_not_who(client: Client, full: Meeting) -> None:
    Waiting.objects.create(staff=make_staff("Ada"), meeting=full, created_at=full.starts_at)
    client.force_login(make_staff("Eve", team=make_team("Network")).user)

    page = client.get(reverse("meeting", args=[full.pk])).content.decode()

    assert "1 person of another team waits for a seat." in page
    assert "Ada" not in page


def test_a_look_at_the_address_leads_to_the_meeting(as_manager: Client, full: Meeting) -> None:
    answer = as_manager.get(reverse("meeting_wait", args=[full.pk]))

    assert answer["Location"] == reverse("meeting", args=[full.pk])
    assert Booking.objects.count() == 1
