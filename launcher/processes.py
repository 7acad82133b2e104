"""Child processes: each in a session of its own, ended with all it started, by process id."""

import contextlib
import ctypes
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from launcher.accounts import Account, become

PR_SET_PDEATHSIG = 1
TRACEBACK = "Traceback (most recent call last):"
_LIBC = ctypes.CDLL(None) if sys.platform == "linux" else None


@dataclass(frozen=True, slots=True)
class Program:
    """What is needed to start a process again and again."""

    name: str
    argv: Sequence[str]
    log: Path
    env: Mapping[str, str]
    account: Account | None = None
    folder: Path = Path("/")
    stop_signal: signal.Signals = signal.SIGTERM
    patience: float = 10.0


@dataclass(slots=True)
class Process:
    """A running program; its process group carries its own id."""

    program: Program
    popen: subprocess.Popen[bytes]

    @property
    def pid(self) -> int:
        """The process id, which is the id of its session and group too."""
        return self.popen.pid

    def has_ended(self) -> bool:
        """True once the process is dead; then what it left in its group is killed too."""
        if self.popen.returncode is not None:
            return True
        # Look without reaping: the id cannot be given to a stranger before the group is killed.
        flags = os.WEXITED | os.WNOHANG | os.WNOWAIT
        if os.waitid(os.P_PID, self.pid, flags) is None:
            return False
        self._kill_group()
        self.popen.wait()
        return True

    def stop(self) -> None:
        """Ask the process to end, wait its patience, then kill its group."""
        if not self.has_ended():
            self.popen.send_signal(self.program.stop_signal)
        deadline = time.monotonic() + self.program.patience
        while not self.has_ended():
            if time.monotonic() > deadline:
                self._kill_group()
            time.sleep(0.02)

    def _kill_group(self) -> None:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.pid, signal.SIGKILL)


def start(program: Program) -> Process:
    """A new process of the program that gets the stop signal should we die without a word."""
    with program.log.open("ab") as log:
        popen = subprocess.Popen(
            list(program.argv),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            cwd=program.folder,
            env=dict(program.env),
            start_new_session=True,
            preexec_fn=_dies_with_us(program.stop_signal),  # noqa: PLW1509 (no threads here)
            **become(program.account),
        )
    return Process(program, popen)


def _dies_with_us(stop_signal: signal.Signals) -> Callable[[], None] | None:
    """What the child calls before it becomes the program; Linux only."""
    if _LIBC is None:
        return None
    libc, parent = _LIBC, os.getpid()

    def ask() -> None:
        libc.prctl(PR_SET_PDEATHSIG, int(stop_signal))
        if os.getppid() != parent:
            os._exit(1)

    return ask


def command_line(pid: int) -> list[str]:
    """The words a living process was started with; none when there is no such process."""
    proc = Path("/proc")
    if (proc / "self").exists():
        try:
            raw = (proc / str(pid) / "cmdline").read_bytes()
        except (FileNotFoundError, ProcessLookupError):
            return []
        return raw.decode(errors="replace").rstrip("\0").split("\0")
    asked = ["ps", "-ww", "-o", "args=", "-p", str(pid)]
    shown = subprocess.run(asked, capture_output=True, text=True, check=False)
    return shown.stdout.split()


def last_reason(log: Path) -> str:
    """The last error that a log tells, in one line and without the way it took through the code."""
    try:
        text = log.read_text(errors="replace")
    except OSError:
        text = ""
    lines = [line for line in text.rpartition(TRACEBACK)[2].splitlines() if line.strip()]
    if TRACEBACK in text:  # below it: the indented way through the code, then the error
        lines = [line for line in lines if not line.startswith(" ")][:1]
    reason = lines[-1].strip() if lines else "no reason given"
    return re.sub(r"^[\w.]+: ", "", reason)


def last_lines(log: Path, count: int = 8) -> str:
    """The end of a log file, indented, for a person to read."""
    try:
        lines = log.read_text(errors="replace").splitlines()
    except OSError:
        return ""
    return "\n".join(f"    {line}" for line in lines[-count:])
