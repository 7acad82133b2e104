"""A backup: one zip file with a manifest and the dump that pg_dump wrote."""

import json
import re
import shutil
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import IO

from django.conf import settings
from django.core.management.base import CommandError
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from psycopg import sql

from rotation.management.clients import server_major

FORMAT = "rundgang-backup-1"
MANIFEST, DUMP = "manifest.json", "database.dump"


@dataclass(frozen=True, kw_only=True)
class Manifest:
    """What a dump holds.

    Attributes:
        made_at: ISO 8601 with offset.
        server: Major version of the PostgreSQL that it comes from.
        migrations: Those applied, as `app.name`, sorted.
        rows: How many rows each table has.
    """

    version: str
    made_at: str
    server: int
    migrations: Sequence[str]
    rows: Mapping[str, int]
    format: str = FORMAT

    def summary(self) -> str:
        """Return what people count."""
        bookings, mails = self.rows["rotation_booking"], self.rows["rotation_mail"]
        return f"{bookings} bookings and {mails} mails as of {self.made_at}"


def manifest_now(now: datetime) -> Manifest:
    """Return what the database holds; counts each table, all in the transaction at hand.

    Every table there is, that of no model too: an older version may have had more.
    """
    names = connection.introspection.table_names()
    applied = MigrationLoader(connection).applied_migrations
    return Manifest(
        version=product_version(),
        made_at=now.isoformat(timespec="seconds"),
        server=server_major(),
        migrations=sorted(f"{app}.{name}" for app, name in applied),
        rows={name: _count(name) for name in sorted(names)},
    )


def product_version() -> str:
    """Return the newest heading of the change log."""
    text = (settings.BASE_DIR / "CHANGELOG.md").read_text(encoding="utf-8")
    heading = re.search(r"^## (.+)$", text, flags=re.MULTILINE)
    return heading[1] if heading else "unknown"


def write_archive(target: IO[bytes], manifest: Manifest, dump: IO[bytes]) -> None:
    """Write a backup; the target need not be seekable."""
    with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as archive:  # pg_dump has compressed it
        archive.writestr(MANIFEST, json.dumps(asdict(manifest), indent=1))
        with archive.open(zipfile.ZipInfo(DUMP), "w", force_zip64=True) as member:
            shutil.copyfileobj(dump, member)


def read_archive(source: IO[bytes], dump: IO[bytes]) -> Manifest:
    """Copy the dump of a backup to `dump` and return the manifest.

    Raises:
        CommandError: that is no backup of ours, or it is damaged.
    """
    try:
        with zipfile.ZipFile(source) as archive:
            manifest = Manifest(**json.loads(archive.read(MANIFEST)))
            with archive.open(DUMP) as member:
                shutil.copyfileobj(member, dump)
    except (zipfile.BadZipFile, KeyError, TypeError, ValueError) as error:
        raise CommandError(f"This is no backup of Rundgang, or it is damaged: {error}.") from error
    if manifest.format != FORMAT:
        raise CommandError(f"Backups of the format {manifest.format} are not known here.")
    dump.seek(0)
    return manifest


def unknown_migrations(manifest: Manifest) -> list[str]:
    """Return the migrations of the backup that this version does not have."""
    known = MigrationLoader(None).disk_migrations
    return sorted(set(manifest.migrations) - {f"{app}.{name}" for app, name in known})


def _count(table: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(table)))
        (rows,) = cursor.fetchone()
        return int(rows)
