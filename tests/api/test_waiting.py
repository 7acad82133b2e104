"""`waiting/`: the queue by the API."""

import pytest
from rest_framework.test import APIClient

from rotation.booking.models import Booking, Waiting
from rotation.workflows import change_booking, promote_waiting
from tests.api.callers import Organisation, caller, make_organisation
from tests.builders import BY_SYSTEM, make_booking, make_staff

pytestmark = pytest.mark.django_db
WAITING = "/api/v1/waiting/"


@pytest.fixture
def house() -> Organisation:
    return make_organisation()


@pytest.fixture
def holder(house: Organisation) -> Booking:
    """Fill the meeting of the organisation."""
    Booking.objects.all().delete()
    type(house.meeting).objects.filter(pk=house.meeting.pk).update(seats=1)
    return make_booking(staff=make_staff("Holder"), meeting=house.meeting)


@pytest.fixture
def manager(house: Organisation) -> APIClient:
    return caller(house.manager)


def test_a_person_waits_and_the_place_is_shown(
    manager: APIClient, house: Organisation, holder: Booking
) -> None:
    answer = manager.post(WAITING, {"staff": house.person.pk, "meeting": house.meeting.pk})
    again = manager.post(WAITING, {"staff": house.person.pk, "meeting": house.meeting.pk})

    body = answer.json()
    assert (answer.status_code, again.status_code, again.json()["id"]) == (201, 201, body["id"])
    assert (body["state"], body["place"], body["passed_over"]) == ("waiting", 1, False)
    assert (body["booking"], body["ended_at"]) == (None, None)
    assert manager.get(WAITING, {"meeting": holder.meeting_id}).json()["results"] == [body]
    assert manager.get(f"{WAITING}{body['id']}/").json() == body


@pytest.mark.usefixtures("holder")
def test_a_booking_past_the_queue_is_refused_with_how_many_wait(
    manager: APIClient, house: Organisation
) -> None:
    manager.post(WAITING, {"staff": house.person.pk, "meeting": house.meeting.pk})
    holder = Booking.objects.get()
    change_booking.cancel(holder.pk, by=BY_SYSTEM, now=holder.created_at)
    other = make_staff("Other", team=house.team)

    answer = manager.post("/api/v1/bookings/", {"staff": other.pk, "meeting": house.meeting.pk})
    meeting = manager.get(f"/api/v1/meetings/{house.meeting.pk}/").json()
    free = manager.get("/api/v1/meetings/", {"free": "true"}).json()["results"]

    assert (answer.status_code, answer.json()["code"]) == (409, "no_seat")
    assert [(each["code"], each["waiting"]) for each in answer.json()["reasons"]] == [
        ("no_seat", 1)
    ]
    assert meeting["seats_free"] == 0
    assert house.meeting.pk not in [each["id"] for each in free]


@pytest.mark.usefixtures("holder")
@pytest.mark.parametrize("way", ["leave", "delete"])
def test_a_place_is_given_up(manager: APIClient, house: Organisation, way: str) -> None:
    place = manager.post(WAITING, {"staff": house.person.pk, "meeting": house.meeting.pk}).json()[
        "id"
    ]

    address = f"{WAITING}{place}/"
    answers = [
        manager.post(f"{address}leave/") if way == "leave" else manager.delete(address)
        for _ in range(2)
    ]

    assert [answer.status_code for answer in answers] == [200 if way == "leave" else 204] * 2
    assert manager.get(address).json()["state"] == "left"


@pytest.mark.usefixtures("holder")
def test_a_guest_may_leave_and_nobody_else_may(house: Organisation) -> None:
    place = promote_waiting.wait(
        staff_id=house.person.pk,
        meeting_id=house.meeting.pk,
        by=BY_SYSTEM,
        now=Booking.objects.get().created_at,
    )
    address = f"{WAITING}{place.pk}/leave/"

    assert caller(house.stranger.user).post(address).status_code == 404
    assert caller(house.host.user).post(address).status_code == 403
    assert caller(house.person.user).post(address).status_code == 200
    assert (
        caller(house.person.user)
        .post(WAITING, {"staff": house.person.pk, "meeting": house.meeting.pk})
        .status_code
        == 403
    )


def test_nobody_waits_where_there_is_a_seat_or_the_person_has_one(
    manager: APIClient, house: Organisation
) -> None:
    body = {"staff": house.person.pk, "meeting": house.meeting.pk}
    Booking.objects.all().delete()
    free = manager.post(WAITING, body)
    make_booking(staff=house.person, meeting=house.meeting)
    seated = manager.post(WAITING, body)

    assert (free.status_code, free.json()["code"]) == (409, "seat_free")
    assert (seated.status_code, seated.json()["code"]) == (409, "already_seated")
    assert Waiting.objects.count() == 0


def test_a_body_that_is_wrong_is_named(manager: APIClient) -> None:
    answer = manager.post(WAITING, {"staff": "x"})

    assert answer.status_code == 400
    assert {error["field"] for error in answer.json()["errors"]} == {"staff", "meeting"}
