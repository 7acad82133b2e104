from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from rotation.audit.models import Entry
from rotation.booking.answers import record_answer
from rotation.booking.errors import (
    BookingRefused,
    ChangedMeanwhile,
    Code,
    NotYetHeld,
    SeatGone,
    WrongState,
)
from rotation.booking.following import follow_meeting
from rotation.booking.models import Booking
from rotation.booking.moves import move_booking, swap_booking
from rotation.booking.services import (
    book_visit,
    cancel_booking,
    confirm_booking,
    decline_booking,
    record_attendance,
)
from rotation.directory.models import StaffMember
from rotation.meetings.errors import MeetingOver
from rotation.meetings.models import Meeting
from rotation.meetings.services import cancel_meeting, move_meeting
from tests.builders import (
    BY_SYSTEM,
    HOUR,
    NOW,
    TUESDAY_10,
    make_absence,
    make_booking,
    make_duty,
    make_meeting,
    make_series,
    make_staff,
)

pytestmark = pytest.mark.django_db
State, Partstat = Booking.State, Booking.Partstat
AFTER = TUESDAY_10 + 2 * HOUR


def book(staff: object = None, meeting: Meeting | None = None) -> Booking:
    staff, meeting = staff or make_staff(), meeting or make_meeting()
    return book_visit(staff_id=staff.pk, meeting_id=meeting.pk, by=BY_SYSTEM, now=NOW)  # type: ignore[attr-defined]


def codes(error: pytest.ExceptionInfo[BookingRefused]) -> list[Code]:
    return [reason.code for reason in error.value.reasons]


def answer(booking: Booking, partstat: str) -> Booking:
    return record_answer(booking.pk, partstat=partstat, by=BY_SYSTEM, now=NOW)


def test_a_booking_is_confirmed_at_once_where_nobody_approves() -> None:
    booking = book()

    assert (booking.state, booking.partstat) == (State.CONFIRMED, Partstat.NEEDS_ACTION)
    assert (booking.sequence, booking.version, booking.cost_minutes) == (0, 1, 90)


def test_a_request_holds_its_seat_until_the_host_decides() -> None:
    meeting = make_meeting(series=make_series(needs_approval=True))
    request = book(meeting=meeting)

    with pytest.raises(BookingRefused) as refused:
        book(make_staff("Bo"), meeting)

    assert request.state == State.REQUESTED
    assert codes(refused) == [Code.NO_SEAT]


def test_a_booking_is_refused_with_all_reasons() -> None:
    staff = make_staff()
    make_absence(staff, TUESDAY_10)
    make_duty(staff, TUESDAY_10)

    with pytest.raises(BookingRefused) as refused:
        book(staff, make_meeting(length=4 * HOUR))

    assert codes(refused) == [Code.ABSENT, Code.ON_DUTY, Code.OVER_BUDGET]
    assert Booking.objects.count() == 0


def test_who_has_left_cannot_be_booked() -> None:
    staff = make_staff()
    staff.left_on, staff.has_left = NOW.date(), True
    staff.save()

    with pytest.raises(type(staff).DoesNotExist):
        book(staff)


def test_the_database_refuses_an_overlap_that_the_code_forgot() -> None:
    booking = make_booking()

    with pytest.raises(IntegrityError, match="booking_overlaps_nothing"), transaction.atomic():
        make_booking(staff=booking.staff, meeting=make_meeting(starts_at=TUESDAY_10 + HOUR))


def test_the_database_refuses_a_seat_taken_twice() -> None:
    booking = make_booking()

    with pytest.raises(IntegrityError, match="booking_has_the_seat_alone"), transaction.atomic():
        make_booking(meeting=booking.meeting)


def test_a_declined_booking_blocks_nothing() -> None:
    booking = make_booking(state=State.DECLINED)

    assert book(booking.staff, booking.meeting).state == State.CONFIRMED


