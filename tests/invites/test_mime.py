"""The MIME side of the conformance list; the number names the line."""

from email.message import EmailMessage

import pytest
from pytest_django import Settings

from rotation.invites.ical import calendar_object
from rotation.invites.models import Mail
from tests.invites.letters import PURPOSES, invitation_of, make_telling, parsed, raw_of


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


@pytest.mark.parametrize("purpose", PURPOSES)
def test_a_mail_is_crlf_and_ascii_and_has_short_lines(purpose: Mail.Purpose) -> None:
    raw = raw_of(purpose, make_telling(title="Ü" * 160, location="ß" * 300))

    assert raw.isascii()
    assert raw.count(b"\n") == raw.count(b"\r") == raw.count(b"\r\n")
    assert max(len(line) for line in raw.split(b"\r\n")) <= 998


def test_the_same_values_make_the_same_bytes() -> None:
    telling = make_telling()

    assert raw_of(Mail.Purpose.INVITE, telling) == raw_of(Mail.Purpose.INVITE, telling)
