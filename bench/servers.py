"""Throw-away PostgreSQL and Valkey, set up as the product sets them up, that can be killed."""

import os
import secrets
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from launcher.postgres import Postgres
from launcher.processes import Process, Program, start
from launcher.servers import (
    place_for,
    postgres_at,
    start_postgres,
    start_valkey,
    valkey_at,
    wait_until_ready,
)
from launcher.valkey import Valkey


@dataclass
class Server:
    """One running server: how it was started, and how to see that it is ready again."""

    process: Process
    program: Program
    is_ready: Callable[[Process], bool]
    prepare: Callable[[], None]

    def kill(self) -> None:
        """Kill it with all its children, without a word (SIGKILL)."""
        os.killpg(self.process.pid, 9)
        self.process.popen.wait()

    def start_again(self) -> None:
        """Start it on the same port and data; returns when it takes connections."""
        self.prepare()
        self.process = start(self.program)
        ready = wait_until_ready(
            self.process, partial(self.is_ready, self.process), pause=time.sleep
        )
        assert ready, f"does not start again; see {self.program.log}"


@dataclass(frozen=True)
class Servers:
    """Both servers and the folder of their data and logs."""

    folder: Path
    database: Server
    broker: Server


@contextmanager
def servers() -> Iterator[Servers]:
    """Run both in a new folder; DATABASE_URL and REDIS_URL name them."""
    folder = Path(tempfile.mkdtemp(prefix="rundgang-bench-"))
    folder.chmod(0o711)  # as root the servers run as another user, who must get through
    place = place_for(folder)  # not throw-away ones: those write nothing to the disk
    postgres = postgres_at(place, secrets.token_urlsafe(24))
    valkey = valkey_at(place, secrets.token_urlsafe(24))
    running: list[Server] = []
    try:
        process, port = start_postgres(postgres, place.logs / "postgres.log")
        running.append(_database(postgres, process, port))
        os.environ["DATABASE_URL"] = postgres.url(port)
        process, port = start_valkey(valkey, place.logs / "valkey.log")
        running.append(_broker(valkey, process, port))
        os.environ["REDIS_URL"] = valkey.url(port)
        yield Servers(folder, *running)
    finally:
        for server in reversed(running):
            server.process.stop()
        for path in {place.state, folder}:
            shutil.rmtree(path, ignore_errors=True)


def _database(postgres: Postgres, process: Process, port: int) -> Server:
    program = postgres.program(port, process.program.log)
    return Server(process, program, postgres.is_ready, postgres.prepare)


def _broker(valkey: Valkey, process: Process, port: int) -> Server:
    program = valkey.program(port, process.program.log)
    return Server(process, program, lambda found: valkey.is_ready(found, port), lambda: None)
