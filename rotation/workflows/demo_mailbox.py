"""The demo's guests: show the mails that stayed in the house and answer them by real mail."""

import smtplib
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings

from rotation.calendars.parsing import CalendarObject
from rotation.replies import peer
from rotation.replies.errors import MailServerAway
from rotation.replies.models import DemoMail
from rotation.replies.parsing import read_mail
from rotation.replies.services import mark_demo_mail_read, note_demo_answer

HOST = "127.0.0.1"
TIMEOUT_SECONDS = 20


@dataclass(frozen=True, slots=True)
class OpenedMail:
    """A demo mail as its recipient sees it: the text, the calendars, and the source."""

    mail: DemoMail
    text: str
    calendars: tuple[CalendarObject, ...]
    source: str
    can_be_answered: bool


def open_demo_mail(mail: DemoMail, *, now: datetime) -> OpenedMail:
    """Return the content of a demo mail and mark it as read."""
    raw = bytes(mail.raw)
    read = read_mail(raw)
    mark_demo_mail_read(mail.pk, now=now)
    calendars = tuple(part.calendar for part in read.parts if part.calendar)
    return OpenedMail(
        mail=mail,
        text=read.text,
        calendars=calendars,
        source=raw.decode("utf-8", errors="replace"),
        can_be_answered=any(each.method == "REQUEST" for each in calendars),
    )


def answer_demo_mail(mail: DemoMail, *, partstat: str, comment: str, now: datetime) -> None:
    """Send a true METHOD:REPLY for a demo mail, by SMTP, to the organiser it names.

    Raises:
        NothingToAnswer: the mail holds no invitation.
        MailServerAway: the local receiver did not take it.
    """
    stamp = _next_stamp(mail, now)
    raw = peer.reply_mail(bytes(mail.raw), partstat=partstat, comment=comment, now=stamp)
    _send(raw, mail)
    note_demo_answer(mail.pk, partstat=partstat, at=stamp)


def propose_in_demo_mail(
    mail: DemoMail, *, starts_at: datetime, ends_at: datetime, comment: str, now: datetime
) -> None:
    """Send a true METHOD:COUNTER for a demo mail, by SMTP, to the organiser it names.

    Raises:
        NothingToAnswer: the mail holds no invitation.
        MailServerAway: the local receiver did not take it.
    """
    raw = peer.counter_mail(
        bytes(mail.raw), starts_at=starts_at, ends_at=ends_at, comment=comment, now=now
    )
    _send(raw, mail)


def _next_stamp(mail: DemoMail, now: datetime) -> datetime:
    """Return a DTSTAMP after the last answer's: it counts whole seconds, and clicks are faster."""
    stamp = now.replace(microsecond=0)
    last = mail.answered_at
    return max(stamp, last + timedelta(seconds=1)) if last else stamp


def _send(raw: bytes, mail: DemoMail) -> None:
    request = peer.request_in(bytes(mail.raw))
    try:
        with smtplib.SMTP(HOST, settings.INBOUND_SMTP_PORT, timeout=TIMEOUT_SECONDS) as server:
            server.sendmail(request.guest, [request.event.organizer], raw)
    except (smtplib.SMTPException, OSError) as fault:
        raise MailServerAway(problem=type(fault).__name__) from fault
