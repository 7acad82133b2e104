#!/usr/bin/env python3
"""Set up `.venv` and start the product: `python3 run.py`, or `make run`.

`python3 run.py [--dev] [ARGUMENTS...]` runs the arguments by the Python of `.venv`, after it has
been set up; without arguments that is `-m launcher`. Needs nothing but a Python of 3.11 or newer
with its venv module, and is written so that an older one can still read it and say so.
"""

import contextlib
import hashlib
import importlib.util
import os
import platform
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

TYPE_CHECKING = False  # the oldest Pythons that must read this file lack typing.TYPE_CHECKING
if TYPE_CHECKING:
    from collections.abc import Iterator

OLDEST = (3, 11)
CHECKOUT = Path(__file__).resolve().parent
VENV = CHECKOUT / ".venv"
PYTHON = VENV / "bin" / "python"
THIS_MACHINE = f"{platform.machine()}, {platform.system()}, Python {platform.python_version()}"
NO_NETWORK = (
    r"Failed to establish a new connection|Name or service not known|Temporary failure in name"
    r"|Could not fetch URL|Connection refused|Read timed out|ProxyError|SSLError"
)
NO_FIT = (
    f"The package {{name}} does not fit this machine ({THIS_MACHINE}):"
    " use CPython 3.11 to 3.13 on Linux or macOS, x86_64 or arm64."
)
# What pip prints -> what we say; the first match counts.
PIP_FAILURES = (
    (r"No space left on device", "The disk is full: free about 500 MB and start again."),
    (r"Disk quota exceeded", "The disk quota is used up: free about 500 MB and start again."),
    (NO_NETWORK, "The package index cannot be reached: check the network and pip's settings."),
    (r"DO NOT MATCH THE HASHES", "A package is not the one that was pinned: clear pip's cache."),
    (r"No matching distribution found for (?P<name>[\w.-]+)", NO_FIT),
    (r"Permission denied", f"The folder {VENV} may not be written: start as its owner."),
)


class SetUpError(Exception):
    """A reason, written for a person, why the set-up cannot go on."""


def say(text: str) -> None:
    """Tell the person at the terminal at once."""
    print(text, flush=True)


def main(arguments: "list[str]") -> None:
    """Set up, then become the program that was asked for."""
    if sys.version_info < OLDEST:
        raise SetUpError(
            f"Python 3.11 or newer is needed, this is {platform.python_version()}:"
            " name another one, such as `make run PYTHON=python3.12`."
        )
    if os.name != "posix":
        raise SetUpError("Linux or macOS is needed; on Windows use WSL or docker compose.")
    with sole_set_up():
        set_up(requirements(dev="--dev" in arguments[:1]))
    rest = arguments[1:] if arguments[:1] == ["--dev"] else arguments
    os.chdir(str(CHECKOUT))
    os.execv(str(PYTHON), [str(PYTHON), *(rest or ["-m", "launcher"])])


@contextlib.contextmanager
def sole_set_up() -> "Iterator[None]":
    """Let `make run` and `make test` wait for each other's set-up."""
    folder = os.open(str(CHECKOUT), os.O_RDONLY)
    try:
        import fcntl  # noqa: PLC0415 (only POSIX has it)

        with contextlib.suppress(OSError):  # a file system without locks
            fcntl.flock(folder, fcntl.LOCK_EX)
        yield
    finally:
        os.close(folder)


def requirements(*, dev: bool) -> "list[Path]":
    """Return the requirement files that are needed, in the order of their installation."""
    outside = os.environ.get("DATABASE_URL") and os.environ.get("REDIS_URL")
    names = ["requirements.txt"]
    names += [] if outside else ["requirements-embedded.txt"]
    names += ["requirements-dev.txt"] if dev else []
    return [CHECKOUT / name for name in names]


