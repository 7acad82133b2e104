"""Small programs that stand for the product's parts."""

import os
import sys
import time
from collections.abc import Callable
from pathlib import Path

from launcher.processes import Program

SLEEP = "import time; time.sleep(60)"
DEAF = (
    f"import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); print(1, flush=True); {SLEEP}"
)


def program(name: str, code: str, folder: Path, patience: float = 5.0) -> Program:
    """Python code as a part; it logs into the folder."""
    log = folder / f"{name}.log"
    return Program(name, [sys.executable, "-c", code], log, dict(os.environ), patience=patience)


def wait_until(holds: Callable[[], bool], seconds: float = 10.0) -> None:
    """Wait for what another process does."""
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.02)


def is_alive(pid: int) -> bool:
    """True while the process runs; a zombie does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False
