"""The arithmetic of the proactive budget."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rotation.budget.hours import (
    DEFAULT,
    Load,
    Policy,
    Presence,
    eligible_minutes,
    gross_minutes,
    net_minutes,
    proactive_minutes,
    reactive_minutes,
    team_share,
    without,
)
from rotation.periods.intervals import Interval, shared_time, union

MONDAY = datetime(2026, 3, 2, tzinfo=UTC)
TENTH = Decimal("0.10")
HOUR = timedelta(hours=1)


def day(index: int, hours: int = 8, starts: int = 9) -> Interval:
    start = MONDAY + timedelta(days=index, hours=starts)
    return Interval(start, start + hours * HOUR)


FULL_WEEK = [day(index) for index in range(5)]
HALF_WEEK = [day(index, hours=4) for index in range(5)]
WHOLE_WEEK = Interval(MONDAY, MONDAY + timedelta(weeks=1))


def budget(presence: Presence, share: Decimal = TENTH) -> int:
    return proactive_minutes(eligible_minutes(presence), share)


@pytest.mark.parametrize(
    ("presence", "minutes"),
    [
        pytest.param(Presence(FULL_WEEK), 204, id="40 hours give 3.4 hours"),
        pytest.param(Presence(HALF_WEEK), 102, id="20 hours give 1.7 hours"),
        pytest.param(Presence(FULL_WEEK, away=[day(0)]), 163, id="a holiday leaves 2.7 hours"),
        pytest.param(Presence(FULL_WEEK, primary=[WHOLE_WEEK]), 0, id="duty leaves nothing"),
        pytest.param(Presence(FULL_WEEK, secondary=[WHOLE_WEEK]), 102, id="stand-by leaves half"),
        pytest.param(Presence(FULL_WEEK, away=[WHOLE_WEEK]), 0, id="absent all week"),
        pytest.param(Presence(), 0, id="no working hours"),
    ],
)
def test_the_examples_of_the_policy_hold(presence: Presence, minutes: int) -> None:
    assert budget(presence) == minutes


def test_overlapping_absences_and_duties_are_taken_off_once() -> None:
    presence = Presence(
        FULL_WEEK,
        away=[day(0), day(0, hours=4)],
        primary=[day(0), day(1)],
        secondary=[day(1), day(2)],
    )
    assert gross_minutes(presence) == 32 * 60
    assert net_minutes(presence) == 1632
    assert eligible_minutes(presence) == Decimal("0.85") * (32 - 8 - 4) * 60


@pytest.mark.parametrize(
    ("inflow_hours", "backlog_hours", "share", "at_floor"),
    [
        pytest.param(0, 0, "0.200", False, id="no load meets the ceiling"),
        pytest.param(70, 0, "0.200", False, id="just at the ceiling"),
        pytest.param(70, 10, "0.175", False, id="the backlog is burnt in four weeks"),
        pytest.param(79, 0, "0.100", False, id="rounded to steps of 2.5 points"),
        pytest.param(85, 0, "0.050", True, id="the floor"),
        pytest.param(500, 900, "0.050", True, id="never under the floor"),
    ],
)
def test_the_share_falls_with_load_between_ceiling_and_floor(
    inflow_hours: int, backlog_hours: int, share: str, *, at_floor: bool
) -> None:
    found = team_share(100 * 60, Load(inflow_hours * 60, backlog_hours * 60))
    assert (found.share, found.at_floor) == (Decimal(share), at_floor)


def test_unknown_load_gives_the_target() -> None:
    assert team_share(6000, None).share == DEFAULT.target
    assert team_share(0, None).share == DEFAULT.target
    assert not team_share(6000, None).at_floor


def test_where_target_and_floor_are_one_unknown_load_stands_at_the_floor() -> None:
    assert team_share(6000, None, Policy(floor=TENTH, target=TENTH)).at_floor


def test_a_policy_may_have_no_floor() -> None:
    assert team_share(0, Load(0, 0), Policy(floor=Decimal(0))).share == 0


def test_what_is_taken_to_the_minute_leaves_no_empty_rest() -> None:
    morning, afternoon = day(0, hours=4), day(0, hours=4, starts=13)

    assert without([day(0)], [morning]) == [afternoon]
    assert without([day(0)], [afternoon]) == [morning]
    assert without([day(0)], [day(0)]) == []


def test_a_team_without_capacity_stands_at_the_floor() -> None:
    assert team_share(0, Load(0, 0)).at_floor


def test_reactive_work_is_inflow_and_a_quarter_of_the_backlog() -> None:
    assert reactive_minutes(Load(600, 400)) == 700


@pytest.mark.parametrize(
    "numbers",
    [
        {"floor": Decimal("0.2")},
        {"ceiling": Decimal("1.1")},
        {"shrinkage": Decimal(1)},
        {"step": Decimal(0)},
        {"burn_weeks": 0},
    ],
)
def test_a_policy_that_contradicts_itself_is_refused(numbers: dict[str, Decimal]) -> None:
    with pytest.raises(ValueError):
        Policy(**numbers)  # type: ignore[arg-type]  # one of them is a whole number


minutes_of_week = st.integers(0, 7 * 24 * 60)
loads = st.builds(Load, st.integers(0, 10**6), st.integers(0, 10**6))
capacities = st.integers(1, 10**6)


@st.composite
def times(draw: st.DrawFn) -> Sequence[Interval]:
    pairs = draw(st.lists(st.tuples(minutes_of_week, minutes_of_week), max_size=6))
    return [
        Interval(MONDAY + timedelta(minutes=min(pair)), MONDAY + timedelta(minutes=max(pair)))
        for pair in pairs
    ]


presences = st.builds(Presence, times(), times(), times(), times())


@given(presences, capacities, loads)
def test_a_budget_is_never_negative_and_never_over_the_ceiling(
    presence: Presence, capacity: int, load: Load
) -> None:
    share = team_share(capacity, load).share
    minutes = budget(presence, share)
    assert DEFAULT.floor <= share <= DEFAULT.ceiling
    assert 0 <= minutes <= DEFAULT.ceiling * gross_minutes(presence)


@given(capacities, loads, loads)
def test_more_load_never_raises_the_share(capacity: int, one: Load, other: Load) -> None:
    more = Load(
        one.inflow_minutes + other.inflow_minutes, one.backlog_minutes + other.backlog_minutes
    )
    assert team_share(capacity, more).share <= team_share(capacity, one).share


@given(st.integers(1, 12), st.sampled_from([Decimal(n) / 40 for n in range(2, 9)]))
def test_a_part_timer_gets_as_much_per_eligible_hour(hours: int, share: Decimal) -> None:
    part = eligible_minutes(Presence([day(index, hours=hours) for index in range(5)]))
    full = eligible_minutes(Presence(FULL_WEEK))
    expected = proactive_minutes(full, share) * part / full
    assert abs(proactive_minutes(part, share) - expected) <= 2  # whole minutes, rounded down


@given(presences, times())
def test_more_absence_never_raises_a_budget(presence: Presence, more: Sequence[Interval]) -> None:
    longer = Presence(
        presence.worked, [*presence.away, *more], presence.primary, presence.secondary
    )
    assert budget(longer) <= budget(presence)


@given(times(), times())
def test_taking_time_away_leaves_exactly_the_rest(
    ones: Sequence[Interval], taken: Sequence[Interval]
) -> None:
    rest = without(ones, taken)
    total = sum((part.duration for part in union(ones)), timedelta())
    assert shared_time(rest, taken) == timedelta()
    assert shared_time(ones, rest) + shared_time(ones, taken) == total
