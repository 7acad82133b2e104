"""A calendar fetched from its address: only when it changed, bounded, never into the house."""

from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from urllib.parse import urljoin

from rotation.calendars.errors import AddressRefused, CalendarTooLarge, NoAnswer
from rotation.calendars.events import LIMITS
from rotation.calendars.outside import Answer, Question, ask, checked_address

MOST_REDIRECTS = 3
SECONDS = 10.0
REDIRECTS = frozenset(
    {
        HTTPStatus.MOVED_PERMANENTLY,
        HTTPStatus.FOUND,
        HTTPStatus.SEE_OTHER,
        HTTPStatus.TEMPORARY_REDIRECT,
        HTTPStatus.PERMANENT_REDIRECT,
    }
)
LONGEST_ETAG = 255
LONGEST_DATE = 80
Ask = Callable[[str, Question], Answer]


@dataclass(frozen=True, slots=True)
class Stamp:
    """By what a server knows which version was fetched (RFC 9110 section 8.8)."""

    etag: str = ""
    last_modified: str = ""


@dataclass(frozen=True, slots=True)
class Fetched:
    """A calendar's bytes and its stamp."""

    data: bytes
    stamp: Stamp


def calendar_address(written: str) -> str:
    """Return the address as it is asked: `webcal://` means https.

    Raises:
        AddressRefused: it is none that may be asked.
    """
    address = written.strip()
    scheme, colon, rest = address.partition(":")
    if colon and scheme.lower() in {"webcal", "webcals"}:
        address = f"https:{rest}"
    checked_address(address)
    return address


def fetch_calendar(address: str, known: Stamp, *, ask: Ask = ask) -> Fetched | None:
    """Return what stands at `address`; None when it is what `known` names.

    Each redirect is looked at as the first address was: names are looked up again, and private
    numbers refused.

    Raises:
        AddressRefused: the address, or one that it leads to, may not be asked.
        NoAnswer: nobody there, not in time, or the server gives something else.
        CalendarTooLarge: more bytes than a calendar may have.
    """
    question = Question(headers=_headers(known), seconds=SECONDS, most_bytes=LIMITS.size + 1)
    for _ in range(MOST_REDIRECTS + 1):
        answer = ask(address, question)
        if answer.status not in REDIRECTS:
            return _fetched(answer)
        address = urljoin(address, answer.headers.get("location", ""))
    raise AddressRefused(why="too_many_redirects")


def _headers(known: Stamp) -> dict[str, str]:
    headers = {"Accept": "text/calendar", "User-Agent": "Rundgang"}
    if known.etag:
        headers["If-None-Match"] = known.etag
    if known.last_modified:
        headers["If-Modified-Since"] = known.last_modified
    return headers


def _fetched(answer: Answer) -> Fetched | None:
    if answer.status == HTTPStatus.NOT_MODIFIED:
        return None
    if answer.status != HTTPStatus.OK:
        raise NoAnswer(reply=f"status {answer.status}", status=answer.status)
    if len(answer.body) > LIMITS.size:
        raise CalendarTooLarge(size=len(answer.body), limit=LIMITS.size)
    stamp = Stamp(
        _header(answer, "etag", LONGEST_ETAG), _header(answer, "last-modified", LONGEST_DATE)
    )
    return Fetched(answer.body, stamp)


def _header(answer: Answer, name: str, longest: int) -> str:
    """Return a header that can be sent back as it is; nothing of what cannot."""
    value = answer.headers.get(name, "")
    return value if value.isascii() and value.isprintable() and len(value) <= longest else ""
