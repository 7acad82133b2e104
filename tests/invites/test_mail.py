"""Each mail against its golden file, and what no text may do to any of them.

`UPDATE_GOLDEN=1 pytest tests/invites/test_mail.py` writes the files anew; read them before you
commit them.
"""

import os
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import pytest
from django.urls import resolve
from django.utils import translation
from pytest_django import Settings

from accounts.models import User
from rotation.booking.models import Booking
from rotation.directory.models import Department, StaffMember
from rotation.invites.ical import Invitation, Method, Party, calendar_object
from rotation.invites.mail import GUEST_LETTERS, HOST_LETTERS, Letter, Telling
from rotation.invites.mime import Envelope, mail_bytes, organizer
from rotation.invites.models import Mail
from rotation.meetings.models import Meeting, MeetingSeries

GOLDEN = Path(__file__).parent / "golden"
AT = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
BERLIN = ZoneInfo("Europe/Berlin")
ENVELOPE = Envelope("0123456789abcdef" * 2, AT)
LATER = Envelope("fedcba9876543210" * 2, AT, references=f"<{'0123456789abcdef' * 2}@example.org>")
NASTY = "x\r\nBcc: evil@example.net\x00\x0b\u2028<script>alert(1)</script>;,\"'"
GUEST_PURPOSES = list(GUEST_LETTERS)
PURPOSES = [*GUEST_PURPOSES, *HOST_LETTERS]


@pytest.fixture(autouse=True)
def _installation(settings: Settings) -> None:
    settings.MAIL_FROM = "Rundgang <rundgang@example.org>"
    settings.PUBLIC_URL = "https://rundgang.example.org"
    settings.SECRET_KEY = "a fixed key, so that links are the same in every run"


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
    )
    return Telling(booking, [host], values["reason"])


def letter_of(purpose: Mail.Purpose, telling: Telling) -> Letter:
    if purpose in GUEST_LETTERS:
        return GUEST_LETTERS[purpose](telling)
    return HOST_LETTERS[purpose](telling, telling.hosts[0])


def invitation_of(purpose: Mail.Purpose, telling: Telling) -> Invitation:
    letter, booking = letter_of(purpose, telling), telling.booking
    method = Method.CANCEL if purpose is Mail.Purpose.INVITE_CANCEL else Method.REQUEST
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


def is_golden(name: str, content: bytes) -> bool:
    """Return whether the file holds exactly `content`; writes it first where that is asked for."""
    path = GOLDEN / name
    if os.environ.get("UPDATE_GOLDEN"):
        path.write_bytes(content)
    return path.read_bytes() == content


@pytest.mark.parametrize("purpose", PURPOSES)
def test_every_mail_is_its_golden_file(purpose: Mail.Purpose) -> None:
    assert is_golden(f"{purpose.value}.eml", raw_of(purpose, make_telling()))


@pytest.mark.parametrize("purpose", GUEST_PURPOSES)
def test_every_calendar_object_is_its_golden_file(purpose: Mail.Purpose) -> None:
    invitation = invitation_of(purpose, make_telling())

    assert is_golden(f"{purpose.value}.ics", calendar_object(invitation))


@pytest.mark.parametrize("purpose", PURPOSES)
def test_no_text_breaks_out_of_a_mail(purpose: Mail.Purpose) -> None:
    usual = parsed(raw_of(purpose, make_telling()))
    nasty = make_telling(
        guest=NASTY,
        host=NASTY,
        department=NASTY,
        title=NASTY,
        location=NASTY,
        purpose=NASTY,
        reason=NASTY,
    )
    raw = raw_of(purpose, nasty)
    text, html = bodies(raw)

    assert parsed(raw).keys() == usual.keys()
    assert [part.get_content_type() for part in parsed(raw).walk()] == [
        part.get_content_type() for part in usual.walk()
    ]
    assert "<script" not in html
    assert {"\x00", "\x0b", "\u2028"}.isdisjoint(text + html)


@pytest.mark.parametrize("purpose", PURPOSES)
def test_a_mail_is_crlf_and_ascii_and_has_short_lines(purpose: Mail.Purpose) -> None:
    raw = raw_of(purpose, make_telling(title="Ü" * 160, location="ß" * 300))

    assert raw.isascii()
    assert raw.count(b"\n") == raw.count(b"\r") == raw.count(b"\r\n")
    assert max(len(line) for line in raw.split(b"\r\n")) <= 998


@pytest.mark.parametrize("purpose", PURPOSES)
def test_a_confidential_title_stays_out_of_the_mail(purpose: Mail.Purpose) -> None:
    raw = raw_of(purpose, make_telling(title="Kauf der Firma Z", confidential=True))
    whole = "\n".join([*bodies(raw), parsed(raw)["Subject"], letter_of(purpose, make_telling(
        title="Kauf der Firma Z", confidential=True)).description])  # fmt: skip

    assert "Firma Z" not in whole
    assert "Einkauf" in whole


@pytest.mark.parametrize("purpose", PURPOSES)
def test_a_mail_has_one_button_and_text_and_html_have_the_same_links(purpose: Mail.Purpose) -> None:
    text, html = bodies(raw_of(purpose, make_telling()))
    links = Links()
    links.feed(html)

    assert links.buttons == 1
    assert {word for word in text.split() if word.startswith("https://")} == set(links.found)


