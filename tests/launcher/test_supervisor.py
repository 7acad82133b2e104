import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from launcher.bell import Bell, StopRequested
from launcher.problems import LaunchError
from launcher.supervisor import Part, Supervisor
from tests.launcher.dummies import SLEEP, is_alive, program, wait_until


@pytest.fixture
def supervisor(tmp_path: Path) -> Supervisor:
    return Supervisor(tmp_path / "processes.json", Bell(), say=lambda _text: None)


def pid_of(part: Part) -> int:
    assert part.process is not None
    return part.process.pid


def has_new_process(supervisor: Supervisor, part: Part, old: int) -> bool:
    supervisor.step()
    return part.process is not None and part.process.pid != old


def test_a_killed_part_is_started_again_and_the_others_are_left_alone(
    supervisor: Supervisor, tmp_path: Path
) -> None:
    supervisor.add(program("one", SLEEP, tmp_path))
    supervisor.add(program("two", SLEEP, tmp_path))
    one, two = supervisor.parts
    first, second = pid_of(one), pid_of(two)
    os.kill(first, signal.SIGKILL)
    wait_until(lambda: has_new_process(supervisor, one, first), seconds=2)
    assert is_alive(pid_of(one))
    assert pid_of(two) == second
    supervisor.stop()


def test_parts_stop_in_the_reverse_order_of_their_start(
    supervisor: Supervisor, tmp_path: Path
) -> None:
    order = tmp_path / "order"
    for name in ("web", "worker", "beat"):
        code = (
            f"import signal, sys, time\n"
            f"def stop(*_):\n    open({str(order)!r}, 'a').write('{name} ')\n    sys.exit()\n"
            f"signal.signal(signal.SIGTERM, stop)\nopen({str(tmp_path / name)!r}, 'w')\n"
            f"time.sleep(60)"
        )
        supervisor.add(program(name, code, tmp_path))
        wait_until((tmp_path / name).exists)
    supervisor.stop()
    assert order.read_text() == "beat worker web "


def test_stopping_ends_nothing_that_the_supervisor_did_not_start(
    supervisor: Supervisor, tmp_path: Path
) -> None:
    with subprocess.Popen([sys.executable, "-c", SLEEP]) as stranger:
        supervisor.add(program("part", SLEEP, tmp_path))
        pid = pid_of(supervisor.parts[0])
        supervisor.stop()
        assert (is_alive(pid), is_alive(stranger.pid)) == (False, True)
        stranger.kill()


def test_waiting_gives_up_on_a_part_that_keeps_dying_and_shows_its_log(
    supervisor: Supervisor, tmp_path: Path
) -> None:
    supervisor.add(program("web", "print('no such table'); raise SystemExit(3)", tmp_path))
    with pytest.raises(LaunchError, match=r"web keeps dying; the end of .*web.log:\n.*no such"):
        supervisor.wait_for(lambda: False, patience=60)


def test_waiting_gives_up_after_its_patience(supervisor: Supervisor) -> None:
    with pytest.raises(LaunchError, match=r"^The pages do not answer after 0 seconds\.$"):
        supervisor.wait_for(lambda: False, patience=0.1)


def test_watching_ends_when_the_bell_rings(supervisor: Supervisor) -> None:
    threading.Timer(0.1, setattr, (supervisor.bell, "rung", True)).start()
    with pytest.raises(StopRequested):
        supervisor.watch()


def test_pauses_before_a_start_double_up_to_five_seconds(tmp_path: Path) -> None:
    part = Part(program("part", SLEEP, tmp_path), started=100.0)
    pauses = []
    for _death in range(7):
        part.bury(now=100.0)
        pauses.append(round(part.next_start - 100.0, 1))
    assert pauses == [0.2, 0.4, 0.8, 1.6, 3.2, 5.0, 5.0]


def test_a_part_that_ran_steadily_starts_again_at_once(tmp_path: Path) -> None:
    part = Part(program("part", SLEEP, tmp_path), started=100.0, quick_deaths=4)
    part.bury(now=111.0)
    assert (part.quick_deaths, round(part.next_start, 1)) == (0, 111.2)
