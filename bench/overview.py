"""The first page of a manager of 40 people, with the figures of 13 weeks.

Two lines: how many queries it makes for managers of 1, 40 and 500 people (the same number is
the goal), and what it costs with 40. There is no peer: the goal is an amount. CPU of process and
database session.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, time

from django.core.signals import request_finished, request_started
from django.db import close_old_connections, connection, transaction
from django.test.utils import CaptureQueriesContext

from accounts.models import Role, User
from bench.house import cookie_of
from bench.measure import Caller, Effort, Line, Sending, cost_of, spread
from config.wsgi import application
from rotation.directory.models import Contract, StaffMember, WorkingPattern
from tests.builders import make_team, make_user

PEOPLE = (1, 40, 500)
MANY = 10  # in each team at most
GOAL_MS = 150


def run(effort: Effort) -> Iterator[Line]:
    """Yield both lines; what was made for them is taken back."""
    with transaction.atomic(), _session_left_open():
        pages = {count: _page_of(_manager(count)) for count in PEOPLE}
        queries = [_queries_of(pages[count]) for count in PEOPLE]
        pages[40]()
        costs = [cost_of(pages[40], effort.calls) for _ in range(effort.rounds)]
        transaction.set_rollback(True)
    yield Line(
        work="Manager's overview: queries for 1, 40, 500 people",
        ours=", ".join(map(str, queries)),
        peer="-",
        ratio=f"{max(queries) / min(queries):.2f}x",
        goal="the same number",
        reached=len(set(queries)) == 1,
    )
    middle = sorted(costs)[len(costs) // 2]
    yield Line(
        work="Manager's overview, 40 people, CPU of a request",
        ours=f"{spread(costs)} ms",
        peer="-",
        ratio="-",
        goal=f"at most {GOAL_MS} ms",
        reached=middle <= GOAL_MS,
    )


@contextmanager
def _session_left_open() -> Iterator[None]:
    """Keep Django from closing the session, in whose transaction all this happens."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    try:
        yield
    finally:
        for signal in (request_started, request_finished):
            signal.connect(close_old_connections)


def _manager(count: int) -> User:
    """Return a new manager of `count` new people in teams of up to `MANY`."""
    manager = make_user(name=f"Manager of {count}", roles=(Role.MANAGER,))
    teams = [
        make_team(f"Team {number} of {count}", managers=(manager,))
        for number in range(-(-count // MANY))
    ]
    users = User.objects.bulk_create(
        User(email=f"{number}.of.{count}@example.org", name=f"Person {number}", roles=[Role.STAFF])
        for number in range(count)
    )
    staff = StaffMember.objects.bulk_create(
        StaffMember(user=user, team=teams[number // MANY]) for number, user in enumerate(users)
    )
    contracts = Contract.objects.bulk_create(
        Contract(staff=person, starts_on=date(2020, 1, 1)) for person in staff
    )
    WorkingPattern.objects.bulk_create(
        WorkingPattern(contract=contract, weekday=day, starts=time(8), ends=time(16))
        for contract in contracts
        for day in range(5)
    )
    return manager


def _page_of(manager: User) -> Sending:
    return Caller(application, Cookie=cookie_of(manager)).ready("/")


def _queries_of(page: Sending) -> int:
    page()
    with CaptureQueriesContext(connection) as captured:
        page()
    return len(captured)
