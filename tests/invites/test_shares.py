"""Who may relay a share of the outbox."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import OperationalError, connection, connections

from rotation.invites.shares import held_share

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def another() -> Iterator[ThreadPoolExecutor]:
    """A thread with a database session of its own."""
    with ThreadPoolExecutor(1) as pool:
        yield pool
        pool.submit(connections.close_all).result()


def can_hold(share: int) -> bool:
    with held_share(share) as is_held:
        return is_held


def test_a_share_is_held_by_one_and_free_afterwards(another: ThreadPoolExecutor) -> None:
    with held_share(1) as is_held:
        assert is_held
        assert not another.submit(can_hold, 1).result()
        assert another.submit(can_hold, 2).result()

    assert another.submit(can_hold, 1).result()


def test_a_share_is_free_after_a_failure(another: ThreadPoolExecutor) -> None:
    with pytest.raises(ZeroDivisionError), held_share(1):
        raise ZeroDivisionError

    assert another.submit(can_hold, 1).result()


def test_a_share_is_free_as_soon_as_its_session_is_gone(another: ThreadPoolExecutor) -> None:
    hold = held_share(1)
    assert another.submit(hold.__enter__).result()
    assert not can_hold(1)

    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_locks WHERE locktype = 'advisory'"
        )

    assert can_hold(1)
    with pytest.raises(OperationalError):
        another.submit(hold.__exit__, None, None, None).result()
