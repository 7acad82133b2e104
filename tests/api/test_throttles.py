"""Limits: a flood is held up, a person never is, and a broker that is away holds up nobody."""

import logging

import pytest
import redis
from pytest_django import Settings
from rest_framework.test import APIClient

from launcher.ports import LOOPBACK, free_port
from rotation.api import throttles
from rotation.api.throttles import MOST_GUESSES, Limit, Shared
from tests.api.callers import caller, make_organisation
from tests.builders import make_user

URL = "/api/v1/teams/"
NOW = 1_000_000.0  # 40 seconds of a window have passed


@pytest.fixture(autouse=True)
def _fresh_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    shared = Shared()
    monkeypatch.setattr(throttles, "_requests", Limit("requests", 2, shared))
    monkeypatch.setattr(throttles, "_guesses", Limit("guesses", 5, shared))


def waits(limit: Limit, times: int, *, most: int, now: float = NOW, key: str = "a") -> list[int]:
    return [limit.seconds_to_wait(key, most, now) for _ in range(times)]


def test_up_to_the_limit_nobody_waits_and_then_until_the_minute_is_over() -> None:
    limit = Limit("tests", 1, Shared())
    assert waits(limit, 4, most=3) == [0, 0, 0, 20]
    assert waits(limit, 1, most=3, now=NOW + 19) == [1]
    assert waits(limit, 3, most=3, now=NOW + 20) == [0, 0, 0]


def test_callers_are_counted_apart() -> None:
    limit = Limit("tests", 1, Shared())
    assert waits(limit, 2, most=1) == [0, 20]
    assert waits(limit, 1, most=1, key="b") == [0]


def test_processes_share_their_counts() -> None:
    one, other = Limit("tests", 1, Shared()), Limit("tests", 1, Shared())
    assert waits(one, 2, most=3) == [0, 0]
    assert waits(other, 2, most=3) == [0, 20]


def test_the_broker_is_asked_once_for_many_requests(broker: redis.Redis) -> None:
    limit = Limit("tests", 100, Shared())
    before = broker.info("stats")["total_commands_processed"]
    assert set(waits(limit, 200, most=1000)) == {0}
    asked = broker.info("stats")["total_commands_processed"] - before
    assert asked < 20


def test_a_broker_that_is_away_holds_up_nobody_and_is_one_line(
    settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    settings.REDIS_URL = f"redis://{LOOPBACK}:{free_port()}/0"
    limit = Limit("tests", 1, Shared())
    with caplog.at_level(logging.WARNING):
        assert set(waits(limit, 50, most=100)) == {0}
    assert [record.getMessage() for record in caplog.records] == [
        "no limits while the broker is away: ConnectionError"
    ]


@pytest.mark.django_db
def test_a_flood_is_429_with_the_time_to_wait(settings: Settings) -> None:
    settings.API_PER_MINUTE = 10
    client = caller(make_user())
    answers = [client.get(URL) for _ in range(30)]
    statuses = [answer.status_code for answer in answers]
    assert statuses[:10] == [200] * 10
    assert statuses[-1] == 429
    last = answers[-1]
    assert last["Content-Type"] == "application/problem+json"
    assert (last.json()["code"], last.json()["status"]) == ("throttled", 429)
    assert 1 <= int(last["Retry-After"]) <= 60


@pytest.mark.django_db
def test_another_token_and_the_page_go_on(settings: Settings) -> None:
    settings.API_PER_MINUTE = 2
    user = make_user()
    assert [caller(user).get(URL).status_code for _ in range(5)] == [200] * 5
    page = APIClient()
    page.force_login(user)
    assert page.get(URL).status_code == 200


@pytest.mark.django_db
def test_no_limit_can_be_set(settings: Settings) -> None:
    settings.API_PER_MINUTE = 0
    client = caller(make_user())
    assert {client.get(URL).status_code for _ in range(20)} == {200}


@pytest.mark.django_db
def test_who_guesses_tokens_is_held_up_and_who_has_one_is_not() -> None:
    guesser = APIClient(headers={"Authorization": "Token guess"})
    statuses = [guesser.get(URL).status_code for _ in range(MOST_GUESSES + 6)]
    assert statuses[:MOST_GUESSES] == [401] * MOST_GUESSES
    assert statuses[-1] == 429
    assert caller(make_organisation().manager).get(URL).status_code == 200
    assert APIClient().get(URL).status_code == 401
