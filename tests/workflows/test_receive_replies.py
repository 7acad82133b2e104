import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connections, transaction
from pytest_django import DjangoAssertNumQueries, Settings

from rotation.audit.models import Entry, Via
from rotation.audit.services import By
from rotation.booking.locks import lock_booking
from rotation.booking.models import Booking
from rotation.invites.answer_links import answer_token
from rotation.invites.errors import AnswerLinkBroken
from rotation.invites.models import Mail
from rotation.invites.services import queue_invites
from rotation.meetings.models import Meeting
from rotation.replies.models import GuestAnswer, InboundMail, Source
from rotation.replies.queries import answers_of, held_mails, mails_of
from rotation.replies.services import Envelope, settle_mail, store_mail
from rotation.workflows import receive_replies
from rotation.workflows.receive_replies import (
    answer_by_link,
    receive,
    receive_waiting,
    release_held,
)
from tests.builders import HOUR, NOW, make_booking, make_host, make_meeting, make_series, make_staff
from tests.replies.mails import AUTHSERV, GUEST, Event, calendar_mail, mail, reply, text

pytestmark = pytest.mark.django_db
UID = "uid-of-the-booking@example.org"
LATER = "20260302T100000Z"
IN_2090 = datetime(2090, 3, 10, 9, tzinfo=UTC)  # the command reads the clock
BY_MANAGER = By(None, Via.PAGE)


@pytest.fixture
def booking(settings: Settings) -> Booking:
    settings.AUTHSERV_ID = AUTHSERV
    return make_booking(staff=make_staff(email=GUEST), uid=UID, sequence=1)


def shown(booking: Booking) -> tuple[str, str]:
    booking.refresh_from_db()
    return booking.partstat, booking.state


def closing_connections(job: Callable[[], None]) -> None:
    try:
        job()
    finally:
        connections.close_all()


def take(raw: bytes) -> str:
    return receive(raw, source=Source.SMTP, now=NOW).decision.outcome


# --- mails ---


def test_an_answer_leaves_one_line_of_history_and_one_of_the_ledger(booking: Booking) -> None:
    take(reply(UID))
    take(reply(UID))
    (change,) = Entry.objects.filter(subject="booking", subject_id=booking.pk)
    assert (change.action, change.via, change.new["partstat"]) == ("answer", "calendar", "ACCEPTED")
    assert answers_of(booking.pk).count() == 1
    assert [each.outcome for each in mails_of(booking.pk)] == ["APPLIED"]


def test_the_bytes_are_kept_as_they_came(booking: Booking) -> None:
    raw = reply(UID, Event(lines=("COMMENT:\xff\x80",)))
    receive(
        raw, source=Source.SMTP, now=NOW, envelope=Envelope("g@ex.org", ("rundgang@example.org",))
    )
    stored = InboundMail.objects.get(booking=booking)
    assert (bytes(stored.raw), stored.envelope_from, stored.envelope_to) == (
        raw,
        "g@ex.org",
        "rundgang@example.org",
    )


def test_a_guests_no_is_told_to_the_host(settings: Settings) -> None:
    settings.AUTHSERV_ID = AUTHSERV
    host = make_host()
    series = make_series(department=host.department)
    booking = make_booking(
        staff=make_staff(email=GUEST), meeting=make_meeting(series=series), uid=UID
    )
    queue_invites([booking], NOW)
    take(reply(UID, Event("DECLINED", sequence=0)))
    assert shown(booking) == ("DECLINED", "declined")
    assert Mail.objects.filter(booking=booking, purpose=Mail.Purpose.GUEST_DECLINED).count() == 1


def test_a_calendar_that_asks_gets_the_invitation_again_but_not_often(booking: Booking) -> None:
    queue_invites([booking], NOW)
    for minutes in (90, 91, 92):
        raw = calendar_mail(UID, Event(), method="REFRESH", message_id=f"{minutes}@ex.org")
        receive(raw, source=Source.SMTP, now=NOW + timedelta(minutes=minutes))
    mails = Mail.objects.filter(booking=booking, method="REQUEST").order_by("pk")
    assert [(each.sequence, each.repeat) for each in mails] == [(1, 0), (1, 1)]


