"""Hosts are reminded once, in working time; what nobody answers lapses and frees the seat."""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import connections

from accounts.models import User
from rotation.audit.models import Via
from rotation.audit.services import By
from rotation.booking.models import Booking
from rotation.invites.models import Mail
from rotation.workflows import change_booking
from rotation.workflows.promote_waiting import promote_all, wait
from rotation.workflows.remind_approvers import look_after_requests
from tests.builders import (
    BY_SYSTEM,
    make_department,
    make_host,
    make_meeting,
    make_series,
    make_staff,
    make_user,
)

pytestmark = pytest.mark.django_db
BERLIN = ZoneInfo("Europe/Berlin")
MONDAY = datetime(2026, 3, 2, 9, tzinfo=BERLIN)
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
STARTS_AT = datetime(2026, 3, 24, 10, tzinfo=BERLIN)


@pytest.fixture
def booker() -> User:
    return make_user("booker@example.org")


@pytest.fixture
def request_(booker: User) -> Booking:
    host = make_host(department=make_department("Sales"))
    series = make_series(department=host.department, needs_approval=True)
    return change_booking.book(
        staff_id=make_staff("Ada").pk,
        meeting_id=make_meeting(series=series, starts_at=STARTS_AT).pk,
        by=By(booker.pk, Via.PAGE),
        now=MONDAY,
    )


def purposes(booking: Booking) -> list[str]:
    mails = Mail.objects.filter(booking=booking).order_by("pk")
    return list(mails.values_list("purpose", flat=True))


def test_one_reminder_comes_after_two_working_days(request_: Booking) -> None:
    counts = [
        look_after_requests(at)
        for at in (
            MONDAY + 2 * DAY - HOUR,
            MONDAY + 2 * DAY,
            MONDAY + 2 * DAY + HOUR,
            MONDAY + 3 * DAY,
        )
    ]

    assert counts == [0, 1, 0, 0]
    assert purposes(request_) == ["host_approval_wanted", "host_approval_reminder"]


def test_a_reminder_that_is_late_waits_for_the_morning(request_: Booking) -> None:
    night = MONDAY + 2 * DAY + 14 * HOUR
    weekend = datetime(2026, 3, 7, 11, tzinfo=BERLIN)

    assert [look_after_requests(at) for at in (night, weekend)] == [0, 0]
    assert purposes(request_) == ["host_approval_wanted"]


def test_a_request_that_nobody_answers_lapses_once_and_the_booker_is_told(
    request_: Booking, booker: User
) -> None:
    end = MONDAY + 7 * DAY
    before = look_after_requests(end - timedelta(seconds=1))
    request_.refresh_from_db()
    state = request_.state

    lapsed = [look_after_requests(end) for _ in range(2)]

    request_.refresh_from_db()
    assert (before, state, lapsed) == (1, "requested", [2, 0])
    assert (request_.state, request_.lapsed_at) == ("cancelled", end)
    told = Mail.objects.get(purpose="request_lapsed")
    assert (told.recipient, told.method) == (booker.email, "")
    assert purposes(request_)[-2:] == ["host_guest_cancelled", "request_lapsed"]


def test_the_freed_seat_goes_to_who_waits_for_it(request_: Booking) -> None:
    bob, end = make_staff("Bob"), MONDAY + 7 * DAY
    wait(staff_id=bob.pk, meeting_id=request_.meeting_id, by=BY_SYSTEM, now=MONDAY)
    look_after_requests(end)

    promote_all(end)

    assert Booking.objects.get(staff=bob).state == "requested"


def test_a_confirmed_visit_is_reminded_of_nowhere(request_: Booking) -> None:
    change_booking.confirm(request_.pk, by=BY_SYSTEM, now=MONDAY + HOUR)

    assert look_after_requests(MONDAY + 7 * DAY) == 0


def test_a_visit_that_was_approved_and_moves_is_asked_for_again(request_: Booking) -> None:
    change_booking.confirm(request_.pk, by=BY_SYSTEM, now=MONDAY + HOUR)
    other = make_meeting(series=request_.meeting.series, starts_at=STARTS_AT + DAY)

    moved = change_booking.move(
        request_.pk, meeting_id=other.pk, by=BY_SYSTEM, now=MONDAY + 2 * HOUR
    )
    asked = (moved.state, moved.approved_at, moved.requested_at, moved.sequence)
    again = change_booking.confirm(request_.pk, by=BY_SYSTEM, now=MONDAY + 3 * HOUR)

    assert asked == ("requested", None, MONDAY + 2 * HOUR, 1)
    assert (again.state, again.sequence) == ("confirmed", 2)
    rows = Mail.objects.exclude(method="").order_by("pk")
    assert list(rows.values_list("purpose", "method", "uid", "sequence")) == [
        ("invite", "REQUEST", request_.uid, 0),
        ("invite_withdrawn", "CANCEL", request_.uid, 1),
        ("invite_update", "REQUEST", request_.uid, 2),
    ]


def test_a_moved_request_that_lapses_tells_the_guest_that_it_is_off(request_: Booking) -> None:
    change_booking.confirm(request_.pk, by=BY_SYSTEM, now=MONDAY + HOUR)
    other = make_meeting(series=request_.meeting.series, starts_at=STARTS_AT + DAY)
    change_booking.move(request_.pk, meeting_id=other.pk, by=BY_SYSTEM, now=MONDAY + HOUR)

    look_after_requests(MONDAY + 7 * DAY + HOUR)

    methods = Mail.objects.exclude(method="").order_by("pk").values_list("purpose", "sequence")
    assert list(methods)[1:] == [("invite_withdrawn", 1), ("invite_cancel", 2)]


def test_the_host_s_own_move_asks_nobody_again(request_: Booking) -> None:
    change_booking.confirm(request_.pk, by=BY_SYSTEM, now=MONDAY + HOUR)

    change_booking.put_meeting(
        request_.meeting_id, starts_at=STARTS_AT + DAY, by=BY_SYSTEM, now=MONDAY + 2 * HOUR
    )

    request_.refresh_from_db()
    assert (request_.state, request_.sequence) == ("confirmed", 1)


@pytest.mark.django_db(transaction=True)
def test_two_beats_at_once_send_one_reminder(request_: Booking) -> None:
    def beat(_: int) -> int:
        try:
            return look_after_requests(MONDAY + 2 * DAY)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(8) as pool:
        counts = list(pool.map(beat, range(8)))

    assert sum(counts) == 1
    assert purposes(request_) == ["host_approval_wanted", "host_approval_reminder"]
