"""Many requests at once against real web processes: nobody is booked twice, nothing breaks.

Each race is run in rounds at 2 and at 8 web workers; the table is printed (`pytest -s`).
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

import pytest
from django.utils import timezone
from pytest_django import DjangoDbBlocker

from accounts.models import ApiToken, Role
from rotation.booking.models import Booking
from rotation.directory.models import StaffMember
from rotation.meetings.models import Meeting, MeetingSeries
from rotation.workflows import change_booking
from tests.api.callers import workday
from tests.api.servers import Answer, Request, Server, Table, web
from tests.builders import (
    BY_SYSTEM,
    make_department,
    make_meeting,
    make_series,
    make_staff,
    make_user,
)

pytestmark = pytest.mark.django_db(transaction=True)
MANY, ROUNDS = 50, 3
BOOKINGS = "/api/v1/bookings/"
MINUTE = timedelta(minutes=1)


@pytest.fixture(scope="module")
def table() -> Iterator[Table]:
    found = Table()
    yield found
    print(f"\n\n{found}")  # noqa: T201 -- figures to quote


@pytest.fixture(scope="module")
def ports(
    django_db_setup: None,
    django_db_blocker: DjangoDbBlocker,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[dict[int, int]]:
    """Run both servers on the test database while this module's tests commit to it."""
    del django_db_setup
    folder = tmp_path_factory.mktemp("web")
    with django_db_blocker.unblock(), web(2, folder) as few, web(8, folder) as many:
        yield {2: few, 8: many}


@pytest.fixture(params=[2, 8])
def server(request: pytest.FixtureRequest, ports: dict[int, int], transactional_db: None) -> Server:
    del transactional_db
    now, planner = timezone.now(), make_user(roles=(Role.PLANNER,))
    key = ApiToken.issue(planner, now=now, expires_at=now + timedelta(hours=1))
    return Server(request.param, ports[request.param], key)


@pytest.fixture
def series(transactional_db: None) -> MeetingSeries:
    del transactional_db
    return make_series(department=make_department("Sales"), starts_at=workday())


@pytest.fixture
def people(transactional_db: None) -> list[StaffMember]:
    del transactional_db
    return [make_staff(f"Person {number}") for number in range(MANY)]


def meetings_of(series: MeetingSeries) -> Iterator[Meeting]:
    """Make one meeting after the other, a week apart, so that rounds do not meet."""
    week = 2
    while True:
        yield make_meeting(series=series, starts_at=workday(days=7 * week))
        week += 1


def book(staff: StaffMember, meeting: Meeting) -> Request:
    return Request(BOOKINGS, {"staff": staff.pk, "meeting": meeting.pk})


def statuses(answers: Sequence[Answer]) -> Counter[int]:
    return Counter(answer.status for answer in answers)


def test_fifty_people_want_the_last_seat(
    server: Server, table: Table, series: MeetingSeries, people: list[StaffMember]
) -> None:
    rounds = []
    for meeting, _ in zip(meetings_of(series), range(ROUNDS), strict=False):
        answers = server.at_once([book(person, meeting) for person in people])
        rounds.append(answers)
        assert statuses(answers) == {201: 1, 409: MANY - 1}
        assert {answer.codes for answer in answers if answer.status == 409} == {("no_seat",)}
        assert Booking.objects.filter(meeting=meeting).count() == 1
    table.add("50 people, the last seat", server.workers, rounds)


def test_one_person_is_booked_fifty_times(
    server: Server, table: Table, series: MeetingSeries
) -> None:
    person = make_staff()
    rounds = []
    for meeting, _ in zip(meetings_of(series), range(ROUNDS), strict=False):
        answers = server.at_once([book(person, meeting)] * MANY)
        rounds.append(answers)
        assert statuses(answers) == {201: 1, 409: MANY - 1}
        codes = {answer.codes for answer in answers if answer.status == 409}
        assert codes == {("no_seat", "overlap")}
    table.add("1 person 50 times, one seat", server.workers, rounds)


