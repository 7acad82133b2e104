import pytest

from launcher.outside import check_broker, check_database
from launcher.ports import LOOPBACK, free_port
from launcher.problems import LaunchError


def test_a_database_that_does_not_answer_is_named_without_its_password() -> None:
    port = free_port()
    with pytest.raises(LaunchError) as refused:
        check_database(f"postgres://me:secret@{LOOPBACK}:{port}/rota")
    said = str(refused.value)
    assert said.startswith(f"DATABASE_URL names {LOOPBACK}:{port}, but no PostgreSQL 15+ can be")
    assert ("secret" in said, "\n" in said) == (False, False)


def test_a_broker_that_does_not_answer_is_named_without_its_password() -> None:
    port = free_port()
    with pytest.raises(LaunchError) as refused:
        check_broker(f"redis://:secret@{LOOPBACK}:{port}/0")
    said = str(refused.value)
    assert said.startswith(f"REDIS_URL names {LOOPBACK}:{port}, but no Redis 7+ can be used there")
    assert ("secret" in said, "\n" in said) == (False, False)


def test_an_unreadable_address_is_one_sentence_too() -> None:
    with pytest.raises(LaunchError, match=r"^REDIS_URL names .* but no Redis"):
        check_broker("nonsense")
    with pytest.raises(LaunchError, match=r"^DATABASE_URL names .* but no PostgreSQL"):
        check_database("nonsense")
