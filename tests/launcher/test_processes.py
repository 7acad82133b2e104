import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from launcher.configuration import CHECKOUT
from launcher.processes import command_line, last_lines, last_reason, start
from tests.launcher.dummies import DEAF, SLEEP, is_alive, program, wait_until

PARENT_OF_TWO = """
import subprocess, sys, time
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
print(child.pid, flush=True)
time.sleep(60)
"""
SUPERVISOR_THAT_IS_KILLED = """
import os, pathlib, signal, sys
from launcher.processes import start
from tests.launcher.dummies import SLEEP, program
print(start(program("part", SLEEP, pathlib.Path(sys.argv[1]))).pid, flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_stopping_ends_the_process(tmp_path: Path) -> None:
    process = start(program("part", SLEEP, tmp_path))
    process.stop()
    assert process.popen.returncode == -signal.SIGTERM


def test_a_process_that_will_not_hear_is_killed_when_patience_ends(tmp_path: Path) -> None:
    process = start(program("part", DEAF, tmp_path, 0.2))
    wait_until(lambda: last_lines(tmp_path / "part.log").strip() == "1")
    process.stop()
    assert process.popen.returncode == -signal.SIGKILL


def test_what_a_dead_process_left_in_its_group_is_ended_too(tmp_path: Path) -> None:
    process = start(program("part", PARENT_OF_TWO, tmp_path))
    wait_until(lambda: last_lines(tmp_path / "part.log").strip().isdecimal())
    child = int(last_lines(tmp_path / "part.log"))
    os.kill(process.pid, signal.SIGKILL)
    wait_until(process.has_ended)
    wait_until(lambda: not is_alive(child))


def test_a_part_ends_with_a_supervisor_that_was_killed(tmp_path: Path) -> None:
    code = [sys.executable, "-c", SUPERVISOR_THAT_IS_KILLED, str(tmp_path)]
    done = subprocess.run(code, cwd=CHECKOUT, capture_output=True, text=True, check=False)
    assert done.returncode == -signal.SIGKILL
    wait_until(lambda: not is_alive(int(done.stdout)))


def test_the_command_line_of_a_process_is_known_and_of_none_is_empty(tmp_path: Path) -> None:
    process = start(program("part", SLEEP, tmp_path))
    wait_until(lambda: command_line(process.pid) == list(process.program.argv))
    process.stop()
    assert command_line(process.pid) == []


FAILED_TWICE = """Traceback (most recent call last):
  File "a.py", line 1, in <module>
psycopg.errors.Refused: first

The above exception was the direct cause of the following exception:

Traceback (most recent call last):
  File "b.py", line 2, in <module>
    execute()
django.db.utils.ProgrammingError: relation "a" does not exist
LINE 1: SELECT 1 FROM a
                      ^
"""


@pytest.mark.parametrize(
    ("told", "reason"),
    [
        (FAILED_TWICE, 'relation "a" does not exist'),
        ("0 migrations applied.\nCommandError: No organisation.\n", "No organisation."),
        ("Traceback (most recent call last):\n  File\nKeyError\n", "KeyError"),
        ("\n", "no reason given"),
    ],
)
def test_the_reason_of_a_failure_is_one_line_without_the_way_through_the_code(
    told: str, reason: str, tmp_path: Path
) -> None:
    log = tmp_path / "prepare.log"
    log.write_text(told)
    assert last_reason(log) == reason
