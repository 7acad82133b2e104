"""Every answer protects the browser that gets it, errors and foreign pages included."""

import json
import os
import subprocess
import sys
from typing import Any

import pytest
from django.http.response import HttpResponseBase
from django.test import Client
from pytest_django import Settings

from accounts.models import Role
from launcher.configuration import CHECKOUT
from tests.builders import make_user

POLICY = {
    "default-src": "'self'",
    "script-src": "'self'",
    "style-src": "'self'",
    "style-src-attr": "'unsafe-inline'",
    "img-src": "'self' data:",
    "object-src": "'none'",
    "base-uri": "'none'",
    "form-action": "'self'",
    "frame-ancestors": "'none'",
}
PROTECTED = ("DENY", "nosniff", "same-origin", "noindex")
ASKED = """
import json
from django.conf import settings
names = [name for name in dir(settings) if name.isupper()]
print(json.dumps({name: getattr(settings, name) for name in names}, default=str))
"""


def policy(answer: HttpResponseBase) -> dict[str, str]:
    rules = (rule.strip().partition(" ") for rule in answer["Content-Security-Policy"].split(";"))
    return {name: allowed for name, _, allowed in rules}


def protections(answer: HttpResponseBase) -> tuple[str, ...]:
    names = ("X-Frame-Options", "X-Content-Type-Options", "Referrer-Policy", "X-Robots-Tag")
    return tuple(answer[name] for name in names)


@pytest.mark.django_db
@pytest.mark.parametrize("signed_in", [False, True])
@pytest.mark.parametrize(
    "path",
    [
        *("/", "/healthz", "/accounts/login/", "/settings/", "/nowhere/", "/static/nowhere.css"),
        *("/api/v1/", "/api/v1/nowhere/", "/api/v1/docs/", "/api/v1/schema/"),
        *("/admin/", "/admin/nowhere/", "/static/rotation/css/app.css", "/feeds/none.ics"),
    ],
)
def test_every_answer_has_the_policy(client: Client, path: str, *, signed_in: bool) -> None:
    if signed_in:
        client.force_login(make_user(roles=(Role.ADMIN,)))
    answer = client.get(path)
    assert policy(answer) == POLICY
    assert protections(answer) == PROTECTED
    assert b"<script>" not in answer.getvalue()


def test_what_is_answered_before_any_page_has_the_policy_too(settings: Settings) -> None:
    settings.ALLOWED_HOSTS = ["testserver"]
    settings.SECURE_SSL_REDIRECT = True
    answers = [
        Client().get("/accounts/login/"),
        Client(headers={"Host": "elsewhere.example.org"}).get("/accounts/login/", secure=True),
    ]
    assert [answer.status_code for answer in answers] == [301, 400]
    assert [policy(answer) for answer in answers] == [POLICY, POLICY]
    assert [protections(answer) for answer in answers] == [PROTECTED, PROTECTED]


@pytest.mark.django_db
def test_what_a_form_without_its_token_is_answered_has_the_policy() -> None:
    answer = Client(enforce_csrf_checks=True).post("/accounts/login/", {"login": "a"})
    assert (answer.status_code, policy(answer)) == (403, POLICY)
    assert protections(answer) == PROTECTED


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/broken/", "/admin/broken/"])
def test_a_fault_of_ours_has_the_policy_and_tells_nothing(settings: Settings, path: str) -> None:
    settings.ROOT_URLCONF = "tests.config.broken_urls"
    answer = Client(raise_request_exception=False).get(path)
    assert (answer.status_code, policy(answer)) == (500, POLICY)
    assert protections(answer) == PROTECTED
    assert b"ZeroDivisionError" not in answer.content


def settings_with(**env: str) -> dict[str, Any]:
    asked = [sys.executable, "manage.py", "shell", "--no-imports", "-c", ASKED]
    whole = {**os.environ, **env}
    told = subprocess.run(asked, cwd=CHECKOUT, env=whole, capture_output=True, check=True).stdout
    found: dict[str, Any] = json.loads(told)
    return found


def test_under_https_cookies_and_visits_stay_encrypted() -> None:
    found = settings_with(ROTATION_PUBLIC_URL="https://rundgang.example.org")
    cookies = ("SESSION_COOKIE_SECURE", "CSRF_COOKIE_SECURE", "LANGUAGE_COOKIE_SECURE")
    assert [found[name] for name in cookies] == [True, True, True]
    assert (found["SECURE_SSL_REDIRECT"], found["SECURE_HSTS_SECONDS"]) == (True, 31_536_000)
    assert (found["SESSION_COOKIE_HTTPONLY"], found["SESSION_COOKIE_SAMESITE"]) == (True, "Lax")
    assert found["CSRF_TRUSTED_ORIGINS"] == ["https://rundgang.example.org"]
    assert found["ALLAUTH_TRUSTED_PROXY_COUNT"] == 1


def test_without_a_proxy_nobody_may_say_where_a_visit_comes_from() -> None:
    found = settings_with(ROTATION_PUBLIC_URL="http://rundgang.example.org:8000")
    assert (found["SECURE_PROXY_SSL_HEADER"], found["ALLAUTH_TRUSTED_PROXY_COUNT"]) == (None, 0)
    assert found["DEBUG"] is False
