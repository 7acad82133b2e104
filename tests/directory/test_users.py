"""Two administrators at once: one of them stays one, whatever they do to each other."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection

from accounts.models import Role, User
from rotation.directory.errors import LastAdministrator
from rotation.directory.staffing import erase_user
from rotation.directory.users import change_roles, set_active
from tests.builders import BY_SYSTEM, NOW, make_user

ROUNDS = 5


def take_role(user_id: int) -> None:
    change_roles(user_id, [], by=BY_SYSTEM, now=NOW)


def shut_out(user_id: int) -> None:
    set_active(user_id, is_active=False, by=BY_SYSTEM, now=NOW)


def erase(user_id: int) -> None:
    erase_user(user_id, by=BY_SYSTEM, now=NOW)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("change", [take_role, shut_out, erase])
def test_two_administrators_cannot_take_each_others_role_at_once(
    change: Callable[[int], None],
) -> None:
    for _ in range(ROUNDS):
        User.objects.update(roles=[])
        pair = [make_user(roles=(Role.ADMIN,)).pk for _ in range(2)]
        barrier = Barrier(2)

        def attempt(user_id: int, barrier: Barrier = barrier) -> bool:
            barrier.wait()
            try:
                change(user_id)
            except LastAdministrator:
                return False
            finally:
                connection.close()
            return True

        with ThreadPoolExecutor(2) as pool:
            done = list(pool.map(attempt, pair))

        left = User.objects.filter(roles__contains=[Role.ADMIN], is_active=True)
        assert (sorted(done), left.count()) == ([False, True], 1)
