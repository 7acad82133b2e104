"""Load from counts."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rotation.workload.load import Light, backlog_minutes, inflow_minutes, traffic_light

MEDIAN, P80 = Decimal("0.5"), Decimal("0.8")


def test_waiting_work_weighs_a_quarter_and_scheduled_work_nothing() -> None:
    assert backlog_minutes({"new": 1, "open": 2, "waiting": 4, "scheduled": 9}, 45) == 180
    assert backlog_minutes({}, 45) == 0


def test_fewer_than_eight_weeks_give_no_forecast() -> None:
    assert inflow_minutes([5] * 7, 45, P80) is None
    assert inflow_minutes([5] * 8, 45, P80) == 225


def test_four_of_five_weeks_stay_under_the_quantile() -> None:
    weeks = [10, 1, 9, 2, 8, 3, 7, 4, 6, 5]
    assert (inflow_minutes(weeks, 1, MEDIAN), inflow_minutes(weeks, 1, P80)) == (5, 8)


@given(st.lists(st.integers(0, 1000), min_size=8, max_size=20))
def test_the_quantile_holds_on_the_weeks_it_was_made_from(weeks: list[int]) -> None:
    limit = inflow_minutes(weeks, 1, P80)
    assert limit is not None
    assert sum(count <= limit for count in weeks) >= 0.8 * len(weeks)
    assert limit in weeks


@pytest.mark.parametrize(
    ("reactive", "capacity", "light"),
    [
        (Decimal(79), 100, Light.GREEN),
        (Decimal(80), 100, Light.AMBER),
        (Decimal(95), 100, Light.RED),
        (None, 100, Light.UNKNOWN),
        (Decimal(1), 0, Light.UNKNOWN),
    ],
)
def test_the_light_follows_the_load_ratio(
    reactive: Decimal | None, capacity: int, light: Light
) -> None:
    assert traffic_light(reactive, capacity) is light