def test_the_host_confirms_once_and_again_changes_nothing() -> None:
    request = book(meeting=make_meeting(series=make_series(needs_approval=True)))

    first = confirm_booking(request.pk, by=BY_SYSTEM, now=NOW)
    second = confirm_booking(request.pk, by=BY_SYSTEM, now=NOW)

    assert (first.state, first.version, second.version) == (State.CONFIRMED, 2, 2)


def test_a_host_s_no_frees_the_seat_and_raises_the_sequence() -> None:
    booking = book()

    declined = decline_booking(booking.pk, by=BY_SYSTEM, now=NOW)

    assert (declined.state, declined.declined_by) == (State.DECLINED, Booking.Side.HOST)
    assert declined.sequence == 1
    assert book(make_staff("Bo"), booking.meeting).state == State.CONFIRMED


def test_a_stale_page_changes_nothing() -> None:
    booking = book()
    stale = replace(BY_SYSTEM, version=booking.version)
    move_booking(
        booking.pk,
        meeting_id=make_meeting(series=booking.meeting.series, starts_at=TUESDAY_10 + 24 * HOUR).pk,
        by=BY_SYSTEM,
        now=NOW,
    )

    with pytest.raises(ChangedMeanwhile):
        cancel_booking(booking.pk, by=stale, now=NOW)


def test_a_cancelled_visit_cannot_be_confirmed() -> None:
    booking = book()
    cancel_booking(booking.pk, by=BY_SYSTEM, now=NOW)

    with pytest.raises(WrongState):
        confirm_booking(booking.pk, by=BY_SYSTEM, now=NOW)


def test_attendance_is_recorded_after_the_start_and_may_be_corrected() -> None:
    booking = book()
    with pytest.raises(NotYetHeld):
        record_attendance(booking.pk, attended=True, by=BY_SYSTEM, now=NOW)

    record_attendance(booking.pk, attended=False, by=BY_SYSTEM, now=AFTER)
    corrected = record_attendance(booking.pk, attended=True, by=BY_SYSTEM, now=AFTER)

    assert corrected.state == State.ATTENDED


def test_a_move_inside_the_series_keeps_the_uid_and_raises_the_sequence() -> None:
    booking = book()
    answer(booking, Partstat.ACCEPTED)
    later = make_meeting(series=booking.meeting.series, starts_at=TUESDAY_10 + 7 * 24 * HOUR)

    moved = move_booking(booking.pk, meeting_id=later.pk, by=BY_SYSTEM, now=NOW)

    assert (moved.pk, moved.uid, moved.sequence) == (booking.pk, booking.uid, 1)
    assert (moved.starts_at, moved.partstat) == (later.starts_at, Partstat.NEEDS_ACTION)


def test_a_move_of_an_hour_does_not_collide_with_itself() -> None:
    booking = book()
    later = make_meeting(series=booking.meeting.series, starts_at=TUESDAY_10 + HOUR / 2)

    moved = move_booking(booking.pk, meeting_id=later.pk, by=BY_SYSTEM, now=NOW)

    assert moved.starts_at == later.starts_at


@pytest.mark.parametrize("change", [confirm_booking, decline_booking, cancel_booking])
def test_what_has_begun_is_history(change: Callable[..., Booking]) -> None:
    requested = make_booking(state=State.REQUESTED)

    with pytest.raises(MeetingOver):
        change(requested.pk, by=BY_SYSTEM, now=TUESDAY_10)

    requested.refresh_from_db()
    assert (requested.state, requested.version) == (State.REQUESTED, 1)


def test_a_visit_that_has_begun_is_neither_moved_nor_swapped() -> None:
    visit, other = book(), make_staff("Bob")
    later = make_meeting(series=visit.meeting.series, starts_at=AFTER)

    with pytest.raises(MeetingOver):
        move_booking(visit.pk, meeting_id=later.pk, by=BY_SYSTEM, now=TUESDAY_10)
    with pytest.raises(MeetingOver):
        swap_booking(visit.pk, staff_id=other.pk, by=BY_SYSTEM, now=TUESDAY_10)

    assert Booking.objects.get() == visit


