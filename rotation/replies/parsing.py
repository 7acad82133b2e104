"""A raw mail, read into plain values; no bytes make it raise, what cannot be read is named."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import Message
from enum import StrEnum
from typing import cast

from rotation.calendars.addresses import normal_address
from rotation.calendars.errors import CalendarTooLarge, UnreadableCalendar
from rotation.calendars.parsing import MAX_BYTES, SPACES, CalendarObject, parse_calendars

MAX_MAIL_BYTES = 10 * 1024 * 1024
MAX_PARTS = 100
MAX_CALENDAR_PARTS = 10
MAX_NESTING = 12
MAX_TEXT = 2_000
MAX_HEADER = 4_096
CALENDAR_TYPES = frozenset({"text/calendar", "application/ics"})
# Faults of the standard library's header parser on malformed headers; the mail is then unreadable.
MAIL_FAULTS = (
    ValueError, TypeError, KeyError, IndexError, AttributeError, LookupError, RecursionError,
    AssertionError,
)  # fmt: skip


class Problem(StrEnum):
    """Why a mail, or one part of it, could not be read."""

    TOO_LARGE = "too_large"
    TOO_MANY_PARTS = "too_many_parts"
    UNREADABLE = "unreadable"
    ENCRYPTED = "encrypted"


@dataclass(frozen=True, slots=True)
class CalendarPart:
    """One calendar of a mail with the method its MIME header names; or the problem it has."""

    mime_method: str
    calendar: CalendarObject | None = None
    problem: Problem | None = None


@dataclass(frozen=True, slots=True)
class DeliveryReport:
    """What a mail server says became of a mail of ours (RFC 3464); `action` in lower case."""

    action: str
    recipient: str
    message_id: str


@dataclass(frozen=True, slots=True)
class Mail:
    """What the inbound side needs of a mail; addresses normal, texts cut to a page's length."""

    senders: tuple[str, ...] = ()
    message_id: str = ""
    subject: str = ""
    text: str = ""
    authentication_results: tuple[str, ...] = ()
    is_automatic: bool = False
    loop_mark: str = ""
    report: DeliveryReport | None = None
    parts: tuple[CalendarPart, ...] = ()
    problem: Problem | None = None


LOOP_HEADER = "X-Rundgang-Loop"
# The standard library's header parser takes time by the square of a header's length; the structure
# is therefore read with the simple parser, and only short headers with the full one.
_CONTENT_TYPE = re.compile(rb"^content-[a-z]+:.*(?:\n[ \t].*)*", re.IGNORECASE | re.MULTILINE)


def read_mail(raw: bytes) -> Mail:
    """Return what `raw` says; never raises.

    Calendars are taken from text/calendar and application/ics anywhere in the MIME tree except
    inside a forwarded or returned message (RFC 6047 §2.4), each distinct one once.
    """
    if len(raw) > MAX_MAIL_BYTES:
        return Mail(problem=Problem.TOO_LARGE)
    try:
        if any(len(match.group()) > MAX_HEADER for match in _CONTENT_TYPE.finditer(raw)):
            return Mail(problem=Problem.UNREADABLE)
        return _mail(message_from_bytes(raw, policy=policy.compat32))
    except MAIL_FAULTS:
        return Mail(problem=Problem.UNREADABLE)


def leaf_parts(message: Message) -> Iterator[Message]:
    """Yield the parts that hold content, in order, never from inside another message.

    Raises:
        ValueError: the tree is nested deeper than any mail program makes it.
    """
    waiting: list[tuple[int, Message]] = [(0, message)]
    while waiting:
        depth, part = waiting.pop()
        if depth > MAX_NESTING:
            raise ValueError("nested too deeply")
        if part.get_content_maintype() == "multipart" and part.is_multipart():
            children = cast("list[Message]", part.get_payload())
            waiting.extend((depth + 1, child) for child in reversed(children))
        else:
            yield part


def _mail(message: Message) -> Mail:
    leaves = list(leaf_parts(message))
    calendars = [part for part in leaves if part.get_content_type() in CALENDAR_TYPES]
    too_many = len(leaves) > MAX_PARTS or len(calendars) > MAX_CALENDAR_PARTS
    parts = () if too_many else tuple(_distinct(calendars))
    return Mail(
        senders=_senders(message),
        message_id=_header(message, "Message-ID"),
        subject=_header(message, "Subject"),
        text=_text(leaves),
        authentication_results=_headers(message, "Authentication-Results"),
        is_automatic=_is_automatic(message),
        loop_mark=_header(message, LOOP_HEADER),
        report=_report(message, leaves),
        parts=parts,
        problem=Problem.TOO_MANY_PARTS if too_many else _problem(message, leaves, parts),
    )


def _raw_headers(message: Message, name: str) -> list[str]:
    """Return the values as they came, topmost first; longer than any honest one is left out."""
    return [
        str(value)
        for key, value in message.raw_items()
        if key.lower() == name.lower() and len(str(value)) <= MAX_HEADER
    ]


