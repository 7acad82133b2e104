from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from accounts.models import ApiToken, Role, User
from tests.builders import NOW, make_user

pytestmark = pytest.mark.django_db


def test_an_address_is_one_sign_in_in_any_case() -> None:
    make_user("ada@example.org")

    with pytest.raises(IntegrityError, match="user_email"), transaction.atomic():
        User.objects.create(email="ADA@example.org", name="Ada")


def test_a_role_that_nobody_knows_is_refused_by_the_database() -> None:
    with pytest.raises(IntegrityError, match="user_roles_are_known"), transaction.atomic():
        make_user(roles=(Role.STAFF, "king"))


def test_of_a_token_only_the_hash_is_stored() -> None:
    key = ApiToken.issue(make_user(), now=NOW, expires_at=NOW + timedelta(days=1))

    stored = ApiToken.objects.get()
    assert stored.digest == ApiToken.digest_of(key)
    assert key not in str(vars(stored))
