"""Letters about a booking that is nowhere stored: fixed numbers, fixed texts, no database."""

from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from zoneinfo import ZoneInfo

from accounts.models import User
from rotation.booking.models import Booking
from rotation.directory.models import Department, StaffMember
from rotation.invites.ical import Invitation, Method, Party
from rotation.invites.mail import BOOKER_LETTERS, GUEST_LETTERS, HOST_LETTERS, Letter, Telling
from rotation.invites.mime import Envelope, mail_bytes, organizer
from rotation.invites.models import Mail
from rotation.invites.owing import TO_APPROVERS
from rotation.meetings.models import Meeting, MeetingSeries

AT = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
BERLIN = ZoneInfo("Europe/Berlin")
ENVELOPE = Envelope("0123456789abcdef" * 2, AT)
LATER = Envelope("fedcba9876543210" * 2, AT, references=f"<{'0123456789abcdef' * 2}@example.org>")
GUEST_PURPOSES = list(GUEST_LETTERS)
PURPOSES = [*GUEST_PURPOSES, *HOST_LETTERS, *BOOKER_LETTERS]
CANCELS = (Mail.Purpose.INVITE_CANCEL, Mail.Purpose.INVITE_WITHDRAWN)


def make_telling(*, confidential: bool = False, **changes: str) -> Telling:
    """Return a booking that is nowhere stored, with fixed numbers and texts; no database."""
    values = {
        "guest": "Jörg Gast",
        "host": "Hanna Wirt",
        "department": "Einkauf",
        "title": "Wochenrunde",
        "location": "Haus A, Raum 2.07",
        "purpose": "Buys what the house needs.\nSpeaks with 400 suppliers.",
        "reason": "Inventory takes the whole day.",
        "language": "en",
        "own_zone": "America/New_York",
        **changes,
    }
    guest = User(
        pk=1, email="joerg.gast@example.org", name=values["guest"], language=values["language"]
    )
    host = User(
        pk=2, email="hanna.wirt@example.org", name=values["host"], language=values["language"]
    )
    series = MeetingSeries(
        pk=5,
        department=Department(pk=4, name=values["department"], purpose=values["purpose"]),
        title=values["title"],
        location=values["location"],
        time_zone="Europe/Berlin",
        confidential=confidential,
    )
    start = datetime(2027, 3, 30, 14, 0, tzinfo=BERLIN)
    end = datetime(2027, 3, 30, 15, 30, tzinfo=BERLIN)
    booking = Booking(
        pk=7,
        staff=StaffMember(pk=3, user=guest, time_zone=values["own_zone"]),
        meeting=Meeting(pk=6, series=series, starts_at=start, ends_at=end),
        starts_at=start,
        ends_at=end,
        uid="00112233445566778899aabbccddeeff@example.org",
        created_at=AT,
    )
    return Telling(booking, [host], values["reason"])


def letter_of(purpose: Mail.Purpose, telling: Telling) -> Letter:
    if purpose in GUEST_LETTERS:
        return GUEST_LETTERS[purpose](telling)
    if purpose in BOOKER_LETTERS:
        return BOOKER_LETTERS[purpose](telling, telling.hosts[0])
    asks = purpose in TO_APPROVERS
    telling.booking.state = Booking.State.REQUESTED if asks else Booking.State.CONFIRMED
    return HOST_LETTERS[purpose](telling, telling.hosts[0])


def invitation_of(purpose: Mail.Purpose, telling: Telling) -> Invitation:
    letter, booking = letter_of(purpose, telling), telling.booking
    method = Method.CANCEL if purpose in CANCELS else Method.REQUEST
    return Invitation(
        method=method,
        uid=booking.uid,
        sequence=PURPOSES.index(purpose),
        dtstamp=AT,
        starts_at=booking.starts_at,
        ends_at=booking.ends_at,
        time_zone="Europe/Berlin",
        summary=letter.facts.summary,
        description=letter.description,
        location=letter.facts.where,
        url=letter.facts.visit_url,
        organizer=organizer(),
        attendee=Party(booking.staff.user.email, letter.facts.guest),
        comment=letter.facts.reason if method is Method.CANCEL else "",
    )


def raw_of(purpose: Mail.Purpose, telling: Telling) -> bytes:
    envelope = ENVELOPE if purpose is Mail.Purpose.INVITE else LATER
    invitation = invitation_of(purpose, telling) if purpose in GUEST_LETTERS else None
    return mail_bytes(letter_of(purpose, telling), envelope, invitation)


def parsed(raw: bytes) -> EmailMessage:
    return message_from_bytes(raw, policy=policy.SMTP)


def bodies(raw: bytes) -> tuple[str, str]:
    """Return the text and the HTML part."""
    plain, html = (parsed(raw).get_body((kind,)) for kind in ("plain", "html"))
    assert isinstance(plain, EmailMessage)
    assert isinstance(html, EmailMessage)
    return plain.get_content(), html.get_content()