def test_a_second_cancel_says_nothing_new_even_afterwards() -> None:
    visit = book()
    cancel_booking(visit.pk, by=BY_SYSTEM, now=NOW)

    assert cancel_booking(visit.pk, by=BY_SYSTEM, now=AFTER).state == State.CANCELLED


def test_a_move_to_another_series_cancels_and_books_anew() -> None:
    booking = book()
    other = make_meeting(series=make_series(title="Other"), starts_at=TUESDAY_10 + 24 * HOUR)

    moved = move_booking(booking.pk, meeting_id=other.pk, by=BY_SYSTEM, now=NOW)

    booking.refresh_from_db()
    assert (booking.state, booking.sequence) == (State.CANCELLED, 1)
    assert (moved.state, moved.sequence, moved.uid != booking.uid) == (State.CONFIRMED, 0, True)


def test_a_refused_move_leaves_everything_as_it_was() -> None:
    booking = book()
    full = make_booking(meeting=make_meeting(series=make_series(title="Full"))).meeting

    with pytest.raises(BookingRefused) as refused:
        move_booking(booking.pk, meeting_id=full.pk, by=BY_SYSTEM, now=NOW)

    booking.refresh_from_db()
    assert codes(refused) == [Code.NO_SEAT]
    assert (booking.state, booking.version) == (State.CONFIRMED, 1)


def test_a_swap_sends_another_person_with_a_new_uid() -> None:
    booking, bo = book(), make_staff("Bo")

    swapped = swap_booking(booking.pk, staff_id=bo.pk, by=BY_SYSTEM, now=NOW)

    booking.refresh_from_db()
    assert booking.state == State.CANCELLED
    assert (swapped.staff_id, swapped.source) == (bo.pk, Booking.Source.SWAP)
    assert swapped.uid != booking.uid


def test_somebody_else_goes_for_who_has_left() -> None:
    booking, other = book(), make_staff("Bob")
    StaffMember.objects.filter(pk=booking.staff_id).update(left_on=NOW.date(), has_left=True)

    swapped = swap_booking(booking.pk, staff_id=other.pk, by=BY_SYSTEM, now=NOW)

    booking.refresh_from_db()
    assert (swapped.staff, swapped.state, booking.state) == (other, "confirmed", "cancelled")


def test_nobody_who_has_left_goes_instead() -> None:
    booking, gone = book(), make_staff("Bob")
    StaffMember.objects.filter(pk=gone.pk).update(left_on=NOW.date(), has_left=True)

    with pytest.raises(StaffMember.DoesNotExist):
        swap_booking(booking.pk, staff_id=gone.pk, by=BY_SYSTEM, now=NOW)

    booking.refresh_from_db()
    assert booking.state == State.CONFIRMED


def test_a_guest_s_no_frees_the_seat_without_a_new_sequence() -> None:
    booking = book()

    declined = answer(booking, Partstat.DECLINED)

    assert (declined.state, declined.declined_by) == (State.DECLINED, Booking.Side.GUEST)
    assert declined.sequence == 0


def test_a_later_yes_confirms_again_where_the_seat_is_free() -> None:
    booking = book()
    answer(booking, Partstat.DECLINED)

    again = answer(booking, Partstat.ACCEPTED)

    assert (again.state, again.declined_by, again.sequence) == (State.CONFIRMED, "", 0)


def test_a_later_yes_to_what_no_host_has_approved_is_a_request_again() -> None:
    booking = book(meeting=make_meeting(series=make_series(needs_approval=True)))
    answer(booking, Partstat.DECLINED)

    again = answer(booking, Partstat.ACCEPTED)

    assert (again.state, again.declined_by) == (State.REQUESTED, "")


def test_a_later_yes_is_too_late_where_the_seat_is_gone() -> None:
    booking = book()
    answer(booking, Partstat.DECLINED)
    book(make_staff("Bo"), booking.meeting)

    with pytest.raises(SeatGone) as gone:
        answer(booking, Partstat.ACCEPTED)

    assert [reason.code for reason in gone.value.fields["reasons"]] == [Code.NO_SEAT]


