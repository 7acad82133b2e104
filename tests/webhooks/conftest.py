from collections.abc import Iterator

import pytest
from pytest_django import Settings

from launcher.ports import LOOPBACK
from tests.webhook_receiver import Receiver, receiver


@pytest.fixture
def hook(settings: Settings) -> Iterator[Receiver]:
    """A receiver inside the house, which the operator has named."""
    settings.PRIVATE_HOSTS = [LOOPBACK]
    with receiver() as taken:
        yield taken
