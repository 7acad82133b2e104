"""The queue of a full meeting: who may join, what it is promised, what ends a place."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from rotation.audit.models import Entry
from rotation.booking.answers import record_answer
from rotation.booking.errors import AlreadySeated, BookingRefused, Code, SeatFree, SeatGone
from rotation.booking.models import Booking, Waiting
from rotation.booking.moves import move_booking, swap_booking
from rotation.booking.promotion import promote_waiting
from rotation.booking.queries import bookable_meetings, suggestions_for, with_seats_free
from rotation.booking.queues import places_of, queues_to_end, queues_to_move_up, with_place
from rotation.booking.services import book_visit, cancel_booking
from rotation.booking.waiting import lapse_queue, leave_queue, wait_for_seat
from rotation.directory.models import StaffMember
from rotation.meetings.models import Meeting, MeetingSeries
from tests.builders import (
    BY_SYSTEM,
    HOUR,
    NOW,
    TUESDAY_10,
    make_absence,
    make_booking,
    make_department,
    make_meeting,
    make_series,
    make_staff,
    make_team,
)

pytestmark = pytest.mark.django_db
State = Waiting.State
DAY = timedelta(days=1)


def full_meeting(series: MeetingSeries | None = None) -> Meeting:
    """Make a meeting whose only seat is taken."""
    meeting = make_meeting(series=series or make_series())
    make_booking(staff=make_staff("Holder"), meeting=meeting)
    return meeting


def wait(name: str, meeting: Meeting) -> Waiting:
    return queue(make_staff(name), meeting)


def queue(staff: StaffMember, meeting: Meeting) -> Waiting:
    return wait_for_seat(staff_id=staff.pk, meeting_id=meeting.pk, by=BY_SYSTEM, now=NOW)


def book(staff: StaffMember, meeting: Meeting) -> Booking:
    return book_visit(staff_id=staff.pk, meeting_id=meeting.pk, by=BY_SYSTEM, now=NOW)


def free_seat(meeting: Meeting) -> None:
    holder = Booking.objects.get(meeting=meeting, state="confirmed")
    cancel_booking(holder.pk, by=BY_SYSTEM, now=NOW)


def promote(meeting: Meeting) -> list[str]:
    booked = promote_waiting(meeting.pk, by=BY_SYSTEM, now=NOW)
    return [booking.staff.name for booking in booked]


def seats_free(meeting: Meeting) -> int:
    return with_seats_free(Meeting.objects.filter(pk=meeting.pk)).get().seats_free


def codes(error: pytest.ExceptionInfo[BookingRefused]) -> list[Code]:
    return [reason.code for reason in error.value.reasons]


def actions(place: Waiting) -> list[str]:
    lines = Entry.objects.filter(subject="waiting", subject_id=place.pk).order_by("pk")
    return list(lines.values_list("action", flat=True))


def test_the_queue_of_a_full_meeting_is_in_the_order_of_coming() -> None:
    meeting = full_meeting()
    ada, bob = wait("Ada", meeting), wait("Bob", meeting)

    places = with_place(Waiting.objects.order_by("pk"))

    assert [(place.staff.name, place.place) for place in places] == [("Ada", 1), ("Bob", 2)]
    leave_queue(ada.pk, by=BY_SYSTEM, now=NOW)
    assert with_place(Waiting.objects.filter(pk=bob.pk)).get().place == 1
    assert with_place(Waiting.objects.filter(pk=ada.pk)).get().place == 0


def test_who_waits_already_keeps_the_place() -> None:
    meeting = full_meeting()
    first = wait("Ada", meeting)

    assert queue(first.staff, meeting) == first
    assert Waiting.objects.count() == 1


def test_nobody_waits_where_a_seat_is_free() -> None:
    with pytest.raises(SeatFree):
        wait("Ada", make_meeting())


def test_nobody_waits_where_the_person_has_a_seat() -> None:
    booking = make_booking()

    with pytest.raises(AlreadySeated):
        queue(booking.staff, booking.meeting)


def test_nobody_waits_for_a_seat_that_cannot_come() -> None:
    meeting = make_meeting(series=make_series(notice=9 * DAY))
    make_booking(meeting=meeting)

    with pytest.raises(BookingRefused) as refused:
        wait("Bob", meeting)

    assert codes(refused) == [Code.NOTICE_TOO_SHORT]


def test_nobody_waits_on_a_day_without_guests() -> None:
    meeting = make_meeting()
    Meeting.objects.filter(pk=meeting.pk).update(seats=0)

    with pytest.raises(BookingRefused) as refused:
        wait("Bob", meeting)

    assert codes(refused) == [Code.NO_SEAT]


def test_who_is_away_now_may_wait_all_the_same() -> None:
    meeting, ada = full_meeting(), make_staff("Ada")
    make_absence(ada, TUESDAY_10)

    assert queue(ada, meeting).state == State.WAITING


def test_the_host_s_limit_of_a_month_opens_the_queue_too() -> None:
    series = make_series(guests_per_month=1)
    make_booking(meeting=make_meeting(series=series))

    place = wait("Bob", make_meeting(series=series, starts_at=TUESDAY_10 + DAY))

    assert place.state == State.WAITING


def test_a_freed_seat_goes_to_the_first_and_to_nobody_else() -> None:
    meeting = full_meeting()
    first, second = wait("Ada", meeting), wait("Bob", meeting)
    free_seat(meeting)
    stranger = make_staff("Eve")

    with pytest.raises(BookingRefused) as refused:
        book(stranger, meeting)
    with pytest.raises(BookingRefused):
        book(second.staff, meeting)

    assert codes(refused) == [Code.NO_SEAT]
    assert refused.value.reasons[0].facts == {"waiting": 2}
    assert promote(meeting) == ["Ada"]
    first.refresh_from_db()
    booking = Booking.objects.get(meeting=meeting, state="confirmed")
    assert (first.state, first.booking) == (State.PROMOTED, booking)
    assert actions(first) == ["add", "promote"]
    assert promote(meeting) == []


def test_a_seat_that_is_promised_is_not_free() -> None:
    meeting = full_meeting()
    wait("Ada", meeting)
    free_seat(meeting)

    assert seats_free(meeting) == 0
    assert list(bookable_meetings(NOW)) == []
    assert list(queues_to_move_up(NOW)) == [meeting]
    [row] = suggestions_for(meeting, [make_staff("Eve")], NOW)
    assert [reason.code for reason in row.conflicts] == [Code.NO_SEAT]


def test_the_first_may_be_booked_by_hand_and_is_then_out_of_the_queue() -> None:
    meeting = full_meeting()
    place = wait("Ada", meeting)
    free_seat(meeting)

    booking = book(place.staff, meeting)

    place.refresh_from_db()
    assert (place.state, place.booking) == (State.PROMOTED, booking)


def test_who_cannot_go_is_passed_over_and_keeps_the_place() -> None:
    meeting, ada = full_meeting(), make_staff("Ada")
    make_absence(ada, TUESDAY_10)
    passed, _ = queue(ada, meeting), wait("Bob", meeting)
    free_seat(meeting)

    assert promote(meeting) == ["Bob"]
    passed.refresh_from_db()
    assert (passed.state, passed.passed_over_at) == (State.WAITING, NOW)
    assert actions(passed) == ["add", "pass_over"]


def test_who_was_passed_over_holds_up_nobody_until_the_reason_is_gone() -> None:
    meeting, ada = full_meeting(), make_staff("Ada")
    absence = make_absence(ada, TUESDAY_10)
    queue(ada, meeting)
    free_seat(meeting)
    promote(meeting)
    free = seats_free(meeting)

    absence.delete()
    with pytest.raises(BookingRefused):
        book(make_staff("Eve"), meeting)

    assert free == 1
    assert promote(meeting) == ["Ada"]


def test_anybody_else_is_booked_where_nobody_in_the_queue_can_go() -> None:
    meeting, ada = full_meeting(), make_staff("Ada")
    make_absence(ada, TUESDAY_10)
    queue(ada, meeting)
    free_seat(meeting)

    assert book(make_staff("Eve"), meeting).state == "confirmed"


def test_more_seats_move_several_up_in_their_order() -> None:
    meeting = full_meeting()
    for name in ("Ada", "Bob", "Cem"):
        wait(name, meeting)
    Meeting.objects.update(seats=3)

    assert promote(meeting) == ["Ada", "Bob"]


def test_the_host_s_limit_counts_those_who_wait_ahead() -> None:
    meeting = make_meeting(series=make_series(guests_per_month=2), seats=1)
    make_booking(staff=make_staff("Holder"), meeting=meeting)
    wait("Ada", meeting)
    Meeting.objects.update(seats=3)

    with pytest.raises(BookingRefused) as refused:
        book(make_staff("Eve"), meeting)

    assert codes(refused) == [Code.HOST_LIMIT]
    assert promote(meeting) == ["Ada"]


def test_where_a_host_approves_the_promoted_guest_is_a_request() -> None:
    meeting = full_meeting(make_series(needs_approval=True))
    wait("Ada", meeting)
    free_seat(meeting)
    promote(meeting)

    booking = Booking.objects.get(meeting=meeting, staff__user__name="Ada")
    assert (booking.state, booking.requested_at) == ("requested", NOW)


def test_a_swap_hands_the_seat_over_and_frees_none() -> None:
    meeting = full_meeting()
    wait("Ada", meeting)
    holder = Booking.objects.get(meeting=meeting)

    swapped = swap_booking(holder.pk, staff_id=make_staff("Eve").pk, by=BY_SYSTEM, now=NOW)

    assert swapped.state == "confirmed"
    assert promote(meeting) == []


def test_who_is_swapped_in_waits_no_longer() -> None:
    meeting = full_meeting()
    wait("Ada", meeting)
    second = wait("Bob", meeting)
    holder = Booking.objects.get(meeting=meeting)

    swapped = swap_booking(holder.pk, staff_id=second.staff_id, by=BY_SYSTEM, now=NOW)

    second.refresh_from_db()
    assert (second.state, second.booking) == (State.PROMOTED, swapped)


def test_no_visit_moves_past_the_queue() -> None:
    meeting = full_meeting()
    wait("Ada", meeting)
    free_seat(meeting)
    other = make_booking(
        staff=make_staff("Eve"),
        meeting=make_meeting(series=meeting.series, starts_at=TUESDAY_10 + DAY),
    )

    with pytest.raises(BookingRefused) as refused:
        move_booking(other.pk, meeting_id=meeting.pk, by=BY_SYSTEM, now=NOW)

    assert codes(refused) == [Code.NO_SEAT]


def test_a_late_yes_finds_the_seat_promised() -> None:
    meeting = full_meeting()
    wait("Ada", meeting)
    holder = Booking.objects.get(meeting=meeting)
    record_answer(holder.pk, partstat="DECLINED", by=BY_SYSTEM, now=NOW)

    with pytest.raises(SeatGone):
        record_answer(holder.pk, partstat="ACCEPTED", by=BY_SYSTEM, now=NOW)

    assert promote(meeting) == ["Ada"]


def test_nobody_is_promoted_once_the_notice_has_passed_and_the_queue_lapses() -> None:
    meeting = full_meeting()
    place = wait("Ada", meeting)
    free_seat(meeting)
    late = meeting.starts_at - meeting.series.notice + timedelta(seconds=1)

    assert promote_waiting(meeting.pk, by=BY_SYSTEM, now=late) == []
    assert list(queues_to_move_up(late)) == []
    assert list(queues_to_end(late)) == [meeting]
    assert [lapse_queue(meeting.pk, by=BY_SYSTEM, now=late) for _ in range(2)] == [1, 0]
    place.refresh_from_db()
    assert (place.state, place.ended_at) == (State.LAPSED, late)
    assert list(places_of(place.staff_id, late)) == [place]
    assert list(places_of(place.staff_id, late + timedelta(days=15))) == []


def test_the_queue_of_a_cancelled_meeting_ends() -> None:
    meeting = full_meeting()
    wait("Ada", meeting)
    Meeting.objects.update(cancelled_at=NOW)

    assert list(queues_to_end(NOW)) == [meeting]
    assert lapse_queue(meeting.pk, by=BY_SYSTEM, now=NOW) == 1


def test_who_leaves_the_house_leaves_the_queue_and_holds_up_nobody() -> None:
    meeting = full_meeting()
    gone = wait("Ada", meeting)
    wait("Bob", meeting)
    StaffMember.objects.filter(pk=gone.staff_id).update(left_on=NOW.date(), has_left=True)
    free_seat(meeting)

    assert promote(meeting) == ["Bob"]
    assert list(queues_to_end(NOW)) == [meeting]
    assert lapse_queue(meeting.pk, by=BY_SYSTEM, now=NOW) == 1


def test_who_leaves_twice_has_left() -> None:
    place = wait("Ada", full_meeting())

    for _ in range(2):
        leave_queue(place.pk, by=BY_SYSTEM, now=NOW)

    place.refresh_from_db()
    assert (place.state, actions(place)) == (State.LEFT, ["add", "leave"])


def test_the_database_lets_nobody_wait_twice_for_one_meeting() -> None:
    place = wait("Ada", full_meeting())

    with (
        pytest.raises(IntegrityError, match="person_waits_once_for_a_meeting"),
        transaction.atomic(),
    ):
        Waiting.objects.create(staff=place.staff, meeting=place.meeting, created_at=NOW)


def test_the_own_department_is_no_place_to_wait_for() -> None:
    department = make_department("IT", "IT")
    meeting = full_meeting(make_series(department=department))

    with pytest.raises(BookingRefused) as refused:
        queue(make_staff("Ada", team=make_team()), meeting)

    assert codes(refused) == [Code.OWN_DEPARTMENT]


def test_an_overlapping_visit_lets_the_seat_go_past() -> None:
    meeting = full_meeting()
    place = wait("Ada", meeting)
    book(place.staff, make_meeting(starts_at=TUESDAY_10 + HOUR))
    free_seat(meeting)

    assert promote(meeting) == []