def _headers(message: Message, name: str) -> tuple[str, ...]:
    """Return the decoded values of a header, each on one line without control characters."""
    parsed = (policy.default.header_fetch_parse(name, x) for x in _raw_headers(message, name))
    return tuple("".join(c for c in " ".join(str(x).split()) if c.isprintable()) for x in parsed)


def _header(message: Message, name: str) -> str:
    return next(iter(_headers(message, name)), "")


def _senders(message: Message) -> tuple[str, ...]:
    """Return every address of every From header; an honest answer has exactly one."""
    raw = _raw_headers(message, "From")
    headers = [policy.default.header_fetch_parse("From", value) for value in raw]
    return tuple(
        normal_address(one.addr_spec) for each in headers for one in getattr(each, "addresses", ())
    )


def _is_automatic(message: Message) -> bool:
    """Return whether a machine wrote this by itself (RFC 3834 §5 and its forerunners).

    X-Auto-Response-Suppress says nothing: Exchange puts it on people's meeting answers too.
    """
    submitted = _header(message, "Auto-Submitted").partition(";")[0].strip().lower()
    precedence = _header(message, "Precedence").lower()
    return (
        submitted not in {"", "no"}
        or precedence in {"bulk", "junk", "auto_reply"}
        or "X-Autoreply" in message
        or "X-Autorespond" in message
        or _header(message, "Return-Path") == "<>"
    )


def _text(leaves: list[Message]) -> str:
    """Return the first plain text, for a person who has to decide about the mail."""
    for part in leaves:
        if part.get_content_type() == "text/plain":
            content = _content(part).decode("utf-8", errors="replace")[:MAX_TEXT]
            return "".join(c for c in content if c in SPACES or c.isprintable()).strip()
    return ""


def _content(part: Message) -> bytes:
    payload = part.get_payload(decode=True)
    return payload if isinstance(payload, bytes) else b""


def _distinct(parts: list[Message]) -> Iterator[CalendarPart]:
    """Yield each calendar once: Thunderbird sends the same one twice in every answer."""
    seen: set[tuple[str, CalendarObject]] = set()
    for part in parts:
        for read in _calendar_parts(part):
            if read.calendar is None:
                yield read
            elif (key := (read.mime_method or read.calendar.method, read.calendar)) not in seen:
                seen.add(key)
                yield read


def _calendar_parts(part: Message) -> list[CalendarPart]:
    method = str(part.get_param("method", "")).strip().upper()
    # Base64 is a third longer than what it carries: refuse before decoding.
    if len(cast("str", part.get_payload())) > MAX_BYTES * 2:
        return [CalendarPart(method, problem=Problem.TOO_LARGE)]
    try:
        calendars = parse_calendars(_content(part), part.get_content_charset() or "utf-8")
    except CalendarTooLarge:
        return [CalendarPart(method, problem=Problem.TOO_LARGE)]
    except UnreadableCalendar:
        return [CalendarPart(method, problem=Problem.UNREADABLE)]
    return [CalendarPart(method, calendar) for calendar in calendars]


def _problem(
    message: Message, leaves: list[Message], parts: tuple[CalendarPart, ...]
) -> Problem | None:
    """Return what hides an answer in a mail without a calendar; None where nothing is hidden."""
    if parts:
        return None
    types = {part.get_content_type() for part in leaves}
    if message.get_content_type() == "multipart/encrypted":
        return Problem.ENCRYPTED
    if types & {"application/pkcs7-mime", "application/x-pkcs7-mime"}:
        is_signed = any(part.get_param("smime-type") == "signed-data" for part in leaves)
        return Problem.UNREADABLE if is_signed else Problem.ENCRYPTED
    is_tnef = "application/ms-tnef" in types or any(
        (part.get_filename() or "").lower() == "winmail.dat" for part in leaves
    )
    return Problem.UNREADABLE if is_tnef else None


def _report(message: Message, leaves: list[Message]) -> DeliveryReport | None:
    """Return the worst statement of a delivery report (RFC 3464); None for other mails."""
    if message.get_content_type() != "multipart/report":
        return None
    blocks = [
        block
        for part in leaves
        if part.get_content_type() == "message/delivery-status" and part.is_multipart()
        for block in cast("list[Message]", part.get_payload())
        if "Action" in block
    ]
    actions = {_header(block, "Action").lower(): block for block in reversed(blocks)}
    for action in ("failed", "delayed", *actions):
        if action in actions:
            recipient = _header(actions[action], "Final-Recipient").rpartition(";")[2]
            return DeliveryReport(action, normal_address(recipient), _returned_id(leaves))
    return None


def _returned_id(leaves: list[Message]) -> str:
    """Return the Message-ID of the mail of ours that a report sends back."""
    for part in leaves:
        if part.get_content_type() == "message/rfc822" and part.is_multipart():
            return _header(cast("list[Message]", part.get_payload())[0], "Message-ID")
        if part.get_content_type() == "text/rfc822-headers":
            return _header(message_from_bytes(_content(part)), "Message-ID")
    return ""
