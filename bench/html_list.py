"""HTML list of 50 visits with all its features, against the same rows in a plain template.

Ours is the planner's list of coming visits: frame, navigation, filters, chips, icons, times in
two zones, translations (with 50 rows on a page instead of 25). The peer is a signed-in view that
counts, loads the same 50 rows as instances with the same joins and renders six plain columns,
behind the middleware of a new Django project. CPU of process and database session.
"""

from collections.abc import Iterator
from unittest.mock import patch

from accounts.models import User
from bench import bare
from bench.house import cookie_of
from bench.measure import Caller, Effort, Line, compare
from config.wsgi import application
from rotation.web.views import visits


def run(effort: Effort) -> Iterator[Line]:
    """Yield the one line."""
    cookie = cookie_of(User.objects.get(email="planner@example.org"))
    ours = Caller(application, Cookie=cookie).ready("/visits/")
    peer = Caller(bare.application(), Cookie=cookie).ready("/html/")
    with patch.object(visits, "ON_A_PAGE", 50):
        rounds = compare(ours, peer, effort)
    yield rounds.line("HTML list of 50 visits, CPU of a request", "ms", at_most=1)
