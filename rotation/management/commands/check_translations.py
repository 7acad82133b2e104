"""Say whether the German catalogue is whole: every text, no guess, no lost placeholder."""

import re
import shutil
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

import polib
from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError

CATALOGUE = Path("locale/de/LC_MESSAGES/django.po")
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%[sd]|\{\w*\}")
OPTIONS = {
    "locale": ["de"],
    "extensions": ["py", "html", "txt"],
    "ignore_patterns": [".venv/*", "var/*", "tests/*", "bench/*"],
    "no_obsolete": True,
    "add_location": "never",
    "no_wrap": True,
    "verbosity": 0,
}


class Command(BaseCommand):
    """Compares code and catalogue; with --write brings the catalogue up to date."""

    help = "Checks the German catalogue against the texts in the code; --write updates it."
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Add --write."""
        parser.add_argument("--write", action="store_true", help="write new texts into the file")

    def handle(self, *_args: Any, write: bool, **_options: Any) -> None:  # noqa: ANN401 -- Django's
        """Exit with the list of faults, or say that there are none.

        Raises:
            CommandError: xgettext is missing, or a text is not translated.
        """
        if not shutil.which("xgettext"):
            message = "xgettext is missing: install the package gettext, then try again."
            raise CommandError(message)
        path = settings.BASE_DIR / CATALOGUE
        before = path.read_bytes()
        try:
            call_command("makemessages", **OPTIONS)
            catalogue = polib.pofile(str(path))
        finally:
            if not write:
                path.write_bytes(before)
        faults = faults_of(catalogue)
        if faults:
            raise CommandError("\n".join([*faults, f"{len(faults)} texts need a translator."]))
        self.stdout.write(f"{len(catalogue)} texts, all translated.")


def faults_of(catalogue: polib.POFile) -> list[str]:
    """Return a line for each text that is missing, guessed, or loses a placeholder."""
    return [fault for entry in catalogue if (fault := _fault(entry))]


def _fault(entry: polib.POEntry) -> str | None:
    name = repr(entry.msgid[:70])
    if entry.fuzzy:
        return f"guessed: {name}"
    if not entry.translated():
        return f"missing: {name}"
    translations = entry.msgstr_plural.values() if entry.msgid_plural else [entry.msgstr]
    wanted = set(PLACEHOLDER.findall(entry.msgid_plural or entry.msgid))
    if any(set(PLACEHOLDER.findall(text)) - wanted for text in translations) or (
        not entry.msgid_plural and set(PLACEHOLDER.findall(entry.msgstr)) != wanted
    ):
        return f"placeholder lost or invented: {name}"
    return None
