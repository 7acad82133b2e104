"""How long a mail waits after each failure."""

from datetime import timedelta

import pytest

from rotation.invites.retries import pause_before

MINUTE = timedelta(minutes=1)


@pytest.mark.parametrize(
    ("attempts", "minutes"), [(1, 1), (2, 5), (3, 30), (4, 120), (5, 120), (50, 120)]
)
def test_pauses_grow_up_to_two_hours(attempts: int, minutes: int) -> None:
    assert pause_before(attempts, connection_lost=False, chance=0.5) == minutes * MINUTE


def test_the_first_lost_connection_is_tried_again_at_once() -> None:
    assert [pause_before(n, connection_lost=True, chance=0.5) for n in (1, 2)] == [
        timedelta(seconds=5),
        5 * MINUTE,
    ]


@pytest.mark.parametrize(("chance", "seconds"), [(0.0, 48), (0.25, 54), (1.0, 72)])
def test_chance_spreads_a_pause_by_a_fifth(chance: float, seconds: int) -> None:
    pause = pause_before(1, connection_lost=False, chance=chance)

    assert pause == timedelta(seconds=seconds)
