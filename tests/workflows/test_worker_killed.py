"""The worker itself is killed while it relays: no mail is lost, and the next one goes on."""

import os
import signal
import time
from collections.abc import Callable

import psutil
import pytest

from config.celery import app
from launcher.processes import Process
from rotation.invites.models import Mail
from tests.mail_server import MailServer
from tests.workflows.outboxes import assert_nothing_lost, make_queued, wait_until

pytestmark = pytest.mark.django_db(transaction=True)

Start = Callable[..., Process]


def test_a_worker_killed_with_500_queued_loses_nothing(
    mail_server: MailServer, start_part: Start
) -> None:
    mails = make_queued(500)
    worker = start_relaying(start_part, mail_server, until=167)
    os.killpg(worker.pid, signal.SIGKILL)
    wait_until(worker.has_ended)
    taken = len(mail_server.deliveries)
    assert taken < 500

    start_part("again", *WORKER)
    wait_until(lambda: len(mail_server.deliveries) > taken)
    began = time.monotonic()
    wait_until(is_everything_sent)

    assert time.monotonic() - began < 10
    assert_nothing_lost(mail_server, mails, most_repeats=2)


def test_a_worker_whose_child_is_killed_goes_on(mail_server: MailServer, start_part: Start) -> None:
    mails = make_queued(200)
    worker = start_relaying(start_part, mail_server, until=67)
    psutil.Process(worker.pid).children()[0].kill()
    began = time.monotonic()
    assert len(mail_server.deliveries) < 200

    wait_until(is_everything_sent)

    assert time.monotonic() - began < 20
    assert not worker.has_ended()
    assert_nothing_lost(mail_server, mails, most_repeats=1)


WORKER = ("-m", "celery", "-A", "config", "worker", "-c", "2", "--loglevel", "info")


def start_relaying(start_part: Start, server: MailServer, *, until: int) -> Process:
    """Start a worker whose two children both relay, and return it once `until` mails arrived."""
    app.send_task("rotation.relay_mail")
    worker = start_part("worker", *WORKER)  # it asks for one relay itself once it is ready
    wait_until(lambda: len(server.deliveries) >= until)
    assert server.connections == 2
    return worker


def is_everything_sent() -> bool:
    return not Mail.objects.exclude(state=Mail.State.SENT).exists()
