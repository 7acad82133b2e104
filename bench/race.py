"""Fifty at once: one seat, overlapping times, moves and swaps, over HTTP at real web processes.

Each race is one that exactly one can win: 201 (200 for a change) once, 409 for all others, no
other answer, and one row in the database. There is no peer: the goal is an exact count. Peers of
the same kind let 2 to 50 win (docs/performance.md).
"""

import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from django.utils import timezone

from bench.house import key_of
from bench.measure import Effort, Line, spread
from rotation.booking.models import Booking, BookingChange
from rotation.directory.models import StaffMember
from rotation.invites.models import Mail
from rotation.meetings.models import Meeting, MeetingSeries
from rotation.workflows import change_booking
from tests.api.callers import workday
from tests.api.servers import Answer, Request, Server, web
from tests.builders import BY_SYSTEM, make_department, make_meeting, make_series, make_staff

MANY = 50
BOOKINGS = "/api/v1/bookings/"
MINUTE = timedelta(minutes=1)


@dataclass(frozen=True)
class Field:
    """Who races for what: fifty people, one who has the seat, and two series."""

    people: Sequence[StaffMember]
    holder: StaffMember
    series: MeetingSeries
    other: MeetingSeries


Race = Callable[[Field], tuple[list[Request], Meeting | None]]


def run(effort: Effort) -> Iterator[Line]:
    """Yield a line for each race and number of web processes."""
    field = Field(
        [make_staff(f"Racer {number}") for number in range(MANY)],
        make_staff("Holder"),
        make_series(department=make_department("Raced for"), starts_at=workday()),
        make_series(department=make_department("Left behind"), starts_at=workday()),
    )
    with tempfile.TemporaryDirectory(prefix="rundgang-race-") as folder:
        for workers in effort.web_workers:
            with web(workers, Path(folder)) as port:
                server = Server(workers, port, key_of("planner@example.org"))
                for name, race in RACES.items():
                    rounds = [_round(server, race, field) for _ in range(effort.races)]
                    yield _line(f"{name}, {workers} web processes", rounds)


def _round(server: Server, race: Race, field: Field) -> tuple[list[Answer], bool]:
    """Return the answers, and whether the database holds one winner."""
    requests, wanted = race(field)
    answers = server.at_once(requests)
    holding = Booking.objects.filter(meeting=wanted, state="confirmed") if wanted else ()
    is_one = len(holding) == (1 if wanted else 0)
    _take_away(field)
    return answers, is_one


def _line(name: str, rounds: Sequence[tuple[list[Answer], bool]]) -> Line:
    fair = [is_one and _is_fair(answers) for answers, is_one in rounds]
    answers = [answer for answers, _ in rounds for answer in answers]
    others = sum(answer.status not in {200, 201, 409} for answer in answers)
    return Line(
        work=f"{name}: latency of {len(rounds)} rounds",
        ours=f"{spread([answer.seconds * 1000 for answer in answers])} ms",
        peer="-",
        ratio=f"one winner in {sum(fair)} of {len(fair)}, {others} other answers",
        goal="exactly one winner",
        reached=all(fair) and not others,
    )


def _is_fair(answers: Sequence[Answer]) -> bool:
    won = sum(answer.status in {200, 201} for answer in answers)
    lost = sum(answer.status == 409 for answer in answers)  # noqa: PLR2004 -- Conflict
    return (won, lost) == (1, len(answers) - 1)


def _one_seat(field: Field) -> tuple[list[Request], Meeting | None]:
    wanted = make_meeting(series=field.series, starts_at=_start())
    return [_booking(person, wanted) for person in field.people], wanted


def _overlapping(field: Field) -> tuple[list[Request], Meeting | None]:
    """One person, and meetings of an hour that start a minute after each other."""
    start = _start()
    meetings = [
        make_meeting(series=field.series, starts_at=start + number * MINUTE)
        for number in range(MANY)
    ]
    return [_booking(field.people[0], meeting) for meeting in meetings], None


def _moves(field: Field) -> tuple[list[Request], Meeting | None]:
    """Fifty visits of two series, all moved to one seat."""
    crowded = [
        make_meeting(series=series, starts_at=_start(13, weeks=3), seats=MANY)
        for series in (field.series, field.other)
    ]
    visits = [_visit(person, crowded[n % 2]) for n, person in enumerate(field.people)]
    wanted = make_meeting(series=field.series, starts_at=_start())
    body = {"meeting": wanted.pk}
    return [Request(f"{BOOKINGS}{seen.pk}/move/", body) for seen in visits], wanted


def _swaps(field: Field) -> tuple[list[Request], Meeting | None]:
    """A visit swapped to 25 people, while the 25 others want its seat."""
    wanted = make_meeting(series=field.series, starts_at=_start())
    seen = _visit(field.holder, wanted)
    swaps = [
        Request(f"{BOOKINGS}{seen.pk}/swap/", {"staff": person.pk}) for person in field.people[::2]
    ]
    return [*swaps, *(_booking(person, wanted) for person in field.people[1::2])], wanted


RACES: dict[str, Race] = {
    "50 people, one seat": _one_seat,
    "1 person, 50 overlapping meetings": _overlapping,
    "50 visits moved to one seat": _moves,
    "25 swaps and 25 bookings of one seat": _swaps,
}


def _start(hour: int = 10, *, weeks: int = 2) -> datetime:
    return workday(hour, days=7 * weeks)


def _booking(person: StaffMember, meeting: Meeting) -> Request:
    return Request(BOOKINGS, {"staff": person.pk, "meeting": meeting.pk})


def _visit(person: StaffMember, meeting: Meeting) -> Booking:
    return change_booking.book(
        staff_id=person.pk, meeting_id=meeting.pk, by=BY_SYSTEM, now=timezone.now()
    )


def _take_away(field: Field) -> None:
    """Leave people and series as they were before the round."""
    meetings = Meeting.objects.filter(series__in=[field.series, field.other])
    bookings = Booking.objects.filter(meeting__in=meetings)
    for table in (Mail, BookingChange):
        table.objects.filter(booking__in=bookings).delete()
    bookings.delete()
    meetings.delete()
