"""Requests to addresses that users name: https, public hosts only, bounded in time and size.

The name is looked up once and the connection goes to what was found then, so that no second
answer of the name server leads into the house. Redirects are not followed.
"""

import http.client
import ssl
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address
from socket import SHUT_RDWR, SOCK_STREAM, create_connection, getaddrinfo, socket
from threading import Timer
from urllib.parse import SplitResult, urlsplit

from django.conf import settings

from rotation.calendars.errors import AddressRefused, NoAnswer

CONNECT_SECONDS = 5
LONGEST_ADDRESS = 500
PORTS = {"https": 443, "http": 80}


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back; `body` is cut to what was asked for."""

    status: int
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Question:
    """What is sent; `seconds` bound the whole, `most_bytes` what is read of the answer."""

    method: str = "GET"
    body: bytes | None = None
    headers: Mapping[str, str] | None = None
    seconds: float = 10
    most_bytes: int = 2**20


def checked_address(url: str) -> SplitResult:
    """Return the parts of an address that may be asked; nothing is looked up.

    Raises:
        AddressRefused: no https, no host, a user or a fragment in it, or a private number.
    """
    try:
        parts = urlsplit(url)
        port, host = parts.port, parts.hostname or ""
    except ValueError as error:
        raise AddressRefused(why="malformed") from error
    if len(url) > LONGEST_ADDRESS or not url.isascii() or not url.isprintable() or " " in url:
        raise AddressRefused(why="malformed")
    if not host or parts.username is not None or parts.fragment or port == 0:
        raise AddressRefused(why="malformed")
    if parts.scheme != "https" and not (parts.scheme == "http" and _is_ours(host)):
        raise AddressRefused(why="not_https")
    if not _is_ours(host):
        _refuse_private(host)
    return parts


def ask(url: str, question: Question) -> Answer:
    """Send `question` to `url` and return the answer.

    Raises:
        AddressRefused: see `checked_address`, or the host has a number that is not public.
        NoAnswer: nobody there, not in time, or no HTTP.
    """
    parts = checked_address(url)
    link = _Link(parts, _numbers(parts), question.seconds)
    timer = Timer(question.seconds, link.cut)
    timer.daemon = True
    timer.start()
    try:
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        link.request(question.method, target, question.body, dict(question.headers or {}))
        response = link.getresponse()
        headers = {name.lower(): value for name, value in response.getheaders()}
        body = response.read(question.most_bytes)
    except (OSError, http.client.HTTPException) as error:
        raise NoAnswer(reply=link.reason(error)) from error
    finally:
        timer.cancel()
        link.close()
    if link.is_cut:
        raise NoAnswer(reply=link.reason(TimeoutError()))
    return Answer(response.status, headers, body)


class _Link(http.client.HTTPConnection):
    """A connection to numbers that were looked up before; `cut` ends it from another thread."""

    def __init__(self, parts: SplitResult, numbers: list[str], seconds: float) -> None:
        self._tls = ssl.create_default_context() if parts.scheme == "https" else None
        self._numbers = numbers
        self._open: socket | None = None  # http.client forgets it before the answer is read
        self.is_cut = False
        super().__init__(parts.hostname or "", _port(parts), timeout=seconds)

    def connect(self) -> None:
        """Connect to the first number that answers; the certificate is of the name."""
        sock = self._first_that_answers()
        sock.settimeout(self.timeout)
        self._open = sock
        if self._tls:
            self._open = self._tls.wrap_socket(sock, server_hostname=self.host)
        self.sock = self._open

    def cut(self) -> None:
        """End the connection: whoever waits for it hears an error or the end."""
        self.is_cut = True
        if self._open is not None:
            with suppress(OSError):
                self._open.shutdown(SHUT_RDWR)

    def reason(self, error: Exception) -> str:
        """Return in one line why there was no answer."""
        if self.is_cut or isinstance(error, TimeoutError):
            return "no whole answer in time"
        return f"{type(error).__name__}: {error}".replace("\n", " ").replace("\r", " ")[:200]

    def _first_that_answers(self) -> socket:
        failed: OSError = OSError("no address")
        for number in self._numbers:
            try:
                return create_connection((number, self.port), CONNECT_SECONDS)
            except OSError as error:
                failed = error
        raise failed


def _port(parts: SplitResult) -> int:
    return parts.port or PORTS[parts.scheme]


def _is_ours(host: str) -> bool:
    """Return whether the operator named the host as one inside the house."""
    return host in settings.PRIVATE_HOSTS


def _numbers(parts: SplitResult) -> list[str]:
    """Return what the host's name stands for; all of it has to be public, or none is asked."""
    host = parts.hostname or ""
    try:
        found = getaddrinfo(host, _port(parts), type=SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise NoAnswer(reply=f"no such host: {host}"[:200]) from error
    numbers = list(dict.fromkeys(str(address[0]) for *_, address in found))
    if not _is_ours(host):
        for number in numbers:
            _refuse_private(number)
    return numbers


def _refuse_private(host: str) -> None:
    """Do nothing for a name, or for a number that anybody may reach."""
    try:
        number = ip_address(host.partition("%")[0])
    except ValueError:
        return
    if not all(each.is_global and not each.is_multicast for each in _meant_by(number)):
        raise AddressRefused(why="not_public")


def _meant_by(number: IPv4Address | IPv6Address) -> list[IPv4Address | IPv6Address]:
    """Return the number, and the older ones that some numbers of version 6 stand for."""
    if isinstance(number, IPv4Address):
        return [number]
    inner = [number.ipv4_mapped, number.sixtofour, *(number.teredo or ())]
    return [number.ipv4_mapped] if number.ipv4_mapped else [number, *filter(None, inner)]
