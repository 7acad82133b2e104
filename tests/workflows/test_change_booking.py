"""One change, its mails and its history in one transaction."""

from datetime import datetime, timedelta

import pytest

from rotation.booking.errors import BookingRefused
from rotation.booking.models import Booking
from rotation.invites.models import Mail
from rotation.invites.services import queue_invites
from rotation.meetings.models import Meeting
from rotation.workflows import change_booking
from tests.builders import (
    BY_SYSTEM,
    HOUR,
    NOW,
    TUESDAY_10,
    make_host,
    make_meeting,
    make_series,
    make_staff,
)

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def book(meeting: Meeting | None = None, name: str = "Ada") -> Booking:
    meeting = meeting or make_meeting()
    return change_booking.book(
        staff_id=make_staff(name).pk, meeting_id=meeting.pk, by=BY_SYSTEM, now=NOW
    )


def told(booking: Booking) -> list[tuple[str, str, int]]:
    """Return to whom what left for a booking, in order: purpose, METHOD, SEQUENCE."""
    rows = Mail.objects.filter(booking=booking).order_by("pk")
    return list(rows.values_list("purpose", "method", "sequence"))


def test_what_is_told_of_a_new_booking_is_all_that_is_owed() -> None:
    meeting = make_meeting()
    make_host(department=meeting.series.department)
    booking = book(meeting)

    assert told(booking) == [("invite", "REQUEST", 0), ("host_guest_coming", "", 0)]
    assert queue_invites([booking], NOW) == []


def guest_mails(booking: Booking) -> list[tuple[str, int]]:
    return [(method, sequence) for _, method, sequence in told(booking) if method]


def test_a_confirmed_booking_has_its_request_in_the_outbox_at_once() -> None:
    assert guest_mails(book()) == [("REQUEST", 0)]


def test_a_request_to_the_host_tells_only_the_host_until_it_is_confirmed() -> None:
    host = make_host()
    booking = book(
        make_meeting(series=make_series(department=host.department, needs_approval=True))
    )
    before = guest_mails(booking)

    change_booking.confirm(booking.pk, by=BY_SYSTEM, now=NOW)

    assert before == []
    mails = Mail.objects.filter(recipient=host.user.email).order_by("pk")
    assert list(mails.values_list("purpose", flat=True)) == [
        "host_approval_wanted",
        "host_guest_coming",
    ]
    assert guest_mails(booking) == [("REQUEST", 0)]


def test_a_cancelled_visit_is_cancelled_in_the_calendar_with_a_raised_sequence() -> None:
    booking = book()

    change_booking.cancel(booking.pk, by=BY_SYSTEM, now=NOW)
    change_booking.cancel(booking.pk, by=BY_SYSTEM, now=NOW)

    assert guest_mails(booking) == [("REQUEST", 0), ("CANCEL", 1)]


def test_a_declined_request_needs_no_cancel_as_no_request_left() -> None:
    booking = book(make_meeting(series=make_series(needs_approval=True)))

    change_booking.decline(booking.pk, by=BY_SYSTEM, now=NOW)

    assert guest_mails(booking) == []


def test_a_move_inside_the_series_updates_the_same_uid() -> None:
    booking = book()
    later = make_meeting(series=booking.meeting.series, starts_at=TUESDAY_10 + 7 * DAY)

    change_booking.move(booking.pk, meeting_id=later.pk, by=BY_SYSTEM, now=NOW)

    assert guest_mails(booking) == [("REQUEST", 0), ("REQUEST", 1)]
    assert set(Mail.objects.exclude(method="").values_list("uid", flat=True)) == {booking.uid}


def test_a_swap_cancels_one_guest_and_invites_the_other() -> None:
    booking, bo = book(), make_staff("Bo")

    swapped = change_booking.swap(booking.pk, staff_id=bo.pk, by=BY_SYSTEM, now=NOW)

    assert guest_mails(booking) == [("REQUEST", 0), ("CANCEL", 1)]
    assert guest_mails(swapped) == [("REQUEST", 0)]


@pytest.mark.parametrize("starts_at", [TUESDAY_10 + HOUR, TUESDAY_10 + DAY])
def test_guests_are_told_when_the_host_moves_the_meeting(starts_at: datetime) -> None:
    booking = book()

    change_booking.put_meeting(booking.meeting_id, starts_at=starts_at, by=BY_SYSTEM, now=NOW)

    assert guest_mails(booking) == [("REQUEST", 0), ("REQUEST", 1)]


def test_guests_are_told_when_the_host_calls_the_meeting_off() -> None:
    booking = book()

    change_booking.call_off_meeting(booking.meeting_id, by=BY_SYSTEM, now=NOW)
    change_booking.call_off_meeting(booking.meeting_id, by=BY_SYSTEM, now=NOW)

    assert guest_mails(booking) == [("REQUEST", 0), ("CANCEL", 1)]


def test_a_refused_booking_leaves_neither_booking_nor_mail() -> None:
    meeting = make_meeting(length=4 * HOUR)

    with pytest.raises(BookingRefused):
        book(meeting)

    assert (Booking.objects.count(), Mail.objects.count()) == (0, 0)
