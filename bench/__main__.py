"""`make bench`: run every benchmark on throw-away servers and print one table."""

import argparse
import io
import json
import os
import platform
import secrets
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path

import django
from django.core.management import call_command
from django.db import connection

from bench.measure import Effort, Line, table
from bench.servers import Servers, servers

RESULTS = Path(__file__).parent / "results.json"
# In this order; each is a module of this package with a function `run`.
BENCHMARKS = (
    "api_list", "html_list", "overview", "booking", "race", "relay", "faults", "outages",
    "ticket_import", "memory",
)  # fmt: skip


def main() -> None:
    """Measure what the command line names, or everything."""
    wanted = _arguments()
    with servers() as running:
        _set_up(running, wanted)
        effort = Effort(
            rounds=wanted.rounds, races=wanted.races, outage=wanted.outage, servers=running
        )
        lines = list(_measured(wanted.names or BENCHMARKS, effort))
    print("\n".join(["", *table(lines)]))
    found = {**_circumstances(), "lines": [asdict(line) for line in lines]}
    RESULTS.write_text(json.dumps(found, indent=1, ensure_ascii=False) + "\n")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(BENCHMARKS))
    parser.add_argument("--rounds", type=int, default=5, help="rounds of each comparison")
    parser.add_argument("--races", type=int, default=20, help="rounds of fifty at once")
    parser.add_argument("--outage", type=float, default=60, help="seconds that a part is away")
    parser.add_argument("--size", default="M", help="S, M or L: the demo that is filled up")
    parser.add_argument("--bookings", type=int, default=10_000)
    wanted = parser.parse_args()
    if unknown := set(wanted.names) - set(BENCHMARKS):
        parser.error(f"unknown: {', '.join(sorted(unknown))}")
    return wanted


def _set_up(running: Servers, wanted: argparse.Namespace) -> None:
    """Let Django know the servers, and build the organisation."""
    os.environ.update(
        DJANGO_SETTINGS_MODULE="config.settings",
        ROTATION_DATA=str(running.folder),
        ROTATION_SECRET_KEY=secrets.token_urlsafe(50),
        ROTATION_ALLOWED_HOSTS="*",
        ROTATION_PUBLIC_URL="http://localhost:8000",
        ROTATION_TIME_ZONE="Europe/Berlin",
        ROTATION_LANGUAGE="de",
        ROTATION_DEMO="0",
        EMAIL_URL="smtp://127.0.0.1:9",  # nobody listens; what sends starts its own server
    )
    django.setup()
    call_command("prepare", stdout=io.StringIO())
    # A session that is never renewed: its accounting would begin anew in the middle of a round.
    connection.settings_dict["CONN_MAX_AGE"] = None
    began = time.monotonic()
    import_module("bench.house").furnish(wanted.size, wanted.bookings)
    print(f"{wanted.size} with {wanted.bookings} bookings in {time.monotonic() - began:.0f} s")


def _measured(names: Sequence[str], effort: Effort) -> Iterator[Line]:
    """Yield the lines of each benchmark, and print them as soon as they are known."""
    for name in names:
        for line in import_module(f"bench.{name}").run(effort):
            print(f"  {line.work}: {line.ours} beside {line.peer}, {line.ratio}", flush=True)
            yield line


def _circumstances() -> dict[str, object]:
    return {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "python": platform.python_version(),
        "django": django.get_version(),
        "cores": os.cpu_count(),
        "load": os.getloadavg(),
    }


if __name__ == "__main__":
    main()
