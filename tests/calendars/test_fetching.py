import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from pytest_django import Settings

from rotation.calendars.errors import AddressRefused, CalendarTooLarge, NoAnswer
from rotation.calendars.events import LIMITS
from rotation.calendars.fetching import Fetched, Stamp, calendar_address, fetch_calendar
from rotation.calendars.outside import Answer, Question, ask

NEW = Stamp()


class Handler(BaseHTTPRequestHandler):
    """A calendar server that redirects, remembers versions, and misbehaves on request."""

    asked: list[dict[str, str]]

    def do_GET(self) -> None:
        self.asked.append({**self.headers, "path": self.path})
        if self.path == "/loop":
            self.say(302, location="/loop")
        elif self.path.startswith("/to?"):
            self.say(302, location=self.path[4:])
        elif self.path == "/large":
            self.say(200, body=b"x" * (LIMITS.size + 10))
        elif self.path == "/away":
            self.say(503)
        elif self.headers.get("If-None-Match") == '"1"':
            self.say(304)
        else:
            self.say(200, body=b"BEGIN:VCALENDAR", etag='"1"')

    def say(self, status: int, *, body: bytes = b"", **headers: str) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args: object) -> None:
        """Say nothing."""


@pytest.fixture
def server() -> Iterator[str]:
    Handler.asked = []
    httpd = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=httpd.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{httpd.server_port}"
    httpd.shutdown()
    httpd.server_close()
    thread.join()


def ask_loopback(settings: Settings, server: str) -> object:
    """Return an `ask` that may go to this test's own server and nowhere else inside."""

    def asks(url: str, question: Question) -> Answer:
        settings.PRIVATE_HOSTS = frozenset({"127.0.0.1"} if url.startswith(server) else ())
        return ask(url, question)

    return asks


def fetch(settings: Settings, server: str, path: str, known: Stamp = NEW) -> Fetched | None:
    return fetch_calendar(server + path, known, ask=ask_loopback(settings, server))  # type: ignore[arg-type]


def test_a_calendar_is_fetched_once_and_then_only_when_it_changed(
    settings: Settings, server: str
) -> None:
    first = fetch(settings, server, "/ok.ics")
    assert first == Fetched(b"BEGIN:VCALENDAR", Stamp('"1"'))

    assert fetch(settings, server, "/ok.ics", first.stamp) is None
    assert Handler.asked[1]["If-None-Match"] == '"1"'


def test_redirects_are_followed_three_times(settings: Settings, server: str) -> None:
    assert fetch(settings, server, "/to?/to?/to?/ok.ics") is not None
    with pytest.raises(AddressRefused):
        fetch(settings, server, "/to?/to?/to?/to?/ok.ics")
    with pytest.raises(AddressRefused):
        fetch(settings, server, "/loop")


@pytest.mark.parametrize(
    "target",
    [
        "https://127.0.0.1/", "https://[::1]/", "https://169.254.169.254/latest/meta-data/",
        "https://10.0.0.1/", "https://[::ffff:10.0.0.1]/", "https://localhost/", "file:///etc/passwd",
        "http://example.org/", "https://[fe80::1]/", "https://0.0.0.0/",
    ],
)  # fmt: skip
def test_a_redirect_into_the_house_is_refused(settings: Settings, server: str, target: str) -> None:
    with pytest.raises(AddressRefused):
        fetch(settings, server, f"/to?{target}")
    assert len(Handler.asked) == 1


def test_what_is_too_large_or_away_says_so(settings: Settings, server: str) -> None:
    with pytest.raises(CalendarTooLarge):
        fetch(settings, server, "/large")
    with pytest.raises(NoAnswer):
        fetch(settings, server, "/away")


def test_an_address_is_https_whatever_the_calendar_program_calls_it() -> None:
    assert calendar_address(" webcal://example.org/a.ics ") == "https://example.org/a.ics"
    for address in ("http://example.org/a.ics", "https://10.0.0.1/a.ics", "ftp://example.org", "x"):
        with pytest.raises(AddressRefused):
            calendar_address(address)
