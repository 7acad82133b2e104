"""CPU time of this process and of its database session, measured in rounds beside a peer."""

import io
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from pathlib import Path
from statistics import median
from typing import Any

from django.db import connection
from django.test import RequestFactory

from bench.servers import Servers

Work = Callable[[], object]
Sending = Callable[[], bytes]


@dataclass(frozen=True, slots=True)
class Effort:
    """How much is done; the defaults give figures to quote in about ten minutes.

    Attributes:
        rounds: Rounds of each comparison; ours and the peer take turns in each.
        calls: Requests or bookings of each side in one round.
        races: Rounds of fifty at once, for each number of `web_workers`.
        mails: Mails of each side in one round of the relay, and mails queued before a kill.
        events: Rows of the imported log.
        outage: For how many seconds a part is away.
        outages: How often it is.
        servers: Broker and database that may be killed; without them only the worker is.
    """

    rounds: int = 5
    calls: int = 40
    races: int = 100
    web_workers: Sequence[int] = (2, 8, 16)
    mails: int = 500
    events: int = 141_712
    outage: float = 60
    outages: int = 2
    servers: Servers | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the table; `reached` judges the median of the rounds."""

    work: str
    ours: str
    peer: str
    ratio: str
    goal: str
    reached: bool


@dataclass(slots=True)
class Rounds:
    """What each round cost or brought, ours and the peer's, in the same unit."""

    ours: list[float] = field(default_factory=list)
    peer: list[float] = field(default_factory=list)

    def add(self, ours: float, peer: float) -> None:
        """Note one round."""
        self.ours.append(ours)
        self.peer.append(peer)

    @property
    def ratios(self) -> list[float]:
        """Ours divided by the peer's, round by round."""
        return [ours / peer for ours, peer in zip(self.ours, self.peer, strict=True)]

    def line(self, work: str, unit: str, *, at_most: float = 0, at_least: float = 0) -> Line:
        """Return the line of a comparison with one of both goals for the ratio."""
        middle = median(self.ratios)
        goal = f"at most {at_most:g}x" if at_most else f"at least {at_least:g}x"
        return Line(
            work=work,
            ours=f"{spread(self.ours)} {unit}",
            peer=f"{spread(self.peer)} {unit}",
            ratio=spread(self.ratios, "x"),
            goal=goal,
            reached=middle <= at_most if at_most else middle >= at_least,
        )


def spread(values: Sequence[float], unit: str = "") -> str:
    """Return lowest, median and highest as "1.2/1.3/1.9"."""
    places = 2 if max(values) < 10 else 1 if max(values) < 100 else 0  # noqa: PLR2004 -- digits
    three = (min(values), median(values), max(values))
    return "/".join(f"{value:.{places}f}" for value in three) + unit


def cpu_seconds() -> float:
    """Return what this process and its database session have computed so far, in seconds.

    The session's part comes from Linux; elsewhere, and with a server on another machine, it is
    left out on both sides.
    """
    return time.process_time() + _session_seconds()


def _session_seconds() -> float:
    connection.ensure_connection()
    assert connection.connection is not None
    accounting = Path(f"/proc/{connection.connection.info.backend_pid}/schedstat")
    try:
        return int(accounting.read_text().split()[0]) / 1e9
    except OSError:
        return 0.0


def cost_of(work: Work, times: int = 1) -> float:
    """Return the CPU milliseconds of one call of `work`, from so many calls in a row."""
    before = cpu_seconds()
    for _ in range(times):
        work()
    return (cpu_seconds() - before) * 1000 / times


def compare(ours: Work, peer: Work, effort: Effort) -> Rounds:
    """Return the CPU milliseconds of a call on each side; both take turns, after one warm-up."""
    rounds = Rounds()
    ours()
    peer()
    for _ in range(effort.rounds):
        rounds.ours.append(cost_of(ours, effort.calls))
        rounds.peer.append(cost_of(peer, effort.calls))
    return rounds


class Caller:
    """Sends requests to a WSGI application in this process, as a web server would.

    What a server, a socket and a client would cost is left out on both sides.
    """

    def __init__(self, application: Callable[..., Any], **headers: str) -> None:
        self.application = application
        self.headers = headers

    def ready(self, path: str, body: bytes = b"") -> Sending:
        """Return what sends that request and returns the answer's body.

        Raises (when it is called):
            AssertionError: the answer is neither 200 nor 201.
        """
        method = "POST" if body else "GET"
        environ = (
            RequestFactory()
            .generic(method, path, body, content_type="application/json", headers=self.headers)
            .environ
        )

        def send() -> bytes:
            found: list[str] = []
            again = {**environ, "wsgi.input": io.BytesIO(body)}
            response = self.application(again, lambda status, _headers: found.append(status))
            content = b"".join(response)
            response.close()
            assert int(found[0].split()[0]) in {HTTPStatus.OK, HTTPStatus.CREATED}, content[:300]
            return content

        return send


def table(lines: Sequence[Line]) -> Iterator[str]:
    """Yield the lines of the one table that is printed."""
    rows = [("work", "ours", "bare / peer", "ratio", "goal", "reached")]
    rows += [
        (line.work, line.ours, line.peer, line.ratio, line.goal, "yes" if line.reached else "NO")
        for line in lines
    ]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        yield "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
