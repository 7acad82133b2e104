"""Broker, database and mail server away, again and again, while mails wait and people book.

The product runs as in production, in processes of its own: web, a worker for each queue with two
processes, and two beats at once, so that whatever the clock asks for is asked for twice. Each
connection goes over a wire that is cut (connections end, new ones are refused) or falls silent
(connections open, nobody answers). Before each outage mails are queued, and a quarter of them is
waited for; meanwhile people book over the API. Nobody starts anything again.

Lost is what never arrives, a repeat what arrives twice with the same Message-ID: a mail whose 250
was lost on the way, so at most one for each relay and outage. A booking must have been taken
(201) and its guest told; without a database it must be refused (503) and leave nothing behind.
The times run from the end of each outage until all mails have arrived and /readyz says 200.
"""

import http.client
import json
import os
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from http import HTTPStatus
from pathlib import Path
from typing import Any

from django.utils import timezone

from bench.faults import RELAYS, is_waiting, program, wait_until
from bench.house import key_of
from bench.measure import Effort, Line
from bench.outbox import clear, queue_more
from bench.sink import Sink, sink
from bench.wire import Wire, port_of, through, wires
from launcher.ports import LOOPBACK
from launcher.processes import Process, start
from rotation.booking.models import Booking
from rotation.directory.models import StaffMember
from rotation.invites.models import Mail
from rotation.invites.queries import bookings_to_tell
from rotation.meetings.models import Meeting, MeetingSeries
from rotation.workflows.send_invites import queue_due_invites
from tests.api.callers import workday
from tests.api.servers import Answer, Request, Server, database_url, web
from tests.builders import make_department, make_meeting, make_series, make_staff

PEOPLE = 4
PATIENCE = 600.0
PAUSES_ARE_MINUTES = 30  # seconds; shorter outages say nothing about mails that wait for minutes
AWAY = HTTPStatus.SERVICE_UNAVAILABLE
LATER = "451 4.3.2 Please try again later"


@dataclass(frozen=True)
class Fault:
    """What happens to which part: how it begins and ends.

    Attributes:
        part: What /readyz names meanwhile.
        answer: What a booking is answered meanwhile.
        repeats: How many mails may arrive twice because of one outage.
    """

    name: str
    begin: Callable[[], object]
    end: Callable[[], object]
    part: str = ""
    answer: HTTPStatus = HTTPStatus.CREATED
    repeats: int = RELAYS


@dataclass(frozen=True)
class Stage:
    """The running product, who books, and where mails arrive."""

    server: Server
    sink: Sink
    people: list[StaffMember]
    series: MeetingSeries
    parts: list[Process]
    effort: Effort


@dataclass(frozen=True)
class Outage:
    """What one outage came to."""

    answers: list[Answer]
    is_right: bool
    mails_after: float
    ready_after: float

    def __str__(self) -> str:
        return f"all out after {self.mails_after:.1f} s, ready after {self.ready_after:.1f} s"


def run(effort: Effort) -> Iterator[Line]:
    """Yield a line for each fault, the first one for none at all: two beats alone."""
    with tempfile.TemporaryDirectory(prefix="rundgang-outages-") as name, ExitStack() as stack:
        folder = Path(name)
        post = stack.enter_context(sink(folder))
        urls = database_url(), os.environ["REDIS_URL"], f"smtp://{LOOPBACK}:{post.port}"
        database, broker, mail = stack.enter_context(wires(*map(port_of, urls)))
        env = {
            "DATABASE_URL": through(database, urls[0]),
            "REDIS_URL": through(broker, urls[1]),
            "EMAIL_URL": through(mail, urls[2]),
        }
        port = stack.enter_context(web(2, folder, **env))
        parts = stack.enter_context(_parts(folder, {**os.environ, **env}))
        stage = _stage(Server(2, port, key_of("planner@example.org")), post, parts, effort)
        for fault in _faults(database, broker, mail, post, effort):
            yield _line(fault, stage)
        _take_away(stage)


def _faults(
    database: Wire, broker: Wire, mail: Wire, post: Sink, effort: Effort
) -> Iterator[Fault]:
    yield Fault("two beats at once", _nothing, _nothing, repeats=0)
    yield Fault("broker gone", broker.cut, broker.mend, "broker", repeats=0)
    yield Fault("broker silent", broker.silence, broker.mend, "broker", repeats=0)
    yield Fault("database gone", database.cut, database.mend, "database", AWAY)
    yield Fault("mail server gone", mail.cut, mail.mend)
    yield Fault("mail server silent", mail.silence, mail.mend)
    if effort.outage >= PAUSES_ARE_MINUTES:
        yield Fault("mail server says 451", partial(post.refuse, LATER), post.refuse, repeats=0)


def _nothing() -> None:
    """Leave everything as it is."""


def _stage(server: Server, post: Sink, parts: list[Process], effort: Effort) -> Stage:
    """Return the stage once all parts are well and everybody in the house was told."""
    queue_due_invites(timezone.now())
    people = [make_staff(f"Booked meanwhile {number}") for number in range(PEOPLE)]
    series = make_series(department=make_department("Booked meanwhile"), starts_at=workday())
    stage = Stage(server, post, people, series, parts, effort)
    wait_until(lambda: not is_waiting() and _is_ready(stage))
    return stage


