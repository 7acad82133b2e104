"""Nobody jumps the queue: any sequence of changes, and many of them at once."""

import random
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import pytest
from django.db import connections, transaction
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from rotation.booking.errors import ChangedMeanwhile, SeatFree
from rotation.booking.models import Booking, Waiting
from rotation.booking.waiting import leave_queue, wait_for_seat
from rotation.directory.models import StaffMember
from rotation.meetings.models import Meeting
from rotation.periods.errors import RotationError
from rotation.workflows import change_booking
from rotation.workflows.promote_waiting import promote, promote_all
from tests.builders import (
    BY_SYSTEM,
    NOW,
    TUESDAY_10,
    make_absence,
    make_booking,
    make_meeting,
    make_series,
    make_staff,
)

PEOPLE, AWAY = 6, 2
MOVES = st.tuples(
    st.sampled_from(["book", "wait", "cancel", "leave", "promote"]), st.integers(0, PEOPLE - 1)
)
Step = tuple[str, int]
MANY = 50


class House:
    """A full meeting, and people of whom the first ones are away and the last one is seated."""

    def __init__(self) -> None:
        self.meeting = make_meeting()
        self.people = [make_staff(f"Person {number}") for number in range(PEOPLE)]
        for person in self.people[:AWAY]:
            make_absence(person, TUESDAY_10)
        make_booking(staff=self.people[-1], meeting=self.meeting)

    def take(self, step: Step) -> None:
        """Take the step; what a rule refuses changes nothing."""
        name, number = step
        with suppress(RotationError):
            getattr(self, f"_{name}")(self.people[number])

    def _book(self, person: StaffMember) -> None:
        before = self.queue()
        seats = self.meeting.seats - len(self.seated())
        change_booking.book(staff_id=person.pk, meeting_id=self.meeting.pk, by=BY_SYSTEM, now=NOW)
        ahead = before[: before.index(person)] if person in before else before
        assert len([other for other in ahead if other not in self.people[:AWAY]]) < seats

    def _wait(self, person: StaffMember) -> None:
        wait_for_seat(staff_id=person.pk, meeting_id=self.meeting.pk, by=BY_SYSTEM, now=NOW)

    def _leave(self, person: StaffMember) -> None:
        for place in Waiting.objects.filter(staff=person):
            leave_queue(place.pk, by=BY_SYSTEM, now=NOW)

    def _cancel(self, _: StaffMember) -> None:
        for booking in Booking.objects.filter(state="confirmed"):
            change_booking.cancel(booking.pk, by=BY_SYSTEM, now=NOW)

    def _promote(self, _: StaffMember) -> None:
        waiting = [person for person in self.queue() if person not in self.people[:AWAY]]
        free = self.meeting.seats - len(self.seated())

        booked = promote(self.meeting.pk, now=NOW)

        assert [booking.staff for booking in booked] == waiting[: max(0, free)]

    def queue(self) -> list[StaffMember]:
        places = Waiting.objects.filter(state="waiting").select_related("staff").order_by("pk")
        return [place.staff for place in places]

    def seated(self) -> list[int]:
        seats = Booking.objects.filter(meeting=self.meeting, state="confirmed")
        return list(seats.values_list("staff", flat=True))


