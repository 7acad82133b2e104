"""Import tickets from files of one source."""

import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from rotation.workflows.import_load import import_files
from rotation.workload.errors import BadMapping, MissingColumn, UnknownSource, UnreadableFile

PROBLEMS = {
    "missing": "{file} cannot be read: there is no such file, or you may not read it.",
    "zip": "{file} is no readable zip archive: export or download it again.",
    "locked": "{file} is protected by a password: unpack it first.",
    "no_table": "{file} holds no .csv file, nor a .json or .jsonl one.",
    "empty": "{file} is empty: the first line must name the columns.",
    "empty_json": "{file} is empty: write an array of objects, or one object a line.",
    "json": "{file} is no readable JSON: write an array of objects, or one object a line.",
    "sheet": "{file} is no readable Excel workbook: save it again as .xlsx.",
    "locked_sheet": "{file} is protected by a password, or of an Excel before 2007: "
    "save it as .xlsx without a password.",
    "too_large": "{file} unpacks to more than is read at once: export it in parts, or as CSV.",
}
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
        except UnknownSource as error:
            known = ", ".join(error.fields["known"])
            raise CommandError(
                f"No source is called {options['source']!r}; known: {known}."
            ) from error
        except BadMapping as error:
            raise CommandError(
                f"The mapping of {options['source']} cannot be used: "
                f"look at {error.fields['field']!r}."
            ) from error
        except MissingColumn as error:
            raise CommandError(
                "{file} has no column {column!r}: check the file, its separator and its encoding, "
                "or the mapping of the source.".format(**error.fields)
            ) from error
        except UnreadableFile as error:
            raise CommandError(PROBLEMS[error.fields["problem"]].format(**error.fields)) from error
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
