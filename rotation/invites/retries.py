"""When a mail that could not be delivered is tried again; pure."""

from datetime import timedelta

# A server that is away for longer is a matter for people: the mail is listed as failed.
GIVE_UP_AFTER = timedelta(days=3)
# Greylisting lets a mail in after some minutes; the last pause repeats.
PAUSES = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 30, 120))
# A lost connection says nothing about the mail: the first time it may go at once.
AFTER_LOST_CONNECTION = timedelta(seconds=5)
SPREAD = 0.2


def pause_before(attempts: int, *, connection_lost: bool, chance: float) -> timedelta:
    """Return how long to wait after the `attempts`-th failure (from 1).

    `chance` from [0, 1) spreads the pause by a fifth either way, so that mails that failed
    together do not come back together.
    """
    if connection_lost and attempts == 1:
        pause = AFTER_LOST_CONNECTION
    else:
        pause = PAUSES[min(attempts, len(PAUSES)) - 1]
    return pause * (1 - SPREAD + 2 * SPREAD * chance)
