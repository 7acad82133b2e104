"""Fifty at once: a seat, overlapping times, a series, moves, swaps and what the host changes.

Over HTTP at real web processes. Each race is one that exactly one can win: 201 (200 for a change)
once, a refusal for all others, no other answer, and one visit in the database, at the time of its
meeting; where the host calls the meeting off meanwhile, none. There is no peer: the goal is an
exact count. Peers of the same kind let 2 to 50 win (docs/performance.md).
"""

import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from bench.house import cookie_of, key_of
from bench.measure import Effort, Line, spread
from rotation.booking.models import Booking
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
DAY = timedelta(days=1)
WON, BY_THE_HOST, TAKEN, RULE = {200, 201}, 302, 409, 422


@dataclass(frozen=True)
class Field:
    """Who races for what: fifty people, one who has the seat, the series, and a host's session."""

    people: Sequence[StaffMember]
    holder: StaffMember
    series: MeetingSeries
    other: MeetingSeries
    limited: MeetingSeries
    session: str


@dataclass(frozen=True)
class Trial:
    """One round: what is sent, the meetings that are wanted, and how a loser may be answered."""

    requests: list[Request]
    wanted: Sequence[Meeting]
    lost: frozenset[int] = frozenset({TAKEN})
    is_called_off: bool = False


Race = Callable[[Field], Trial]


def run(effort: Effort) -> Iterator[Line]:
    """Yield a line for each race and number of web processes."""
    field = _field()
    with tempfile.TemporaryDirectory(prefix="rundgang-race-") as folder:
        for workers in effort.web_workers:
            with web(workers, Path(folder)) as port:
                server = Server(workers, port, key_of("planner@example.org"))
                for name, race in RACES.items():
                    rounds = [_round(server, race, field) for _ in range(effort.races)]
                    yield _line(f"{name}, {workers} web processes", rounds)


def _field() -> Field:
    names = ("Raced for", "Left behind", "Limited")
    series, other, limited = (
        make_series(department=make_department(name), starts_at=workday()) for name in names
    )
    limited.guests_per_month = 1
    limited.save(update_fields=("guests_per_month",))
    return Field(
        [make_staff(f"Racer {number}") for number in range(MANY)],
        make_staff("Holder"),
        series,
        other,
        limited,
        cookie_of(User.objects.get(email="admin@example.org")),
    )


def _round(server: Server, race: Race, field: Field) -> tuple[list[Answer], bool]:
    """Return the answers, and whether they and the database know of exactly one winner."""
    trial = race(field)
    answers = server.at_once(trial.requests)
    is_right = _is_fair(trial, answers) and _is_in_step(trial)
    _take_away(field)
    return answers, is_right


def _is_fair(trial: Trial, answers: Sequence[Answer]) -> bool:
    by_host = sum(request.is_form for request in trial.requests)
    won = sum(answer.status in WON for answer in answers)
    lost = sum(answer.status in trial.lost for answer in answers)
    done = sum(answer.status == BY_THE_HOST for answer in answers)
    winners = {0, 1} if trial.is_called_off else {1}
    return won in winners and done == by_host and won + lost + done == len(answers)


def _is_in_step(trial: Trial) -> bool:
    """Return whether the database holds one visit, or none, and at the time of its meeting."""
    holding = Booking.objects.filter(meeting__in=trial.wanted, state__in=Booking.HOLDING)
    apart = ~Q(starts_at=F("meeting__starts_at")) | Q(meeting__cancelled_at__isnull=False)
    expected = 0 if trial.is_called_off else 1
    return holding.count() == expected and not holding.filter(apart).exists()


def _line(name: str, rounds: Sequence[tuple[list[Answer], bool]]) -> Line:
    right = [is_right for _, is_right in rounds]
    answers = [answer for answers, _ in rounds for answer in answers]
    faults = sum(answer.status not in {*WON, BY_THE_HOST, TAKEN, RULE} for answer in answers)
    return Line(
        work=f"{name}: latency of {len(rounds)} rounds",
        ours=f"{spread([answer.seconds * 1000 for answer in answers])} ms",
        peer="-",
        ratio=f"one winner in {sum(right)} of {len(right)}, {faults} other answers",
        goal="exactly one winner",
        reached=all(right) and not faults,
    )


def _one_seat(field: Field) -> Trial:
    wanted = make_meeting(series=field.series, starts_at=_start())
    return Trial([_booking(person, wanted) for person in field.people], [wanted])


def _overlapping(field: Field) -> Trial:
    """One person, and meetings of an hour that start a minute after each other."""
    start = _start()
    meetings = [
        make_meeting(series=field.series, starts_at=start + number * MINUTE)
        for number in range(MANY)
    ]
    return Trial([_booking(field.people[0], meeting) for meeting in meetings], meetings)


