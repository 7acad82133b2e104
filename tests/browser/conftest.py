"""Browser tests: a live server, a page signed in as somebody, and a look at accessibility."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from django.test import Client
from playwright.sync_api import Page
from pytest_django.live_server_helper import LiveServer

if TYPE_CHECKING:  # pytest reads this file before Django is set up
    from accounts.models import User

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


@dataclass(frozen=True)
class Look:
    """How wide the window is and which theme the device wishes."""

    width: int
    theme: str

    def __str__(self) -> str:
        return f"{self.width}-{self.theme}"


LOOKS = [Look(width, theme) for width in (1440, 390) for theme in ("light", "dark")]


@pytest.fixture
def browser_context_args(browser_context_args: dict[str, Any]) -> dict[str, Any]:
    """English pages in Berlin, without motion."""
    return {
        **browser_context_args,
        "locale": "en-GB",
        "timezone_id": "Europe/Berlin",
        "reduced_motion": "reduce",
    }


@pytest.fixture(autouse=True)
def _patience(page: Page) -> None:
    """Pages answer in milliseconds; ten seconds are for a busy machine."""
    page.set_default_timeout(10_000)


@pytest.fixture(params=LOOKS, ids=str)
def look(request: pytest.FixtureRequest, page: Page) -> Look:
    """Each width and theme in turn; the page has it already."""
    look: Look = request.param
    page.set_viewport_size({"width": look.width, "height": 900})
    page.emulate_media(color_scheme="dark" if look.theme == "dark" else "light")
    return look


@pytest.fixture
def sign_in(page: Page, live_server: LiveServer, client: Client) -> Callable[["User"], Page]:
    """Return a function that signs the page in as a user, without the form."""

    def as_user(user: "User") -> Page:
        client.force_login(user)
        name = settings.SESSION_COOKIE_NAME
        page.context.add_cookies(
            [{"name": name, "value": client.cookies[name].value, "url": live_server.url}]
        )
        return page

    return as_user


@pytest.fixture
def check_page(page: Page) -> Callable[[], None]:
    """Return a function that looks at the open page: no axe violation, no sideways scroll."""

    def check() -> None:
        found = Axe().run(page, options={"runOnly": RULES}).response["violations"]
        assert [(rule["id"], [node["html"] for node in rule["nodes"]]) for rule in found] == []
        wide = page.evaluate("document.documentElement.scrollWidth - innerWidth")
        assert wide <= 0, f"{page.url} scrolls sideways by {wide} px"

    return check
