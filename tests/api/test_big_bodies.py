"""A body that is too large is answered, and the answer is heard: against a real web process."""

import http.client
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone

from accounts.models import ApiToken
from launcher.ports import LOOPBACK
from tests.api.callers import make_organisation
from tests.api.servers import web

pytestmark = pytest.mark.django_db(transaction=True)
URL = "/api/v1/bookings/"


def answer_to(port: int, body: bytes | Iterator[bytes], key: str = "") -> int:
    link = http.client.HTTPConnection(LOOPBACK, port, timeout=30)
    headers = {"Content-Type": "application/json", "Authorization": f"Token {key}"}
    link.request("POST", URL, body, headers, encode_chunked=not isinstance(body, bytes))
    status = link.getresponse().status
    link.close()
    return status


def test_a_body_that_is_not_wanted_is_swallowed(tmp_path: Path) -> None:
    house, now = make_organisation(), timezone.now()
    key = ApiToken.issue(house.manager, now=now, expires_at=now + timedelta(hours=1))
    with web(2, tmp_path) as port:
        assert answer_to(port, b" " * 10_000_000, key) == 413
        assert answer_to(port, b" " * 10_000_000) == 401
        assert answer_to(port, iter([b"{}"]), key) == 411
