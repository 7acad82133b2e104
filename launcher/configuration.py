"""What the environment asks of `make run`, and the secrets it needs but was not given."""

import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from launcher.ports import LOOPBACK
from launcher.problems import LaunchError

CHECKOUT = Path(__file__).resolve().parent.parent
SECRETS = ("ROTATION_SECRET_KEY", "POSTGRES_PASSWORD", "VALKEY_PASSWORD")
HIGHEST_PORT = 65_535


@dataclass(frozen=True, slots=True)
class Configuration:
    """The environment, checked; an empty URL means the embedded part."""

    data: Path
    port: int
    web_workers: int
    database_url: str
    redis_url: str
    email_url: str
    inbound_smtp_port: int
    demo: bool
    public_url: str

    @property
    def url(self) -> str:
        """Where the pages are served on this machine."""
        return f"http://{LOOPBACK}:{self.port}"


def read_configuration(env: Mapping[str, str]) -> Configuration:
    """The configuration of `make run`.

    Raises:
        LaunchError: a number is not a number or out of its range.
    """
    port = _number(env, "ROTATION_PORT", 8000, HIGHEST_PORT)
    database_url = env.get("DATABASE_URL", "")
    return Configuration(
        data=Path(env.get("ROTATION_DATA") or CHECKOUT / "var").absolute(),
        port=port,
        web_workers=_number(env, "ROTATION_WEB_WORKERS", 2, 64),
        database_url=database_url,
        redis_url=env.get("REDIS_URL", ""),
        email_url=env.get("EMAIL_URL", ""),
        inbound_smtp_port=_number(env, "ROTATION_INBOUND_SMTP_PORT", 0, HIGHEST_PORT),
        demo=_switch(env, "ROTATION_DEMO", default=not database_url),
        public_url=env.get("ROTATION_PUBLIC_URL") or f"http://{LOOPBACK}:{port}",
    )


def _number(env: Mapping[str, str], name: str, default: int, highest: int) -> int:
    text = env.get(name) or str(default)
    if not text.isascii() or not text.isdecimal() or int(text) > highest:
        raise LaunchError(f"{name} must be a number up to {highest}, not '{text}'.")
    return int(text)


def _switch(env: Mapping[str, str], name: str, *, default: bool) -> bool:
    text = env.get(name, "").lower()
    if text in {"1", "true", "yes", "on"}:
        return True
    if text in {"0", "false", "no", "off"}:
        return False
    if text:
        raise LaunchError(f"{name} must be 1 or 0, not '{text}'.")
    return default


def kept_secrets(path: Path) -> dict[str, str]:
    """The secrets of an installation, made at its first start and kept in a file of mode 0600."""
    found = read_pairs(path)
    known = {name: found.get(name) or secrets.token_urlsafe(36) for name in SECRETS}
    if known != found:
        write_private(path, known)
    return known


def read_pairs(path: Path) -> dict[str, str]:
    """The `KEY=value` lines of a file; none when there is no file."""
    try:
        lines = path.read_text().splitlines()
    except FileNotFoundError:
        return {}
    return {key: value for key, _, value in (line.partition("=") for line in lines)}


def write_private(path: Path, pairs: Mapping[str, str]) -> None:
    """Write `KEY=value` lines, complete or not at all, readable by us alone."""
    draft = path.with_name(f"{path.name}.draft")
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.writelines(f"{key}={value}\n" for key, value in pairs.items())
    draft.replace(path)