def test_a_guest_who_accepts_a_cancelled_visit_is_sent_the_cancel_again(booking: Booking) -> None:
    queue_invites([booking], NOW)
    Booking.objects.filter(pk=booking.pk).update(state="cancelled", sequence=2)
    queue_invites([booking], NOW)
    receive(reply(UID), source=Source.SMTP, now=NOW + 2 * HOUR)
    methods = Mail.objects.filter(booking=booking).order_by("pk").values_list("method", "repeat")
    assert list(methods) == [("REQUEST", 0), ("CANCEL", 0), ("CANCEL", 1)]


def test_without_a_trusted_mail_server_only_a_demo_believes_an_answer(
    booking: Booking, settings: Settings
) -> None:
    settings.AUTHSERV_ID = ""
    assert take(reply(UID)) == "HELD"
    assert shown(booking) == ("NEEDS-ACTION", "confirmed")
    settings.ROTATION_DEMO = True
    assert take(reply(UID, Event(dtstamp=LATER))) == "APPLIED"
    assert shown(booking) == ("ACCEPTED", "confirmed")


def test_a_mail_that_was_stored_before_a_crash_is_decided_later(booking: Booking) -> None:
    store_mail(reply(UID), source=Source.SMTP, envelope=Envelope(), now=NOW)
    assert shown(booking) == ("NEEDS-ACTION", "confirmed")
    assert receive_waiting(NOW + HOUR) == 1
    assert shown(booking) == ("ACCEPTED", "confirmed")
    assert receive_waiting(NOW + HOUR) == 0


def test_a_crash_while_telling_undoes_the_answer_and_keeps_the_mail(
    booking: Booking, monkeypatch: pytest.MonkeyPatch
) -> None:
    def crash(*_: object) -> None:
        raise DatabaseError("gone")

    with monkeypatch.context() as patched:
        patched.setattr(receive_replies, "queue_invites", crash)
        with pytest.raises(DatabaseError):
            take(reply(UID))
    assert shown(booking) == ("NEEDS-ACTION", "confirmed")
    assert take(reply(UID)) == "APPLIED"
    assert shown(booking) == ("ACCEPTED", "confirmed")


