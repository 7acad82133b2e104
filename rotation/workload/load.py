"""Load of a team from counts of tickets; pure, minutes throughout (formulas in docs/load.md)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum, auto
from math import ceil

SMALLEST_GROUP = 5  # figures of fewer people would be figures about persons
SHORTEST_HISTORY = 8  # weeks; with fewer no forecast is made
HISTORY = 13  # weeks looked at
WEIGHTS: Mapping[str, Decimal] = {
    "new": Decimal(1),
    "open": Decimal(1),
    "waiting": Decimal("0.25"),
    "scheduled": Decimal(0),
}
AMBER, RED = Decimal("0.80"), Decimal("0.95")


class Light(StrEnum):
    """A team's state for those who may not see figures."""

    GREEN = auto()
    AMBER = auto()
    RED = auto()
    UNKNOWN = auto()


@dataclass(frozen=True, slots=True)
class TeamLoad:
    """What waits for a team, and what a week is expected to bring; None where it is not known."""

    backlog_minutes: int | None = None
    inflow_p50_minutes: int | None = None
    inflow_p80_minutes: int | None = None


def backlog_minutes(open_tickets: Mapping[str, int], ticket_minutes: int) -> int:
    """Return the open work: tickets by state, weighted by how much work is due now."""
    weighted = sum(WEIGHTS[state] * count for state, count in open_tickets.items())
    return ceil(weighted * ticket_minutes)


def inflow_minutes(counts: Sequence[int], ticket_minutes: int, share: Decimal) -> int | None:
    """Return what a week stays under in `share` of the past weeks; None with too few weeks.

    The empirical quantile: the smallest past count that at least `share` of the weeks reach.
    """
    if len(counts) < SHORTEST_HISTORY:
        return None
    rank = max(1, ceil(share * len(counts)))
    return sorted(counts)[rank - 1] * ticket_minutes


def traffic_light(reactive_minutes: Decimal | int | None, capacity_minutes: int) -> Light:
    """Return the light by the load ratio: reactive work over net working time."""
    if reactive_minutes is None or capacity_minutes <= 0:
        return Light.UNKNOWN
    ratio = Decimal(reactive_minutes) / capacity_minutes
    if ratio >= RED:
        return Light.RED
    return Light.AMBER if ratio >= AMBER else Light.GREEN
