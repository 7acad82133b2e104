"""`python -m launcher`: run the product until somebody stops it; `upgrade` prepares it only."""

import contextlib
import fcntl
import os
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path

from launcher.bell import Bell, StopRequested
from launcher.configuration import (
    Configuration,
    kept_secrets,
    read_configuration,
    read_pairs,
    write_private,
)
from launcher.ports import is_taken
from launcher.problems import LaunchError, sentence
from launcher.product import (
    answers,
    is_settled,
    mail_environment,
    prepare,
    prepare_program,
    programs,
    rotate_logs,
    start_servers,
    upgrade_program,
)
from launcher.records import end_leftovers
from launcher.servers import place_for
from launcher.supervisor import Supervisor

FIRST_PAGE_PATIENCE = 120.0
SETTLING_PATIENCE = 20.0
Work = Callable[[Configuration, Supervisor, Mapping[str, str], float], None]
DEMO_NAMES = ("admin", "manager", "planner", "staff", "host", "cio", "council")


def say(text: str) -> None:
    """Tell the person at the terminal, if there still is one."""
    with contextlib.suppress(OSError):
        print(text, flush=True)


def main(*wishes: str) -> int:
    """Run until stopped; 0 after a wished stop, 1 after a failure told in one sentence.

    With the wish "upgrade" it ends by itself, once the database is up to date.
    """
    bell = Bell()
    bell.listen()
    try:
        configuration = read_configuration(os.environ)
        with sole_user_of(configuration.data):
            serve(configuration, bell, upgrade if "upgrade" in wishes else run)
            return 0
    except StopRequested:
        say("Stopped.")
        return 0
    except LaunchError as error:
        print(error, file=sys.stderr, flush=True)
    except OSError as error:
        print(sentence(error, "start"), file=sys.stderr, flush=True)
    return 1


@contextlib.contextmanager
def sole_user_of(data: Path) -> Iterator[None]:
    """Hold the lock of a data folder, which the system lets go when we die."""
    data.mkdir(parents=True, exist_ok=True)
    with (data / "launcher.lock").open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            url = read_pairs(data / "runtime.env").get("ROTATION_URL", "an address not known yet")
            raise LaunchError(
                f"It already runs from {data}, at {url}: stop that one first."
            ) from None
        yield


def serve(configuration: Configuration, bell: Bell, work: Work) -> None:
    """Do the work on running servers, and stop everything again whatever happens."""
    data = configuration.data
    end_leftovers(data / "processes.json")
    if is_taken(configuration.port):
        raise LaunchError(
            f"Port {configuration.port} is taken by another program:"
            " stop it, or choose another one with ROTATION_PORT."
        )
    logs = data / "log"
    logs.mkdir(mode=0o700, exist_ok=True)
    rotate_logs(logs)
    supervisor = Supervisor(data / "processes.json", bell, say)
    begin = time.monotonic()
    try:
        work(configuration, supervisor, _start_servers(configuration, supervisor), begin)
    finally:
        say("Stopping ...")
        (data / "runtime.env").unlink(missing_ok=True)
        supervisor.stop()


def _start_servers(configuration: Configuration, supervisor: Supervisor) -> dict[str, str]:
    """Start or ask the servers, and return the environment of the product's own parts."""
    data = configuration.data
    secrets = kept_secrets(data / "secrets.env")
    say("Starting PostgreSQL and Valkey ...")
    urls = start_servers(configuration, partial(place_for, data), secrets, supervisor)
    env = {
        **urls,
        **mail_environment(configuration),
        "ROTATION_DATA": str(data),
        "ROTATION_DEMO": str(int(configuration.demo)),
        "ROTATION_PORT": str(configuration.port),
        "ROTATION_PUBLIC_URL": configuration.public_url,
        "ROTATION_SECRET_KEY": os.environ.get("ROTATION_SECRET_KEY")
        or secrets["ROTATION_SECRET_KEY"],
        "ROTATION_URL": configuration.url,
    }
    write_private(data / "runtime.env", env)
    return env


def upgrade(
    configuration: Configuration, supervisor: Supervisor, env: Mapping[str, str], begin: float
) -> None:
    """Back up, bring the database up to date, and tell what the command told."""
    logs = configuration.data / "log"
    program = upgrade_program(env, logs)
    say(f"Upgrading the database ... ({time.monotonic() - begin:.1f} s so far)")
    prepare(program, supervisor.bell)
    say(program.log.read_text(errors="replace").strip())


def run(
    configuration: Configuration, supervisor: Supervisor, env: Mapping[str, str], begin: float
) -> None:
    """Start every part of the product and watch it."""
    logs = configuration.data / "log"
    say(f"Preparing the database ... ({time.monotonic() - begin:.1f} s so far)")
    prepare(prepare_program(env, logs), supervisor.bell)
    say(f"Starting web, mail, worker and beat ... ({time.monotonic() - begin:.1f} s so far)")
    for program in programs(configuration, env, logs):
        supervisor.add(program)
    port = configuration.port
    supervisor.wait_for(partial(answers, port), FIRST_PAGE_PATIENCE)
    # What is not settled by then is named by /readyz; the pages are there to be used.
    deadline = time.monotonic() + SETTLING_PATIENCE
    supervisor.wait_for(
        lambda: time.monotonic() > deadline or is_settled(port, env), 2 * SETTLING_PATIENCE
    )
    say(_welcome(configuration, time.monotonic() - begin))
    supervisor.watch()


def _welcome(configuration: Configuration, seconds: float) -> str:
    lines = ["", f"Rundgang is ready after {seconds:.1f} s: {configuration.url}"]
    if configuration.demo:
        names = ", ".join(f"{name}@example.org" for name in DEMO_NAMES)
        lines += [f"Sign in as {names}.", "The password of each is: demo"]
    lines += [f"Logs: {configuration.data / 'log'}. Stop with Ctrl-C.", ""]
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
