"""The environment: what the process was given, completed by the running server's runtime.env."""

import os
from pathlib import Path

RUNTIME_KEYS = frozenset(
    {
        "DATABASE_URL",
        "EMAIL_URL",
        "REDIS_URL",
        "ROTATION_DEMO",
        "ROTATION_INBOUND_SMTP_PORT",
        "ROTATION_PUBLIC_URL",
        "ROTATION_SECRET_KEY",
        "ROTATION_SMTP",
        "ROTATION_URL",
    }
)


def read_runtime(path: Path) -> dict[str, str]:
    """Return the known `KEY=value` lines of a runtime.env; empty where there is no such file."""
    if not path.is_file():
        return {}
    pairs = (line.partition("=") for line in path.read_text(encoding="utf-8").splitlines())
    return {key: value for key, _, value in pairs if key in RUNTIME_KEYS}


def load_runtime(data: Path) -> None:
    """Set what the running server announces in `data`/runtime.env and the process was not given."""
    for key, value in read_runtime(data / "runtime.env").items():
        os.environ.setdefault(key, value)
