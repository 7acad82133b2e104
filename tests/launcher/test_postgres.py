import os
import signal
from pathlib import Path

import psycopg
import pytest

from launcher.postgres import Postgres, lock_lines
from launcher.problems import LaunchError
from launcher.processes import start
from launcher.servers import place_for, postgres_at, start_postgres
from tests.launcher.dummies import SLEEP, program, wait_until


@pytest.fixture
def postgres(open_folder: Path) -> Postgres:
    return postgres_at(place_for(open_folder, throw_away=True), "a-password")


@pytest.fixture
def log(open_folder: Path) -> Path:
    return open_folder / "log" / "postgres.log"


def test_data_survive_a_kill_and_a_new_start(postgres: Postgres, log: Path) -> None:
    process, port = start_postgres(postgres, log)
    with psycopg.connect(postgres.url(port)) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 42 AS answer")
    os.kill(process.pid, signal.SIGKILL)
    wait_until(process.has_ended)
    process, port = start_postgres(postgres, log)
    with psycopg.connect(postgres.url(port)) as connection:
        assert connection.execute("SELECT answer FROM kept").fetchone() == (42,)
    process.stop()
    assert lock_lines(postgres.folder) == []


def test_a_lock_that_names_a_stranger_does_not_keep_it_from_starting(
    postgres: Postgres, log: Path
) -> None:
    process, _port = start_postgres(postgres, log)
    lock = (postgres.folder / "postmaster.pid").read_text().splitlines()
    process.stop()
    stranger = start(program("stranger", SLEEP, log.parent))
    (postgres.folder / "postmaster.pid").write_text("\n".join([str(stranger.pid), *lock[1:]]))
    process, _port = start_postgres(postgres, log)
    assert not stranger.has_ended()
    process.stop()
    stranger.stop()


def test_a_server_that_outlived_its_supervisor_is_ended_first(
    postgres: Postgres, log: Path
) -> None:
    older, _port = start_postgres(postgres, log)
    newer, _port = start_postgres(postgres, log)
    assert (older.has_ended(), newer.has_ended()) == (True, False)
    newer.stop()


def test_a_wrong_password_is_refused(postgres: Postgres, log: Path) -> None:
    process, port = start_postgres(postgres, log)
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(postgres.url(port).replace("a-password", "a-guess"))
    process.stop()


def test_a_folder_of_another_version_is_refused_in_one_sentence(postgres: Postgres) -> None:
    postgres.folder.mkdir()
    (postgres.folder / "PG_VERSION").write_text("15\n")
    with pytest.raises(LaunchError, match=r"was written by PostgreSQL 15, this is 18: move"):
        postgres.prepare()
