"""The mail relay, against one SMTP connection per mail and against a bare kept connection.

Ours claims each queued mail in a transaction of its own, hands it over and notes the server's
250, so that a crash loses nothing. The peers hold all bytes in memory and call smtplib: one
connects for each mail, as most products do, the other keeps one connection and remembers
nothing, which is the ceiling. All send the same bytes to the same server, an aiosmtpd in a
process of its own. Mails per second by the clock, as the server's answers are waited for.
"""

import smtplib
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from django.test import override_settings

from bench.measure import Effort, Line, Rounds
from bench.outbox import clear, queue
from bench.sink import sink
from launcher.ports import LOOPBACK
from rotation.invites.models import Mail
from rotation.workflows.send_invites import relay_due_mails

Mails = Sequence[tuple[str, str, bytes]]


def run(effort: Effort) -> Iterator[Line]:
    """Yield one line for each peer."""
    single, kept = Rounds(), Rounds()
    with tempfile.TemporaryDirectory(prefix="rundgang-sink-") as name, sink(Path(name)) as server:
        for _ in range(effort.rounds):
            ours, one_by_one, bare = _round(server.port, effort.mails)
            single.ours.append(ours)
            single.peer.append(one_by_one)
            kept.ours.append(ours)
            kept.peer.append(bare)
    clear()
    yield single.line("Mail relay, against a connection per mail", "/s", at_least=2)
    yield kept.line("Mail relay, against a bare kept connection", "/s", at_least=0.7)


def _round(port: int, count: int) -> tuple[float, float, float]:
    """Return the mails per second of the relay and of both peers."""
    mails = _bytes_of(queue(count))
    with override_settings(EMAIL_HOST=LOOPBACK, EMAIL_PORT=port):
        ours = _rate(count, relay_due_mails)
    return (
        ours,
        _rate(count, lambda: _one_by_one(port, mails)),
        _rate(count, lambda: _kept(port, mails)),
    )


def _bytes_of(mails: Sequence[Mail]) -> Mails:
    return [(mail.envelope_sender, mail.recipient, bytes(mail.raw)) for mail in mails]


def _rate(count: int, work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return count / (time.perf_counter() - began)


def _one_by_one(port: int, mails: Mails) -> None:
    for sender, recipient, raw in mails:
        with smtplib.SMTP(LOOPBACK, port) as smtp:
            smtp.sendmail(sender, [recipient], raw)


def _kept(port: int, mails: Mails) -> None:
    with smtplib.SMTP(LOOPBACK, port) as smtp:
        for sender, recipient, raw in mails:
            smtp.sendmail(sender, [recipient], raw)
