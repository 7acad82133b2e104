"""The inbound cases: one guest, one booking at SEQUENCE 1, and what each mail must do to it.

A case is a line of the table: its name, the mails that arrive in order, what is said of each, and
what the booking's answer and state are afterwards. UID stands for the booking's own.
"""

from collections.abc import Callable
from dataclasses import dataclass

import pytest
from pytest_django import Settings

from rotation.booking.models import Booking
from rotation.invites.services import queue_invites
from rotation.replies.models import GuestAnswer, Source, TimeProposal
from rotation.replies.services import Envelope
from rotation.workflows.receive_replies import receive
from tests.builders import NOW, make_booking, make_meeting, make_staff
from tests.replies.mails import (
    AUTHSERV,
    FIXTURES,
    GUEST,
    Event,
    delivery_report,
    ics,
    mail,
    part,
    reply,
    text,
)

pytestmark = pytest.mark.django_db
UID = "uid-of-the-booking@example.org"
LATER, LATEST = "20260302T090000Z", "20260302T100000Z"
RAW = Callable[[], bytes]


@dataclass(frozen=True)
class Case:
    name: str
    mails: tuple[bytes, ...]
    said: tuple[str, ...]
    partstat: str = "NEEDS-ACTION"
    state: str = "confirmed"


def case(name: str, *steps: tuple[bytes, str], partstat: str = "", state: str = "") -> Case:
    """Return a case; a last answer that was applied is what the booking shows."""
    mails, said = tuple(step[0] for step in steps), tuple(step[1] for step in steps)
    return Case(name, mails, said, partstat or "NEEDS-ACTION", state or "confirmed")


def says(partstat: str = "ACCEPTED", **fields: object) -> bytes:
    return reply(UID, Event(partstat, **fields))  # type: ignore[arg-type]


def calendar(*events: Event, method: str | None = "REPLY", mime: str | None = "REPLY") -> bytes:
    kind = "text/calendar; charset=UTF-8" + (f"; method={mime}" if mime else "")
    return part(ics(UID, *events, method=method), kind)


RID = "RECURRENCE-ID{}"
MOVED = ("DTSTART:20260311T090000Z", "DTEND:20260311T100000Z")
ANSWER = ics(UID, Event())
ODD = "Content-Type: text/calendar; method=REPLY; charset=utf-8\r\n"
AUTOMATIC = "Auto-Submitted: auto-replied\r\n"

