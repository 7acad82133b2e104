"""The embedded PostgreSQL 18: created once, started on a free port, known by its process id."""

import contextlib
import errno
import os
import signal
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

import psycopg

from launcher.accounts import BARE_ENVIRONMENT, Account, become, postgres_program
from launcher.ports import LOOPBACK
from launcher.problems import LaunchError
from launcher.processes import Process, Program, command_line

USER = DATABASE = "rotation"
MAJOR_VERSION = "18"
# Only for tests: faster, but the data may not survive a crash of the machine.
THROW_AWAY = {"fsync": "off", "full_page_writes": "off"}


@dataclass(frozen=True, slots=True)
class Postgres:
    """One cluster in one folder."""

    site: Path
    account: Account
    folder: Path
    password: str
    throw_away: bool = False

    def url(self, port: int) -> str:
        """The DATABASE_URL of the cluster on that port."""
        return f"postgres://{USER}:{self.password}@{LOOPBACK}:{port}/{DATABASE}"

    def prepare(self) -> None:
        """Create the cluster unless it exists, and clear a lock that a crash left behind.

        Raises:
            LaunchError: the folder holds another version's cluster or initdb failed.
        """
        version = self.folder / "PG_VERSION"
        if not version.exists():
            self._create()
        elif (found := version.read_text().strip()) != MAJOR_VERSION:
            raise LaunchError(
                f"{self.folder} was written by PostgreSQL {found}, this is {MAJOR_VERSION}:"
                " move the folder away or restore a dump into a new one."
            )
        clear_stale_lock(self.folder)

    def program(self, port: int, log: Path) -> Program:
        """How to start the server on that port."""
        options = {
            "listen_addresses": LOOPBACK,
            "port": str(port),
            "unix_socket_directories": "",
            "password_encryption": "scram-sha-256",
            "timezone": "UTC",
            "max_connections": "200",
            **(THROW_AWAY if self.throw_away else {}),
        }
        flags = [part for name, value in options.items() for part in ("-c", f"{name}={value}")]
        return Program(
            name="postgres",
            argv=[str(postgres_program(self.site, "postgres")), "-D", str(self.folder), *flags],
            log=log,
            env=BARE_ENVIRONMENT,
            account=self.account,
            stop_signal=signal.SIGINT,  # "fast": ends sessions, needs no recovery afterwards
            patience=30,
        )

    def is_ready(self, process: Process) -> bool:
        """True when this very process accepts connections."""
        lines = lock_lines(self.folder)
        return len(lines) > 7 and lines[0] == str(process.pid) and lines[7] == "ready"  # noqa: PLR2004

    def create_database(self, port: int) -> None:
        """Create the product's database unless it exists."""
        url = self.url(port).removesuffix(DATABASE) + "postgres"
        with psycopg.connect(url, autocommit=True) as connection:
            exists = connection.execute(
                "SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]
            ).fetchone()
            if not exists:
                connection.execute(f"CREATE DATABASE {DATABASE}")

    def _create(self) -> None:
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.account.own(self.folder, 0o700)
        secret = self.folder.with_name("first-password")
        secret.touch(mode=0o600)
        secret.write_text(self.password)
        self.account.own(secret, 0o600)
        try:
            self._initdb(secret)
        finally:
            secret.unlink()

    def _initdb(self, secret: Path) -> None:
        done = subprocess.run(
            [
                postgres_program(self.site, "initdb"),
                *("-D", str(self.folder), "-U", USER, "--auth=scram-sha-256"),
                *(f"--pwfile={secret}", "--encoding=UTF8", "--locale=C"),
                *("--locale-provider=builtin", "--builtin-locale=C.UTF-8"),
                *(["--no-sync"] if self.throw_away else []),
            ],
            cwd="/",
            env=BARE_ENVIRONMENT,
            capture_output=True,
            text=True,
            check=False,
            **become(self.account),
        )
        if "No space left on device" in done.stderr:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(self.folder))
        if done.returncode:
            reason = (done.stderr.strip().splitlines() or ["no reason given"])[0]
            raise LaunchError(f"PostgreSQL could not create {self.folder}: {reason}")


def lock_lines(cluster: Path) -> list[str]:
    """The stripped lines of the cluster's postmaster.pid; none when it is not running."""
    try:
        return [line.strip() for line in (cluster / "postmaster.pid").read_text().splitlines()]
    except FileNotFoundError:
        return []


def clear_stale_lock(cluster: Path) -> None:
    """End a server that outlived its supervisor, or remove the lock that names a stranger."""
    lines = lock_lines(cluster)
    if not lines:
        return
    if is_postgres_of(int(lines[0]), cluster):
        os.kill(int(lines[0]), signal.SIGINT)
        deadline = time.monotonic() + 30
        while lock_lines(cluster) and time.monotonic() < deadline:
            time.sleep(0.05)
    with contextlib.suppress(FileNotFoundError):
        (cluster / "postmaster.pid").unlink()


def is_postgres_of(pid: int, cluster: Path) -> bool:
    """True when the process is alive and is the postmaster of this very folder."""
    words = command_line(pid)
    return "-D" in words and words[words.index("-D") + 1 :][:1] == [str(cluster)]
