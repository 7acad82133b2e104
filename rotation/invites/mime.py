"""A rendered mail as bytes for SMTP: CRLF, ASCII headers, the calendar part last (RFC 6047)."""

import base64
from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage, Message
from email.policy import SMTP
from email.utils import format_datetime, parseaddr

from django.conf import settings

from rotation.calendars.identifiers import message_id
from rotation.invites.ical import Invitation, Method, Party, bare_address, calendar_object, one_line
from rotation.invites.mail import Letter

# Answers that carry it come from ourselves: a mail that runs in circles stops there.
LOOP_HEADER = "X-Rundgang-Loop"
PRODUCT = "Rundgang"


@dataclass(frozen=True)
class Envelope:
    """What names a mail beside its text: its token, its time, the first mail about the booking."""

    token: str
    at: datetime
    references: str = ""


def organizer() -> Party:
    """Return who invites: the one address that mails come from and answers go to."""
    name, address = parseaddr(settings.MAIL_FROM)
    return Party(address, name or PRODUCT)


def mail_bytes(letter: Letter, envelope: Envelope, invitation: Invitation | None = None) -> bytes:
    """Return the mail; with an invitation it has the calendar part, and a copy where wanted.

    Raises:
        ValueError: the recipient's address cannot be written in a mail.
    """
    mail = EmailMessage(policy=SMTP)
    mail.set_content(letter.text, cte="quoted-printable")
    mail.add_alternative(letter.html, subtype="html", cte="quoted-printable")
    if invitation is not None:
        calendar = calendar_object(invitation)
        mail.attach(_calendar_part(calendar, invitation.method))  # type: ignore[arg-type]  # any part
        if settings.ICS_ATTACHMENT:
            mail.add_attachment(
                calendar, maintype="application", subtype="ics", filename="invite.ics"
            )
    _add_headers(mail, letter, envelope)
    _set_boundaries(mail, envelope.token)
    return mail.as_bytes()


def _calendar_part(calendar: bytes, method: Method) -> Message:
    """Return the part that programs answer: base64, no disposition, the method unquoted.

    A plain Message, because an EmailMessage would quote every parameter when it is written, and
    some readers look for the bare word.
    """
    part = Message()
    part["Content-Type"] = f"text/calendar; method={method}; charset=UTF-8; component=VEVENT"
    part["Content-Transfer-Encoding"] = "base64"
    part.set_payload(base64.encodebytes(calendar).decode("ascii"))
    return part


def _add_headers(mail: EmailMessage, letter: Letter, envelope: Envelope) -> None:
    mail["From"] = _address(organizer())
    mail["To"] = _address(letter.recipient)
    mail["Subject"] = letter.subject
    mail["Date"] = format_datetime(envelope.at)
    mail["Message-ID"] = message_id(envelope.token)
    if envelope.references:
        mail["References"] = envelope.references
    mail["Content-Language"] = letter.language
    mail["Auto-Submitted"] = "auto-generated"
    mail["X-Auto-Response-Suppress"] = "OOF, AutoReply"
    mail[LOOP_HEADER] = letter.purpose.value


def _address(party: Party) -> Address:
    return Address(one_line(party.name), addr_spec=bare_address(party.address))


def _set_boundaries(mail: EmailMessage, token: str) -> None:
    """Make the bytes depend on nothing but what was given: no random boundary."""
    parts = [part for part in mail.walk() if part.is_multipart()]
    for number, part in enumerate(parts):
        part.set_boundary(f"={number}={token}=")
