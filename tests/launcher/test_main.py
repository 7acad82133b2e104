"""The launcher as a program: what it says and how it ends when it cannot start."""

import fcntl
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from launcher.configuration import CHECKOUT
from launcher.ports import LOOPBACK, free_port
from launcher.problems import sentence

KEPT = ("PATH", "HOME")


def launch(data: Path, *wishes: str, **env: str) -> subprocess.CompletedProcess[str]:
    """Run the launcher with an environment of its own until it ends."""
    whole = {name: os.environ[name] for name in KEPT if name in os.environ}
    return subprocess.run(
        [sys.executable, "-m", "launcher", *wishes],
        cwd=CHECKOUT,
        env={**whole, "ROTATION_DATA": str(data), "ROTATION_PORT": str(free_port()), **env},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def test_a_taken_port_is_one_sentence_and_exit_1(tmp_path: Path) -> None:
    with socket.create_server((LOOPBACK, 0)) as stranger:
        port = stranger.getsockname()[1]
        done = launch(tmp_path, ROTATION_PORT=str(port))
    said = f"Port {port} is taken by another program: stop it, or choose another one with"
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == f"{said} ROTATION_PORT.\n"


def test_a_second_start_on_the_same_data_is_one_sentence_and_exit_1(tmp_path: Path) -> None:
    (tmp_path / "runtime.env").write_text("ROTATION_URL=http://127.0.0.1:8123\n")
    with (tmp_path / "launcher.lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        done = launch(tmp_path)
    assert (done.returncode, done.stdout) == (1, "")
    where = f"It already runs from {tmp_path}, at http://127.0.0.1:8123"
    assert done.stderr == f"{where}: stop that one first.\n"


def test_a_data_folder_that_cannot_be_made_is_one_sentence_and_exit_1(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    done = launch(tmp_path / "file" / "var")
    assert (done.returncode, done.stderr.count("\n")) == (1, 1)
    assert done.stderr.startswith(f"Could not start ({tmp_path / 'file' / 'var'}): ")


def test_an_unreachable_database_is_one_sentence_and_exit_1(tmp_path: Path) -> None:
    port = free_port()
    done = launch(tmp_path, DATABASE_URL=f"postgres://u:secret@{LOOPBACK}:{port}/d")
    assert (done.returncode, done.stderr.count("\n"), "secret" in done.stderr) == (1, 1, False)
    assert done.stderr.startswith(f"DATABASE_URL names {LOOPBACK}:{port}, but no PostgreSQL 15+")


def test_a_full_disk_is_named_with_its_remedy() -> None:
    error = OSError(28, "No space left on device", "/var/x")
    said = "Could not start (/var/x): the disk is full; free some space and start again."
    assert sentence(error, "start") == said


@pytest.fixture
def read_only_database() -> Iterator[str]:
    """The address of a database that nobody can prepare."""
    url = os.environ["DATABASE_URL"]
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("CREATE DATABASE read_only")
        connection.execute("ALTER DATABASE read_only SET default_transaction_read_only = on")
        yield url.rpartition("/")[0] + "/read_only"
        connection.execute("DROP DATABASE read_only WITH (FORCE)")


def test_a_database_that_cannot_be_prepared_is_one_sentence_with_its_log(
    tmp_path: Path, read_only_database: str
) -> None:
    urls = {"DATABASE_URL": read_only_database, "REDIS_URL": os.environ["REDIS_URL"]}
    done = launch(tmp_path, **urls, EMAIL_URL="smtp://127.0.0.1:9")
    log = tmp_path / "log" / "prepare.log"
    assert done.returncode == 1
    assert done.stderr == (
        "The database could not be prepared: Unable to create the django_migrations table"
        f" (cannot execute CREATE TABLE in a read-only transaction). More in {log}.\n"
    )


@pytest.fixture
def new_database() -> Iterator[str]:
    """The address of an empty database."""
    url = os.environ["DATABASE_URL"]
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("CREATE DATABASE to_upgrade")
        yield url.rpartition("/")[0] + "/to_upgrade"
        connection.execute("DROP DATABASE to_upgrade WITH (FORCE)")


def test_an_upgrade_ends_by_itself_once_the_database_is_up_to_date(
    tmp_path: Path, new_database: str
) -> None:
    urls = {"DATABASE_URL": new_database, "REDIS_URL": os.environ["REDIS_URL"]}
    done = launch(tmp_path, "upgrade", **urls, EMAIL_URL="smtp://127.0.0.1:9")
    assert (done.returncode, done.stderr) == (0, "")
    with psycopg.connect(new_database) as connection:
        (migrations,) = (
            connection.execute("SELECT count(*) FROM django_migrations").fetchone() or ()
        )
    assert f"{migrations} migrations applied." in done.stdout.splitlines()
    assert not (tmp_path / "runtime.env").exists()