def test_an_answer_costs_a_fixed_number_of_queries(
    booking: Booking, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_max_num_queries(44):
        take(reply(UID))
    assert shown(booking) == ("ACCEPTED", "confirmed")


@pytest.mark.django_db(transaction=True)
def test_an_answer_counts_for_the_version_that_it_names_whoever_is_first(booking: Booking) -> None:
    def move() -> None:
        with transaction.atomic():
            locked = lock_booking(booking.pk)
            locked.sequence, locked.partstat = 2, "NEEDS-ACTION"
            locked.save()

    def answer() -> None:
        take(reply(UID))

    with ThreadPoolExecutor(max_workers=2) as pool:
        for job in [pool.submit(closing_connections, each) for each in (move, answer)]:
            job.result(timeout=20)
    booking.refresh_from_db()
    assert (booking.sequence, booking.partstat) == (2, "NEEDS-ACTION")
    assert InboundMail.objects.get().outcome in {"APPLIED", "OLD_VERSION"}


# --- held mails ---


def test_a_held_answer_is_applied_when_a_person_vouches_for_the_guest(booking: Booking) -> None:
    take(reply(UID, dmarc="fail"))
    (held,) = held_mails()
    result = release_held(held.pk, by=BY_MANAGER, now=NOW + HOUR)
    assert result
    assert result.as_json()["reason"] == "accepted"
    assert shown(booking) == ("ACCEPTED", "confirmed")
    assert list(held_mails()) == []
    assert release_held(held.pk, by=BY_MANAGER, now=NOW + HOUR) is None


def test_an_answer_held_for_its_seat_is_applied_when_the_seat_is_free_again(
    booking: Booking,
) -> None:
    take(reply(UID, Event("DECLINED")))
    other = make_booking(staff=make_staff("Bea"), meeting=booking.meeting)
    take(reply(UID, Event(dtstamp=LATER)))
    (held,) = held_mails()
    assert (held.reason, held.booking_id) == ("seat_gone", booking.pk)
    Booking.objects.filter(pk=other.pk).update(state="cancelled")
    release_held(held.pk, by=BY_MANAGER, now=NOW + HOUR)
    assert shown(booking) == ("ACCEPTED", "confirmed")


def test_a_held_mail_that_was_looked_at_leaves_the_list() -> None:
    take(mail(text()))
    (held,) = held_mails()
    assert (held.reason, held.text) == ("no_calendar_part", "yes, I come")
    settle_mail(held.pk, by=BY_MANAGER, now=NOW)
    assert list(held_mails()) == []


# --- the answer link ---


def test_a_link_answers_like_a_calendar(booking: Booking) -> None:
    result = answer_by_link(answer_token(booking), partstat="DECLINED", comment="ill", now=NOW)
    assert result.as_json() == {
        "outcome": "APPLIED", "reason": "declined", "booking": booking.pk, "partstat": "DECLINED",
    }  # fmt: skip
    assert shown(booking) == ("DECLINED", "declined")
    line = GuestAnswer.objects.get(booking=booking)
    assert (line.source, line.comment, line.mail) == ("link", "ill", None)
    change = Entry.objects.get(subject="booking", subject_id=booking.pk)
    assert (change.via, change.actor_id) == ("link", booking.staff.user_id)


def test_the_same_click_twice_changes_nothing(booking: Booking) -> None:
    token = answer_token(booking)
    assert answer_by_link(token, partstat="ACCEPTED", now=NOW).decision.outcome == "APPLIED"
    assert answer_by_link(token, partstat="ACCEPTED", now=NOW).decision.outcome == "DUPLICATE"
    assert Entry.objects.filter(subject="booking", subject_id=booking.pk).count() == 1


def test_a_click_is_the_last_word_even_against_a_calendar_whose_clock_is_ahead(
    booking: Booking,
) -> None:
    take(reply(UID, Event("TENTATIVE", dtstamp="20260302T180000Z")))
    answer_by_link(answer_token(booking), partstat="ACCEPTED", now=NOW)
    assert shown(booking) == ("ACCEPTED", "confirmed")


def test_a_link_to_an_earlier_version_does_not_answer_the_new_one(booking: Booking) -> None:
    token = answer_token(booking)
    Booking.objects.filter(pk=booking.pk).update(sequence=2)
    result = answer_by_link(token, partstat="ACCEPTED", now=NOW)
    assert result.as_json()["reason"] == "answers_older_version"
    assert shown(booking) == ("NEEDS-ACTION", "confirmed")


def test_a_word_that_is_no_answer_changes_nothing(booking: Booking) -> None:
    result = answer_by_link(answer_token(booking), partstat="PERHAPS", now=NOW)
    assert result.as_json()["reason"] == "no_statement"


def test_a_broken_link_is_refused(booking: Booking) -> None:
    with pytest.raises(AnswerLinkBroken):
        answer_by_link(answer_token(booking) + "x", partstat="ACCEPTED", now=NOW)


# --- the command ---


def test_the_command_prints_one_json_line_per_file_in_order(
    booking: Booking, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    Meeting.objects.update(starts_at=IN_2090, ends_at=IN_2090 + HOUR)
    Booking.objects.update(starts_at=IN_2090, ends_at=IN_2090 + HOUR)
    files = {"1.eml": reply(UID), "2.eml": b"\x00\xff", "3.eml": reply(UID)}
    for name, raw in files.items():
        (tmp_path / name).write_bytes(raw)
    paths = [str(tmp_path / name) for name in files]
    call_command("receive_replies", *paths)
    one, two, three = (json.loads(line) for line in capsys.readouterr().out.splitlines())
    accepted = {
        "outcome": "APPLIED", "reason": "accepted", "booking": booking.pk, "partstat": "ACCEPTED",
    }  # fmt: skip
    assert one == {"file": paths[0], **accepted, "parts": [accepted]}
    assert (two["file"], two["outcome"], two["reason"]) == (paths[1], "HELD", "no_calendar_part")
    assert three == {
        "file": paths[2], "outcome": "DUPLICATE", "reason": "same_content", "booking": booking.pk,
        "partstat": "ACCEPTED", "parts": [],
    }  # fmt: skip


def test_a_misspelt_file_changes_nothing(booking: Booking, tmp_path: Path) -> None:
    good = tmp_path / "1.eml"
    good.write_bytes(reply(UID))
    with pytest.raises(CommandError, match="No such file"):
        call_command("receive_replies", str(good), str(tmp_path / "2.eml"))
    assert shown(booking) == ("NEEDS-ACTION", "confirmed")
