"""A guest's calendar program, as the demo plays it: from a REQUEST to the answer's bytes; pure.

It writes what real programs write (RFC 5546 §3.2.3, RFC 6047): its own DTSTAMP, the SEQUENCE it
was asked with, one ATTENDEE, and a text part for people.
"""

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime
from email import policy
from email.message import EmailMessage
from email.utils import format_datetime

import icalendar

from rotation.calendars.parsing import CalendarComponent
from rotation.replies.errors import NothingToAnswer
from rotation.replies.parsing import Mail, read_mail

PRODID = "-//Rundgang//Demo calendar//EN"
WORDS = {"ACCEPTED": "Accepted", "DECLINED": "Declined", "TENTATIVE": "Tentative"}
SENTENCES = {
    "ACCEPTED": "has accepted this invitation.",
    "DECLINED": "has declined this invitation.",
    "TENTATIVE": "may attend.",
}


@dataclass(frozen=True, slots=True)
class Request:
    """The invitation in a mail: what its answer has to repeat."""

    event: CalendarComponent
    message_id: str

    @property
    def guest(self) -> str:
        """The address that was invited."""
        return self.event.attendees[0].address


def request_in(raw: bytes) -> Request:
    """Return the invitation that `raw` carries.

    Raises:
        NothingToAnswer: there is no METHOD:REQUEST with an organizer and an attendee in it.
    """
    mail = read_mail(raw)
    for event in _requested(mail):
        if event.organizer and event.attendees and event.starts_at and event.ends_at:
            return Request(event, mail.message_id)
    raise NothingToAnswer


def _requested(mail: Mail) -> list[CalendarComponent]:
    return [
        component
        for part in mail.parts
        if part.calendar and part.calendar.method == "REQUEST"
        for component in part.calendar.components
        if component.name == "VEVENT"
    ]


def reply_mail(raw: bytes, *, partstat: str, now: datetime, comment: str = "") -> bytes:
    """Return the mail with METHOD:REPLY that answers the invitation in `raw`.

    Raises:
        NothingToAnswer: `raw` holds no invitation.
        KeyError: `partstat` is no answer.
    """
    request = request_in(raw)
    event = _event(request.event, now, comment)
    event.add("ATTENDEE", f"mailto:{request.guest}", parameters={"PARTSTAT": partstat})
    event.add("DTSTART", request.event.starts_at)
    event.add("DTEND", request.event.ends_at)
    subject = f"{WORDS[partstat]}: {request.event.summary}"
    return _mail(request, "REPLY", event, subject, _words(request, SENTENCES[partstat], comment))


def counter_mail(
    raw: bytes, *, starts_at: datetime, ends_at: datetime, now: datetime, comment: str = ""
) -> bytes:
    """Return the mail with METHOD:COUNTER that proposes another time (RFC 5546 §3.2.7).

    Raises:
        NothingToAnswer: `raw` holds no invitation.
    """
    request = request_in(raw)
    event = _event(request.event, now, comment)
    event.add("ATTENDEE", f"mailto:{request.guest}", parameters={"PARTSTAT": "TENTATIVE"})
    event.add("DTSTART", starts_at.astimezone(UTC))
    event.add("DTEND", ends_at.astimezone(UTC))
    subject = f"New time proposed: {request.event.summary}"
    text = _words(request, "proposes another time.", comment)
    return _mail(request, "COUNTER", event, subject, text)


def _event(asked: CalendarComponent, now: datetime, comment: str) -> icalendar.Event:
    event = icalendar.Event()
    event.add("UID", asked.uid)
    event.add("SEQUENCE", asked.sequence or 0)
    event.add("DTSTAMP", now.astimezone(UTC).replace(microsecond=0))
    event.add("ORGANIZER", f"mailto:{asked.organizer}")
    event.add("SUMMARY", asked.summary)
    if comment:
        event.add("COMMENT", comment)
    return event


def _words(request: Request, sentence: str, comment: str) -> str:
    return f"{request.guest} {sentence}\n\n{comment}".strip() + "\n"


def _mail(request: Request, method: str, event: icalendar.Event, subject: str, text: str) -> bytes:
    calendar = icalendar.Calendar()
    calendar.add("PRODID", PRODID)
    calendar.add("VERSION", "2.0")
    calendar.add("METHOD", method)
    calendar.add_component(event)
    content = calendar.to_ical()
    mail = EmailMessage(policy=policy.SMTP)
    mail["From"], mail["To"] = request.guest, request.event.organizer
    mail["Subject"] = " ".join(subject.split())
    mail["Date"] = format_datetime(event.decoded("DTSTAMP"))
    name, domain = hashlib.sha256(content).hexdigest()[:32], request.guest.rpartition("@")[2]
    mail["Message-ID"] = f"<{name}.reply@{domain}>"
    if request.message_id:
        mail["In-Reply-To"] = mail["References"] = request.message_id
    mail.set_content(text)
    mail.add_alternative(content, "text", "calendar", cte="base64", params=_params(method))
    mail.set_boundary(f"=_{name}")
    return mail.as_bytes()


def _params(method: str) -> dict[str, str]:
    return {"method": method, "charset": "UTF-8", "component": "VEVENT"}
