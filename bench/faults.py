"""Kill worker, broker or database (SIGKILL) with mails queued, and count what arrives.

Worker (two processes, as shipped) and beat run as processes of their own and send to a mail
server in another one. When about a third has arrived, the part is killed with all its children
and started again a second later. Lost is what never arrives, a repeat what arrives twice with
the same Message-ID, and the time runs from the moment at which the part is back: for the worker
its start, for a server when it takes connections.
"""

import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import redis
from django.db import connection

from bench.measure import Effort, Line
from bench.outbox import clear, queue
from bench.sink import Sink, sink
from launcher.configuration import CHECKOUT
from launcher.ports import LOOPBACK
from launcher.processes import Process, Program, start
from rotation.invites.models import Mail
from tests.api.servers import database_url

RELAYS = 2
GOAL_SECONDS = 5
PATIENCE = 180.0


def run(effort: Effort) -> Iterator[Line]:
    """Yield a line for each part that may be killed."""
    with tempfile.TemporaryDirectory(prefix="rundgang-faults-") as name:
        folder = Path(name)
        with sink(folder) as server:
            yield _line("worker", effort, folder, server)
            if effort.servers:
                yield _line("broker", effort, folder, server)
                yield _line("database", effort, folder, server)
    clear()


def _line(part: str, effort: Effort, folder: Path, server: Sink) -> Line:
    server.forget()
    mails = {mail.message_id for mail in queue(effort.mails)}
    with _parts(folder, server) as running:
        wait_until(lambda: len(server.taken()) >= effort.mails // 3)
        back_at = _killed(part, running, effort, folder)
        before = len(server.taken())
        wait_until(lambda: mails <= server.taken().keys() and not is_waiting())
    taken = server.taken()
    lost, repeats = len(mails - taken.keys()), taken.total() - len(taken)
    seconds = max(0.0, server.last_at() - back_at)
    return Line(
        work=f"kill -9 of the {part}, {effort.mails} mails queued, {before} sent before",
        ours=f"{lost} lost, {repeats} repeated",
        peer="-",
        ratio=f"all out {seconds:.1f} s after it is back",
        goal=f"0 lost, at most {RELAYS} repeated, at most {GOAL_SECONDS} s",
        reached=lost == 0 and repeats <= RELAYS and seconds <= GOAL_SECONDS,
    )


def _killed(part: str, running: dict[str, Process], effort: Effort, folder: Path) -> float:
    """Kill the part, start it again a second later, and return when it was back."""
    if part == "worker":
        program = running["worker"].program
        os.killpg(running["worker"].pid, 9)
        running["worker"].popen.wait()
        time.sleep(1)
        running["worker"] = start(program)
        return time.time()
    assert effort.servers, folder
    killed = effort.servers.broker if part == "broker" else effort.servers.database
    killed.kill()
    time.sleep(1)
    killed.start_again()
    connection.close()
    return time.time()


@contextmanager
def _parts(folder: Path, server: Sink) -> Iterator[dict[str, Process]]:
    """Run worker and beat as the product does."""
    with redis.Redis.from_url(os.environ["REDIS_URL"]) as broker:
        broker.flushall()
    env = {
        **os.environ,
        "DATABASE_URL": database_url(),
        "EMAIL_URL": f"smtp://{LOOPBACK}:{server.port}",
    }
    celery = ["-m", "celery", "-A", "config"]
    worker = [*celery, "worker", "-c", str(RELAYS), "--without-gossip", "--without-mingle"]
    beat = [*celery, "beat", "-s", str(folder / "schedule")]
    running = {
        name: start(program(name, arguments, folder, env))
        for name, arguments in (("worker", worker), ("beat", beat))
    }
    try:
        yield running
    finally:
        for process in running.values():
            process.stop()


def program(name: str, arguments: list[str], folder: Path, env: Mapping[str, str]) -> Program:
    """Return a part of the product that writes `name`.log into the folder."""
    argv = [sys.executable, *arguments]
    return Program(name, argv, folder / f"{name}.log", env, folder=CHECKOUT)


def is_waiting() -> bool:
    """Return whether a mail is still to be sent."""
    return Mail.objects.filter(state=Mail.State.QUEUED).exists()


def wait_until(is_so: Callable[[], bool], patience: float = PATIENCE) -> None:
    """Return once it is so, or after `patience` seconds: what is missing then is lost."""
    deadline = time.monotonic() + patience
    while not is_so() and time.monotonic() < deadline:
        time.sleep(0.05)
