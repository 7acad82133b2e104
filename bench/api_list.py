"""JSON list of 50 bookings over the API, against a bare view on the same rows.

Ours is `GET /api/v1/bookings/?page_size=50` by the key of a planner, who sees all: token, rights,
limit of requests, filters, count, page, and the note of who looked at whom. The peer makes the
same token look-up, count and note and answers with the same columns of the same 50 rows by
`values()` and JsonResponse, behind the middleware of a new Django project.
CPU of process and database session.
"""

from collections.abc import Iterator

from bench import bare
from bench.house import key_of
from bench.measure import Caller, Effort, Line, compare
from config.wsgi import application


def run(effort: Effort) -> Iterator[Line]:
    """Yield the one line."""
    headers = {"Authorization": f"Token {key_of('planner@example.org')}"}
    ours = Caller(application, **headers).ready("/api/v1/bookings/?page_size=50")
    peer = Caller(bare.application(), **headers).ready("/json/")
    rounds = compare(ours, peer, effort)
    yield rounds.line("JSON list of 50 bookings, CPU of a request", "ms", at_most=1.5)
