"""Which processes a supervisor started, so that the next one can end what a crash left behind."""

import contextlib
import json
import os
import signal
import subprocess
import time
from collections.abc import Iterable
from pathlib import Path

Identity = tuple[int, str]


def identity(pid: int) -> Identity | None:
    """The process id with the moment of its birth; none when there is no such process.

    An id alone names a stranger once the system has given it away again.
    """
    stat = Path(f"/proc/{pid}/stat")
    if Path("/proc/self/stat").exists():
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except (FileNotFoundError, ProcessLookupError):
            return None
        return None if fields[0] == "Z" else (pid, fields[19])  # state, starttime (proc(5))
    asked = ["ps", "-o", "lstart=", "-p", str(pid)]
    born = subprocess.run(asked, capture_output=True, text=True, check=False).stdout.strip()
    return (pid, born) if born else None


def record(path: Path, pids: Iterable[int]) -> None:
    """Write down the living among these processes."""
    known = [found for pid in pids if (found := identity(pid))]
    draft = path.with_suffix(".draft")
    draft.write_text(json.dumps(known))
    draft.replace(path)


def end_leftovers(path: Path, patience: float = 5.0) -> int:
    """End the recorded processes that still live, with their groups; how many there were."""
    left = [pid for pid in _recorded(path) if pid]
    _signal_groups(left, signal.SIGTERM)
    deadline = time.monotonic() + patience
    while any(identity(pid) for pid in left) and time.monotonic() < deadline:
        time.sleep(0.05)
    _signal_groups([pid for pid in left if identity(pid)], signal.SIGKILL)
    path.unlink(missing_ok=True)
    return len(left)


def _recorded(path: Path) -> list[int]:
    try:
        known = json.loads(path.read_text())
    except (FileNotFoundError, json.JSONDecodeError):
        return []
    return [pid for pid, born in known if identity(pid) == (pid, born)]


def _signal_groups(pids: Iterable[int], number: signal.Signals) -> None:
    for pid in pids:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(pid, number)