class Links(HTMLParser):
    """Collects the targets of links, and counts those that look like a button."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self.buttons = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        if tag == "a":
            self.found.append(values["href"] or "")
            self.buttons += values.get("class") == "button"


def test_the_html_keeps_its_dark_rules_and_its_colour_scheme() -> None:
    html = bodies(raw_of(Mail.Purpose.INVITE, make_telling()))[1]

    assert '<meta name="color-scheme" content="light dark">' in html
    assert html.count("@media (prefers-color-scheme: dark)") == 1
    assert html.count("@media (max-width: 480px)") == 1
    assert 'style="' in html


@pytest.fixture
def invite() -> EmailMessage:
    return parsed(raw_of(Mail.Purpose.INVITE, make_telling()))


def test_line_29_the_calendar_part_is_last_and_not_attached(invite: EmailMessage) -> None:
    assert invite.get_content_type() == "multipart/alternative"
    assert [part.get_content_type() for part in invite.iter_parts()] == [
        "text/plain",
        "text/html",
        "text/calendar",
    ]
    assert [part["Content-Disposition"] for part in invite.walk()] == [None] * 4


def test_line_30_the_content_type_says_the_method() -> None:
    raw = raw_of(Mail.Purpose.INVITE, make_telling())
    cancel = raw_of(Mail.Purpose.INVITE_CANCEL, make_telling())
    line = b"Content-Type: text/calendar; method=%s; charset=UTF-8; component=VEVENT\r\n"

    assert raw.count(line % b"REQUEST") == 1
    assert cancel.count(line % b"CANCEL") == 1


def test_line_31_the_calendar_part_is_base64_and_whole(invite: EmailMessage) -> None:
    part = list(invite.iter_parts())[-1]

    assert part["Content-Transfer-Encoding"] == "base64"
    assert part.get_payload(decode=True) == calendar_object(
        invitation_of(Mail.Purpose.INVITE, make_telling())
    )


def test_line_32_a_copy_is_attached_where_the_site_wants_it(settings: Settings) -> None:
    settings.ICS_ATTACHMENT = True
    mail = parsed(raw_of(Mail.Purpose.INVITE, make_telling()))
    alternative, copy = mail.iter_parts()

    assert (mail.get_content_type(), alternative.get_content_type()) == (
        "multipart/mixed",
        "multipart/alternative",
    )
    assert (copy.get_content_type(), copy.get_filename()) == ("application/ics", "invite.ics")
    assert copy.get_payload(decode=True) == list(alternative.iter_parts())[-1].get_payload(
        decode=True
    )


def test_line_33_headers_keep_robots_quiet_and_bounces_coming(invite: EmailMessage) -> None:
    names = ("From", "Reply-To", "Auto-Submitted", "X-Auto-Response-Suppress", "X-Rundgang-Loop")

    assert [invite[name] for name in names] == [
        "Rundgang <rundgang@example.org>",
        None,
        "auto-generated",
        "OOF, AutoReply",
        "invite",
    ]


def test_line_34_later_mails_refer_to_the_first(invite: EmailMessage) -> None:
    update = parsed(raw_of(Mail.Purpose.INVITE_UPDATE, make_telling()))

    assert invite["References"] is None
    assert update["References"] == invite["Message-ID"]
    assert update["Message-ID"] != invite["Message-ID"]


def test_links_lead_to_pages_that_exist() -> None:
    facts = letter_of(Mail.Purpose.INVITE, make_telling()).facts
    paths = [urlsplit(url).path for url in (facts.visit_url, facts.answer_url)]

    assert [resolve(path).url_name for path in paths] == ["visit", "answer"]


def test_the_same_values_make_the_same_bytes() -> None:
    telling = make_telling()

    assert raw_of(Mail.Purpose.INVITE, telling) == raw_of(Mail.Purpose.INVITE, telling)


def test_subjects_start_with_the_fact() -> None:
    telling = make_telling()

    assert [letter_of(purpose, telling).subject for purpose in PURPOSES] == [
        "Visit Tue 30 Mar: Einkauf – please answer",
        "Changed: visit Tue 30 Mar, Einkauf – please answer",
        "Cancelled: visit Tue 30 Mar, Einkauf",
        "Please approve: Jörg Gast as a guest on Tue 30 Mar, Wochenrunde",
        "Guest on Tue 30 Mar: Jörg Gast, Wochenrunde",
        "Changed: Jörg Gast now comes on Tue 30 Mar, Wochenrunde",
        "Cancelled: Jörg Gast does not come on Tue 30 Mar, Wochenrunde",
        "Declined: Jörg Gast cannot come on Tue 30 Mar, Wochenrunde",
    ]


def test_times_are_the_meetings_and_the_guests_own() -> None:
    text = letter_of(Mail.Purpose.INVITE, make_telling()).text
    to_host = letter_of(Mail.Purpose.HOST_GUEST_COMING, make_telling()).text

    assert "When: Tue 30 Mar 2027, 14:00–15:30 (Berlin)\n" in text
    assert "By your clock: Tue 30 Mar 2027, 08:00–09:30 (New York)\n" in text
    assert "By your clock" not in to_host


def test_a_guest_in_the_meetings_zone_reads_one_time() -> None:
    telling = make_telling(own_zone="Europe/Vienna")

    assert "By your clock" not in letter_of(Mail.Purpose.INVITE, telling).text


def test_a_german_reader_gets_german_dates_whatever_language_is_active() -> None:
    with translation.override("en"):
        letter = letter_of(Mail.Purpose.INVITE, make_telling(language="de"))

    assert "Di, 30.03.2027, 14:00–15:30\u00a0Uhr (Berlin)" in letter.text
    assert '<html lang="de">' in letter.html


def test_a_reader_without_a_language_gets_the_installations(settings: Settings) -> None:
    settings.LANGUAGE_CODE = "de"

    assert letter_of(Mail.Purpose.INVITE, make_telling(language="")).language == "de"
