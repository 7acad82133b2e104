"""After a write a worker is woken; a broker that is away costs the request nothing but moments."""

import json
from datetime import timedelta
from pathlib import Path

import pytest
import redis
from django.utils import timezone

from accounts.models import ApiToken
from config.celery import nudge
from launcher.ports import LOOPBACK, free_port
from rotation.booking.models import Booking
from tests.api.callers import caller, make_organisation
from tests.api.servers import Request, Server, web

pytestmark = pytest.mark.django_db(transaction=True)
URL = "/api/v1/bookings/"
QUEUE = "rundgang:mail"


def test_a_booking_wakes_the_relay_once(broker: redis.Redis) -> None:
    house = make_organisation()
    manager = caller(house.manager)
    assert manager.post(URL, house.body).status_code == 201
    assert manager.post(URL, house.body).status_code == 409
    tasks = [json.loads(message)["headers"]["task"] for message in broker.lrange(QUEUE, 0, -1)]
    assert tasks == ["rotation.relay_mail"]


def test_a_process_keeps_its_connection_and_finds_back_after_losing_it(
    broker: redis.Redis,
) -> None:
    nudge("rotation.relay_mail")
    known = ids_of_clients(broker)
    nudge("rotation.relay_mail")
    assert ids_of_clients(broker) == known

    broker.client_kill_filter(_type="normal", skipme=True)
    nudge("rotation.relay_mail")
    nudge("rotation.relay_mail")

    assert broker.llen(QUEUE) >= 3  # the first after the loss may be the price


def ids_of_clients(broker: redis.Redis) -> set[str]:
    return {client["id"] for client in broker.client_list(_type="normal")}


def test_a_broker_that_is_away_fails_no_booking(tmp_path: Path) -> None:
    house, now = make_organisation(seats=2), timezone.now()
    key = ApiToken.issue(house.manager, now=now, expires_at=now + timedelta(hours=1))
    nowhere = f"redis://{LOOPBACK}:{free_port()}/0"
    with web(2, tmp_path, REDIS_URL=nowhere) as port:
        server = Server(2, port, key)
        (first,) = server.at_once([Request(URL, house.body)])
    assert first.status == 201
    assert Booking.objects.count() == 1
    assert first.seconds < 3  # the first request of a process loads the pages' code too
    print(f"\nbooked without a broker in {first.seconds:.1f} s")  # noqa: T201 -- a figure to quote
