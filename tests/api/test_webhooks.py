"""Webhooks by the API: for administrators, with a secret that is told once."""

import json

import pytest
import redis
from rest_framework.test import APIClient

from rotation.webhooks.models import Delivery, Webhook
from rotation.workflows.send_webhooks import send_webhooks
from tests.api.callers import Organisation, caller, make_organisation
from tests.webhook_receiver import receiver
from tests.webhooks.test_signature import verified

pytestmark = pytest.mark.django_db
URL = "/api/v1/webhooks/"
BODY = {"name": "CMDB", "url": "https://example.org/hook", "events": ["booking.booked"]}


@pytest.fixture
def house() -> Organisation:
    return make_organisation()


@pytest.fixture
def admin(house: Organisation) -> APIClient:
    return caller(house.admin)


def test_a_webhook_is_made_read_changed_and_removed(admin: APIClient) -> None:
    made = admin.post(URL, BODY)
    assert (made.status_code, made["ETag"]) == (201, '"1"')
    row = made.json()
    secret = row.pop("secret")
    assert secret.startswith("whsec_")
    assert {name: row[name] for name in BODY} == BODY
    one = f"{URL}{row['id']}/"
    assert admin.get(URL).json()["results"] == [row]
    assert admin.get(one).json() == row
    changed = admin.patch(one, {"state": "paused"}, headers={"If-Match": '"1"'})
    assert (changed.status_code, changed.json()["state"], changed["ETag"]) == (200, "paused", '"2"')
    assert admin.patch(one, {"name": "x"}, headers={"If-Match": '"1"'}).status_code == 409
    assert admin.delete(one, headers={"If-Match": '"1"'}).status_code == 409
    assert admin.delete(one, headers={"If-Match": '"2"'}).status_code == 204
    assert admin.get(one).status_code == 404


def test_others_hear_403_and_see_nothing(house: Organisation, admin: APIClient) -> None:
    webhook = admin.post(URL, BODY).json()["id"]
    for user in (house.manager, house.planner, house.person.user, house.host.user):
        client = caller(user)
        for address in ("", f"{webhook}/", f"{webhook}/deliveries/"):
            assert client.get(f"{URL}{address}").status_code == 403
        for address in ("", f"{webhook}/test/", f"{webhook}/secret/"):
            assert client.post(f"{URL}{address}", BODY).status_code == 403


def test_a_token_needs_the_scope_for_reading_too(house: Organisation) -> None:
    answer = caller(house.admin, ["read"]).get(URL)
    assert (answer.status_code, answer.json()["scope"]) == (403, "webhooks")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("url", "http://example.org/"), ("url", "https://127.0.0.1/"), ("url", "x"), ("url", ""),
        ("url", "https://169.254.169.254/"), ("events", []), ("events", ["nothing"]),
        ("events", "booking.booked"), ("name", ""), ("name", "a\nb"), ("name", "x" * 81),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named(admin: APIClient, field: str, value: object) -> None:
    answer = admin.post(URL, {**BODY, field: value})
    assert answer.status_code == 400, answer.content
    assert {error["field"].partition(".")[0] for error in answer.json()["errors"]} == {field}


def test_a_webhook_cannot_be_disabled_by_hand(admin: APIClient) -> None:
    webhook = admin.post(URL, BODY).json()["id"]
    answer = admin.patch(f"{URL}{webhook}/", {"state": "disabled"})
    assert [error["field"] for error in answer.json()["errors"]] == ["state"]


def test_a_repeated_post_makes_one_and_tells_the_same_secret(admin: APIClient) -> None:
    first, second = (admin.post(URL, BODY, headers={"Idempotency-Key": "k"}) for _ in range(2))
    assert first.content == second.content
    assert Webhook.objects.count() == 1


def test_a_booking_is_told_and_the_log_says_so(
    house: Organisation, admin: APIClient, settings: pytest.FixtureRequest
) -> None:
    settings.PRIVATE_HOSTS = ["127.0.0.1"]  # type: ignore[attr-defined]
    with receiver() as hook:
        made = admin.post(URL, {**BODY, "url": hook.url}).json()
        booking = caller(house.manager).post("/api/v1/bookings/", house.body).json()
        assert [send_webhooks(), send_webhooks()] == [1, 0]
        ((headers, body),) = hook.messages
    told = json.loads(body)
    assert (told["type"], told["data"]["booking"]) == ("booking.booked", booking["id"])
    assert verified(made["secret"], headers, body) == [True]
    log = admin.get(f"{URL}{made['id']}/deliveries/").json()
    assert log["count"] == 1
    row = log["results"][0]
    assert (row["id"], row["state"], row["status_code"]) == (
        headers["webhook-id"], "delivered", 200,
    )  # fmt: skip
    assert (row["subject"], row["subject_id"]) == ("booking", booking["id"])


@pytest.mark.django_db(transaction=True)
def test_a_test_is_queued_and_a_worker_woken(admin: APIClient, broker: redis.Redis) -> None:
    webhook = admin.post(URL, BODY).json()["id"]
    answer = admin.post(f"{URL}{webhook}/test/")
    assert (answer.status_code, answer.json()["event"]) == (201, "webhook.test")
    assert Delivery.objects.count() == 1
    tasks = [
        json.loads(task)["headers"]["task"] for task in broker.lrange("rundgang:celery", 0, -1)
    ]
    assert tasks == ["rotation.send_webhooks"]


def test_a_new_secret_is_another_one(admin: APIClient) -> None:
    made = admin.post(URL, BODY).json()
    renewed = admin.post(f"{URL}{made['id']}/secret/").json()
    assert (renewed["secret"] == made["secret"], renewed["version"]) == (False, 2)
