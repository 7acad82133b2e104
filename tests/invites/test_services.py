"""What is queued when a booking changes, and in which order mails leave."""

from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage

import icalendar
import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from pytest_django import Settings

from rotation.audit.models import Via
from rotation.audit.services import By
from rotation.booking.models import Booking
from rotation.invites.models import Mail
from rotation.invites.queries import bookings_to_tell
from rotation.invites.services import queue_invites, queue_repeat, send_again
from rotation.workflows import change_booking
from tests.builders import (
    BY_SYSTEM,
    NOW,
    TUESDAY_10,
    make_booking,
    make_department,
    make_host,
    make_meeting,
    make_series,
    make_staff,
)

pytestmark = pytest.mark.django_db

LATER = NOW + timedelta(hours=2)
WEEK = timedelta(days=7)


def told(booking: Booking) -> list[tuple[str, str, int, str]]:
    """Return (purpose, method, sequence, recipient) of the booking's mails, in their order."""
    mails = Mail.objects.filter(booking=booking).order_by("pk")
    return [(mail.purpose, mail.method, mail.sequence, mail.recipient) for mail in mails]


def purposes(booking: Booking) -> list[str]:
    return [purpose for purpose, *_ in told(booking)]


def parsed(mail: Mail) -> EmailMessage:
    return message_from_bytes(bytes(mail.raw), policy=policy.SMTP)


def event(mail: Mail) -> icalendar.Component:
    """Return the VEVENT of the mail's calendar part."""
    (part,) = [x for x in parsed(mail).walk() if x.get_content_type() == "text/calendar"]
    payload = part.get_payload(decode=True)
    assert isinstance(payload, bytes)
    (found,) = icalendar.Calendar.from_ical(payload).walk("VEVENT")
    return found


def queue_all(now: datetime = NOW) -> None:
    queue_invites(bookings_to_tell(now), now)


def test_a_confirmed_booking_invites_the_guest_and_tells_the_host() -> None:
    host = make_host()
    booking = make_booking()

    queue_invites([booking], NOW)

    assert told(booking) == [
        ("invite", "REQUEST", 0, booking.staff.email),
        ("host_guest_coming", "", 0, host.user.email),
    ]


def test_a_second_time_nothing_is_queued() -> None:
    make_host()
    booking = make_booking()
    queue_invites([booking], NOW)

    assert queue_invites([booking], LATER) == []
    assert list(bookings_to_tell(LATER)) == []


def test_while_requested_only_the_host_gets_mail() -> None:
    host = make_host()
    booking = make_booking(state=Booking.State.REQUESTED)

    queue_invites([booking], NOW)

    assert told(booking) == [("host_approval_wanted", "", 0, host.user.email)]


def test_the_request_leaves_when_the_host_confirms() -> None:
    make_host()
    booking = make_booking(state=Booking.State.REQUESTED)
    queue_invites([booking], NOW)

    change_booking.confirm(booking.pk, by=BY_SYSTEM, now=LATER)

    assert purposes(booking) == ["host_approval_wanted", "invite", "host_guest_coming"]


def test_a_declined_request_is_never_told_to_the_guest() -> None:
    make_host()
    booking = make_booking(state=Booking.State.REQUESTED)
    queue_invites([booking], NOW)

    change_booking.decline(booking.pk, by=BY_SYSTEM, now=LATER)

    assert purposes(booking) == ["host_approval_wanted"]


def test_a_cancelled_booking_is_taken_back_from_guest_and_host() -> None:
    make_host()
    booking = make_booking()
    queue_invites([booking], NOW)

    change_booking.cancel(
        booking.pk, by=By(None, Via.PAGE, reason="The room burnt down"), now=LATER
    )

    request, _, cancel, to_host = Mail.objects.filter(booking=booking).order_by("pk")
    assert (cancel.purpose, cancel.method, cancel.sequence) == ("invite_cancel", "CANCEL", 1)
    assert to_host.purpose == "host_guest_cancelled"
    assert str(event(cancel)["COMMENT"]) == "The room burnt down"
    assert event(cancel)["UID"] == event(request)["UID"]
    assert cancel.dtstamp is not None
    assert request.dtstamp is not None
    assert cancel.dtstamp > request.dtstamp


