"""Workers tell other programs: each message to one of them, and again when a worker dies."""

import os
import signal
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection
from django.utils import timezone
from pytest_django import Settings

from config.celery import app
from launcher.ports import LOOPBACK
from launcher.processes import Process
from rotation.audit.models import Subject
from rotation.audit.services import record
from rotation.webhooks.models import Delivery
from rotation.webhooks.services import add_webhook
from rotation.workflows.send_webhooks import queue_news, send_due_messages, send_webhooks
from tests.builders import BY_SYSTEM
from tests.webhook_receiver import Receiver, receiver
from tests.workflows.outboxes import wait_until

pytestmark = pytest.mark.django_db(transaction=True)
WORKER = ("-m", "celery", "-A", "config", "worker", "-c", "1", "--loglevel", "info")


def make_news(hook: Receiver, count: int) -> None:
    """Add a webhook and so many changes, each of a visit of its own."""
    now = timezone.now()
    events = ["booking.confirmed"]
    add_webhook(name="n", url=hook.url, events=events, by=BY_SYSTEM, now=now)
    for number in range(1, count + 1):
        about = (Subject.BOOKING, number)
        record(BY_SYSTEM, now, about=about, action="confirm", new={"state": "confirmed"})


def test_what_happened_is_told_in_its_order(settings: Settings) -> None:
    settings.PRIVATE_HOSTS = [LOOPBACK]
    with receiver() as hook:
        make_news(hook, 5)
        assert [send_webhooks(), send_webhooks()] == [5, 0]
    in_order = Delivery.objects.order_by("position").values_list("pk", flat=True)
    assert hook.ids == [str(key) for key in in_order]


def test_senders_at_once_tell_everything_once(settings: Settings) -> None:
    settings.PRIVATE_HOSTS = [LOOPBACK]

    def send(_number: int) -> int:
        try:
            return send_due_messages()
        finally:
            connection.close()

    with receiver() as hook, ThreadPoolExecutor(4) as pool:
        make_news(hook, 20)
        assert queue_news(timezone.now()) == 20
        assert sum(pool.map(send, range(4))) == 20
    assert len(hook.ids) == len(set(hook.ids)) == 20


def test_a_worker_killed_while_it_sends_is_made_good_by_the_same_message(
    start_part: Callable[..., Process], settings: Settings
) -> None:
    settings.PRIVATE_HOSTS = [LOOPBACK]
    with receiver() as hook:
        hook.will(200, wait=3)
        make_news(hook, 1)
        app.send_task("rotation.send_webhooks")
        worker = start_part("worker", *WORKER, ROTATION_PRIVATE_HOSTS=LOOPBACK)
        wait_until(lambda: len(hook.messages) == 1)
        os.killpg(worker.pid, signal.SIGKILL)
        wait_until(worker.has_ended)
        assert Delivery.objects.get().state == Delivery.State.QUEUED
        hook.will(200)
        app.send_task("rotation.send_webhooks")
        start_part("again", *WORKER, ROTATION_PRIVATE_HOSTS=LOOPBACK)
        wait_until(lambda: Delivery.objects.get().state == Delivery.State.DELIVERED)
    assert hook.ids == [str(Delivery.objects.get().pk)] * 2
    assert hook.messages[0][1] == hook.messages[1][1]
