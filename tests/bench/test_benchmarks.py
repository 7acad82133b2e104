"""Every benchmark runs, at a size that says nothing, and its lines tell what they should."""

import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest
from django.db import connection

from bench.house import furnish
from bench.measure import Effort, Line, Rounds, table
from launcher.configuration import CHECKOUT
from rotation.booking.models import Booking

TINY = Effort(
    rounds=1, calls=2, races=1, web_workers=(2,), mails=12, events=60, outage=0.5, outages=1
)


@pytest.mark.django_db(transaction=True)
def test_every_benchmark_runs() -> None:
    furnish("S", 0)
    before = Booking.objects.count()

    lines = {name: list(import_module(f"bench.{name}").run(TINY)) for name in names()}

    assert {name: len(found) for name, found in lines.items()} == {
        "api_list": 1,
        "booking": 1,
        "faults": 1,
        "html_list": 1,
        "memory": 1,
        "outages": 6,
        "overview": 2,
        "race": 7,
        "relay": 3,
        "ticket_import": 1,
    }
    for name in ("race", "outages"):
        assert [line for line in lines[name] if not line.reached] == []
    # How soon all are out is for the benchmark to say: here a worker starts on a busy machine.
    assert {line.ours for line in lines["faults"]} <= {f"0 lost, {n} repeated" for n in range(3)}
    assert Booking.objects.count() == before  # each leaves the house as it was


def names() -> list[str]:
    """Return the modules that have a `run`."""
    folder = Path(import_module("bench").__path__[0])
    return sorted(
        path.stem for path in folder.glob("*.py") if "\ndef run(effort: Effort)" in path.read_text()
    )


@pytest.mark.django_db
def test_a_house_holds_the_bookings_that_were_asked_for() -> None:
    furnish("S", 1500)

    assert Booking.objects.count() == 1500
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


def test_a_goal_is_judged_by_the_median_round() -> None:
    rounds = Rounds(ours=[1, 2, 9], peer=[1, 1, 1])

    line = rounds.line("Some work", "ms", at_most=2)

    assert line == Line(
        work="Some work",
        ours="1.00/2.00/9.00 ms",
        peer="1.00/1.00/1.00 ms",
        ratio="1.00/2.00/9.00x",
        goal="at most 2x",
        reached=True,
    )
    assert not rounds.line("Some work", "ms", at_least=2.5).reached
    assert list(table([line]))[1].split("  ")[-1] == "yes"


def test_an_unknown_benchmark_is_refused_before_anything_is_started() -> None:
    argv = [sys.executable, "-m", "bench", "nonsense"]
    done = subprocess.run(argv, cwd=CHECKOUT, capture_output=True, text=True, check=False)

    assert done.returncode == 2
    assert "unknown: nonsense" in done.stderr
