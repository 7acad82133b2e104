from datetime import timedelta

import pytest
import redis
from django.db import OperationalError, connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries, Settings

from accounts.models import Role
from config.celery import beat_of, say_alive
from rotation.invites.models import Mail
from rotation.invites.services import queue_invites
from rotation.workload.models import TicketSource
from tests.builders import coming_tuesday, make_booking, make_meeting, make_user

WELL = {"database": True, "broker": True, "worker": True, "beat": True}


@pytest.fixture
def parts_alive(broker: redis.Redis) -> None:
    del broker
    say_alive("worker")
    say_alive("beat")


def test_being_alive_asks_nobody(
    client: Client, db: None, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    del db
    with django_assert_num_queries(0):
        answer = client.get("/healthz")

    assert (answer.status_code, answer.content) == (200, b"ok\n")
    assert answer["Cache-Control"].startswith("max-age=0, no-cache, no-store")


@pytest.mark.django_db
def test_being_alive_asks_nobody_for_a_signed_in_user_either(
    client: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    client.force_login(make_user())

    with django_assert_num_queries(0):
        answer = client.get("/healthz")

    assert answer.status_code == 200


@pytest.mark.django_db
@pytest.mark.usefixtures("parts_alive")
def test_ready_when_every_part_is_well(client: Client) -> None:
    answer = client.get("/readyz")

    assert answer.status_code == 200
    assert answer.json() == {
        **WELL, "outbox_age_seconds": 0.0, "budgets_age_seconds": None, "imports": {},
    }  # fmt: skip


@pytest.mark.django_db
@pytest.mark.usefixtures("parts_alive")
@pytest.mark.parametrize("part", ["worker", "beat"])
def test_not_ready_without_a_sign_of_life(client: Client, broker: redis.Redis, part: str) -> None:
    broker.delete(beat_of(part))

    answer = client.get("/readyz")

    assert answer.status_code == 503
    assert {name: answer.json()[name] for name in WELL} == {**WELL, part: False}


@pytest.mark.django_db
@pytest.mark.usefixtures("parts_alive")
def test_not_ready_without_a_broker(client: Client, settings: Settings) -> None:
    settings.REDIS_URL = "redis://127.0.0.1:1/0"

    answer = client.get("/readyz")

    assert answer.status_code == 503
    assert {name: answer.json()[name] for name in WELL} == {
        "database": True, "broker": False, "worker": False, "beat": False,
    }  # fmt: skip


@pytest.mark.django_db
@pytest.mark.usefixtures("parts_alive")
def test_not_ready_without_a_database(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def away() -> None:
        raise OperationalError

    monkeypatch.setattr(connection, "cursor", away)

    answer = client.get("/readyz")

    assert answer.status_code == 503
    assert (answer.json()["database"], answer.json()["outbox_age_seconds"]) == (False, None)


@pytest.mark.django_db
@pytest.mark.usefixtures("parts_alive")
def test_not_ready_while_a_mail_is_stuck(client: Client) -> None:
    visit = make_booking(meeting=make_meeting(starts_at=coming_tuesday()))
    queue_invites([visit], timezone.now())
    Mail.objects.update(not_before=timezone.now() - timedelta(minutes=5))

    answer = client.get("/readyz")

    assert answer.status_code == 503
    assert 300 <= answer.json()["outbox_age_seconds"] < 310


@pytest.mark.django_db
@pytest.mark.usefixtures("parts_alive")
def test_an_old_import_is_reported_and_fails_nothing(client: Client) -> None:
    TicketSource.objects.create(name="itsm", imported_at=timezone.now() - timedelta(days=9))
    TicketSource.objects.create(name="new")

    answer = client.get("/readyz")

    imports = answer.json()["imports"]
    assert answer.status_code == 200
    assert (round(imports["itsm"] / 86400), imports["new"]) == (9, None)


@pytest.mark.django_db
@pytest.mark.usefixtures("parts_alive")
def test_people_see_the_same(client: Client) -> None:
    client.force_login(make_user(roles=(Role.ADMIN,)))

    page = client.get(reverse("health")).content.decode()

    assert "All parts are well" in page
    assert "ROTATION_AUTHSERV_ID is not set" in page


@pytest.mark.django_db
def test_a_part_that_is_away_comes_with_what_to_do(client: Client) -> None:
    client.force_login(make_user(roles=(Role.PLANNER,)))

    page = client.get(reverse("health")).content.decode()

    assert "A part is not well" in page
    assert "start the Celery worker" in page


@pytest.mark.django_db
@pytest.mark.parametrize("role", [Role.STAFF, Role.HOST, Role.EXECUTIVE, Role.COUNCIL])
def test_only_who_may_looks_at_the_health(client: Client, role: str) -> None:
    client.force_login(make_user(roles=(role,)))

    assert client.get(reverse("health")).status_code == 403
