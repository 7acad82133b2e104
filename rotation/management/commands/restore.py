"""`manage.py restore FILE`: the database as it was when the backup was made."""

import re
import shutil
import subprocess
import sys
import tempfile
from argparse import ArgumentParser
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from django.core.management.base import BaseCommand, CommandError
from django.db import connection
from psycopg import sql

from accounts.models import User
from rotation.management.archive import Manifest, read_archive, unknown_migrations
from rotation.management.clients import Clients, find_clients, server_major
from rotation.management.commands.prepare import migrate

# A setting of newer programs that older servers do not know; in the first lines of a script.
NEWER_SETTING, SINCE, HEAD = b"SET transaction_timeout", 17, 40
BEGIN = """\
BEGIN;
SET LOCAL lock_timeout = '60s';
DROP SCHEMA IF EXISTS public CASCADE;
CREATE SCHEMA public;
"""
CHECK = """\
DO $check$ BEGIN
    IF (SELECT count(*) FROM public.{table}) <> {rows} THEN
        RAISE EXCEPTION 'the backup does not hold as many rows of % as it says', {name};
    END IF;
END $check$;
"""


class Command(BaseCommand):
    """Restores in one transaction: all of it, counted, or nothing."""

    help = "Bring the database to what FILE holds; - means standard input."
    requires_system_checks = ()  # it has no pages

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the file, and the leave to replace what is there."""
        parser.add_argument("file", help="what `backup` wrote, or - for standard input")
        parser.add_argument(
            "--replace", action="store_true", help="throw away what the database holds now"
        )

    def handle(self, *_: Any, **options: Any) -> None:  # noqa: ANN401 -- Django's
        """Restore, migrate to this version, and say what is there.

        Raises:
            CommandError: the file is no backup or comes from a newer version, the database is not
                empty, or the programs of PostgreSQL failed; nothing is changed then.
        """
        if not options["replace"] and not is_empty():
            raise CommandError(
                "This database is not empty, so it is left as it is."
                " Add --replace to throw away what it holds."
            )
        with opened(options["file"]) as source, tempfile.TemporaryFile() as dump:
            manifest = read_archive(source, dump)
            refuse_newer(manifest)
            restore(manifest, dump)
        migrated = migrate()
        self.stdout.write(f"Restored {manifest.summary()}; {migrated} migrations applied.")


def is_empty() -> bool:
    """Return whether the database holds no person, and perhaps not even tables."""
    tables = connection.introspection.table_names()
    return "accounts_user" not in tables or not User.objects.exists()


@contextmanager
def opened(name: str) -> Iterator[IO[bytes]]:
    """Yield the seekable file of that name.

    Raises:
        CommandError: it cannot be read.
    """
    try:
        with tempfile.TemporaryFile() if name == "-" else Path(name).open("rb") as file:
            if name == "-":
                shutil.copyfileobj(sys.stdin.buffer, file)
            yield file
    except OSError as error:
        raise CommandError(f"{name}: {error.strerror}.") from error


def refuse_newer(manifest: Manifest) -> None:
    """Raise where the backup comes from a newer version of the product or of PostgreSQL.

    Raises:
        CommandError: it does.
    """
    unknown = unknown_migrations(manifest)
    if unknown:
        raise CommandError(
            f"This backup was made by another or a newer version ({manifest.version}), which has"
            f" the migrations {', '.join(unknown)}: install that version and restore there."
        )
    if manifest.server > server_major():
        raise CommandError(
            f"This backup comes from PostgreSQL {manifest.server}; the server here is older"
            f" ({server_major()})."
        )


def restore(manifest: Manifest, dump: IO[bytes]) -> None:
    """Replace all that the database holds by the dump, in one transaction.

    Raises:
        CommandError: a program failed or a table does not have its rows; nothing is changed.
    """
    clients, server = find_clients(), server_major()
    connection.close()  # its last look at the old tables would hold us up
    with tempfile.TemporaryFile() as script:
        script.write(BEGIN.encode())
        _write_script(clients, dump, script, server)
        script.write((_checks(manifest) + "COMMIT;\n").encode())
        script.seek(0)
        _run_script(clients, script)


def _write_script(clients: Clients, dump: IO[bytes], script: IO[bytes], server: int) -> None:
    options = ("--no-owner", "--no-privileges", "--file=-")
    with (
        tempfile.TemporaryFile("w+") as complaints,
        subprocess.Popen(  # noqa: S603 -- PostgreSQL's own program
            clients.command("pg_restore", *options),
            stdin=dump,
            stdout=subprocess.PIPE,
            stderr=complaints,
            env=clients.env,
        ) as reader,
    ):
        script.writelines(for_server(reader.stdout or (), server))
        if reader.wait():
            complaints.seek(0)
            raise _failure(complaints.read())


def _run_script(clients: Clients, script: IO[bytes]) -> None:
    quiet = ("--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1", "--file=-")
    done = subprocess.run(  # noqa: S603 -- PostgreSQL's own program
        clients.command("psql", *quiet, f"--dbname={clients.address}"),
        stdin=script,
        capture_output=True,
        text=True,
        check=False,
        env=clients.env,
    )
    if done.returncode:
        raise _failure(done.stderr)


def for_server(lines: Iterable[bytes], server: int) -> Iterator[bytes]:
    """Yield the script without what servers before PostgreSQL 17 do not know."""
    for number, line in enumerate(lines):
        if server < SINCE and number < HEAD and line.startswith(NEWER_SETTING):
            continue
        yield line


def _checks(manifest: Manifest) -> str:
    return "".join(
        sql.SQL(CHECK)
        .format(table=sql.Identifier(table), rows=sql.Literal(rows), name=sql.Literal(table))
        .as_string()
        for table, rows in manifest.rows.items()
    )


def _failure(complaints: str) -> CommandError:
    """Return the first error that a program told, without its place in the script."""
    lines = [line for line in complaints.splitlines() if line.strip()]
    errors = [line for line in lines if "error:" in line.lower()] or lines or ["no reason given"]
    reason = re.sub(r"^.*?error:\s*", "", errors[0], flags=re.IGNORECASE)
    return CommandError(f"Nothing was changed: {reason}.")
