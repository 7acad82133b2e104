import os
import signal
from pathlib import Path

import redis

from launcher.servers import place_for, start_valkey, valkey_at
from tests.launcher.dummies import wait_until


def test_what_was_queued_survives_a_kill(open_folder: Path) -> None:
    place = place_for(open_folder)
    valkey = valkey_at(place, "a-password")
    process, port = start_valkey(valkey, place.logs / "valkey.log")
    with redis.Redis.from_url(valkey.url(port)) as client:
        client.lpush("queue", "task")
        wait_until(lambda: client.info("persistence")["aof_pending_bio_fsync"] == 0)
    os.kill(process.pid, signal.SIGKILL)
    wait_until(process.has_ended)
    process, port = start_valkey(valkey, place.logs / "valkey.log")
    with redis.Redis.from_url(valkey.url(port)) as client:
        assert client.lrange("queue", 0, -1) == [b"task"]
    process.stop()


def test_the_password_is_in_no_command_line_and_in_a_private_file(open_folder: Path) -> None:
    place = place_for(open_folder)
    valkey = valkey_at(place, "a-password")
    program = valkey.program(1, place.logs / "valkey.log")
    assert "a-password" not in " ".join(program.argv)
    assert (valkey.folder / "valkey.conf").stat().st_mode & 0o777 == 0o600
