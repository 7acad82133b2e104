import re

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.models import ApiToken, Role, User
from rotation.audit.models import Entry, Subject
from tests.builders import HOUR, make_user

pytestmark = pytest.mark.django_db
FORM = {"name": "nightly export", "scopes": ["read", "book"], "days": "30"}


@pytest.fixture
def user() -> User:
    return make_user(roles=(Role.MANAGER,))


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def make_token(user: User, name: str = "old") -> ApiToken:
    now = timezone.now()
    return ApiToken.make(user, now=now, expires_at=now + HOUR, name=name)[1]


def test_a_token_is_made_its_key_shown_once_and_it_signs_in(user: User) -> None:
    client = signed_in(user)
    answer = client.post(reverse("tokens"), FORM)
    key = re.search(r'<code class="r-wrap">([\w-]{43})</code>', answer.content.decode())
    assert key is not None
    token = ApiToken.objects.get()
    assert (token.user, token.name, token.scopes) == (user, "nightly export", ["book", "read"])
    assert 29 <= (token.expires_at - timezone.now()).days <= 30
    assert "no-store" in answer["Cache-Control"]
    assert key[1] not in client.get(reverse("tokens")).content.decode()
    teams = APIClient(headers={"Authorization": f"Token {key[1]}"}).get("/api/v1/teams/")
    assert teams.status_code == 200
    entry = Entry.objects.get(subject=Subject.TOKEN)
    assert (entry.actor, entry.action, entry.new["scopes"]) == (user, "add", ["book", "read"])
    assert key[1] not in str(entry.new)


@pytest.mark.parametrize(
    "wrong", [{"scopes": []}, {"scopes": ["all"]}, {"days": "9999"}, {"name": "a\nb"}]
)
def test_what_is_wrong_makes_no_token(user: User, wrong: dict[str, object]) -> None:
    answer = signed_in(user).post(reverse("tokens"), {**FORM, **wrong})
    assert answer.status_code == 400
    assert not ApiToken.objects.exists()


def test_a_revoked_token_is_refused_at_once(user: User) -> None:
    now = timezone.now()
    key = ApiToken.issue(user, now=now, expires_at=now + HOUR)
    api = APIClient(headers={"Authorization": f"Token {key}"})
    assert api.get("/api/v1/teams/").status_code == 200
    token = ApiToken.objects.get()
    assert signed_in(user).post(reverse("token_revoke", args=[token.pk])).status_code == 302
    assert api.get("/api/v1/teams/").status_code == 401
    assert Entry.objects.get(subject=Subject.TOKEN).action == "revoke"


def test_of_others_only_an_administrator_sees_and_revokes_tokens(user: User) -> None:
    token = make_token(make_user(roles=(Role.PLANNER,)), "foreign one")
    assert "foreign one" not in signed_in(user).get(reverse("tokens")).content.decode()
    assert signed_in(user).post(reverse("token_revoke", args=[token.pk])).status_code == 404
    admin = signed_in(make_user(roles=(Role.ADMIN,)))
    assert "foreign one" in admin.get(reverse("tokens")).content.decode()
    assert admin.post(reverse("token_revoke", args=[token.pk])).status_code == 302
    token.refresh_from_db()
    assert token.expires_at <= timezone.now()