CASES = [
    case("accept", (says(), "APPLIED accepted"), partstat="ACCEPTED"),
    case(
        "decline-comment",
        (says("DECLINED", lines=("COMMENT:<b>krank</b>",)), "APPLIED declined"),
        partstat="DECLINED", state="declined",
    ),
    case("tentative", (says("TENTATIVE"), "APPLIED tentative"), partstat="TENTATIVE"),
    case(
        "change-mind",
        (says(), "APPLIED accepted"),
        (says("DECLINED", dtstamp=LATER), "APPLIED declined"),
        partstat="DECLINED", state="declined",
    ),
    case(
        "out-of-order",
        (says("TENTATIVE", dtstamp=LATER), "APPLIED tentative"),
        (says(), "STALE older_than_known"),
        partstat="TENTATIVE",
    ),
    case(
        "duplicate-delivery",
        (says(), "APPLIED accepted"),
        (says(), "DUPLICATE same_content"),
        partstat="ACCEPTED",
    ),
    case(
        "same-reply-two-parts",
        (mail(calendar(Event()), part(ANSWER, "application/ics")), "APPLIED accepted"),
        partstat="ACCEPTED",
    ),
    case(
        "same-reply-new-message-id",
        (says(), "APPLIED accepted"),
        (mail(calendar(Event()), message_id="2@ex.org"), "DUPLICATE same_answer"),
        partstat="ACCEPTED",
    ),
    case("old-version", (says(sequence=0), "OLD_VERSION answers_older_version")),
    case("future-seq", (says(sequence=9), "HELD future_sequence")),
    case("no-seq", (says(sequence=None), "OLD_VERSION answers_older_version")),
    case(
        "outlook-no-organizer",
        (says(organizer=None, lines=("SUMMARY:Accepted: Weekly",
                                     "DTSTART;TZID=W. Europe Standard Time:20260310T100000")),
         "APPLIED accepted"),
        partstat="ACCEPTED",
    ),
    case("foreign-organizer", (says(organizer="mailto:o@x.org"), "IGNORED foreign_organizer")),
    case(
        "mailto-case",
        (says(attendee="MAILTO:G@EX.ORG", organizer="MAILTO:Rundgang@Example.ORG"),
         "APPLIED accepted"),
        partstat="ACCEPTED",
    ),
    case("percent-encoded", (says(attendee="mailto:%67@ex.org"), "APPLIED accepted"),
         partstat="ACCEPTED"),
    case("unknown-alias", (reply(UID, sender="g.it@ex.org"), "HELD sender_is_not_guest")),
    case("spoof", (reply(UID, dmarc="fail"), "HELD unverified_sender")),
    case("spoof-without-verdict", (reply(UID, dmarc=""), "HELD unverified_sender")),
    case("attendee-is-not-from", (reply(UID, sender="h@ex.org"), "HELD sender_is_not_guest")),
    case(
        "delegate-sent-by",
        (says(params=';SENT-BY="mailto:s@ex.org"'), "HELD secretary_not_listed"),
    ),
    case("party-crasher", (says(attendee="mailto:x@ex.org"), "IGNORED not_a_guest")),
    case(
        "two-attendees",
        (says(lines=("ATTENDEE;PARTSTAT=DECLINED:mailto:x@ex.org",)), "APPLIED accepted"),
        partstat="ACCEPTED",
    ),
    case(
        "two-attendees-from-a-third",
        (reply(UID, Event(lines=("ATTENDEE:mailto:x@ex.org",)), sender="x@ex.org"),
         "HELD two_attendees"),
    ),
    case("unknown-uid", (reply("nobody's"), "IGNORED unknown_uid")),
    case(
        "thunderbird-accept-all",
        (mail(calendar(Event(), Event("NEEDS-ACTION", lines=(RID.format(":20260310T090000Z"),)))),
         "APPLIED accepted"),
        partstat="ACCEPTED",
    ),
    case("one-instance", (says(lines=(RID.format(":20260310T090000Z"),)), "APPLIED accepted"),
         partstat="ACCEPTED"),
    case("rid-not-in-series",
         (says(lines=(RID.format(":20260317T090000Z"),)), "HELD unknown_occurrence")),
    case(
        "rid-windows-tzid",
        (says(lines=(RID.format(";TZID=W. Europe Standard Time:20260310T100000"),)),
         "APPLIED accepted"),
        partstat="ACCEPTED",
    ),
    case(
        "rid-custom-tz-no-vtimezone",
        (says(lines=(RID.format(";TZID=Customized Time Zone:20260310T100000"),)),
         "HELD unknown_zone"),
    ),
    case(
        "delegated",
        (says("DELEGATED", params=';DELEGATED-TO="mailto:x@ex.org"'), "HELD delegated"),
    ),
    case(
        "delegate-reply",
        (reply(UID, Event(attendee="mailto:x@ex.org",
                          params=f';DELEGATED-FROM="mailto:{GUEST}"'), sender="x@ex.org"),
         "HELD delegated"),
    ),
    case("counter", (mail(calendar(Event(lines=MOVED), method="COUNTER", mime="COUNTER")),
                     "COUNTER")),
    case("counter-old", (mail(calendar(Event(sequence=0), method="COUNTER", mime="COUNTER")),
                         "OLD_VERSION answers_older_version")),
    case(
        "gmail-propose",
        (mail(calendar(Event("TENTATIVE")),
              calendar(Event(lines=MOVED), method="COUNTER", mime="COUNTER")),
         "APPLIED tentative"),
        partstat="TENTATIVE",
    ),
    case("refresh", (mail(calendar(Event(), method="REFRESH", mime="REFRESH")), "REFRESH")),
    case(
        "refresh-stranger",
        (mail(calendar(Event(attendee="mailto:x@ex.org"), method="REFRESH", mime="REFRESH"),
              sender="x@ex.org"), "IGNORED not_a_guest"),
    ),
    case("attendee-cancel", (mail(calendar(Event(), method="CANCEL", mime="CANCEL")),
                             "IGNORED wrong_method")),
    case("request-in", (mail(calendar(Event(), method="REQUEST", mime="REQUEST")),
                        "IGNORED wrong_method")),
    case("publish", (mail(calendar(Event(), method="PUBLISH", mime="PUBLISH")),
                     "IGNORED wrong_method")),
    case("vtodo", (says(name="VTODO"), "IGNORED not_an_answer")),
    case("no-method-at-all", (mail(calendar(Event(), method=None, mime=None)),
                              "IGNORED not_an_answer")),
    case("method-mismatch", (mail(calendar(Event(), method="CANCEL")), "HELD method_mismatch")),
    case("method-param-missing", (mail(calendar(Event(), mime=None)), "APPLIED accepted"),
         partstat="ACCEPTED"),
    case("out-of-office", (mail(text("I'm away"), headers=AUTOMATIC), "IGNORED auto_reply")),
    case(
        "real-reply-with-auto-headers",
        (mail(calendar(Event()), headers=f"{AUTOMATIC}X-Auto-Response-Suppress: All\r\n"),
         "APPLIED accepted"),
        partstat="ACCEPTED",
    ),
    case("dsn-failed", (delivery_report("failed"), "BOUNCE")),
    case("dsn-delayed", (delivery_report("delayed"), "IGNORED delayed")),
    case("human-text-reply", (mail(text()), "HELD no_calendar_part")),
    case("tnef-only", (mail(part("x", "application/ms-tnef; name=winmail.dat")),
                       "HELD unreadable")),
    case(
        "smime-signed",
        (mail(calendar(Event()), part("sig", "application/pkcs7-signature"), kind="signed"),
         "APPLIED accepted"),
        partstat="ACCEPTED",
    ),
    case("smime-encrypted", (mail(part("x", "application/pkcs7-mime")), "HELD encrypted")),
    case("forwarded", (mail(text("fyi"), part(says(), "message/rfc822")),
                       "HELD no_calendar_part")),
    case("mailing-list-footer", (mail(part(ANSWER + "-- \r\nlist footer\r\n")),
                                 "APPLIED accepted"), partstat="ACCEPTED"),
    case("lf-only", (mail(part(ANSWER.replace("\r\n", "\n"))), "APPLIED accepted"),
         partstat="ACCEPTED"),
    case("bom", (mail(part("\ufeff" + ANSWER)), "APPLIED accepted"), partstat="ACCEPTED"),
    case("base64", (mail(part(ANSWER, cte="base64")), "APPLIED accepted"), partstat="ACCEPTED"),
    case("quoted-printable",
         (mail(part(ANSWER.replace("=", "=3D"), cte="quoted-printable")), "APPLIED accepted"),
         partstat="ACCEPTED"),
    case(
        "charset-lie",
        (mail(part(ANSWER.replace("PARTSTAT", "CN=Jörg;PARTSTAT").encode("latin-1"))),
         "APPLIED accepted"),
        partstat="ACCEPTED",
    ),
    case("oversize", (mail(part("x" * 5_000_000)), "HELD too_large")),
    case("many-parts", (mail(*[calendar(Event())] * 500), "HELD too_many_parts")),
    case("loop", (reply(UID, sender="rundgang@example.org"), "IGNORED loop")),
    case("loop-header", (mail(calendar(Event()), headers="X-Rundgang-Loop: invite\r\n"),
                         "IGNORED loop")),
    case("partstat-needs-action", (says("NEEDS-ACTION"), "IGNORED no_statement")),
    case("partstat-x-foo", (says("X-FOO"), "IGNORED no_statement")),
    case("request-status-failed", (says(lines=("REQUEST-STATUS:3.7;Invalid",)),
                                   "IGNORED no_statement")),
    case(
        "stamp-in-the-future",
        (says("DECLINED", dtstamp="20991231T000000Z"), "APPLIED future_stamp"),
        (says(dtstamp=LATEST), "APPLIED accepted"),
        partstat="ACCEPTED",
    ),
    case(
        "second-thoughts",
        (says("DECLINED"), "APPLIED declined"),
        (says(dtstamp=LATER), "APPLIED accepted"),
        partstat="ACCEPTED",
    ),
    case("unreadable-calendar", (mail(part("BEGIN:VCALENDAR")), "HELD unreadable")),
    case("empty-calendar", (mail(calendar()), "IGNORED not_an_answer")),
]  # fmt: skip


