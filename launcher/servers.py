"""The embedded servers of one data folder, for the supervisor and for the tests."""

import secrets
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from launcher.accounts import Account, server_files, serving_account, state_folder
from launcher.configuration import CHECKOUT
from launcher.ports import free_port
from launcher.postgres import Postgres
from launcher.problems import LaunchError
from launcher.processes import Process, Program, last_lines, start
from launcher.valkey import Valkey

PATIENCE = 60.0
ATTEMPTS = 3
Pause = Callable[[float], None]


@dataclass(frozen=True, slots=True)
class Place:
    """Where servers live and as whom: account, data and log folder, their programs."""

    account: Account
    state: Path
    site: Path
    logs: Path
    throw_away: bool = False


def place_for(data: Path, *, throw_away: bool = False) -> Place:
    """The place of the servers of a data folder; creates its folders."""
    logs = data / "log"
    logs.mkdir(mode=0o700, parents=True, exist_ok=True)
    account = serving_account(data)
    state = state_folder(account, data, CHECKOUT)
    state.mkdir(parents=True, exist_ok=True)
    return Place(account, state, server_files(account, CHECKOUT), logs, throw_away)


def postgres_at(place: Place, password: str) -> Postgres:
    """The PostgreSQL of that place."""
    folder = place.state / "postgres"
    return Postgres(place.site, place.account, folder, password, place.throw_away)


def valkey_at(place: Place, password: str) -> Valkey:
    """The Valkey of that place."""
    folder = place.state / "valkey"
    return Valkey(place.site, place.account, folder, password, place.throw_away)


def start_postgres(server: Postgres, log: Path, pause: Pause = time.sleep) -> tuple[Process, int]:
    """A ready PostgreSQL with the product's database, and its port."""
    server.prepare()
    process, port = _start_on_free_port(
        lambda port: server.program(port, log),
        lambda process, _port: server.is_ready(process),
        pause,
    )
    server.create_database(port)
    return process, port


def start_valkey(server: Valkey, log: Path, pause: Pause = time.sleep) -> tuple[Process, int]:
    """A ready Valkey and its port."""
    return _start_on_free_port(lambda port: server.program(port, log), server.is_ready, pause)


@contextmanager
def throw_away_servers(data: Path) -> Iterator[dict[str, str]]:
    """PostgreSQL and Valkey for a while; yields DATABASE_URL and REDIS_URL."""
    place = place_for(data, throw_away=True)
    postgres = postgres_at(place, secrets.token_urlsafe(24))
    valkey = valkey_at(place, secrets.token_urlsafe(24))
    running: list[Process] = []
    try:
        process, port = start_postgres(postgres, place.logs / "postgres.log")
        running.append(process)
        process, valkey_port = start_valkey(valkey, place.logs / "valkey.log")
        running.append(process)
        yield {"DATABASE_URL": postgres.url(port), "REDIS_URL": valkey.url(valkey_port)}
    finally:
        for process in reversed(running):
            process.stop()
        if place.state != data:
            shutil.rmtree(place.state, ignore_errors=True)


def _start_on_free_port(
    program: Callable[[int], Program], is_ready: Callable[[Process, int], bool], pause: Pause
) -> tuple[Process, int]:
    """Start on a free port; on another one when somebody was quicker to take it."""
    for _attempt in range(ATTEMPTS):
        port = free_port()
        planned = program(port)
        process = start(planned)
        if wait_until_ready(process, partial(is_ready, process, port), pause):
            return process, port
    raise LaunchError(
        f"{planned.name} does not start; the end of {planned.log}:\n{last_lines(planned.log)}"
    )


def wait_until_ready(process: Process, is_ready: Callable[[], bool], pause: Pause) -> bool:
    """True once it is ready, false when it died first; stops it when that takes too long."""
    deadline = time.monotonic() + PATIENCE
    try:
        while not process.has_ended():
            if is_ready():
                return True
            if time.monotonic() > deadline:
                process.stop()
            pause(0.03)
    except BaseException:  # Ctrl-C while waiting: nobody else knows the process yet
        process.stop()
        raise
    return False
