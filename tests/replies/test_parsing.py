import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rotation.invites import mime
from rotation.replies import parsing
from rotation.replies.parsing import Problem, read_mail
from tests.replies.mails import FIXTURES, Event, delivery_report, ics, mail, part, reply, text

CALENDAR = ics("u", Event())


@pytest.mark.parametrize("name", sorted(path.name for path in FIXTURES.glob("*.eml")))
def test_thunderbird_sends_its_answer_twice_and_it_counts_once(name: str) -> None:
    read = read_mail((FIXTURES / name).read_bytes())
    assert read.senders == ("joerg.gast@example.org",)
    assert [(each.mime_method, each.problem) for each in read.parts] == [("REPLY", None)]


@pytest.mark.parametrize(
    "raw",
    [
        mail(part(CALENDAR)),
        mail(part(CALENDAR, cte="base64")),
        mail(part(CALENDAR.replace("=", "=3D"), cte="quoted-printable")),
        mail(part(CALENDAR.replace("\r\n", "\n"))),
        mail(text(), part(CALENDAR), kind="alternative"),
        mail(text(), part(CALENDAR, "application/ics; name=invite.ics")),
        mail(text(), part(CALENDAR, "Text/Calendar")),
        mail(part(CALENDAR), part(CALENDAR, "application/ics")),
        mail(part(CALENDAR), part("sig", "application/pkcs7-signature"), kind="signed"),
    ],
)
def test_the_calendar_is_found_wherever_it_stands(raw: bytes) -> None:
    (found,) = read_mail(raw).parts
    assert found.calendar
    assert found.calendar.components[0].attendees[0].partstat == "ACCEPTED"


def test_a_space_that_does_not_break_stays_in_the_text() -> None:
    assert read_mail(mail(text("10:00\u00a0Uhr\x07"))).text == "10:00\u00a0Uhr"


def test_a_forwarded_answer_is_not_looked_into() -> None:
    read = read_mail(mail(text("fyi"), part(reply("u"), "message/rfc822")))
    assert (read.parts, read.problem) == ((), None)


@pytest.mark.parametrize(
    ("raw", "problem"),
    [
        (b"x" * (10 * 1024 * 1024 + 1), Problem.TOO_LARGE),
        (mail(*[part(CALENDAR)] * 11), Problem.TOO_MANY_PARTS),
        (mail(*[text()] * 101), Problem.TOO_MANY_PARTS),
        (mail(part("x", "application/pkcs7-mime; smime-type=enveloped-data")), Problem.ENCRYPTED),
        (mail(part("x", "application/pkcs7-mime; smime-type=signed-data")), Problem.UNREADABLE),
        (mail(text(), text(), kind="encrypted"), Problem.ENCRYPTED),
        (mail(text(), part("x", "application/ms-tnef; name=winmail.dat")), Problem.UNREADABLE),
        (mail(part("x", "text/plain; a=" + "b" * 5_000)), Problem.UNREADABLE),
        (mail(text()), None),
    ],
)
def test_what_cannot_be_read_has_a_name(raw: bytes, problem: Problem | None) -> None:
    assert read_mail(raw).problem is problem


def test_an_oversize_calendar_is_refused_before_it_is_decoded() -> None:
    read = read_mail(mail(part("x" * 5_000_000, cte="base64")))
    assert [each.problem for each in read.parts] == [Problem.TOO_LARGE]


def test_mails_nested_without_end_are_unreadable() -> None:
    layers = "".join(
        f"Content-Type: multipart/mixed; boundary=b{n}\r\n\r\n--b{n}\r\n" for n in range(3_000)
    )
    assert read_mail(layers.encode()).problem is Problem.UNREADABLE


@pytest.mark.parametrize(
    ("headers", "is_automatic"),
    [
        ("Auto-Submitted: auto-replied\r\n", True),
        ("Auto-Submitted: no\r\n", False),
        ("Precedence: bulk\r\n", True),
        ("X-Autoreply: yes\r\n", True),
        ("Return-Path: <>\r\n", True),
        ("X-Auto-Response-Suppress: All\r\n", False),
        ("", False),
    ],
)
def test_automatic_mail_is_known_by_its_headers(headers: str, is_automatic: bool) -> None:  # noqa: FBT001
    assert read_mail(mail(text(), headers=headers)).is_automatic is is_automatic


def test_a_delivery_report_names_what_happened_to_which_mail() -> None:
    report = read_mail(delivery_report("failed", "m@example.org")).report
    assert report
    assert (report.action, report.recipient, report.message_id) == (
        "failed",
        "g@ex.org",
        "<m@example.org>",
    )


def test_two_from_headers_are_both_seen() -> None:
    assert read_mail(b"From: a@ex.org\r\nFrom: b@ex.org\r\n\r\n").senders == (
        "a@ex.org",
        "b@ex.org",
    )


def test_our_own_mails_are_known_by_one_header() -> None:
    assert parsing.LOOP_HEADER == mime.LOOP_HEADER


@pytest.mark.parametrize(
    "raw",
    [
        b'From: "' + b'"' * 1_000_000 + b"\r\n\r\n",
        b"From: " + b"(" * 1_000_000 + b"\r\n\r\n",
        b"Content-Type: multipart/mixed; a=" + b'";' * 1_000_000 + b"\r\n\r\n",
        b"Authentication-Results: " + b"(" * 1_000_000 + b")" * 1_000_000 + b"\r\n\r\n",
        b"Subject: " + b"=?utf-8?q?a?= " * 100_000 + b"\r\n\r\n",
    ],
)
def test_a_hostile_header_costs_little_time(raw: bytes) -> None:
    started = time.monotonic()
    read_mail(raw)
    assert time.monotonic() - started < 2


HEADERS = st.sampled_from(
    [
        "From: a@b", "From: =?x?q?=ff?= <@>", "From: <a@[1.2.3.4", 'From: "', "From: a:b;",
        "Content-Type: text/calendar; method=REPLY", "Content-Type: multipart/mixed; boundary=b",
        "Content-Type: multipart/report; boundary=b", "Content-Type: message/rfc822",
        "Content-Type: message/delivery-status", "Content-Type: text/calendar; charset=utf-7",
        "Content-Type: text/calendar; charset*=x'y'%ff", "Content-Type: text/plain; charset=\xff",
        "Content-Transfer-Encoding: base64", "Content-Transfer-Encoding: x-uuencode", "Action: ",
        "Content-Type:", "Content-Disposition: a; filename*0*=x", "Subject: =?utf-8?b?///?=",
        "Authentication-Results: ;;(", "", "--b", "--b--", "BEGIN:VCALENDAR", "END:VCALENDAR",
        "METHOD:REPLY", "BEGIN:VEVENT", "END:VEVENT", "ATTENDEE:x",
    ]
)  # fmt: skip


@given(st.one_of(st.binary(), st.lists(HEADERS | st.text(max_size=12)).map("\r\n".join)))
def test_any_bytes_are_read(content: bytes | str) -> None:
    raw = content if isinstance(content, bytes) else content.encode("latin-1", "replace")
    assert isinstance(read_mail(raw), parsing.Mail)
