"""Who could go: candidates for one visit in order, each with the facts that put it there; pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

NEVER = 10_000  # weeks; longer than any house remembers


class Fact(StrEnum):
    """What speaks for a person, in words of the pages and the API."""

    NEVER_VISITED = "never_visited_department"
    WEEKS_SINCE = "weeks_since_department"
    VISITS_LATELY = "visits_in_13_weeks"
    BUDGET_LEFT = "budget_left_minutes"


@dataclass(frozen=True, slots=True)
class Standing:
    """What is known of one person for one visit.

    Attributes:
        sort_key: Name as it sorts; the last tie-break, so the order is always the same.
        weeks_since_department: Since the person last sat with this department; None: never.
        visits_lately: Visits of the last 13 weeks and those already booked ahead.
        weekly_minutes: Contracted minutes; a part-timer's visits weigh more.
        conflicts: Reasons against, opaque to this room.
    """

    staff_id: int
    sort_key: str
    weeks_since_department: int | None
    visits_lately: int
    weekly_minutes: int
    left_minutes: int
    conflicts: tuple[Any, ...] = ()


@dataclass(frozen=True, slots=True)
class Suggestion:
    """One candidate and the facts that decided the place."""

    staff_id: int
    facts: tuple[tuple[Fact, int], ...]
    conflicts: tuple[Any, ...]


def suggestions(standings: Iterable[Standing]) -> list[Suggestion]:
    """Return the candidates, best first.

    Whoever can go comes before whoever cannot; then who had the fewest visits for the hours
    worked, then who has not seen this department for longest, then who has most budget left.
    """
    return [
        Suggestion(standing.staff_id, _facts(standing), standing.conflicts)
        for standing in sorted(standings, key=_rank)
    ]


def _rank(standing: Standing) -> tuple[object, ...]:
    since = standing.weeks_since_department
    return (
        len(standing.conflicts) > 0,
        standing.visits_lately / max(standing.weekly_minutes, 1),
        -(NEVER if since is None else since),
        -standing.left_minutes,
        standing.sort_key,
        standing.staff_id,
    )


def _facts(standing: Standing) -> tuple[tuple[Fact, int], ...]:
    since = standing.weeks_since_department
    first = (Fact.NEVER_VISITED, 0) if since is None else (Fact.WEEKS_SINCE, since)
    return (
        first,
        (Fact.VISITS_LATELY, standing.visits_lately),
        (Fact.BUDGET_LEFT, max(0, standing.left_minutes)),
    )
