"""`manage.py upgrade`: back up what is about to be migrated, then bring everything up to date."""

from argparse import ArgumentParser
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand
from django.utils import timezone

from rotation.management.commands.prepare import missing_migrations
from rotation.management.commands.restore import is_empty


class Command(BaseCommand):
    """Where nothing is to be migrated it does what `prepare` does; safe to repeat."""

    help = "Back up the database if it is to be migrated, then migrate it and prepare to serve."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the folder of the backups, or the leave to make none."""
        parser.add_argument("--folder", type=Path, default=settings.DATA_DIR / "backups")
        parser.add_argument("--no-backup", action="store_true", help="you have made one yourself")

    def handle(self, *_: Any, **options: Any) -> None:  # noqa: ANN401 -- Django's
        """Take both steps; the second only once the first is done.

        Raises:
            CommandError: the backup cannot be written; nothing is changed then.
        """
        if not options["no_backup"] and missing_migrations() and not is_empty():
            file = new_name(options["folder"], timezone.localtime())
            call_command("backup", str(file), stderr=self.stderr)
            self.stdout.write(f"To go back, restore {file} with the version before.")
        call_command("prepare", stdout=self.stdout)


def new_name(folder: Path, now: datetime) -> Path:
    """Return the backup's name in the folder, which is private and there afterwards."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder / f"before-upgrade-{now:%Y%m%d-%H%M%S}.zip"
