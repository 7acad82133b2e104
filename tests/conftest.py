"""Every test runs on a real PostgreSQL and a real broker, started once per session."""

import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any
from urllib.parse import quote

import django
import pytest
import redis
from pytest_django import Settings

from launcher.configuration import CHECKOUT
from launcher.ports import LOOPBACK
from launcher.problems import LaunchError
from launcher.processes import Process, Program, start
from launcher.servers import throw_away_servers
from tests.browsers import FLAGS, MISSING, find_chromium, is_required
from tests.mail_server import MailServer

_SESSION = ExitStack()
_OWN: dict[str, str] = {}


def pytest_configure() -> None:
    """Start the servers before Django reads its settings."""
    data = Path(tempfile.mkdtemp(prefix="rundgang-tests-"))
    data.chmod(0o711)  # as root the servers run as another user, who must get through
    _SESSION.callback(shutil.rmtree, data, ignore_errors=True)
    os.environ.update(
        DJANGO_SETTINGS_MODULE="config.settings",
        DJANGO_ALLOW_ASYNC_UNSAFE="1",  # Playwright's sync API runs an event loop in the thread
        ROTATION_DATA=str(data),
        ROTATION_SECRET_KEY="only-for-tests-" + "x" * 50,
        ROTATION_ALLOWED_HOSTS="*",
        ROTATION_PUBLIC_URL="http://testserver",
        ROTATION_MAIL_FROM="rundgang@example.org",
        ROTATION_TIME_ZONE="Europe/Berlin",
        ROTATION_LANGUAGE="en",
        ROTATION_DEMO="0",
        EMAIL_URL="smtp://127.0.0.1:9",  # nobody listens: a test that sends asks for mail_server
    )
    lent = {name for name in ("DATABASE_URL", "REDIS_URL") if name in os.environ}
    if len(lent) < 2:
        try:
            urls = _SESSION.enter_context(throw_away_servers(data))
        except LaunchError as error:
            pytest.exit(str(error), returncode=1)
        _OWN.update({name: url for name, url in urls.items() if name not in lent})
        os.environ.update(_OWN)
    django.setup()
    _compile_translations()


def _compile_translations() -> None:
    """In a new clone nobody has served the product yet, which compiles them."""
    from django.conf import settings  # noqa: PLC0415 (not before the servers are known)

    from rotation.management.commands.prepare import compile_translations  # noqa: PLC0415

    list(compile_translations(settings.LOCALE_PATHS))


def pytest_unconfigure() -> None:
    """Stop what was started; pytest calls this after Ctrl-C too."""
    _SESSION.close()


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skip a browser test where there is no browser, or fail it where one is required."""
    wants = {"page", "context", "browser", "chromium"} & set(getattr(item, "fixturenames", ()))
    if not wants or find_chromium():
        return
    if is_required():
        pytest.fail(f"REQUIRE_BROWSER=1, but {MISSING}", pytrace=False)
    pytest.skip(MISSING)


@pytest.fixture(scope="session")
def chromium() -> str:
    """The path of the Chromium that browser tests drive."""
    found = find_chromium()
    assert found, MISSING
    return found


@pytest.fixture(scope="session")
def browser_type_launch_args(
    browser_type_launch_args: dict[str, Any], chromium: str
) -> dict[str, Any]:
    """Playwright's options with our Chromium and its flags."""
    return {**browser_type_launch_args, "executable_path": chromium, "args": list(FLAGS)}


@pytest.fixture(autouse=True)
def _empty_broker() -> Iterator[None]:
    """No task, heartbeat or rate limit of one test reaches the next one."""
    yield
    if "REDIS_URL" in _OWN:  # never empty a server we were lent
        with redis.Redis.from_url(_OWN["REDIS_URL"]) as client:
            client.flushall()


@pytest.fixture
def broker() -> Iterator[redis.Redis]:
    """A client of the broker that tasks are sent to; it starts empty."""
    with redis.Redis.from_url(os.environ["REDIS_URL"]) as client:
        yield client


@pytest.fixture
def mail_server(settings: Settings) -> Iterator[MailServer]:
    """A real SMTP server that takes the product's mail."""
    server = MailServer()
    controller = server.controller()
    controller.start()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = LOOPBACK, server.port
    yield server
    controller.stop()


@pytest.fixture
def inbox(settings: Settings) -> Iterator[MailServer]:
    """The organiser's own SMTP server, to which a demo's guests answer."""
    server = MailServer()
    controller = server.controller()
    controller.start()
    settings.INBOUND_SMTP_PORT = server.port
    yield server
    controller.stop()


@pytest.fixture
def start_part(
    transactional_db: None, settings: Settings, tmp_path: Path
) -> Iterator[Callable[..., Process]]:
    """Start `start_part("worker", "-m", "celery", ...)` as a process on the test database.

    It logs to `tmp_path`/worker.log and is killed, with its children, at the end of the test.
    """
    del transactional_db
    running: list[Process] = []
    known = settings.DATABASES["default"]
    login = f"{quote(known['USER'], safe='')}:{quote(known['PASSWORD'], safe='')}"
    database = f"postgres://{login}@{known['HOST']}:{known['PORT']}/{known['NAME']}"

    def begin(name: str, *arguments: str, **env: str) -> Process:
        smtp = f"smtp://{settings.EMAIL_HOST}:{settings.EMAIL_PORT}"
        whole = {**os.environ, "DATABASE_URL": database, "EMAIL_URL": smtp, **env}
        argv = [sys.executable, *arguments]
        program = Program(name, argv, tmp_path / f"{name}.log", whole, folder=CHECKOUT)
        running.append(start(program))
        return running[-1]

    yield begin
    for process in running:
        process.stop()