@pytest.fixture
def booking(settings: Settings) -> Booking:
    settings.AUTHSERV_ID = AUTHSERV
    return make_booking(staff=make_staff(email=GUEST), uid=UID, sequence=1)


def take(raw: bytes) -> str:
    """Take a mail in and return its outcome and reason as one text."""
    said = receive(raw, source=Source.SMTP, now=NOW).as_json()
    return " ".join(filter(None, (said["outcome"], said["reason"])))


@pytest.mark.parametrize("given", CASES, ids=lambda each: each.name)
def test_inbound_case(given: Case, booking: Booking) -> None:
    assert tuple(take(raw) for raw in given.mails) == given.said
    booking.refresh_from_db()
    assert (booking.partstat, booking.state) == (given.partstat, given.state)


def test_every_case_has_its_own_name() -> None:
    names = [each.name for each in CASES]
    assert len(names) == len(set(names))


def test_no_seq_answers_the_first_version(booking: Booking) -> None:
    Booking.objects.update(sequence=0)
    assert take(says(sequence=None)) == "APPLIED accepted"
    booking.refresh_from_db()
    assert booking.partstat == "ACCEPTED"


def test_cancelled_booking_is_not_revived(booking: Booking) -> None:
    Booking.objects.filter(pk=booking.pk).update(state="cancelled")
    assert take(says()) == "IGNORED cancelled_booking"


