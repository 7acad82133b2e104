"""The whole product as `make run` starts it, without a demo organisation."""

import json
import os
import signal
import smtplib
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
import redis

from launcher.configuration import CHECKOUT, read_pairs
from launcher.ports import free_port
from launcher.processes import command_line
from launcher.product import answers
from tests.launcher.dummies import is_alive, wait_until

PARTS = {
    "postgres": "bin/postgres",
    "valkey": "valkey-server",
    "web": "gunicorn",
    "mail": "serve_mail",
    "worker": "config worker",
    "beat": "config beat",
}


class Installation:
    """A running product in a data folder."""

    def __init__(self, data: Path) -> None:
        self.data, self.port = data, free_port()
        wanted = {"ROTATION_DATA": str(data), "ROTATION_PORT": str(self.port), "ROTATION_DEMO": "0"}
        self.launcher = subprocess.Popen(
            [sys.executable, "-m", "launcher"],
            cwd=CHECKOUT,
            env={"PATH": os.environ["PATH"], **wanted},
            stdout=subprocess.PIPE,
            text=True,
        )
        wait_until(lambda: self.has_ended() or answers(self.port), seconds=90)
        assert not self.has_ended()

    def has_ended(self) -> bool:
        return self.launcher.poll() is not None

    @property
    def env(self) -> dict[str, str]:
        return read_pairs(self.data / "runtime.env")

    def pids(self) -> dict[str, int]:
        """The process id of each part, found by its command line among the recorded ones."""
        recorded = [pid for pid, _birth in json.loads((self.data / "processes.json").read_text())]
        lines = {pid: " ".join(command_line(pid)) for pid in recorded}
        return {
            name: pid for name, key in PARTS.items() for pid, line in lines.items() if key in line
        }

    def serves(self, name: str) -> bool:
        """True when the part does its work; worker and beat count as soon as they live."""
        env = self.env
        try:
            if name == "postgres":
                psycopg.connect(env["DATABASE_URL"]).close()
            elif name == "valkey":
                redis.Redis.from_url(env["REDIS_URL"]).ping()
            elif name == "mail":
                host, _, port = env["ROTATION_SMTP"].partition(":")
                smtplib.SMTP(host, int(port), timeout=2).quit()
            elif name == "web":
                return answers(self.port)
        except (psycopg.Error, redis.RedisError, OSError, smtplib.SMTPException):
            return False
        return name in self.pids()

    def is_back(self, name: str, old: int) -> bool:
        return self.pids().get(name, old) != old and self.serves(name)


@pytest.fixture(scope="module")
def installation() -> Iterator[Installation]:
    with tempfile.TemporaryDirectory(prefix="rundgang-product-") as name:
        Path(name).chmod(0o711)  # as root the servers run as somebody else
        running = Installation(Path(name))
        yield running
        running.launcher.terminate()
        running.launcher.wait(timeout=60)


def test_every_part_runs_and_is_announced_to_the_owner_alone(installation: Installation) -> None:
    assert set(installation.pids()) == set(PARTS)
    assert (installation.data / "runtime.env").stat().st_mode & 0o777 == 0o600
    assert installation.env["ROTATION_URL"] == f"http://127.0.0.1:{installation.port}"


@pytest.mark.parametrize("name", PARTS)
def test_a_killed_part_is_back_and_the_others_never_left(
    installation: Installation, name: str
) -> None:
    before = installation.pids()
    os.kill(before[name], signal.SIGKILL)
    wait_until(lambda: installation.is_back(name, before[name]), seconds=20)
    after = installation.pids()
    assert {part for part, pid in after.items() if pid != before[part]} == {name}


def test_it_stops_with_all_it_started_and_leaves_no_announcement(
    installation: Installation,
) -> None:
    pids = installation.pids()
    installation.launcher.send_signal(signal.SIGTERM)
    assert installation.launcher.wait(timeout=60) == 0
    assert [name for name, pid in pids.items() if is_alive(pid)] == []
    assert not (installation.data / "runtime.env").exists()
    assert not (installation.data / "processes.json").exists()
