"""The wide matrix: what each role can reach, in every look and both languages (make test-pages)."""

import re
from collections.abc import Callable, Iterable, Iterator
from itertools import product
from pathlib import Path

import pytest
from django.utils import timezone
from playwright.sync_api import Page
from pytest_django.live_server_helper import LiveServer

from accounts.models import User
from rotation.workflows.demo.build import build_demo
from tests.browser.conftest import LOOKS, Look

ROLES = ("admin", "manager", "planner", "staff", "host", "cio", "council")
KEPT = re.compile(r"^/(teams|sites|users|people/import|people/new)/$|^/people/\d+/.+/$")
DETAIL = re.compile(r"^/([a-z]+)/\d+/$")


@pytest.fixture
def demo(live_server: LiveServer, settings: object) -> None:
    del live_server  # it empties the database
    settings.ROTATION_DEMO = True  # type: ignore[attr-defined]  # pytest-django's own
    build_demo(timezone.now())


def links_of(page: Page, selector: str) -> list[str]:
    hrefs = page.locator(selector).evaluate_all("all => all.map(a => a.getAttribute('href'))")
    return [str(href) for href in hrefs]


def reachable(page: Page, base: str) -> Iterator[str]:
    """Yield the addresses of the navigation, and the first of each kind that they lead to."""
    page.goto(base)
    navigation = dict.fromkeys(links_of(page, ".r-nav a"))
    details: dict[str, str] = {}
    for address in navigation:
        yield address
        page.goto(base + address)
        for href in links_of(page, "main a[href]"):
            if kind := DETAIL.match(href):
                details.setdefault(kind[1], href)
    yield from details.values()
    yield from linked(page, base, [each for each in navigation if each == "/people/"])
    yield from linked(page, base, [each for each in details.values() if "/people/" in each])
    yield "/settings/"


def linked(page: Page, base: str, addresses: Iterable[str]) -> Iterator[str]:
    """Yield the forms and lists that the pages of people lead to."""
    for address in addresses:
        page.goto(base + address)
        found = [href for href in links_of(page, "main a[href]") if KEPT.match(href)]
        yield from dict.fromkeys(found)


def wear(page: Page, look: Look) -> None:
    page.set_viewport_size({"width": look.width, "height": 900})
    page.emulate_media(color_scheme="dark" if look.theme == "dark" else "light")


@pytest.mark.pages
@pytest.mark.usefixtures("demo")
@pytest.mark.parametrize("language", ["de", "en"])
@pytest.mark.parametrize("role", ROLES)
def test_every_page_is_sound_in_every_look(
    sign_in: Callable[[User], Page],
    live_server: LiveServer,
    check_page: Callable[[], None],
    output_path: str,
    role: str,
    language: str,
) -> None:
    User.objects.update(language=language)
    page = sign_in(User.objects.get(email=f"{role}@example.org"))

    for address, look in product(list(reachable(page, live_server.url)), LOOKS):
        wear(page, look)
        answer = page.goto(live_server.url + address)

        assert answer is not None
        assert answer.status == 200, address
        name = address.strip("/").replace("/", "-") or "overview"
        page.screenshot(path=Path(output_path) / f"{name}-{look}.png", full_page=True)
        check_page()
