"""Memory of two web processes and their parent after the same load, against plain Django.

Both run under gunicorn with the product's own flags (two processes of eight threads, the code
loaded once). The peer is a new Django project with its standard apps and middleware, the admin
included, and one list. Each answers as many requests; the product's go to all its main pages and
to the API. Proportional set size (PSS), the sum of the parent and both processes; Linux only.
"""

import http.client
import os
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import cycle, islice
from pathlib import Path

import psutil

from accounts.models import User
from bench.house import cookie_of, key_of
from bench.measure import Effort, Line, Rounds
from launcher.configuration import CHECKOUT
from launcher.ports import LOOPBACK, free_port, is_served
from launcher.processes import Process, Program, start
from tests.api.servers import database_url

WEB_WORKERS = 2
PAGES = ("/", "/visits/", "/departments/", "/team/", "/api/v1/bookings/", "/api/v1/staff/")
LISTS = ("/json/", "/html/")
# Only tests bring them. Where it finds them, Django REST framework loads them too.
NOT_INSTALLED = ("requests", "pygments")


def run(effort: Effort) -> Iterator[Line]:
    """Yield the one line."""
    headers = {
        "Cookie": cookie_of(User.objects.get(email="planner@example.org")),
        "Authorization": f"Token {key_of('planner@example.org')}",
    }
    rounds = Rounds()
    with tempfile.TemporaryDirectory(prefix="rundgang-memory-") as folder:
        for _ in range(min(effort.rounds, 3)):
            rounds.ours.append(_megabytes("config.wsgi", PAGES, headers, effort, Path(folder)))
            rounds.peer.append(_megabytes("bench.plain_site", LISTS, {}, effort, Path(folder)))
    yield rounds.line(f"Memory of {WEB_WORKERS} web processes", "MB PSS", at_most=1.3)


def _megabytes(
    application: str, pages: Sequence[str], headers: Mapping[str, str], effort: Effort, folder: Path
) -> float:
    with _site(application, folder) as (process, port):
        for page in islice(cycle(pages), 5 * effort.calls):
            _get(port, page, headers)
        parent = psutil.Process(process.pid)
        family = [parent, *parent.children(recursive=True)]
        return float(sum(each.memory_full_info().pss for each in family)) / 1e6


@contextmanager
def _site(application: str, folder: Path) -> Iterator[tuple[Process, int]]:
    """Run the application as the product's own web processes run; yields process and port."""
    port = free_port()
    argv = [sys.executable, "-m", "gunicorn", application, "--worker-class", "gthread"]
    argv += ["--threads", "8", "--workers", str(WEB_WORKERS), "-b", f"{LOOPBACK}:{port}"]
    argv += ["--preload", "--graceful-timeout", "1", "--no-control-socket"]
    settings = "config.settings" if application == "config.wsgi" else "bench.plain_settings"
    hidden = f"import sys\nsys.modules.update(dict.fromkeys({NOT_INSTALLED}))\n"
    (folder / "sitecustomize.py").write_text(hidden)
    env = {**os.environ, "DATABASE_URL": database_url(), "DJANGO_SETTINGS_MODULE": settings}
    env["PYTHONPATH"] = str(folder)
    process = start(Program("web", argv, folder / "web.log", env, folder=CHECKOUT))
    try:
        while not is_served(port):
            assert not process.has_ended(), (folder / "web.log").read_text()
            time.sleep(0.1)
        yield process, port
    finally:
        process.stop()


def _get(port: int, page: str, headers: Mapping[str, str]) -> None:
    link = http.client.HTTPConnection(LOOPBACK, port, timeout=30)
    link.request("GET", page, headers=dict(headers))
    response = link.getresponse()
    response.read()
    link.close()
    assert response.status == http.HTTPStatus.OK, (page, response.status)
