"""Where requests go, and where never."""

import socket
import time
from typing import Any

import pytest
from pytest_django import Settings

from launcher.ports import LOOPBACK, free_port
from rotation.calendars.errors import AddressRefused, NoAnswer
from rotation.calendars.outside import Question, ask, checked_address
from tests.webhook_receiver import receiver

POST = Question("POST", b"{}", {"webhook-id": "1"}, seconds=1, most_bytes=200)


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("http://example.org/", "not_https"),
        ("ftp://example.org/", "not_https"),
        ("file:///etc/passwd", "malformed"),
        ("https:///x", "malformed"),
        ("https://user@example.org/", "malformed"),
        ("https://user:secret@example.org/", "malformed"),
        ("https://example.org/#x", "malformed"),
        ("https://example.org:0/", "malformed"),
        ("https://example.org:99999/", "malformed"),
        ("https://example.org:x/", "malformed"),
        ("https://[::1/", "malformed"),
        ("https://exämple.org/", "malformed"),
        ("https://example.org/a b", "malformed"),
        ("https://example.org/a\r\nHost: x", "malformed"),
        ("https://example.org/" + "x" * 500, "malformed"),
        ("", "malformed"),
        ("https://127.0.0.1/", "not_public"),
        ("https://10.1.2.3/", "not_public"),
        ("https://169.254.169.254/latest/meta-data/", "not_public"),
        ("https://192.168.0.1:8443/", "not_public"),
        ("https://0.0.0.0/", "not_public"),
        ("https://224.0.0.1/", "not_public"),
        ("https://[::1]/", "not_public"),
        ("https://[fe80::1]/", "not_public"),
        ("https://[fc00::1]/", "not_public"),
        ("https://[::ffff:127.0.0.1]/", "not_public"),
        ("https://[2002:7f00:1::]/", "not_public"),
    ],
)
def test_an_address_that_may_not_be_asked_is_refused(url: str, why: str) -> None:
    with pytest.raises(AddressRefused) as refused:
        checked_address(url)
    assert refused.value.fields["why"] == why


@pytest.mark.parametrize("url", ["https://example.org", "https://8.8.8.8:8443/a?b=c"])
def test_a_public_address_may_be_asked(url: str) -> None:
    assert checked_address(url).scheme == "https"


def stands_for(monkeypatch: pytest.MonkeyPatch, *numbers: str) -> list[int]:
    """Let every name stand for `numbers`; returns how often it was asked, once for each time."""
    asked: list[int] = []

    def look_up(_host: str, port: int, **_: object) -> list[Any]:
        asked.append(1)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (number, port)) for number in numbers]

    monkeypatch.setattr("rotation.calendars.outside.getaddrinfo", look_up)
    return asked


@pytest.mark.parametrize(
    "numbers", [("127.0.0.1",), ("10.0.0.1",), ("8.8.8.8", "127.0.0.1"), ("::ffff:127.0.0.1",)]
)
def test_a_name_that_leads_into_the_house_is_refused(
    monkeypatch: pytest.MonkeyPatch, numbers: tuple[str, ...]
) -> None:
    stands_for(monkeypatch, *numbers)
    with pytest.raises(AddressRefused):
        ask("https://innocent.example.org/", POST)


@pytest.mark.parametrize(
    "url", ["https://2130706433/", "https://0x7f.1/", "https://localhost/", "https://127.1/"]
)
def test_numbers_in_disguise_are_refused(url: str) -> None:
    with pytest.raises((AddressRefused, NoAnswer)):
        ask(url, POST)


def test_a_name_is_looked_up_once_and_the_connection_goes_there(
    monkeypatch: pytest.MonkeyPatch, settings: Settings
) -> None:
    settings.PRIVATE_HOSTS = ["hooks.intern"]
    with receiver() as hook:
        connects: list[tuple[str, int]] = []
        connect = socket.create_connection

        def noted(address: tuple[str, int], timeout: float) -> socket.socket:
            connects.append(address)
            return connect(address, timeout)

        asked = stands_for(monkeypatch, LOOPBACK)
        monkeypatch.setattr("rotation.calendars.outside.create_connection", noted)
        answer = ask(f"http://hooks.intern:{hook.port}/a?b=c", POST)
        assert (answer.status, len(answer.body)) == (200, 200)
        assert connects == [(LOOPBACK, hook.port)]
        assert asked == [1]
        assert hook.messages[0][0]["host"] == f"hooks.intern:{hook.port}"


@pytest.mark.parametrize("status", [301, 302, 307])
def test_a_redirect_is_an_answer_and_not_followed(settings: Settings, status: int) -> None:
    settings.PRIVATE_HOSTS = [LOOPBACK]
    with receiver() as hook:
        hook.will(status)
        assert ask(hook.url, POST).status == status
        assert len(hook.messages) == 1


@pytest.mark.parametrize(("wait", "drip"), [(30, 0), (0, 0.2)])
def test_who_does_not_come_to_an_end_is_cut_off(
    settings: Settings, wait: float, drip: float
) -> None:
    settings.PRIVATE_HOSTS = [LOOPBACK]
    with receiver() as hook:
        hook.will(200, wait=wait, drip=drip)
        began = time.monotonic()
        with pytest.raises(NoAnswer) as silent:
            ask(hook.url, POST)
    assert silent.value.fields["reply"] == "no whole answer in time"
    assert time.monotonic() - began < 3


def test_nobody_there_is_said_so(settings: Settings) -> None:
    settings.PRIVATE_HOSTS = [LOOPBACK]
    with pytest.raises(NoAnswer) as silent:
        ask(f"http://{LOOPBACK}:{free_port()}/", POST)
    assert "refused" in silent.value.fields["reply"]


def test_a_name_that_nobody_has_is_no_answer() -> None:
    with pytest.raises(NoAnswer):
        ask("https://nobody.invalid/", POST)
