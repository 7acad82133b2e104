"""Import tickets from files of one source."""

import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone, translation

from rotation.workflows.import_load import import_files
from rotation.workload.errors import BadMapping, MissingColumn, UnknownSource, UnreadableFile
from rotation.workload.words import delivery_text

SHOWN = 10
FORMATS = ".csv, .json, .jsonl, .xlsx, or a .zip of such"


class Command(BaseCommand):
    """Reads tickets; a second run with the same files changes nothing."""

    help = __doc__ or ""

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the source's name and the files."""
        parser.add_argument("--source", required=True, help="the name of a mapping")
        parser.add_argument("files", nargs="+", type=Path, metavar="FILE", help=FORMATS)
        parser.add_argument("--dry-run", action="store_true", help="tell all, change nothing")
        parser.add_argument("--json", action="store_true", help="figures as one JSON line")

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ANN401, ARG002 -- Django's
        """Import and tell what was done."""
        try:
            delivery = import_files(
                options["source"], options["files"], timezone.now(), dry_run=options["dry_run"]
            )
        except (UnknownSource, BadMapping, MissingColumn, UnreadableFile) as error:
            with translation.override("en"):
                raise CommandError(delivery_text(error)) from error
        figures = delivery.figures()
        self._tell(figures)
        if delivery.tickets.forgotten:
            self.stdout.write(
                f"{delivery.tickets.forgotten} of the unchanged were deleted by retention "
                "and do not come back."
            )
        if options["dry_run"]:
            self.stdout.write("Dry run: nothing was changed.")
        if options["json"]:
            self.stdout.write(json.dumps(figures, ensure_ascii=False))

    def _tell(self, figures: dict[str, Any]) -> None:
        self.stdout.write("{read} rows read, {rejected} rejected.".format(**figures))
        for row in figures["rejected_rows"]:
            where = " in column {column}".format(**row) if row["column"] else ""
            self.stdout.write("  {file}, row {row}: {reason}".format(**row) + where)
        self.stdout.write(
            "{created} tickets created, {updated} updated, {unchanged} unchanged.".format(**figures)
        )
        for field, words in figures["unmapped"].items():
            named = ", ".join(f"{word} ({count})" for word, count in list(words.items())[:SHOWN])
            more = f" and {len(words) - SHOWN} more" if len(words) > SHOWN else ""
            self.stdout.write(f"Not mapped, {field}: {named}{more}")
