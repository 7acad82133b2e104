"""`manage.py receive_replies FILE.eml...`: raw mails through the inbound side."""

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from rotation.replies.models import Source
from rotation.workflows.receive_replies import receive, report_line


class Command(BaseCommand):
    """Prints one JSON line per file, in the order given."""

    help = "Take raw mails in, as if they had just arrived, and say what became of each."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the files."""
        parser.add_argument("files", nargs="+", metavar="FILE.eml", type=Path)

    def handle(self, *_args: Any, **options: Any) -> None:  # noqa: ANN401 -- Django's signature
        """Read all files before the first is taken in, so that a misspelt name changes nothing."""
        try:
            mails = [(path, path.read_bytes()) for path in options["files"]]
        except OSError as error:
            raise CommandError(f"{error.filename}: {error.strerror}") from error
        for path, raw in mails:
            result = receive(raw, source=Source.FILE, now=timezone.now())
            self.stdout.write(json.dumps(report_line(str(path), result)))