@pytest.mark.django_db
@settings(
    max_examples=30,
    deadline=None,
    phases=(Phase.explicit, Phase.reuse, Phase.generate),  # to shrink takes minutes
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(steps=st.lists(MOVES, min_size=10, max_size=25))
def test_whatever_happens_the_queue_moves_up_in_its_order(steps: list[Step]) -> None:
    with transaction.atomic():
        house = House()
        for step in steps:
            house.take(step)
            assert len(house.seated()) <= house.meeting.seats
            assert not {person.pk for person in house.queue()} & set(house.seated())
        transaction.set_rollback(True)


@pytest.fixture
def crowd(transactional_db: None) -> tuple[Meeting, list[StaffMember]]:
    """Make a full meeting of three seats, with somebody in each, and fifty people."""
    del transactional_db
    meeting = make_meeting(series=make_series(), seats=3)
    for seat in range(1, 4):
        make_booking(staff=make_staff(f"Holder {seat}"), meeting=meeting, seat=seat)
    return meeting, [make_staff(f"Person {number}") for number in range(MANY)]


def at_once(changes: list[Callable[[], object]]) -> list[object]:
    """Run all changes in twenty threads; return what each made, or the fact that stopped it."""

    def run(change: Callable[[], object]) -> object:
        try:
            return change()
        except RotationError as error:
            return error
        finally:
            connections.close_all()

    random.Random(7).shuffle(changes)  # noqa: S311 -- the same order in every run
    with ThreadPoolExecutor(20) as pool:
        return [done.result(timeout=60) for done in [pool.submit(run, each) for each in changes]]


def test_fifty_join_at_once_and_their_places_are_in_the_order_of_coming(
    crowd: tuple[Meeting, list[StaffMember]],
) -> None:
    meeting, people = crowd

    at_once([_joining(person, meeting) for person in people] * 2)

    places = Waiting.objects.filter(state="waiting").order_by("pk")
    assert places.count() == MANY
    assert len({place.staff_id for place in places}) == MANY


def test_cancels_bookings_joins_and_promotions_at_once_let_nobody_jump(
    crowd: tuple[Meeting, list[StaffMember]],
) -> None:
    meeting, people = crowd
    waiting, strangers, joining = people[:10], people[10:35], people[35:]
    for person in waiting:
        _joining(person, meeting)()
    holders = list(Booking.objects.filter(meeting=meeting))

    made = at_once(
        [
            *(_cancelling(booking) for booking in holders),
            *(_booking(person, meeting) for person in strangers),
            *(_joining(person, meeting) for person in joining),
            *(_promoting() for _ in range(15)),
        ]
    )
    promote_all(NOW)

    seated = Booking.objects.filter(meeting=meeting, state="confirmed").order_by("created_at", "pk")
    assert [booking.staff_id for booking in seated] == [person.pk for person in waiting[:3]]
    assert [error for error in made if isinstance(error, (ChangedMeanwhile, SeatFree))] == []
    left = Waiting.objects.filter(state="waiting").order_by("pk")
    assert [place.staff_id for place in left[:7]] == [person.pk for person in waiting[3:]]
    assert left.count() == 7 + len(joining)


def test_crossing_meetings_deadlock_nobody(crowd: tuple[Meeting, list[StaffMember]]) -> None:
    """The same people wait in two queues, whose meetings overlap, in opposite orders."""
    meeting, people = crowd
    other = make_meeting(series=make_series(title="Other"), starts_at=TUESDAY_10)
    make_booking(staff=make_staff("Holder 4"), meeting=other)
    first = people[:10]
    for one, two in zip(first, reversed(first), strict=True):
        _joining(one, meeting)()
        _joining(two, other)()

    made = at_once(
        [
            *(_cancelling(booking) for booking in Booking.objects.all()),
            *(_promoting() for _ in range(30)),
            *(_booking(person, place) for person in people[:20] for place in (meeting, other)),
        ]
    )
    promote_all(NOW)

    assert len(made) == 4 + 30 + 40
    seats = Booking.objects.filter(state="confirmed")
    assert seats.filter(meeting=meeting).count() == 3
    assert seats.filter(meeting=other).count() == 1
    assert {booking.staff_id for booking in seats} <= {person.pk for person in first}
    assert len({booking.staff_id for booking in seats}) == 4


def _joining(person: StaffMember, meeting: Meeting) -> Callable[[], object]:
    return lambda: wait_for_seat(staff_id=person.pk, meeting_id=meeting.pk, by=BY_SYSTEM, now=NOW)


def _booking(person: StaffMember, meeting: Meeting) -> Callable[[], object]:
    return lambda: change_booking.book(
        staff_id=person.pk, meeting_id=meeting.pk, by=BY_SYSTEM, now=NOW
    )


def _cancelling(booking: Booking) -> Callable[[], object]:
    return lambda: change_booking.cancel(booking.pk, by=BY_SYSTEM, now=NOW)


def _promoting() -> Callable[[], object]:
    return lambda: promote_all(NOW)
