"""The web processes of the product on the test database, and many requests to them at once."""

import http.client
import json
import os
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from threading import Barrier
from typing import Any
from urllib.parse import quote, urlencode

from django.db import connection

from launcher.configuration import CHECKOUT
from launcher.ports import LOOPBACK, free_port
from launcher.processes import Program, start

PATIENCE = 30.0


@dataclass(frozen=True)
class Request:
    """A POST with a JSON body, or with a form's fields as a page sends them."""

    path: str
    body: dict[str, Any]
    headers: dict[str, str] = field(default_factory=dict)
    is_form: bool = False

    @property
    def content(self) -> tuple[str, str]:
        """The media type and the body as text."""
        if self.is_form:
            return "application/x-www-form-urlencoded", urlencode(self.body)
        return "application/json", json.dumps(self.body)


@dataclass(frozen=True)
class Answer:
    """What came back, after how many seconds."""

    status: int
    body: dict[str, Any]
    seconds: float

    @property
    def codes(self) -> tuple[str, ...]:
        """The reasons of a refusal."""
        return tuple(reason["code"] for reason in self.body.get("reasons", ()))


@dataclass(frozen=True)
class Server:
    """Running web processes, how many they are, and a key for them."""

    workers: int
    port: int
    key: str

    def at_once(self, requests: Sequence[Request]) -> list[Answer]:
        """Send all `requests` at the same moment, each on a connection that is open already."""
        barrier = Barrier(len(requests))
        with ThreadPoolExecutor(len(requests)) as pool:
            return list(pool.map(lambda request: self._send(request, barrier), requests))

    def _send(self, request: Request, barrier: Barrier) -> Answer:
        link = http.client.HTTPConnection(LOOPBACK, self.port, timeout=PATIENCE)
        link.connect()
        barrier.wait(PATIENCE)
        began = time.perf_counter()
        kind, content = request.content
        headers = {"Authorization": f"Token {self.key}", "Content-Type": kind}
        link.request("POST", request.path, content, {**headers, **request.headers})
        response = link.getresponse()
        body = response.read()
        seconds = time.perf_counter() - began
        link.close()
        return Answer(response.status, {} if request.is_form else json.loads(body), seconds)


@contextmanager
def web(workers: int, folder: Path, **env: str) -> Iterator[int]:
    """Run the product's web server with so many processes on the test database; yields its port."""
    port = free_port()
    arguments = ["-m", "gunicorn", "config.wsgi", "--worker-class", "gthread", "--threads", "8"]
    arguments += ["--workers", str(workers), "-b", f"{LOOPBACK}:{port}", "--no-control-socket"]
    # Not as the product does: loading the code once spares eight workers on few cores the time.
    arguments += ["--preload", "--graceful-timeout", "1"]
    whole = {**os.environ, "DATABASE_URL": database_url(), **env}
    log = folder / f"web{workers}.log"
    process = start(Program("web", [sys.executable, *arguments], log, whole, folder=CHECKOUT))
    try:
        deadline = time.monotonic() + PATIENCE
        while not _answers(port):
            assert not process.has_ended(), f"the web server has ended; see {log}"
            assert time.monotonic() < deadline, "the web server does not answer"
            time.sleep(0.1)
        yield port
    finally:
        process.stop()


def database_url() -> str:
    """Return the address of the database that this process uses."""
    known = connection.settings_dict
    login = f"{quote(known['USER'], safe='')}:{quote(known['PASSWORD'], safe='')}"
    return f"postgres://{login}@{known['HOST']}:{known['PORT']}/{known['NAME']}"


def _answers(port: int) -> bool:
    link = http.client.HTTPConnection(LOOPBACK, port, timeout=2)
    try:
        link.request("GET", "/api/v1/")
        return link.getresponse().status == http.HTTPStatus.UNAUTHORIZED
    except (OSError, http.client.HTTPException):
        return False
    finally:
        link.close()


@dataclass
class Table:
    """What the rounds of a race came to, as lines to quote."""

    lines: list[str] = field(default_factory=list)

    def add(self, name: str, workers: int, rounds: Sequence[Sequence[Answer]]) -> None:
        """Add a line about `rounds` of one race."""
        answers = [answer for answers in rounds for answer in answers]
        counts = Counter(answer.status for answer in answers)
        won = counts.pop(201, 0) + counts.pop(200, 0)
        lost = counts.pop(409, 0)
        times = sorted(answer.seconds for answer in answers)
        p50, p95 = (times[int(len(times) * share)] * 1000 for share in (0.5, 0.95))
        self.lines.append(
            f"{name:<34} {workers:>7} {len(rounds):>6} {len(answers):>8} {won:>5} {lost:>5}"
            f" {sum(counts.values()):>5} {p50:>7.0f} {p95:>7.0f}"
        )

    def __str__(self) -> str:
        head = f"{'race':<34} {'workers':>7} {'rounds':>6} {'requests':>8} {'won':>5} {'409':>5}"
        return "\n".join([f"{head} {'other':>5} {'p50 ms':>7} {'p95 ms':>7}", *self.lines])
