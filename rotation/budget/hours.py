"""The proactive budget: availability of a person times the share of the team; pure.

"Reserve, then share" (docs/budget.md). Minutes throughout; shares are exact decimals, so that a
tenth of 34 hours is 3.4 hours and nothing else.

    G = working hours of the week - absences            (holidays are absences)
    N = (1 - shrinkage) x G
    E = N - time under duty x weight of the duty
    R80 = inflow that four of five weeks stay under + backlog / burn_weeks
    share = clip(round_to_step(1 - contingency - R80 / sum(N)), floor, ceiling)
    budget of the person = share x E
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import ROUND_HALF_EVEN, Decimal

from rotation.periods.intervals import Interval, shared_time, union

MINUTE = timedelta(minutes=1)
NEVER: tuple[Interval, ...] = ()


@dataclass(frozen=True, slots=True)
class Policy:
    """Every number of the policy.

    Attributes:
        shrinkage: Part of the working time that own meetings, training and paperwork take.
        contingency: Part of the net time that is kept for what nobody foresaw.
        floor: The share that load cannot take away.
        target: The share where load is not known.
        ceiling: The largest share.
        step: Shares are multiples of it.
        burn_weeks: Weeks in which the backlog is to be worked off.
        primary_duty: Part of the time under duty that is lost to visits.
        secondary_duty: The same for stand-by.
    """

    shrinkage: Decimal = Decimal("0.15")
    contingency: Decimal = Decimal("0.10")
    floor: Decimal = Decimal("0.05")
    target: Decimal = Decimal("0.10")
    ceiling: Decimal = Decimal("0.20")
    step: Decimal = Decimal("0.025")
    burn_weeks: int = 4
    primary_duty: Decimal = Decimal(1)
    secondary_duty: Decimal = Decimal("0.5")

    def __post_init__(self) -> None:
        if not 0 <= self.floor <= self.target <= self.ceiling <= 1:
            raise ValueError("floor, target and ceiling must rise within 0 and 1")
        if not (0 <= self.shrinkage < 1 and self.step > 0 and self.burn_weeks > 0):
            raise ValueError("shrinkage, step or burn_weeks is out of range")


DEFAULT = Policy()


@dataclass(frozen=True, slots=True)
class Presence:
    """One person's week: sorted working times, and what is taken from them."""

    worked: Sequence[Interval] = NEVER
    away: Sequence[Interval] = NEVER
    primary: Sequence[Interval] = NEVER
    secondary: Sequence[Interval] = NEVER


@dataclass(frozen=True, slots=True)
class Load:
    """Reactive work of a team in one week, in minutes."""

    inflow_minutes: int
    backlog_minutes: int


@dataclass(frozen=True, slots=True)
class Share:
    """What part of its eligible time a team spends on visits."""

    share: Decimal
    at_floor: bool = field(default=False)


def _minutes(time: timedelta) -> int:
    return time // MINUTE


def _shared(times: Sequence[Interval], others: Sequence[Interval]) -> timedelta:
    """Shared time; most weeks have no absence and no duty, and there is nothing to look at."""
    return shared_time(times, others) if others else timedelta()


def gross_minutes(presence: Presence) -> int:
    """Return G: working time of the week less absences."""
    worked = sum((part.duration for part in union(presence.worked)), timedelta())
    return _minutes(worked - _shared(presence.worked, presence.away))


def net_minutes(presence: Presence, policy: Policy = DEFAULT) -> int:
    """Return N: gross time less shrinkage, rounded down."""
    return int((1 - policy.shrinkage) * gross_minutes(presence))


def eligible_minutes(presence: Presence, policy: Policy = DEFAULT) -> Decimal:
    """Return E: net time less what duties bind; a whole week of primary duty leaves nothing.

    Time under both kinds of duty counts as primary only.
    """
    gross, bound = gross_minutes(presence), Decimal(0)
    if presence.primary or presence.secondary:
        present = without(presence.worked, presence.away)
        primary = _shared(present, presence.primary)
        secondary = _shared(without(present, presence.primary), presence.secondary)
        bound += policy.primary_duty * _minutes(primary)
        bound += policy.secondary_duty * _minutes(secondary)
    return max(Decimal(0), (1 - policy.shrinkage) * (gross - bound))


def proactive_minutes(eligible: Decimal, share: Decimal) -> int:
    """Return P: the person's budget of the week, rounded down so that no ceiling is passed."""
    return int(share * eligible)


def reactive_minutes(load: Load, policy: Policy = DEFAULT) -> Decimal:
    """Return R80: what reactive work will need in the week."""
    return load.inflow_minutes + Decimal(load.backlog_minutes) / policy.burn_weeks


def team_share(capacity_minutes: int, load: Load | None, policy: Policy = DEFAULT) -> Share:
    """Return the share of a team with the net time `capacity_minutes`.

    Without known load (no ticket system, or too little history) it is the target; without any
    capacity it is the floor, which then is a share of nothing.
    """
    if load is None:
        return Share(policy.target, policy.target == policy.floor)
    if capacity_minutes <= 0:
        return Share(policy.floor, at_floor=True)
    raw = 1 - policy.contingency - reactive_minutes(load, policy) / capacity_minutes
    steps = (raw / policy.step).quantize(Decimal(1), ROUND_HALF_EVEN)
    share = min(max(steps * policy.step, policy.floor), policy.ceiling)
    return Share(share, at_floor=share == policy.floor)


def without(times: Sequence[Interval], taken: Sequence[Interval]) -> list[Interval]:
    """Return the parts of `times` that `taken` does not touch, sorted."""
    left = union(times)
    for hole in union(taken):
        left = [part for time in left for part in _parts_beside(time, hole)]
    return left


def _parts_beside(time: Interval, hole: Interval) -> list[Interval]:
    if not time.overlaps(hole):
        return [time]
    parts = []
    if time.starts_at < hole.starts_at:
        parts.append(Interval(time.starts_at, hole.starts_at))
    if hole.ends_at < time.ends_at:
        parts.append(Interval(hole.ends_at, time.ends_at))
    return parts