def test_a_guest_whom_the_host_declined_stays_declined(booking: Booking) -> None:
    Booking.objects.filter(pk=booking.pk).update(state="declined", declined_by="host")
    assert take(says()) == "IGNORED cancelled_booking"


def test_past_occurrence_is_recorded_and_changes_no_state(booking: Booking) -> None:
    raw = says("DECLINED")
    result = receive(raw, source=Source.SMTP, now=booking.ends_at)
    assert result.as_json() == {
        "outcome": "APPLIED", "reason": "past", "booking": booking.pk, "partstat": "DECLINED",
    }  # fmt: skip
    booking.refresh_from_db()
    assert (booking.partstat, booking.state) == ("DECLINED", "confirmed")


def test_second_thoughts_come_too_late_when_the_seat_is_gone(booking: Booking) -> None:
    assert take(says("DECLINED")) == "APPLIED declined"
    make_booking(staff=make_staff("Bea"), meeting=booking.meeting)
    assert take(says(dtstamp=LATER)) == "HELD seat_gone"
    booking.refresh_from_db()
    assert booking.state == "declined"


def test_a_move_in_between_makes_the_answer_one_to_the_old_version(booking: Booking) -> None:
    Booking.objects.filter(pk=booking.pk).update(sequence=2)
    assert take(says()) == "OLD_VERSION answers_older_version"
    assert take(says(sequence=2, dtstamp=LATER)) == "APPLIED accepted"


def test_a_comment_is_kept_as_it_was_written(booking: Booking) -> None:
    take(says("DECLINED", lines=("COMMENT:<b>krank</b>\\, leider",)))
    (line,) = GuestAnswer.objects.filter(booking=booking)
    assert (line.comment, line.partstat, line.sequence) == ("<b>krank</b>, leider", "DECLINED", 1)


def test_a_proposal_is_stored_once_and_changes_nothing(booking: Booking) -> None:
    counter = calendar(Event(lines=MOVED), method="COUNTER", mime="COUNTER")
    take(mail(counter))
    take(mail(counter, message_id="2@ex.org"))
    (proposal,) = TimeProposal.objects.filter(booking=booking)
    assert (proposal.starts_at.isoformat(), proposal.ends_at.isoformat()) == (  # type: ignore[union-attr]
        "2026-03-11T09:00:00+00:00", "2026-03-11T10:00:00+00:00",
    )  # fmt: skip


def test_a_bounce_names_the_booking_by_its_verp_address(booking: Booking) -> None:
    sent = queue_invites([booking], NOW)[0]
    to = Envelope("", (sent.envelope_sender,))
    result = receive(delivery_report("failed"), source=Source.SMTP, now=NOW, envelope=to)
    assert (result.decision.outcome, result.booking_id) == ("BOUNCE", booking.pk)


def test_a_bounce_names_the_booking_by_the_mail_that_it_returns(booking: Booking) -> None:
    sent = queue_invites([booking], NOW)[0]
    raw = delivery_report("failed", sent.message_id.strip("<>"))
    assert receive(raw, source=Source.FILE, now=NOW).booking_id == booking.pk


@pytest.mark.parametrize(
    ("name", "uid", "sequence"),
    [
        ("tb_reply_1.eml", "bk-single-77@guestbook.example.org", 0),
        ("tb_reply_2.eml", "bk-single-77@guestbook.example.org", 1),
        ("tb_reply_4.eml", "bk-rdate-81@guestbook.example.org", 0),
        ("tb_reply_accept.eml", "bk-7f3c9d0e-0001@guestbook.example.org", 0),
    ],
)
def test_answers_captured_from_thunderbird_are_applied(
    settings: Settings, name: str, uid: str, sequence: int
) -> None:
    settings.ROTATION_DEMO = True
    settings.MAIL_FROM = f"bookings+{'bk7f3c' if '7f3c' in uid else 't77'}@guestbook.example.org"
    staff = make_staff(email="joerg.gast@example.org")
    booking = make_booking(
        staff=staff, meeting=make_meeting(), uid=uid, sequence=sequence, partstat="NEEDS-ACTION"
    )
    assert take((FIXTURES / name).read_bytes()) in {"APPLIED accepted", "APPLIED future_stamp"}
    booking.refresh_from_db()
    assert booking.partstat == "ACCEPTED"