def test_the_same_answer_twice_is_one_change() -> None:
    booking = book()

    answer(booking, Partstat.ACCEPTED)
    answer(booking, Partstat.ACCEPTED)

    actions = list(
        Entry.objects.filter(subject="booking", subject_id=booking.pk).values_list(
            "action", flat=True
        )
    )
    assert actions == ["book", "answer"]


def test_guests_follow_a_moved_meeting() -> None:
    booking = book()
    meeting = move_meeting(booking.meeting_id, starts_at=TUESDAY_10 + HOUR, now=NOW)

    [followed] = follow_meeting(meeting, by=BY_SYSTEM, now=NOW)

    assert (followed.starts_at, followed.sequence) == (TUESDAY_10 + HOUR, 1)
    assert follow_meeting(meeting, by=BY_SYSTEM, now=NOW)[0].sequence == 1


def test_a_guest_who_is_elsewhere_then_cannot_follow() -> None:
    booking = book()
    make_booking(
        staff=booking.staff,
        meeting=make_meeting(series=make_series(title="Other"), starts_at=TUESDAY_10 + 3 * HOUR),
    )
    meeting = move_meeting(booking.meeting_id, starts_at=TUESDAY_10 + 3 * HOUR, now=NOW)

    [cancelled] = follow_meeting(meeting, by=BY_SYSTEM, now=NOW)

    assert (cancelled.state, cancelled.sequence) == (State.CANCELLED, 1)
    assert cancelled.starts_at == TUESDAY_10


def test_guests_of_a_cancelled_meeting_are_free_again() -> None:
    booking = book()
    meeting = cancel_meeting(booking.meeting_id, now=NOW)

    [cancelled] = follow_meeting(meeting, by=BY_SYSTEM, now=NOW)

    assert cancelled.state == State.CANCELLED


def test_a_seat_given_back_is_the_next_one_taken() -> None:
    meeting = make_meeting(seats=3)
    first, second = book(make_staff("A"), meeting), book(make_staff("B"), meeting)
    cancel_booking(first.pk, by=BY_SYSTEM, now=NOW)

    third = book(make_staff("C"), meeting)

    assert (first.seat, second.seat, third.seat) == (1, 2, 1)


def test_the_buffer_keeps_a_quarter_of_an_hour_free() -> None:
    booking = book(meeting=make_meeting(length=HOUR / 2))
    soon = make_meeting(
        series=make_series(title="Soon"),
        starts_at=TUESDAY_10 + timedelta(minutes=44),
        length=HOUR / 2,
    )
    later = make_meeting(
        series=make_series(title="Later"),
        starts_at=TUESDAY_10 + timedelta(minutes=45),
        length=HOUR / 2,
    )

    with pytest.raises(BookingRefused) as refused:
        book(booking.staff, soon)

    assert codes(refused) == [Code.OVERLAP]
    assert book(booking.staff, later).state == State.CONFIRMED


@pytest.mark.parametrize("title", ["Weekly", "Other"])
def test_a_visit_given_up_moves_nowhere(title: str) -> None:
    booking = book()
    series = booking.meeting.series if title == "Weekly" else make_series(title=title)
    other = make_meeting(series=series, starts_at=TUESDAY_10 + 3 * HOUR)
    cancel_booking(booking.pk, by=BY_SYSTEM, now=NOW)

    with pytest.raises(WrongState):
        move_booking(booking.pk, meeting_id=other.pk, by=BY_SYSTEM, now=NOW)

    assert Booking.objects.count() == 1


def test_nobody_takes_over_a_visit_given_up() -> None:
    booking = book()
    cancel_booking(booking.pk, by=BY_SYSTEM, now=NOW)

    with pytest.raises(WrongState):
        swap_booking(booking.pk, staff_id=make_staff("B").pk, by=BY_SYSTEM, now=NOW)

    assert Booking.objects.count() == 1
