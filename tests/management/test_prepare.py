"""What is done before the product is served."""

import gettext
import os
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from pytest_django import Settings

from accounts.models import User
from rotation.budget.models import TeamBudget
from rotation.directory.models import Installation
from rotation.management.commands.prepare import compile_translations
from rotation.meetings.models import Meeting
from rotation.workflows.demo.build import is_demo
from tests.builders import make_series, make_team, make_user

CATALOGUE = """
msgid ""
msgstr "Content-Type: text/plain; charset=UTF-8\\n"

msgid "team"
msgstr "Mannschaft"
"""


@pytest.fixture
def catalogue(tmp_path: Path) -> Path:
    path = tmp_path / "de" / "LC_MESSAGES" / "django.po"
    path.parent.mkdir(parents=True)
    path.write_text(CATALOGUE, encoding="utf-8")
    return path


def test_translations_are_compiled_when_they_are_new(catalogue: Path, tmp_path: Path) -> None:
    (compiled,) = compile_translations([tmp_path])
    with compiled.open("rb") as file:
        assert gettext.GNUTranslations(file).gettext("team") == "Mannschaft"
    assert list(compile_translations([tmp_path])) == []
    later = compiled.stat().st_mtime + 5
    os.utime(catalogue, (later, later))
    assert list(compile_translations([tmp_path])) == [compiled]
    assert [path.name for path in catalogue.parent.iterdir()] == ["django.po", "django.mo"]


def test_a_broken_catalogue_is_named(catalogue: Path, tmp_path: Path) -> None:
    catalogue.write_text('msgid "team\nmsgstr', encoding="utf-8")
    with pytest.raises(CommandError, match=r"django\.po is no catalogue of translations"):
        list(compile_translations([tmp_path]))


def prepare() -> list[str]:
    out = StringIO()
    call_command("prepare", stdout=out)
    return out.getvalue().splitlines()


@pytest.mark.django_db
def test_an_empty_demo_database_gets_the_demo_once(settings: Settings) -> None:
    settings.ROTATION_DEMO = True
    assert prepare() == [
        "0 translations compiled.",
        "0 migrations applied.",
        "The demo organisation is built.",
        "0 meetings made ahead.",
        "56 team budgets computed.",
    ]
    people = User.objects.count()
    assert prepare()[2:] == ["0 meetings made ahead.", "56 team budgets computed."]
    assert (User.objects.count(), TeamBudget.objects.count() >= 56) == (people, True)
    assert is_demo()


@pytest.mark.django_db
def test_without_the_demo_setting_nobody_is_made() -> None:
    prepare()
    assert not User.objects.exists()
    assert not Installation.objects.exists()


@pytest.mark.django_db
def test_a_real_house_keeps_its_people_and_gets_meetings_and_budgets(
    settings: Settings,
) -> None:
    settings.ROTATION_DEMO = True
    user = make_user()
    make_team()
    make_series(rrule="FREQ=WEEKLY;BYDAY=TU")
    prepare()
    assert list(User.objects.all()) == [user]
    assert (Meeting.objects.count(), TeamBudget.objects.count()) == (26, 14)