def overlapping(start: datetime) -> list[tuple[datetime, timedelta]]:
    """Return 50 meetings that all collide: equal, partly, and by the pause after a visit only.

    All contain or touch [start + 45 min, start + 60 min + pause of 15 min).
    """
    equal = [(start, 60 * MINUTE)] * 10
    partly = [(start + shift * MINUTE, 60 * MINUTE) for shift in range(-5, 30)]
    touching = [(start + (60 + shift) * MINUTE, 20 * MINUTE) for shift in range(5)]
    return [*equal, *partly, *touching]


def test_one_person_and_fifty_overlapping_meetings(server: Server, table: Table) -> None:
    person = make_staff()
    rounds = []
    for week in range(ROUNDS):
        times = overlapping(workday(days=14 + 7 * week))
        meetings = [
            make_meeting(
                series=make_series(department=make_department(f"Department {number}")),
                starts_at=starts_at,
                length=length,
            )
            for number, (starts_at, length) in enumerate(times)
        ]
        answers = server.at_once([book(person, meeting) for meeting in meetings])
        rounds.append(answers)
        assert statuses(answers) == {201: 1, 409: MANY - 1}
        assert {answer.codes for answer in answers if answer.status == 409} == {("overlap",)}
    table.add("1 person, 50 overlapping meetings", server.workers, rounds)


def test_fifty_visits_move_to_the_last_seat(
    server: Server, table: Table, series: MeetingSeries, people: list[StaffMember]
) -> None:
    other_series = make_series(department=make_department("Legal"), starts_at=workday())
    rounds = []
    for week in range(2, 2 + ROUNDS):
        days = 7 * week
        crowded = [
            make_meeting(series=own, starts_at=workday(13, days=days), seats=MANY)
            for own in (series, other_series)
        ]
        visits = [visit(person, crowded[n % 2]) for n, person in enumerate(people)]
        wanted = make_meeting(series=series, starts_at=workday(days=days))
        answers = server.at_once(
            [Request(f"{BOOKINGS}{seen.pk}/move/", {"meeting": wanted.pk}) for seen in visits]
        )
        rounds.append(answers)
        assert statuses(answers) == {200: 1, 409: MANY - 1}
        assert {answer.codes for answer in answers if answer.status == 409} == {("no_seat",)}
        holding = Booking.objects.filter(state="confirmed", starts_at__date=wanted.starts_at.date())
        assert holding.filter(meeting=wanted).count() == 1
        assert holding.count() == MANY  # who did not get the seat kept the old one
    table.add("50 visits move to the last seat", server.workers, rounds)


def test_one_seat_is_swapped_fifty_times(
    server: Server, table: Table, series: MeetingSeries, people: list[StaffMember]
) -> None:
    holder = make_staff("Holder")
    rounds = []
    for meeting, _ in zip(meetings_of(series), range(ROUNDS), strict=False):
        seen = visit(holder, meeting)
        swap = f"{BOOKINGS}{seen.pk}/swap/"
        swaps = [Request(swap, {"staff": person.pk}) for person in people[::2]]
        answers = server.at_once([*swaps, *(book(person, meeting) for person in people[1::2])])
        rounds.append(answers)
        assert statuses(answers) == {200: 1, 409: MANY - 1}
        assert {answer.codes for answer in answers if answer.status == 409} == {
            ("changed_meanwhile",),
            ("no_seat",),
        }
        assert Booking.objects.filter(meeting=meeting, state="confirmed").count() == 1
    table.add("25 swaps, 25 bookings of one seat", server.workers, rounds)


def test_a_repeated_request_is_done_once(
    server: Server, table: Table, series: MeetingSeries
) -> None:
    person = make_staff()
    rounds = []
    for meeting, number in zip(meetings_of(series), range(ROUNDS), strict=False):
        body = {"staff": person.pk, "meeting": meeting.pk}
        again = Request(BOOKINGS, body, {"Idempotency-Key": f"round {number}"})
        answers = server.at_once([again] * MANY)
        rounds.append(answers)
        assert statuses(answers) == {201: MANY}
        assert {answer.body["id"] for answer in answers} == {
            Booking.objects.get(meeting=meeting).pk
        }
    table.add("1 request with its key 50 times", server.workers, rounds)


def visit(staff: StaffMember, meeting: Meeting) -> Booking:
    return change_booking.book(
        staff_id=staff.pk, meeting_id=meeting.pk, by=BY_SYSTEM, now=timezone.now()
    )
