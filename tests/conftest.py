"""Every test runs on a real PostgreSQL and a real broker, started once per session."""

import os
import shutil
import tempfile
from contextlib import ExitStack
from pathlib import Path

import django
import pytest

from launcher.problems import LaunchError
from launcher.servers import throw_away_servers

_SESSION = ExitStack()


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
    )
    os.environ.setdefault("EMAIL_URL", "smtp://127.0.0.1:9")  # discard: a test names its own
    if "DATABASE_URL" not in os.environ or "REDIS_URL" not in os.environ:
        try:
            urls = _SESSION.enter_context(throw_away_servers(data))
        except LaunchError as error:
            pytest.exit(str(error), returncode=1)
        for name, url in urls.items():
            os.environ.setdefault(name, url)
    django.setup()


def pytest_unconfigure() -> None:
    """Stop what was started; pytest calls this after Ctrl-C too."""
    _SESSION.close()
