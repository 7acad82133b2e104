"""When a message that was not taken is sent again; pure."""

from datetime import timedelta

# About a day in all; then the address is disabled, and people look at it.
PAUSES = tuple(timedelta(minutes=minutes) for minutes in (0.1, 1, 5, 15, 60, 120, 240, 480, 480))
SPREAD = 0.2


def pause_after(attempts: int, chance: float) -> timedelta | None:
    """Return how long to wait after the `attempts`-th failure (from 1); None: give up.

    `chance` from [0, 1) spreads the pause by a fifth either way, so that messages that failed
    together do not come back together.
    """
    if attempts > len(PAUSES):
        return None
    return PAUSES[attempts - 1] * (1 - SPREAD + 2 * SPREAD * chance)
