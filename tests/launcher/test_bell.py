import signal
from collections.abc import Iterator

import pytest

from launcher.bell import Bell, StopRequested

STOPPING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@pytest.fixture(autouse=True)
def _handlers_as_before() -> Iterator[None]:
    before = {number: signal.getsignal(number) for number in STOPPING}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.mark.parametrize("number", STOPPING)
def test_a_signal_that_means_stop_ends_the_next_pause(number: signal.Signals) -> None:
    signal.signal(signal.SIGHUP, signal.SIG_DFL)
    bell = Bell()
    bell.listen()
    signal.raise_signal(number)
    with pytest.raises(StopRequested):
        bell.pause(60)


def test_under_nohup_a_closed_terminal_means_stay() -> None:
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    bell = Bell()
    bell.listen()
    signal.raise_signal(signal.SIGHUP)
    assert not bell.rung