def _series(field: Field) -> Trial:
    """Four occurrences with seats for all, of a series that takes one guest in a month."""
    start = next(day for day in map(_start_in, range(2, 9)) if day.day <= 28 - 3)
    meetings = [
        make_meeting(series=field.limited, starts_at=start + number * DAY, seats=MANY)
        for number in range(4)
    ]
    requests = [_booking(person, meetings[n % 4]) for n, person in enumerate(field.people)]
    return Trial(requests, meetings, lost=frozenset({RULE}))


def _moves(field: Field) -> Trial:
    """Fifty visits of two series, all moved to one seat."""
    crowded = [
        make_meeting(series=series, starts_at=_start(13, weeks=3), seats=MANY)
        for series in (field.series, field.other)
    ]
    visits = [_visit(person, crowded[n % 2]) for n, person in enumerate(field.people)]
    wanted = make_meeting(series=field.series, starts_at=_start())
    body = {"meeting": wanted.pk}
    return Trial([Request(f"{BOOKINGS}{seen.pk}/move/", body) for seen in visits], [wanted])


def _swaps(field: Field) -> Trial:
    """A visit swapped to 25 people, while the 25 others want its seat."""
    wanted = make_meeting(series=field.series, starts_at=_start())
    seen = _visit(field.holder, wanted)
    swaps = [
        Request(f"{BOOKINGS}{seen.pk}/swap/", {"staff": person.pk}) for person in field.people[::2]
    ]
    bookings = [_booking(person, wanted) for person in field.people[1::2]]
    return Trial([*swaps, *bookings], [wanted])


def _put(field: Field) -> Trial:
    """Fifty bookings of one seat, while the host moves the meeting to the afternoon, and on."""
    wanted = make_meeting(series=field.series, starts_at=_start())
    day = wanted.starts_at.astimezone(ZoneInfo(field.series.time_zone)).date()
    moves = [
        _by_host(field, "meeting_move", wanted, day=day.isoformat(), time=time)
        for time in ("13:00", "14:30")
    ]
    return Trial(_between(field, wanted, moves), [wanted])


def _called_off(field: Field) -> Trial:
    """Fifty bookings of one seat, while the host calls the meeting off."""
    wanted = make_meeting(series=field.series, starts_at=_start())
    requests = _between(field, wanted, [_by_host(field, "meeting_cancel", wanted)])
    return Trial(requests, [wanted], lost=frozenset({TAKEN, RULE}), is_called_off=True)


RACES: dict[str, Race] = {
    "50 people, one seat": _one_seat,
    "1 person, 50 overlapping meetings": _overlapping,
    "50 people, a series for one guest a month": _series,
    "50 visits moved to one seat": _moves,
    "25 swaps and 25 bookings of one seat": _swaps,
    "50 people, one seat, moved by the host": _put,
    "50 people, one seat, called off by the host": _called_off,
}


def _start(hour: int = 10, *, weeks: int = 2) -> datetime:
    return workday(hour, days=7 * weeks)


def _start_in(weeks: int) -> datetime:
    return _start(weeks=weeks)


def _booking(person: StaffMember, meeting: Meeting) -> Request:
    return Request(BOOKINGS, {"staff": person.pk, "meeting": meeting.pk})


def _by_host(field: Field, page: str, meeting: Meeting, **fields: str) -> Request:
    """Return what the form of a host's page sends, with the cookies that go with it."""
    secret = "x" * 32
    headers = {"Cookie": f"{field.session}; csrftoken={secret}"}
    body = {"csrfmiddlewaretoken": secret, "reason": "", **fields}
    return Request(reverse(page, args=[meeting.pk]), body, headers, is_form=True)


def _between(field: Field, wanted: Meeting, changes: list[Request]) -> list[Request]:
    """Return fifty bookings with the host's changes in their midst."""
    bookings = [_booking(person, wanted) for person in field.people]
    return [*bookings[: MANY // 2], *changes, *bookings[MANY // 2 :]]


def _visit(person: StaffMember, meeting: Meeting) -> Booking:
    return change_booking.book(
        staff_id=person.pk, meeting_id=meeting.pk, by=BY_SYSTEM, now=timezone.now()
    )


def _take_away(field: Field) -> None:
    """Leave people and series as they were before the round; the audit's lines stay."""
    meetings = Meeting.objects.filter(series__in=[field.series, field.other, field.limited])
    bookings = Booking.objects.filter(meeting__in=meetings)
    Mail.objects.filter(booking__in=bookings).delete()
    bookings.delete()
    meetings.delete()
