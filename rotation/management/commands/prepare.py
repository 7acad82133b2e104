"""Bring translations, database and demo up to date; quick when there is nothing to do."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import polib
from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone

from rotation.meetings.services import extend_all_series
from rotation.workflows.demo.build import build_demo, is_empty
from rotation.workflows.plan_budgets import refresh_team_budgets


class Command(BaseCommand):
    """Does what has to be done before the product is served; safe to repeat."""

    help = __doc__ or ""

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ANN401, ARG002 -- Django's
        """Take each step and tell it in a sentence."""
        compiled = list(compile_translations(settings.LOCALE_PATHS))
        self._tell(f"{len(compiled)} translations compiled.")
        self._tell(f"{migrate()} migrations applied.")
        now = timezone.now()
        if settings.ROTATION_DEMO and is_empty():
            build_demo(now)
            self._tell("The demo organisation is built.")
        self._tell(f"{extend_all_series(now)} meetings made ahead.")
        self._tell(f"{refresh_team_budgets(now)} team budgets computed.")

    def _tell(self, sentence: str) -> None:
        self.stdout.write(sentence)
        self.stdout.flush()


def compile_translations(folders: list[Path]) -> Iterator[Path]:
    """Compile each .po that is newer than its .mo and yield the .mo.

    Raises:
        CommandError: a .po cannot be parsed.
    """
    for folder in folders:
        for source in sorted(Path(folder).glob("*/LC_MESSAGES/*.po")):
            target = source.with_suffix(".mo")
            if target.exists() and target.stat().st_mtime >= source.stat().st_mtime:
                continue
            try:
                messages = polib.pofile(str(source))
            except (OSError, UnicodeDecodeError) as error:
                raise CommandError(f"{source} is no catalogue of translations: {error}") from error
            # Another process may read the old one meanwhile.
            draft = target.with_suffix(f".{os.getpid()}.tmp")
            messages.save_as_mofile(str(draft))
            draft.replace(target)
            yield target


def missing_migrations() -> int:
    """Return how many migrations the database lacks."""
    executor = MigrationExecutor(connection)
    return len(executor.migration_plan(executor.loader.graph.leaf_nodes()))


def migrate() -> int:
    """Apply what is missing and return how many migrations that were."""
    missing = missing_migrations()
    if missing:
        call_command("migrate", interactive=False, verbosity=0)
    return missing
