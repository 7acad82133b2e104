from datetime import timedelta
from itertools import count, takewhile

import pytest

from rotation.webhooks.retries import pause_after


@pytest.mark.parametrize("chance", [0.0, 0.5, 0.999])
def test_an_address_is_tried_for_about_a_day(chance: float) -> None:
    pauses = [*takewhile(bool, (pause_after(number, chance) for number in count(1)))]
    whole = sum((pause for pause in pauses if pause), timedelta())
    assert timedelta(hours=18) < whole < timedelta(hours=30)
    assert len(pauses) == 9


def test_the_first_repeat_comes_after_seconds() -> None:
    assert pause_after(1, 0.5) == timedelta(seconds=6)
    assert pause_after(10, 0.5) is None
