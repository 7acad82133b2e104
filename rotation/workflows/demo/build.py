"""Build the demo organisation, or replace it by another one."""

from datetime import datetime

from django.db import connection, transaction
from django.utils import timezone

from accounts.models import User
from rotation.directory.models import Installation
from rotation.periods.weeks import WEEK, week_of
from rotation.workflows.demo.errors import NotADemo
from rotation.workflows.demo.gatherings import make_meetings
from rotation.workflows.demo.history import make_tickets
from rotation.workflows.demo.organisation import make_organisation
from rotation.workflows.demo.sizes import SIZES
from rotation.workflows.demo.visits import make_visits
from rotation.workflows.plan_budgets import refresh_team_budgets
from rotation.workflows.send_invites import queue_due_invites

SEED = "Rundgang"
PAST_BUDGETS = 6  # weeks that the overview looks back


def is_empty() -> bool:
    """Return whether nobody has ever been stored."""
    return not User.objects.exists()


def is_demo() -> bool:
    """Return whether the database is marked as a demo."""
    return Installation.objects.filter(demo=True).exists()


@transaction.atomic
def build_demo(now: datetime, size: str = "S", seed: str = SEED) -> None:
    """Fill an empty database with a demo around `now`, and mark it.

    The same seed on the same day makes the same organisation; only UIDs are always new.

    Raises:
        NotADemo: somebody is stored already.
    """
    if not is_empty():
        raise NotADemo
    Installation.objects.create(pk=1, demo=True, created_at=now)
    this_week = week_of(now, timezone.get_default_timezone())
    seed = f"{seed} {timezone.localdate(now)}"
    house = make_organisation(SIZES[size], this_week, seed)
    make_meetings(house.departments, this_week, now)
    make_tickets(house.teams, this_week, now, seed)
    for weeks in range(PAST_BUDGETS, -1, -1):
        refresh_team_budgets(now - weeks * WEEK)
    make_visits(house, this_week, now, seed)
    queue_due_invites(now)


@transaction.atomic
def replace_demo(now: datetime, size: str, seed: str = SEED) -> None:
    """Take the whole demo away and build one of another size; nobody sees the time between.

    Raises:
        NotADemo: the database is not marked as a demo.
    """
    if not is_demo():
        raise NotADemo
    _truncate()
    build_demo(now, size, seed)


def _truncate() -> None:
    names = connection.introspection.table_names()
    tables = ", ".join(
        connection.ops.quote_name(name)
        for name in names
        if name.startswith(("rotation_", "accounts_"))
    )
    with connection.cursor() as cursor:
        # What this transaction wrote before must be checked before its table can be emptied.
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(f"TRUNCATE {tables} RESTART IDENTITY CASCADE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")
