"""Who calls: 401 for nobody, on every address."""

from datetime import timedelta

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.models import ApiToken, Role, User
from tests.builders import make_user

pytestmark = pytest.mark.django_db
ADDRESSES = (
    "", "departments/", "teams/", "staff/", "meeting-series/", "meetings/", "meetings/1/",
    "meetings/1/suggestions/", "bookings/", "bookings/1/", "bookings/1/confirm/", "load/",
    "budgets/", "insights/", "reports/coverage/", "reports/balance/", "schema/", "docs/",
    "schema/?format=json", "docs/?script=", "nothing", "nothing/", "bookings", "bookings/x/",
    "bookings/999999999999999999999999999/",
)  # fmt: skip


@pytest.mark.parametrize("method", ["get", "post", "put", "patch", "delete", "options", "head"])
def test_nobody_gets_401_everywhere(method: str) -> None:
    for address in ADDRESSES:
        answer = getattr(APIClient(), method)(f"/api/v1/{address}")
        assert (address, answer.status_code) == (address, 401)
        assert answer["WWW-Authenticate"] == "Token"
        assert answer["Content-Type"] == "application/problem+json"


def test_401_comes_before_what_else_is_wrong() -> None:
    answer = APIClient().post(
        "/api/v1/bookings/", "{", content_type="text/plain", headers={"Accept": "image/png"}
    )
    assert answer.status_code == 401
    assert answer.json()["code"] == "not_authenticated"


@pytest.fixture
def user() -> User:
    return make_user(roles=(Role.PLANNER,))


def status_with(authorization: str) -> int:
    client = APIClient(headers={"Authorization": authorization})
    return int(client.get("/api/v1/teams/").status_code)


def test_a_token_signs_in_until_it_expires(user: User) -> None:
    now = timezone.now()
    good = ApiToken.issue(user, now=now, expires_at=now + timedelta(days=1))
    old = ApiToken.issue(user, now=now, expires_at=now - timedelta(seconds=1))
    assert [status_with(f"Token {good}"), status_with(f"token  {good} ")] == [200, 200]
    assert [status_with(f"Token {old}"), status_with(f"Bearer {good}")] == [401, 401]


@pytest.mark.parametrize("key", ["", "x", "ä", "a b", "\x00", "x" * 9000])
def test_a_wrong_key_is_401(key: str) -> None:
    assert status_with(f"Token {key}") == 401


def test_who_may_not_sign_in_has_no_token(user: User) -> None:
    now = timezone.now()
    key = ApiToken.issue(user, now=now, expires_at=now + timedelta(days=1))
    user.is_active = False
    user.save()
    assert status_with(f"Token {key}") == 401


def test_a_session_signs_in_and_needs_its_csrf_token_to_write(user: User) -> None:
    client = APIClient(enforce_csrf_checks=True)
    client.force_login(user)
    assert client.get("/api/v1/teams/").status_code == 200
    answer = client.post("/api/v1/bookings/", {})
    assert (answer.status_code, answer.json()["code"]) == (403, "permission_denied")
    assert "CSRF" in answer.json()["detail"]


def test_messages_are_in_the_language_of_the_user(user: User) -> None:
    user.language = "de"
    user.save()
    now = timezone.now()
    key = ApiToken.issue(user, now=now, expires_at=now + timedelta(days=1))
    answer = APIClient(headers={"Authorization": f"Token {key}"}).get("/api/v1/teams/?page=9")
    assert answer["Content-Language"] == "de"
