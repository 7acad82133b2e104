"""Two at once: whoever comes second waits, and then sees what the first one did."""

import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor

import pytest
from django.db import connection, connections, transaction

from rotation.booking.errors import BookingRefused, Code
from rotation.booking.models import Booking
from rotation.booking.services import book_visit
from rotation.directory.models import StaffMember
from rotation.meetings.models import Meeting
from rotation.workflows.change_booking import put_meeting
from tests.builders import BY_SYSTEM, HOUR, NOW, TUESDAY_10, make_meeting, make_series, make_staff

pytestmark = pytest.mark.django_db(transaction=True)


def book(staff: StaffMember, meeting: Meeting) -> Booking:
    return book_visit(staff_id=staff.pk, meeting_id=meeting.pk, by=BY_SYSTEM, now=NOW)


def in_thread(do: Callable[[], object]) -> object:
    """Run `do` in a thread, which must give its database connection back."""
    try:
        return do()
    finally:
        connections.close_all()


def wait_for_its_lock(second: Future[object]) -> None:
    """Wait until the other transaction waits for ours; it must not get through before."""
    deadline = time.monotonic() + 20
    with connection.cursor() as cursor:
        while not second.done():
            cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted")
            if cursor.fetchone()[0]:
                return
            assert time.monotonic() < deadline, "waited too long"
    pytest.fail("it did not wait")


def test_two_meetings_of_one_series_share_the_host_s_limit() -> None:
    series = make_series(guests_per_month=1)
    first = make_meeting(series=series)
    second = make_meeting(series=series, starts_at=TUESDAY_10 + 24 * HOUR)
    ada, bob = make_staff("Ada"), make_staff("Bob")

    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            book(ada, first)
            late = pool.submit(in_thread, lambda: book(bob, second))
            wait_for_its_lock(late)
        with pytest.raises(BookingRefused) as refused:
            late.result(timeout=20)

    assert [reason.code for reason in refused.value.reasons] == [Code.HOST_LIMIT]


def test_a_meeting_that_moves_waits_for_what_its_guest_books() -> None:
    ada = make_staff("Ada")
    moving, other = make_meeting(), make_meeting(starts_at=TUESDAY_10 + 3 * HOUR)
    visit = book(ada, moving)

    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            book(ada, other)
            move = pool.submit(
                in_thread,
                lambda: put_meeting(moving.pk, starts_at=other.starts_at, by=BY_SYSTEM, now=NOW),
            )
            wait_for_its_lock(move)
            assert Meeting.objects.select_for_update(nowait=True).get(pk=moving.pk) == moving
        move.result(timeout=20)

    visit.refresh_from_db()
    assert visit.state == Booking.State.CANCELLED
