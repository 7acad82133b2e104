"""Who looks at the pages."""

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:  # pytest reads this file before Django is set up
    from django.test import Client


@pytest.fixture
def as_manager(db: None, client: "Client") -> "Client":
    """A browser signed in as the manager of the team that people are in by default."""
    from accounts.models import Role  # noqa: PLC0415 -- not before Django is set up
    from tests.builders import make_team, make_user  # noqa: PLC0415

    del db
    user = make_user("mara@example.org", roles=(Role.MANAGER,))
    make_team(managers=(user,))
    client.force_login(user)
    return client
