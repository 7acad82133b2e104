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
    "no_csv": "{file} holds no .csv file.",
    "empty": "{file} is empty: the first line must name the columns.",
}
SHOWN = 10


class Command(BaseCommand):
    """Reads tickets; a second run with the same files changes nothing."""

    help = __doc__ or ""

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the source's name and the files."""
        parser.add_argument("--source", required=True, help="the name of a mapping")
        parser.add_argument("files", nargs="+", type=Path, metavar="FILE", help=".csv or .zip")
        parser.add_argument("--json", action="store_true", help="figures as one JSON line")

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ANN401, ARG002 -- Django's
        """Import and tell what was done."""
        try:
            delivery = import_files(options["source"], options["files"], timezone.now())
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