def _line(fault: Fault, stage: Stage) -> Line:
    stage.sink.forget()
    outages: list[Outage] = []
    queued: set[str] = set()
    for _ in range(stage.effort.outages):
        arrived = len(stage.sink.taken()) + stage.effort.mails // 4
        queued |= {mail.message_id for mail in queue_more(stage.effort.mails)}
        outages.append(_outage(fault, stage, arrived))
    answers = [answer for outage in outages for answer in outage.answers]
    lost, repeated = _lost(stage, queued, answers), _repeated(stage.sink)
    right = sum(answer.status == fault.answer for answer in answers)
    slowest = max(answer.seconds for answer in answers)
    most = fault.repeats * stage.effort.outages
    is_back = all(outage.is_right for outage in outages) and not _ended(stage)
    return Line(
        work=f"{fault.name}, {stage.effort.outages} x {stage.effort.outage:g} s,"
        f" {len(queued)} mails queued",
        ours=f"{lost} lost, {repeated} repeated; {right} of {len(answers)} bookings answered"
        f" {fault.answer:d}, in at most {slowest:.1f} s",
        peer="-",
        ratio=" and ".join(map(str, outages)),
        goal=f"0 lost, at most {most} repeated, back by itself",
        reached=not lost and repeated <= most and right == len(answers) and is_back,
    )


def _lost(stage: Stage, queued: set[str], answers: list[Answer]) -> int:
    """Return how many mails never arrived, and how many visits nobody was told of."""
    booked = [answer.body["id"] for answer in answers if answer.status == HTTPStatus.CREATED]
    told = Mail.objects.filter(booking__in=booked).values_list("message_id", flat=True)
    missing = (queued | set(told)) - stage.sink.taken().keys()
    return len(missing) + bookings_to_tell(timezone.now()).count()


def _repeated(post: Sink) -> int:
    taken = post.taken()
    return taken.total() - len(taken)


def _ended(stage: Stage) -> list[str]:
    return [part.program.name for part in stage.parts if part.has_ended()]


def _outage(fault: Fault, stage: Stage, arrived: int) -> Outage:
    """Let the part be away once so many mails have arrived, book meanwhile; wait for the rest."""
    wait_until(lambda: len(stage.sink.taken()) >= arrived)
    meeting = make_meeting(series=stage.series, starts_at=_next_week(stage), seats=PEOPLE)
    fault.begin()
    answers = list(_booked_meanwhile(stage, meeting))
    status, signs = _readiness(stage.server)
    is_named = not fault.part or (status, signs[fault.part]) == (AWAY, False)
    fault.end()
    back_at = time.time()
    wait_until(lambda: _is_ready(stage), PATIENCE)
    ready_after = time.time() - back_at
    wait_until(lambda: not is_waiting(), PATIENCE)
    taken = sum(answer.status == HTTPStatus.CREATED for answer in answers)
    is_right = is_named and Booking.objects.filter(meeting=meeting).count() == taken
    return Outage(answers, is_right, max(0.0, stage.sink.last_at() - back_at), ready_after)


def _booked_meanwhile(stage: Stage, meeting: Meeting) -> Iterator[Answer]:
    """Book one person after the other, spread over the outage; ends with it."""
    for person in stage.people:
        body = {"staff": person.pk, "meeting": meeting.pk}
        yield from stage.server.at_once([Request("/api/v1/bookings/", body)])
        time.sleep(stage.effort.outage / PEOPLE)


def _next_week(stage: Stage) -> datetime:
    weeks = Meeting.objects.filter(series=stage.series).count()
    return workday(days=14 + 7 * weeks)


def _readiness(server: Server) -> tuple[int, dict[str, Any]]:
    """Return what /readyz says."""
    link = http.client.HTTPConnection(LOOPBACK, server.port, timeout=30)
    try:
        link.request("GET", "/readyz")
        response = link.getresponse()
        return response.status, json.loads(response.read())
    finally:
        link.close()


def _is_ready(stage: Stage) -> bool:
    status, _signs = _readiness(stage.server)
    return status == HTTPStatus.OK


@contextmanager
def _parts(folder: Path, env: dict[str, str]) -> Iterator[list[Process]]:
    """Run a worker for each queue and two beats, as docker-compose.yml does, and one beat more."""
    celery = ["-m", "celery", "-A", "config"]
    worker = [*celery, "worker", "-c", str(RELAYS), "--loglevel", "info"]
    commands = {
        "worker": [*worker, "-n", "worker@%h", "-Q", "celery"],
        "mail": [*worker, "-n", "mail@%h", "-Q", "mail"],
        "beat": [*celery, "beat", "-s", str(folder / "first")],
        "beat2": [*celery, "beat", "-s", str(folder / "second")],
    }
    running = [start(program(name, argv, folder, env)) for name, argv in commands.items()]
    try:
        yield running
    finally:
        for process in running:
            process.popen.kill()  # with its children, as `stop` sees to; they would take seconds
            process.stop()


def _take_away(stage: Stage) -> None:
    clear()
    Booking.objects.filter(staff__in=stage.people).delete()
