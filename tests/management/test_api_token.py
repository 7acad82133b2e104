"""`manage.py api_token`: a key that works, and only its hash stored."""

from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.models import ApiToken, TokenScope
from rotation.audit.models import Entry, Subject
from tests.builders import make_user

pytestmark = pytest.mark.django_db


def test_the_last_line_is_a_key_that_signs_in() -> None:
    user = make_user("robot@example.org")
    written = StringIO()
    call_command("api_token", "Robot@example.org", "--days", "30", stdout=written)
    key = written.getvalue().splitlines()[-1]
    answer = APIClient(headers={"Authorization": f"Token {key}"}).get("/api/v1/teams/")
    assert answer.status_code == 200
    token = ApiToken.objects.get()
    assert (token.user, token.digest) == (user, ApiToken.digest_of(key))
    left = token.expires_at - timezone.now()
    assert timedelta(days=29, hours=23) < left <= timedelta(days=30)


@pytest.mark.parametrize("days", ["0", "-1", "3651", "99999999999"])
def test_days_that_make_no_sense_are_refused(days: str) -> None:
    make_user("robot@example.org")
    with pytest.raises(CommandError):
        call_command("api_token", "robot@example.org", f"--days={days}")


def test_nobody_has_no_token() -> None:
    make_user("gone@example.org").__class__.objects.update(is_active=False)
    for email in ("gone@example.org", "nobody@example.org"):
        with pytest.raises(CommandError):
            call_command("api_token", email)
    assert not ApiToken.objects.exists()


def test_a_token_may_be_for_less_and_the_trail_names_it() -> None:
    make_user("robot@example.org")
    call_command("api_token", "robot@example.org", "--scopes=read, tickets", "--name=CMDB")
    token, line = ApiToken.objects.get(), Entry.objects.get(subject=Subject.TOKEN)
    assert (token.name, token.scopes) == ("CMDB", ["read", "tickets"])
    assert (line.via, line.action, line.new["scopes"]) == ("command", "add", ["read", "tickets"])


def test_without_scopes_a_token_is_for_everything() -> None:
    make_user("robot@example.org")
    call_command("api_token", "robot@example.org")
    assert ApiToken.objects.get().scopes == sorted(TokenScope.values)


@pytest.mark.parametrize("scopes", ["", ",", "all", "read,write"])
def test_scopes_that_nobody_knows_are_refused(scopes: str) -> None:
    make_user("robot@example.org")
    with pytest.raises(CommandError):
        call_command("api_token", "robot@example.org", f"--scopes={scopes}")