def set_up(files: "list[Path]") -> None:
    """Make `.venv` hold the requirements; does nothing when it does already."""
    missing = [file for file in files if not is_installed(file)]
    if not missing:
        return
    begin = time.monotonic()
    if not os.access(str(CHECKOUT), os.W_OK):
        raise SetUpError(f"The folder {CHECKOUT} may not be written: start as its owner.")
    steps = len(missing) + 1
    say(f"Setting up {VENV}; this takes a minute or two the first time.")
    say(f"Step 1 of {steps}: a virtual environment with {platform.python_version()}")
    make_venv()
    for number, file in enumerate(missing, start=2):
        install(file, f"Step {number} of {steps}")
    say(f"Set up in {time.monotonic() - begin:.0f} s.")


def make_venv() -> None:
    """Create `.venv` unless one made by this Python at this place is there."""
    mark = VENV / "made-by"
    maker = f"{sys.version}\n{sys.executable}\n{VENV}\n"
    if PYTHON.exists() and mark.exists() and mark.read_text() == maker:
        return
    if not all(importlib.util.find_spec(name) for name in ("venv", "ensurepip")):
        raise SetUpError(
            "This Python lacks its venv module: install it (Debian, Ubuntu:"
            " `apt-get install python3-venv`) and start again."
        )
    if VENV.exists():
        shutil.rmtree(str(VENV))
    made = subprocess.run(
        [sys.executable, "-m", "venv", str(VENV)], capture_output=True, text=True, check=False
    )
    if made.returncode:
        raise SetUpError(why_it_failed(made.stdout + made.stderr, "No virtual environment"))
    mark.write_text(maker)


def install(file: Path, step: str) -> None:
    """Install one requirement file with pip, telling how far it is."""
    names = len(re.findall(r"^[A-Za-z0-9]", file.read_text(), flags=re.MULTILINE))
    say(f"{step}: up to {names} packages of {file.name}")
    command = [str(PYTHON), "-m", "pip", "install", "--no-input", "--disable-pip-version-check"]
    command += ["--progress-bar", "off", "--no-compile", "--only-binary", ":all:"]
    command += ["--require-hashes", "-r", str(file)]
    output = []
    begin = told = time.monotonic()
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace"
    ) as pip:
        for line in pip.stdout or ():
            output.append(line)
            if time.monotonic() - told > 5:  # noqa: PLR2004 (seconds)
                told = time.monotonic()
                say(f"  ... {progress(output, names)}, {told - begin:.0f} s")
    if pip.returncode:
        with contextlib.suppress(OSError):  # the disk may be full
            (VENV / "pip.log").write_text("".join(output))
        raise SetUpError(why_it_failed("".join(output), "The packages were not installed"))
    stamp(file).write_text(digest(file))
    say(f"  done in {time.monotonic() - begin:.0f} s")


def progress(output: "list[str]", names: int) -> str:
    """Return how far pip is, from what it has printed."""
    if any(line.startswith("Installing collected") for line in output):
        return "installing"
    collected = sum(line.startswith("Collecting ") for line in output)
    return f"{collected} of {names} packages fetched"


def why_it_failed(output: str, what: str) -> str:
    """Return one sentence for what a set-up command printed."""
    for pattern, text in PIP_FAILURES:
        found = re.search(pattern, output)
        if found:
            return text.format(**found.groupdict())
    last = ([line.strip() for line in output.splitlines() if line.strip()] or ["no reason given"])[
        -1
    ]
    return f"{what}: {last}"


def is_installed(file: Path) -> bool:
    """Return whether `.venv` holds these requirements, by this Python, at this place."""
    made_here = PYTHON.exists() and (VENV / "made-by").exists()
    return made_here and stamp(file).exists() and stamp(file).read_text() == digest(file)


def stamp(file: Path) -> Path:
    """Return the file that tells which version of a requirement file is installed."""
    return VENV / f"installed-{file.name}"


def digest(file: Path) -> str:
    """Return what changes when the file, the Python or the place changes."""
    made_of = [file.read_bytes(), sys.version.encode(), str(VENV).encode()]
    return hashlib.sha256(b"\0".join(made_of)).hexdigest()


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    except SetUpError as error:
        sys.exit(str(error))
    except KeyboardInterrupt:
        sys.exit("Stopped during set-up; the next start goes on from here.")
    except OSError as error:
        sys.exit(why_it_failed(f"{error.strerror}: {error.filename or VENV}", "The set-up failed"))
