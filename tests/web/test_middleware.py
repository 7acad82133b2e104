"""Bodies that are too large, against a real web process; and who may keep a page."""

import http.client
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.test import Client

from launcher.ports import LOOPBACK
from tests.api.servers import web
from tests.builders import make_staff

LARGE = b"login=" + b"x" * 10_000_000


def answer_to(port: int, address: str, body: bytes | Iterator[bytes]) -> tuple[int, str]:
    link = http.client.HTTPConnection(LOOPBACK, port, timeout=30)
    headers = {
        "Content-Type": "application/x-www-form-urlencoded",
        "Accept-Language": "en",
        "Cookie": f"csrftoken={'x' * 32}",
    }
    link.request("POST", address, body, headers, encode_chunked=not isinstance(body, bytes))
    response = link.getresponse()
    found = response.status, response.read().decode()
    link.close()
    return found


@pytest.mark.django_db(transaction=True)
def test_who_sends_too_much_hears_the_answer(tmp_path: Path) -> None:
    with web(1, tmp_path) as port:
        for address in ("/accounts/login/", "/nowhere/", "/r/none/", "/healthz"):
            status, page = answer_to(port, address, LARGE)
            assert (status, "At most 2.5" in page) == (413, True)
        assert answer_to(port, "/accounts/login/", iter([LARGE]))[0] == 403


@pytest.mark.django_db
def test_a_page_is_kept_by_its_reader_only(client: Client) -> None:
    client.force_login(make_staff("Ada").user)

    assert client.get("/my/")["Cache-Control"] == "private, no-cache"
    assert client.get("/r/none/")["Cache-Control"] == "no-store"