def test_a_host_who_declines_a_confirmed_guest_takes_the_invitation_back() -> None:
    make_host()
    booking = make_booking()
    queue_invites([booking], NOW)

    change_booking.decline(booking.pk, by=BY_SYSTEM, now=LATER)

    assert told(booking)[2:] == [("invite_cancel", "CANCEL", 1, booking.staff.email)]


def test_a_moved_visit_keeps_its_uid_and_raises_sequence() -> None:
    make_host()
    series = make_series(seats=1)
    booking = make_booking(meeting=make_meeting(series=series))
    queue_invites([booking], NOW)

    other = make_meeting(series=series, starts_at=TUESDAY_10 + WEEK)
    change_booking.move(booking.pk, meeting_id=other.pk, by=BY_SYSTEM, now=NOW)

    request, _, update, to_host = Mail.objects.filter(booking=booking).order_by("pk")
    assert (update.purpose, update.method, update.sequence) == ("invite_update", "REQUEST", 1)
    assert to_host.purpose == "host_guest_changed"
    assert event(update)["UID"] == event(request)["UID"]
    assert event(update).decoded("DTSTART").astimezone(UTC) == TUESDAY_10 + WEEK
    assert parsed(update)["References"] == request.message_id
    assert update.dtstamp == NOW + timedelta(seconds=1)


def test_another_person_gets_a_new_uid_which_no_stale_cancel_can_reach() -> None:
    booking = make_booking()
    queue_invites([booking], NOW)

    swapped = change_booking.swap(
        booking.pk, staff_id=make_staff("Bea").pk, by=BY_SYSTEM, now=LATER
    )

    assert [purpose for purpose in purposes(booking) if purpose.startswith("invite")] == [
        "invite",
        "invite_cancel",
    ]
    assert purposes(swapped)[0] == "invite"
    assert swapped.uid != booking.uid


def test_a_guest_who_declines_is_told_to_the_host_alone() -> None:
    host = make_host()
    booking = make_booking()
    queue_invites([booking], NOW)
    Booking.objects.filter(pk=booking.pk).update(
        state="declined", declined_by="guest", partstat="DECLINED", version=2
    )

    queue_all(LATER)

    assert told(booking)[2:] == [("guest_declined", "", 0, host.user.email)]


def test_a_guest_with_second_and_third_thoughts_is_told_each_time() -> None:
    make_host()
    booking = make_booking()
    steps = [("confirmed", ""), ("declined", "guest"), ("confirmed", ""), ("declined", "guest")]
    for version, (state, declined_by) in enumerate(steps, start=1):
        Booking.objects.filter(pk=booking.pk).update(
            state=state, declined_by=declined_by, version=version
        )
        queue_all()

    assert purposes(booking) == [
        "invite",
        "host_guest_coming",
        "guest_declined",
        "host_guest_coming",
        "guest_declined",
    ]


def test_a_reconfirmed_booking_with_a_raised_sequence_gets_a_new_request() -> None:
    booking = make_booking()
    queue_invites([booking], NOW)
    Booking.objects.filter(pk=booking.pk).update(sequence=1, version=3)

    queue_all(LATER)

    assert told(booking)[1:] == [("invite_update", "REQUEST", 1, booking.staff.email)]


def test_an_update_of_an_unchanged_sequence_repeats_the_answer() -> None:
    booking = make_booking(partstat="ACCEPTED")

    (mail,) = queue_invites([booking], NOW)

    assert event(mail)["ATTENDEE"].params["PARTSTAT"] == "ACCEPTED"


