"""A database of its own on the test server, for commands that replace all of it."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psycopg

from launcher.configuration import CHECKOUT

TABLES = "SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1"
SEQUENCES = (
    "SELECT sequencename, last_value FROM pg_sequences WHERE schemaname = 'public' ORDER BY 1"
)
# Constraints, indexes and triggers by name: a restored definition has the casts elsewhere.
RULES = (
    "SELECT conname, contype::text FROM pg_constraint"
    " WHERE connamespace = 'public'::regnamespace"
    " UNION ALL SELECT indexname, tablename FROM pg_indexes WHERE schemaname = 'public'"
    " UNION ALL SELECT tgname, tgrelid::regclass::text FROM pg_trigger WHERE NOT tgisinternal"
    " ORDER BY 1, 2"
)


@dataclass
class Installation:
    """`manage.py` on a database of its own; `env` is what its processes get besides."""

    name: str
    env: dict[str, str] = field(default_factory=dict)

    @property
    def url(self) -> str:
        return os.environ["DATABASE_URL"].rpartition("/")[0] + f"/{self.name}"

    def manage(self, *arguments: str, code: int = 0) -> str:
        """What a command that ends with `code` prints; its errors where the code is not 0."""
        done = subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=CHECKOUT,
            env={**os.environ, **self.env, "DATABASE_URL": self.url},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == code, done.stderr
        return done.stderr if code else done.stdout

    def create(self) -> None:
        _admin(f"CREATE DATABASE {self.name}")

    def destroy(self) -> None:
        _admin(f"DROP DATABASE IF EXISTS {self.name} WITH (FORCE)")

    def rows(self, query: str) -> list[tuple[object, ...]]:
        with psycopg.connect(self.url, autocommit=True) as connection:
            return connection.execute(query.encode()).fetchall()

    def contents(self) -> dict[str, list[tuple[object, ...]]]:
        """Every row of every table as text, and where each sequence stands."""
        tables = [str(table) for (table,) in self.rows(TABLES)]
        found = {
            table: self.rows(f'SELECT t::text FROM "{table}" t ORDER BY 1')  # noqa: S608 -- ours
            for table in tables
        }
        return {**found, "sequences": self.rows(SEQUENCES), "rules": self.rows(RULES)}

    def change(self, statement: str) -> None:
        with psycopg.connect(self.url, autocommit=True) as connection:
            connection.execute(statement.encode())


@contextmanager
def installation(name: str, folder: Path, **env: str) -> Iterator[Installation]:
    """Yield an installation with an empty database, which is gone afterwards."""
    found = Installation(name, {"ROTATION_DATA": str(folder), **env})
    found.destroy()
    found.create()
    yield found
    found.destroy()


def _admin(statement: str) -> None:
    with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as connection:
        connection.execute(statement.encode())
