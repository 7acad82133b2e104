"""Keeps a list of parts running: starts them in order, restarts the dead, stops in reverse."""

import contextlib
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from launcher.bell import Bell
from launcher.problems import LaunchError
from launcher.processes import Process, Program, last_lines, start
from launcher.records import record

FIRST_PAUSE, LONGEST_PAUSE = 0.2, 5.0
STEADY_AFTER = 10.0
TOO_MANY = 5


def _nothing() -> None:
    pass


@dataclass(slots=True)
class Part:
    """A program that should always run, and how its last starts went."""

    program: Program
    before_restart: Callable[[], None] = _nothing
    process: Process | None = None
    started: float = 0.0
    quick_deaths: int = 0
    next_start: float = 0.0

    def bury(self, now: float) -> None:
        """Forget the dead process and set the time of the next start."""
        self.process = None
        self.quick_deaths = 0 if now - self.started > STEADY_AFTER else self.quick_deaths + 1
        doublings = max(0, self.quick_deaths - 1)
        self.next_start = now + min(FIRST_PAUSE * 2**doublings, LONGEST_PAUSE)


@dataclass(slots=True)
class Supervisor:
    """The parts in the order of their start; `records` names the file of their ids."""

    records: Path
    bell: Bell
    say: Callable[[str], None] = print
    parts: list[Part] = field(default_factory=list)

    def adopt(self, process: Process, before_restart: Callable[[], None]) -> None:
        """Watch a process that already runs."""
        part = Part(process.program, before_restart, process, started=time.monotonic())
        self.parts.append(part)
        self._record()

    def add(self, program: Program) -> None:
        """Start a program and watch it."""
        part = Part(program)
        self.parts.append(part)
        self._start(part)

    def watch(self) -> None:
        """Restart what dies until the bell rings.

        Raises:
            StopRequested: the bell rang.
        """
        while True:
            self.step()
            self.bell.pause(0.1)

    def wait_for(self, is_ready: Callable[[], bool], patience: float) -> None:
        """Watch until it is ready.

        Raises:
            LaunchError: a part keeps dying or the time is over.
            StopRequested: the bell rang.
        """
        deadline = time.monotonic() + patience
        while not is_ready():
            self.step()
            for part in self.parts:
                if part.quick_deaths >= TOO_MANY:
                    raise LaunchError(_obituary(part))
            if time.monotonic() > deadline:
                raise LaunchError(f"The pages do not answer after {patience:.0f} seconds.")
            self.bell.pause(0.1)

    def step(self) -> None:
        """Look once at every part; bury and restart the dead."""
        now = time.monotonic()
        for part in self.parts:
            if part.process is not None and part.process.has_ended():
                self._report(part, part.process)
                part.bury(now)
            if part.process is None and now >= part.next_start:
                with contextlib.suppress(LaunchError):  # try again after the next pause
                    part.before_restart()
                self._start(part)

    def stop(self) -> None:
        """End every part, the last started first."""
        for part in reversed(self.parts):
            if part.process is not None:
                part.process.stop()
                part.process = None
        self.records.unlink(missing_ok=True)

    def _start(self, part: Part) -> None:
        part.process = start(part.program)
        part.started = time.monotonic()
        self._record()

    def _record(self) -> None:
        record(self.records, [part.process.pid for part in self.parts if part.process])

    def _report(self, part: Part, process: Process) -> None:
        code = process.popen.returncode
        how = f"was ended by signal {-code}" if code < 0 else f"ended with code {code}"
        self.say(f"{part.program.name} {how}; it is started again.")
        if part.quick_deaths + 1 == TOO_MANY:
            self.say(_obituary(part))


def _obituary(part: Part) -> str:
    log = part.program.log
    return f"{part.program.name} keeps dying; the end of {log}:\n{last_lines(log)}"