def test_the_series_own_host_is_told_alone() -> None:
    department = make_department()
    make_host("Other", department=department)
    own = make_host("Own", department=department)
    booking = make_booking(meeting=make_meeting(series=make_series(host=own)))

    queue_invites([booking], NOW)

    assert told(booking)[1:] == [("host_guest_coming", "", 0, own.user.email)]


def test_without_an_own_host_all_active_hosts_of_the_department_are_told() -> None:
    hosts = [make_host(name) for name in ("Ann", "Bob", "Cem")]
    hosts[1].user.is_active = False
    hosts[1].user.save()
    booking = make_booking()

    queue_invites([booking], NOW)

    assert {recipient for *_, recipient in told(booking)[1:]} == {
        hosts[0].user.email,
        hosts[2].user.email,
    }


def test_everybody_is_written_to_in_their_own_language(settings: Settings) -> None:
    settings.LANGUAGE_CODE = "de"
    host = make_host()
    host.user.language = "en"
    host.user.save()
    booking = make_booking()

    to_guest, to_host = queue_invites([booking], NOW)

    assert (to_guest.language, parsed(to_guest)["Content-Language"]) == ("de", "de")
    assert "Di, 10.03." in to_guest.subject
    assert "Tue 10 Mar" in to_host.subject


@pytest.mark.parametrize("address", ["rundgang@example.org", "RUNDGANG@EXAMPLE.ORG"])
def test_a_guest_with_the_organizers_address_gets_a_failed_mail_that_says_so(address: str) -> None:
    booking = make_booking(staff=make_staff(email=address))

    (mail,) = queue_invites([booking], NOW)

    assert (mail.state, bytes(mail.raw)) == ("failed", b"")
    assert mail.last_error == "the organizer cannot be the guest"
    assert list(bookings_to_tell(LATER)) == []


def test_what_was_queued_is_gone_when_the_change_is_rolled_back() -> None:
    booking = make_booking()
    with transaction.atomic():
        queue_invites([booking], NOW)
        transaction.set_rollback(True)

    assert told(booking) == []


def test_the_number_of_queries_does_not_grow_with_the_bookings() -> None:
    counts = []
    for number in (1, 3):
        make_host(f"Host {number}")
        bookings = [
            make_booking(staff=make_staff(), meeting=make_meeting(starts_at=TUESDAY_10 + n * WEEK))
            for n in range(number)
        ]
        with CaptureQueriesContext(connection) as queries:
            queue_invites(bookings, NOW)
        counts.append(len(queries))

    assert counts == [7, 7]


def test_a_calendar_that_asks_gets_the_same_sequence_with_a_later_stamp() -> None:
    booking = make_booking()
    (first,) = queue_invites([booking], NOW)

    assert queue_repeat(booking.pk, NOW + timedelta(minutes=59)) is None
    again = queue_repeat(booking.pk, LATER)

    assert again is not None
    assert (again.purpose, again.sequence, again.repeat) == (first.purpose, first.sequence, 1)
    assert again.dtstamp == LATER
    assert queue_repeat(booking.pk, LATER) is None


def test_a_calendar_that_asks_before_anything_was_sent_gets_nothing() -> None:
    assert queue_repeat(make_booking().pk, NOW) is None


def test_a_failed_mail_can_be_put_back() -> None:
    (mail,) = queue_invites([make_booking()], NOW)
    Mail.objects.filter(pk=mail.pk).update(state="failed", attempts=7)

    mended = send_again(mail.pk, by=BY_SYSTEM, now=LATER)

    assert (mended.state, mended.attempts, mended.not_before) == ("queued", 0, LATER)
    assert bytes(mended.raw) == bytes(mail.raw)


@pytest.mark.parametrize("state", ["queued", "sent"])
def test_a_mail_that_did_not_fail_is_not_put_back(state: str) -> None:
    (mail,) = queue_invites([make_booking()], NOW)
    Mail.objects.filter(pk=mail.pk).update(state=state, sent_at=LATER if state == "sent" else None)

    assert send_again(mail.pk, by=BY_SYSTEM, now=LATER).state == state
