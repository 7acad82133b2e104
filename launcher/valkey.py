"""The embedded Valkey (the Redis fork) as broker: append-only file on, nothing evicted."""

import signal
from dataclasses import dataclass
from pathlib import Path

import redis

from launcher.accounts import BARE_ENVIRONMENT, Account, valkey_program
from launcher.ports import LOOPBACK
from launcher.processes import Process, Program


@dataclass(frozen=True, slots=True)
class Valkey:
    """One server with its data in one folder."""

    site: Path
    account: Account
    folder: Path
    password: str
    throw_away: bool = False

    def url(self, port: int) -> str:
        """The REDIS_URL of the server on that port."""
        return f"redis://:{self.password}@{LOOPBACK}:{port}/0"

    def program(self, port: int, log: Path) -> Program:
        """How to start the server on that port; writes its configuration file."""
        return Program(
            name="valkey",
            argv=[str(valkey_program(self.site)), str(self._write_configuration(port))],
            log=log,
            env=BARE_ENVIRONMENT,
            account=self.account,
            stop_signal=signal.SIGTERM,
        )

    def is_ready(self, process: Process, port: int) -> bool:
        """True when this very process answers on that port."""
        try:
            with redis.Redis(host=LOOPBACK, port=port, password=self.password) as client:
                found: int = client.info("server")["process_id"]
        except redis.RedisError:
            return False
        return found == process.pid

    def _write_configuration(self, port: int) -> Path:
        # A file and not arguments: every user of the machine can read a command line.
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.account.own(self.folder, 0o700)
        path = self.folder / "valkey.conf"
        path.touch(mode=0o600)
        self.account.own(path, 0o600)
        path.write_text(
            f"bind {LOOPBACK}\n"
            f"port {port}\n"
            f"dir {_quoted(self.folder)}\n"
            f"requirepass {self.password}\n"
            'save ""\n'
            f"appendonly {'no' if self.throw_away else 'yes'}\n"
            "maxmemory-policy noeviction\n"
        )
        return path


def _quoted(path: Path) -> str:
    escaped = str(path).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
