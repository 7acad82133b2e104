"""Raw mails as calendar programs, mail servers and people write them; every part can be wrong."""

import base64
from dataclasses import dataclass
from pathlib import Path

FIXTURES = Path(__file__).parent.parent / "fixtures" / "replies"
GUEST = "g@ex.org"
ORGANIZER = "rundgang@example.org"
AUTHSERV = "mx.example.org"
STAMP = "20260302T080000Z"


@dataclass(frozen=True)
class Event:
    """One VEVENT of an answer; a field that is None leaves its line out."""

    partstat: str = "ACCEPTED"
    attendee: str | None = f"mailto:{GUEST}"
    sequence: int | None = 1
    dtstamp: str | None = STAMP
    organizer: str | None = f"mailto:{ORGANIZER}"
    params: str = ""
    lines: tuple[str, ...] = ()
    name: str = "VEVENT"

    def text(self, uid: str) -> list[str]:
        optional = {
            "DTSTAMP:": self.dtstamp,
            "SEQUENCE:": self.sequence,
            "ORGANIZER:": self.organizer,
            f"ATTENDEE;PARTSTAT={self.partstat}{self.params}:": self.attendee,
        }
        lines = [f"{name}{value}" for name, value in optional.items() if value is not None]
        return [f"BEGIN:{self.name}", f"UID:{uid}", *lines, *self.lines, f"END:{self.name}"]


def ics(uid: str, *events: Event, method: str | None = "REPLY", zone: str = "") -> str:
    head = ["BEGIN:VCALENDAR", "PRODID:-//test//EN", "VERSION:2.0"]
    stated = [f"METHOD:{method}"] if method else []
    body = [line for event in events for line in event.text(uid)]
    return "\r\n".join([*head, *stated, *zone.splitlines(), *body, "END:VCALENDAR", ""])


def part(
    content: str | bytes, kind: str = "text/calendar; method=REPLY; charset=UTF-8", cte: str = ""
) -> bytes:
    """One MIME part; in base64 where `cte` says so."""
    raw = content.encode() if isinstance(content, str) else content
    if cte == "base64":
        raw = base64.encodebytes(raw).replace(b"\n", b"\r\n")
    return (
        f"Content-Type: {kind}\r\nContent-Transfer-Encoding: {cte or '8bit'}\r\n\r\n".encode() + raw
    )


def mail(
    *parts: bytes,
    sender: str = GUEST,
    dmarc: str = "pass",
    headers: str = "",
    kind: str = "mixed",
    message_id: str = "1@ex.org",
) -> bytes:
    """A mail of these parts, as our own mail server hands it on with its verdict on top."""
    domain = sender.rpartition("@")[2].strip("> ")
    verdict = f"Authentication-Results: {AUTHSERV}; dmarc={dmarc} header.from={domain}\r\n"
    head = (
        f"{verdict if dmarc else ''}From: {sender}\r\nTo: {ORGANIZER}\r\n"
        f"Message-ID: <{message_id}>\r\nSubject: Re: your visit\r\n{headers}MIME-Version: 1.0\r\n"
    )
    if len(parts) == 1:
        return head.encode() + parts[0]
    start = f"Content-Type: multipart/{kind}; boundary=b\r\n\r\n".encode()
    body = b"".join(b"--b\r\n" + each + b"\r\n" for each in parts)
    return head.encode() + start + body + b"--b--\r\n"


def reply(uid: str, event: Event = Event(), *, dmarc: str = "pass", sender: str = GUEST) -> bytes:
    return mail(part(ics(uid, event)), dmarc=dmarc, sender=sender)


def text(content: str = "yes, I come") -> bytes:
    return part(content, "text/plain; charset=utf-8")


def delivery_report(action: str, message_id: str = "x@example.org") -> bytes:
    """A mail server's multipart/report (RFC 3464) about a mail of ours."""
    status = (
        f"Reporting-MTA: dns; mx.ex.org\r\n\r\nFinal-Recipient: rfc822; {GUEST}\r\n"
        f"Action: {action}\r\nStatus: 5.1.1\r\n"
    )
    returned = f"From: {ORGANIZER}\r\nMessage-ID: <{message_id}>\r\n\r\nour text\r\n"
    return mail(
        text("could not be delivered"),
        part(status, "message/delivery-status"),
        part(returned, "message/rfc822"),
        sender="mailer-daemon@ex.org",
        kind="report; report-type=delivery-status",
        headers="Auto-Submitted: auto-replied\r\n",
    )


def calendar_mail(uid: str, event: Event, *, method: str, message_id: str = "1@ex.org") -> bytes:
    kind = f"text/calendar; method={method}; charset=UTF-8"
    return mail(part(ics(uid, event, method=method), kind), message_id=message_id)
