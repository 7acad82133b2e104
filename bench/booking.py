"""An uncontended booking over the API, against a bare insert under the same constraints.

Ours is `POST /api/v1/bookings/` by a planner: token, rights, eleven rules, row locks, history,
the mails to guest and host as bytes in the outbox, and the nudge to the worker. The peer makes
the same token look-up, reads the meeting and inserts the row: only the database's constraints
stand in the way. Both insert the same pairs of person and meeting into the same table, which are
taken away after each round. CPU of process and database session.
"""

import json
from collections.abc import Iterator
from datetime import timedelta

from bench import bare
from bench.house import key_of
from bench.measure import Caller, Effort, Line, Rounds, Sending, cost_of
from config.wsgi import application
from rotation.booking.models import Booking
from rotation.invites.models import Mail
from tests.api.callers import workday
from tests.builders import make_department, make_host, make_meeting, make_series, make_staff


def run(effort: Effort) -> Iterator[Line]:
    """Yield the one line."""
    headers = {"Authorization": f"Token {key_of('planner@example.org')}"}
    bodies = [json.dumps(pair).encode() for pair in _pairs(effort.calls)]
    ours = [Caller(application, **headers).ready("/api/v1/bookings/", body) for body in bodies]
    peer = [Caller(bare.application(), **headers).ready("/insert/", body) for body in bodies]
    rounds = Rounds()
    _cost(ours)
    _cost(peer)
    for _ in range(effort.rounds):
        rounds.ours.append(_cost(ours))
        rounds.peer.append(_cost(peer))
    yield rounds.line("Booking over the API, CPU of a request", "ms", at_most=2.5)


def _pairs(count: int) -> list[dict[str, int]]:
    """Return new people, each with a meeting of their own that no rule forbids."""
    department = make_department("Measured department")
    make_host("Measured host", department=department)
    series = make_series(department=department, starts_at=workday())
    return [
        {
            "staff": make_staff(f"Measured {number}").pk,
            "meeting": make_meeting(
                series=series, starts_at=workday() + timedelta(minutes=number)
            ).pk,
        }
        for number in range(count)
    ]


def _cost(sendings: list[Sending]) -> float:
    sending = iter(sendings)
    cost = cost_of(lambda: next(sending)(), len(sendings))  # noqa: PLW0108 -- one after the other
    made = Booking.objects.filter(staff__user__name__startswith="Measured")
    Mail.objects.filter(booking__in=made).delete()
    made.delete()
    return cost
