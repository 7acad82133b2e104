"""`manage.py backup FILE`: everything that the database holds, in one file."""

import os
import subprocess
import sys
import tempfile
from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from django.core.management.base import BaseCommand, CommandError
from django.db import connection, transaction
from django.utils import timezone

from rotation.management.archive import Manifest, manifest_now, write_archive
from rotation.management.clients import Clients, find_clients


class Command(BaseCommand):
    """Writes a backup while everything runs on; the file is complete or not there."""

    help = "Write everything that the database holds to FILE; - means standard output."
    requires_system_checks = ()  # it has no pages

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the file."""
        parser.add_argument("file", help="a new file, or - for standard output")

    def handle(self, *_: Any, **options: Any) -> None:  # noqa: ANN401 -- Django's
        """Write the backup and say what is in it.

        Raises:
            CommandError: the file is there already or cannot be written, or pg_dump failed.
        """
        name = options["file"]
        try:
            if name == "-":
                manifest = back_up(sys.stdout.buffer)
            else:
                with new_file(Path(name)) as target:
                    manifest = back_up(target)
        except OSError as error:
            raise CommandError(f"{name}: {error.strerror}.") from error
        self.stderr.write(f"Backed up {manifest.summary()}.", self.style.SUCCESS)


def back_up(target: IO[bytes]) -> Manifest:
    """Write a backup to `target`; manifest and dump are of one moment."""
    clients = find_clients()
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        cursor.execute("SELECT pg_export_snapshot()")
        (snapshot,) = cursor.fetchone()
        manifest = manifest_now(timezone.now())
        with dump(clients, snapshot) as stream:
            write_archive(target, manifest, stream)
    return manifest


@contextmanager
def dump(clients: Clients, snapshot: str) -> Iterator[IO[bytes]]:
    """Yield what pg_dump writes of the moment of `snapshot`.

    Raises:
        CommandError: pg_dump failed.
    """
    kept = ("--format=custom", "--no-owner", "--no-privileges", "--no-comments")
    command = clients.command("pg_dump", *kept, f"--snapshot={snapshot}")
    with (
        tempfile.TemporaryFile("w+") as complaints,
        subprocess.Popen(  # noqa: S603 -- PostgreSQL's own program
            [*command, f"--dbname={clients.address}"],
            stdout=subprocess.PIPE,
            stderr=complaints,
            env=clients.env,
        ) as running,
    ):
        if running.stdout is None:
            raise TypeError("a pipe was asked for")
        yield running.stdout
        if running.wait():
            complaints.seek(0)
            raise CommandError(f"pg_dump failed: {complaints.read().strip()}")


@contextmanager
def new_file(path: Path) -> Iterator[IO[bytes]]:
    """Yield a file that only its owner may read; it has its name once it is complete.

    Raises:
        CommandError: there is a file of that name.
    """
    if path.exists():
        raise CommandError(f"{path} is there already: choose another name.")
    draft = path.with_name(f"{path.name}.part")
    draft.unlink(missing_ok=True)
    number = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(number, "wb") as file:
            yield file
            file.flush()
            os.fsync(number)
        draft.rename(path)
    finally:
        draft.unlink(missing_ok=True)
