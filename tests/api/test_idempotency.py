"""Idempotency-Key: the first answer again, and the work once."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from rotation.api.models import ApiRequest
from rotation.booking.models import Booking
from tests.api.callers import Organisation, caller, make_organisation
from tests.builders import make_absence, make_booking, make_staff

pytestmark = pytest.mark.django_db
URL = "/api/v1/bookings/"


@pytest.fixture
def house() -> Organisation:
    return make_organisation()


@pytest.fixture
def manager(house: Organisation) -> APIClient:
    return caller(house.manager)


def post(client: APIClient, body: dict[str, int], key: str = "one") -> Any:  # noqa: ANN401
    return client.post(URL, body, headers={"Idempotency-Key": key})


def test_a_repeat_gets_the_first_answer(house: Organisation, manager: APIClient) -> None:
    first, second = post(manager, house.body), post(manager, house.body)
    assert (first.status_code, second.status_code) == (201, 201)
    assert first.content == second.content
    assert (second["ETag"], second["Content-Type"]) == ('"1"', "application/json")
    assert (first.has_header("Idempotency-Replayed"), second["Idempotency-Replayed"]) == (
        False,
        "true",
    )
    assert Booking.objects.count() == 1


def test_without_the_key_a_repeat_is_a_conflict(house: Organisation, manager: APIClient) -> None:
    manager.post(URL, house.body)
    assert manager.post(URL, house.body).status_code == 409


def test_a_refusal_is_repeated_although_the_seat_is_free_again(
    house: Organisation, manager: APIClient
) -> None:
    other = make_booking(staff=make_staff("Bo", team=house.team), meeting=house.meeting)
    first = post(manager, house.body)
    other.delete()
    second = post(manager, house.body)
    assert [first.status_code, second.status_code] == [409, 409]
    assert first.content == second.content
    assert second["Content-Type"] == "application/problem+json"
    assert post(manager, house.body, "two").status_code == 201


def test_a_refusal_names_other_meetings_in_the_same_transaction(
    house: Organisation, manager: APIClient
) -> None:
    make_absence(house.person, house.meeting.starts_at)
    first, second = post(manager, house.body), post(manager, house.body)
    assert (first.status_code, first.content) == (422, second.content)


def test_a_key_belongs_to_one_request(house: Organisation, manager: APIClient) -> None:
    post(manager, house.body)
    other = post(manager, {**house.body, "staff": house.stranger.pk})
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")


def test_a_key_belongs_to_one_address(house: Organisation, manager: APIClient) -> None:
    booking = post(manager, house.body).json()["id"]
    answer = manager.post(f"{URL}{booking}/cancel/", headers={"Idempotency-Key": "one"})
    assert (answer.status_code, answer.json()["code"]) == (422, "idempotency_key_reused")


def test_a_key_belongs_to_one_user(house: Organisation, manager: APIClient) -> None:
    post(manager, house.body)
    assert post(caller(house.planner), house.body).status_code == 409


def test_a_key_is_free_again_after_a_day(house: Organisation, manager: APIClient) -> None:
    post(manager, house.body)
    ApiRequest.objects.update(created_at=timezone.now() - timedelta(hours=24, seconds=1))
    assert post(manager, house.body).status_code == 409
    assert ApiRequest.objects.count() == 1


def test_rights_come_before_the_key(house: Organisation) -> None:
    guest = caller(house.person.user)
    assert post(guest, house.body, "ä").status_code == 403
    assert not ApiRequest.objects.exists()


def test_what_nobody_foresaw_is_not_kept(
    house: Organisation, manager: APIClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    manager.raise_request_exception = False

    def broken(**_: object) -> None:
        raise ZeroDivisionError

    with monkeypatch.context() as patch:
        patch.setattr("rotation.workflows.change_booking.book", broken)
        assert post(manager, house.body).status_code == 500
    assert not ApiRequest.objects.exists()
    assert post(manager, house.body).status_code == 201
