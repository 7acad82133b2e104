"""One installation for all mails: the same addresses and the same key in every run."""

import pytest
from pytest_django import Settings


@pytest.fixture(autouse=True)
def _installation(settings: Settings) -> None:
    settings.MAIL_FROM = "Rundgang <rundgang@example.org>"
    settings.PUBLIC_URL = "https://rundgang.example.org"
    settings.SECRET_KEY = "a fixed key, so that links are the same in every run"
