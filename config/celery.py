"""The Celery application; `rotation.tasks` is its only task module."""

import os
from functools import cache, partial
from typing import Any, Self

import redis
from celery import Celery
from celery.app.amqp import AMQP
from celery.beat import PersistentScheduler
from celery.signals import heartbeat_sent, worker_ready
from django.db import transaction
from kombu import Connection
from kombu.exceptions import OperationalError
from kombu.pools import ProducerPool, producers

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")


class EagerConnection(Connection):
    """Celery's connection to the broker; tries again each 2 s, not after up to 30 s."""

    def ensure_connection(self, *args: Any, **kwargs: Any) -> Self:  # noqa: ANN401 -- passed through
        """Return this connection once it stands."""
        return super().ensure_connection(*args, **{**kwargs, "interval_max": 2})


class EagerAMQP(AMQP):
    """Celery's messages, over such connections."""

    Connection = EagerConnection


app = Celery("rundgang", amqp=EagerAMQP)
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks(["rotation"])

HEARTBEAT_SECONDS = 30


def beat_of(part: str) -> str:
    """Return the broker's key under which `part` (worker, beat) says that it lives."""
    return f"rundgang:alive:{part}"


def say_alive(*parts: str) -> None:
    """Set the keys of `parts` for `HEARTBEAT_SECONDS`; a broker that is away changes nothing."""
    try:
        with redis.Redis.from_url(app.conf.broker_url, socket_timeout=2) as client:
            for part in parts:
                client.set(beat_of(part), "1", ex=HEARTBEAT_SECONDS)
    except redis.RedisError:
        return  # The next beat says it again, and /readyz names the missing broker itself.


def nudge(task: str) -> None:
    """Ask a worker for `task` by name, once the transaction at hand is committed.

    A broker that is away changes nothing: beat asks again soon, and each step is repeat-safe.
    """
    transaction.on_commit(partial(_send, task))


def _send(task: str) -> None:
    try:
        with _nudgers().acquire(block=True) as producer:
            app.send_task(task, expires=60, retry=False, producer=producer)
    except OperationalError:
        return  # Beat asks again within seconds.


@cache
def _nudgers() -> ProducerPool:
    """Return this process's kept connections for nudges, which give up at once.

    Celery's own pool tries for six seconds, and a new connection for each nudge costs a tenth of
    a booking.
    """
    hasty = {
        "max_retries": 1,
        "interval_start": 0,
        "socket_timeout": 1,
        "socket_connect_timeout": 1,
    }
    options = {**app.conf.broker_transport_options, **hasty}
    link = app.connection_for_write(connect_timeout=1, transport_options=options)
    pool: ProducerPool = producers[link]
    return pool


class BeatScheduler(PersistentScheduler):
    """Celery's own scheduler, which also says that beat lives."""

    def tick(self, *args: Any, **kwargs: Any) -> float:  # noqa: ANN401 -- passed through
        """Return the seconds to the next task, after what is due was sent."""
        say_alive("beat")
        return float(super().tick(*args, **kwargs))


@heartbeat_sent.connect
def worker_lives(sender: Any, **_: object) -> None:  # noqa: ANN401 -- a Heart, untyped
    """Say that a worker lives, and which, at each of its own heartbeats (every 2 s)."""
    say_alive("worker", sender.eventer.hostname)


@worker_ready.connect
def catch_up(**_: object) -> None:
    """Relay what waited while no worker was there, without waiting for beat."""
    app.send_task("rotation.relay_mail", expires=60)
