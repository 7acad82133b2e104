"""The mail relay, against one SMTP connection per mail and against a bare kept connection.

Ours reads a share of the outbox, hands each mail over, and notes the server's 250, durably,
before the next, so that a crash loses nothing. It is measured as the product runs it, as two
processes that wait until both are up, and as one. The peers hold all bytes in memory and call
smtplib: one connects for each mail, as most products do, the other keeps one connection and
remembers nothing, which is the ceiling. All send the same bytes to the same server, an aiosmtpd
in a process of its own. Mails per second by the clock, as the server's answers are waited for.
"""

import multiprocessing
import smtplib
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from multiprocessing.synchronize import Barrier
from pathlib import Path

from django.db import connection
from django.test import override_settings

from bench.measure import Effort, Line, Rounds
from bench.outbox import clear, queue
from bench.sink import sink
from launcher.ports import LOOPBACK
from rotation.invites.models import Mail
from rotation.workflows.send_invites import relay_due_mails

Mails = Sequence[tuple[str, str, bytes]]


def run(effort: Effort) -> Iterator[Line]:
    """Yield one line for each peer, and one for a relay alone."""
    single, kept, alone = Rounds(), Rounds(), Rounds()
    with tempfile.TemporaryDirectory(prefix="rundgang-sink-") as name, sink(Path(name)) as server:
        for _ in range(effort.rounds):
            mails = _bytes_of(queue(effort.mails))
            two = _relayed(server.port, effort.mails, relays=2)
            queue(effort.mails)
            one = _relayed(server.port, effort.mails, relays=1)
            bare = _rate(effort.mails, partial(_kept, server.port, mails))
            each = _rate(effort.mails, partial(_one_by_one, server.port, mails))
            single.add(two, each)
            kept.add(two, bare)
            alone.add(one, bare)
    clear()
    yield single.line("Mail: two relays, against a connection per mail", "/s", at_least=2)
    yield kept.line("Mail: two relays, against a bare kept connection", "/s", at_least=0.7)
    yield alone.line("Mail: one relay, against a bare kept connection", "/s", at_least=0.7)


def _relayed(port: int, count: int, *, relays: int) -> float:
    """Return the mails per second of so many relays at once, each a process of its own."""
    forked = multiprocessing.get_context("fork")
    ready = forked.Barrier(relays + 1)
    connection.close()
    processes = [forked.Process(target=_relay, args=(port, ready)) for _ in range(relays)]
    for process in processes:
        process.start()
    ready.wait()

    def wait_for_all() -> None:
        for process in processes:
            process.join()

    rate = _rate(count, wait_for_all)
    assert not Mail.objects.exclude(state=Mail.State.SENT).exists()
    return rate


def _relay(port: int, ready: Barrier) -> None:
    connection.ensure_connection()
    with override_settings(EMAIL_HOST=LOOPBACK, EMAIL_PORT=port):
        ready.wait()
        relay_due_mails()


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
