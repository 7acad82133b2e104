"""`manage.py import_meetings FILE`: series of meetings from a table."""

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from django.utils.translation import gettext as _

from config.celery import nudge
from rotation.audit.models import Via
from rotation.audit.services import By
from rotation.rosters.errors import UnreadableTable
from rotation.rosters.plan import Effect
from rotation.rosters.sentences import fault_line, problem_text
from rotation.workflows.import_meetings import ImportedMeetings, import_meetings

MOST_FAULTS = 50  # as lines; --json has all of them


class Command(BaseCommand):
    """Reads one file; with a fault anywhere nothing is written, and every fault is named."""

    help = "Import series of meetings from CSV or Excel (docs/meetings.md)."
    requires_system_checks = ()  # it has no pages

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the file and how to go about it."""
        parser.add_argument("file", type=Path)
        parser.add_argument("--dry-run", action="store_true", help="say what it would do")
        parser.add_argument("--json", action="store_true", help="end with one line of JSON")

    def handle(self, *args: object, **options: Any) -> None:  # noqa: ANN401 -- Django's options
        """Print what the rows did, and every fault by sheet, row and column.

        Raises:
            CommandError: the file cannot be read, or something in it is wrong.
        """
        del args
        imported = _imported(options["file"], dry_run=options["dry_run"])
        effects = ", ".join(f"{imported.effects[effect]} {effect.value}" for effect in Effect)
        self.stdout.write(f"series: {effects}")
        for fault in imported.faults[:MOST_FAULTS]:
            self.stderr.write(fault_line(fault))
        if options["json"]:
            self.stdout.write(json.dumps(imported.figures(), ensure_ascii=False))
        if imported.faults:
            count = {"count": len(imported.faults)}
            raise CommandError(_("Nothing was written: %(count)s faults.") % count)
        if imported.is_written:
            nudge("rotation.relay_mail")


def _imported(path: Path, *, dry_run: bool) -> ImportedMeetings:
    by = By(None, Via.COMMAND)
    try:
        with path.open("rb") as file:
            return import_meetings(
                file, by=by, now=timezone.now(), allowed=lambda _key: True, dry_run=dry_run
            )
    except OSError as error:
        raise CommandError(f"{path}: {error.strerror}") from error
    except UnreadableTable as error:
        raise CommandError(f"{path}: {problem_text(error.fields['problem'])}") from error
