from datetime import UTC, datetime, timedelta

import pytest

from rotation.invites.ical import Invitation, Method, Party, calendar_object
from rotation.replies.errors import NothingToAnswer
from rotation.replies.parsing import read_mail
from rotation.replies.peer import counter_mail, reply_mail
from tests.builders import NOW, TUESDAY_10
from tests.replies.mails import GUEST, ORGANIZER, mail, part, reply

HOUR = timedelta(hours=1)


def request(method: Method = Method.REQUEST) -> bytes:
    invitation = Invitation(
        method=method,
        uid="u@example.org",
        sequence=3,
        dtstamp=NOW,
        starts_at=TUESDAY_10,
        ends_at=TUESDAY_10 + HOUR,
        time_zone="Europe/Berlin",
        summary="Besuch: Einkauf; Köln",
        organizer=Party(ORGANIZER, "Rundgang"),
        attendee=Party(GUEST, "Gast"),
    )
    kind = f"text/calendar; method={method}; charset=UTF-8"
    return mail(
        part(calendar_object(invitation), kind), sender=ORGANIZER, message_id="i@example.org"
    )


@pytest.mark.parametrize("partstat", ["ACCEPTED", "DECLINED", "TENTATIVE"])
def test_a_reply_repeats_what_was_asked_and_says_its_own(partstat: str) -> None:
    raw = reply_mail(request(), partstat=partstat, now=NOW + HOUR, comment="Grüße\nAda")
    read = read_mail(raw)
    (found,) = read.parts
    assert found.calendar
    (event,) = found.calendar.components
    assert (found.mime_method, found.calendar.method) == ("REPLY", "REPLY")
    assert read.senders == (GUEST,)
    assert (event.uid, event.sequence, event.organizer) == ("u@example.org", 3, ORGANIZER)
    assert (event.dtstamp, event.starts_at) == (NOW + HOUR, TUESDAY_10)
    assert [(each.address, each.partstat) for each in event.attendees] == [(GUEST, partstat)]
    assert event.comment == "Grüße\nAda"
    assert b"In-Reply-To: <i@example.org>" in raw


def test_a_counter_proposes_another_time() -> None:
    starts_at = datetime(2026, 3, 11, 9, tzinfo=UTC)
    raw = counter_mail(request(), starts_at=starts_at, ends_at=starts_at + HOUR, now=NOW)
    (found,) = read_mail(raw).parts
    assert found.calendar
    (event,) = found.calendar.components
    assert (found.mime_method, event.starts_at, event.ends_at) == (
        "COUNTER",
        starts_at,
        starts_at + HOUR,
    )


def test_the_same_answer_has_the_same_bytes() -> None:
    one = reply_mail(request(), partstat="ACCEPTED", now=NOW)
    assert one == reply_mail(request(), partstat="ACCEPTED", now=NOW)
    assert one != reply_mail(request(), partstat="DECLINED", now=NOW)


@pytest.mark.parametrize(
    "raw", [b"", mail(part("hello", "text/plain")), reply("u"), request(Method.CANCEL)]
)
def test_only_an_invitation_can_be_answered(raw: bytes) -> None:
    with pytest.raises(NothingToAnswer):
        reply_mail(raw, partstat="ACCEPTED", now=NOW)
