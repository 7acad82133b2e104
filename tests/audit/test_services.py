"""The trail: what a line holds, and that nobody can change one."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from rotation.audit.models import Entry, Look, Subject, Via
from rotation.audit.queries import entries_of, looks_at
from rotation.audit.services import BY_RUNDGANG, By, forget_looks, record, record_look
from rotation.directory.models import Installation
from tests.builders import make_user

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 3, 2, 8, tzinfo=UTC)
ABOUT = (Subject.TEAM, 7)


def make_real() -> None:
    Installation.objects.create(pk=1, demo=False, created_at=NOW)


def test_a_line_holds_what_differs_and_who_by_which_door() -> None:
    user = make_user()
    by = By(user.pk, Via.API, reason="Moved house", token="nightly")

    record(by, NOW, about=ABOUT, action="change", old={"a": 1, "b": 2}, new={"a": 1, "b": 3})

    line = entries_of(*ABOUT).get()
    assert (line.actor, line.via, line.token, line.reason) == (user, "api", "nightly", by.reason)
    assert (line.old, line.new) == ({"b": 2}, {"b": 3})


def test_a_new_record_has_no_old_values() -> None:
    line = record(BY_RUNDGANG, NOW, about=ABOUT, action="add", new={"at": NOW, "none": None})
    line.refresh_from_db()

    assert (line.actor, line.old, line.new) == (None, {}, {"at": "2026-03-02T08:00:00Z"})


def test_a_reason_that_is_too_long_is_cut() -> None:
    by = By(None, Via.SYSTEM, reason="r" * 600)

    assert record(by, NOW, about=ABOUT, action="add").reason == "r" * 500


def test_a_look_is_one_line_for_all_it_showed() -> None:
    user = make_user()

    record_look(user.pk, Via.PAGE, "visits", staff_ids=[3, 1, 3], now=NOW)
    record_look(user.pk, Via.PAGE, "visits", staff_ids=[], now=NOW)

    assert [look.staff_ids for look in Look.objects.all()] == [[1, 3]]
    assert (looks_at(1).get().actor, looks_at(2).count()) == (user, 0)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE rotation_entry SET action = 'x'",
        "DELETE FROM rotation_entry",
        "TRUNCATE rotation_entry CASCADE",
    ],
)
def test_nobody_changes_the_trail_of_a_real_installation(statement: str) -> None:
    make_real()
    record(BY_RUNDGANG, NOW, about=ABOUT, action="add")

    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # PostgreSQL truncates no row in check
        with pytest.raises(IntegrityError, match="rotation_entry is append-only"):
            cursor.execute(statement)
        transaction.set_rollback(True)


def test_not_even_a_demo_may_rewrite_a_line() -> None:
    record(BY_RUNDGANG, NOW, about=ABOUT, action="add")

    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
        Entry.objects.update(action="x")


def test_a_demo_may_be_thrown_away() -> None:
    record(BY_RUNDGANG, NOW, about=ABOUT, action="add")

    Entry.objects.all().delete()

    assert not Entry.objects.exists()


def test_a_look_is_forgotten_after_a_year_and_not_before() -> None:
    make_real()
    user, today = make_user(), timezone.now()
    for days in (364, 367):
        record_look(user.pk, Via.PAGE, "visits", staff_ids=[1], now=today - timedelta(days=days))

    assert (forget_looks(today), forget_looks(today)) == (1, 0)
    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
        Look.objects.all().delete()

    assert Look.objects.count() == 1
