"""The outbox in shares: at any time one relay hands over what is in a share, and nobody else."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection

# All mails about a booking are in one share, so that they go out in their order. More shares than
# relays, so that none is idle.
SHARES = 4
# Of the two numbers that name an advisory lock, the one that says what it is about.
_OUTBOX = 1_835_100_524  # "mail"


@contextmanager
def held_share(share: int) -> Iterator[bool]:
    """Hold a share for the block; yields whether it is held, as another relay may hold it.

    By the database session, not by a transaction: what is noted meanwhile is durable at once,
    and a relay that dies gives its share back at once.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s, %s)", (_OUTBOX, share))
        (is_held,) = cursor.fetchone()
        try:
            yield is_held
        finally:
            if is_held:
                cursor.execute("SELECT pg_advisory_unlock(%s, %s)", (_OUTBOX, share))
