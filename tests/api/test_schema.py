"""The description of the API: whole, valid, and shown by a page that our CSP allows."""

import re
from io import StringIO
from typing import Any

import pytest
import yaml
from django.core.management import call_command
from django.test import Client
from playwright.sync_api import ConsoleMessage, Page
from pytest_django.live_server_helper import LiveServer
from rest_framework.test import APIClient

from accounts.models import Role, User
from rotation.api.urls import router
from tests.api.callers import caller
from tests.builders import make_user

URL = "/api/v1/schema/"


def routes() -> set[str]:
    """Return the addresses that the API answers at."""
    known: list[Any] = router.urls
    return {re.sub(r"<\w+:pk>", "{id}", str(route.pattern)) for route in known}


@pytest.fixture
def user() -> User:
    return make_user(roles=(Role.PLANNER,))


@pytest.fixture
def client(user: User) -> APIClient:
    return caller(user)


def test_the_description_is_valid_and_without_warnings() -> None:
    written = StringIO()
    call_command("spectacular", validate=True, fail_on_warn=True, stdout=written)
    schema = yaml.safe_load(written.getvalue())
    assert {path.removeprefix("/api/v1/") for path in schema["paths"]} == routes()


def operations(schema: dict[str, Any]) -> list[dict[str, Any]]:
    return [operation for path in schema["paths"].values() for operation in path.values()]


@pytest.mark.django_db
def test_every_operation_names_its_token_and_its_problems(client: APIClient) -> None:
    schema = client.get(f"{URL}?format=json").json()
    for operation in operations(schema):
        assert {"token": []} in operation["security"]
        named = {int(status) for status in operation["responses"]}
        assert {401, 403, 406, 429, 503} <= named
        for status in named - {200, 201, 204}:
            reference = {"$ref": f"#/components/responses/Problem{status}"}
            assert operation["responses"][str(status)] == reference
    for response in schema["components"]["responses"].values():
        problem = response["content"]["application/problem+json"]
        assert problem["schema"] == {"$ref": "#/components/schemas/Problem"}
        assert {"type", "title", "status", "detail", "code"} == set(problem["example"])


@pytest.mark.django_db
def test_every_write_names_its_headers(client: APIClient) -> None:
    schema = client.get(f"{URL}?format=json").json()
    for path, methods in schema["paths"].items():
        for method, operation in methods.items():
            named = {
                parameter["name"]
                for parameter in operation.get("parameters", ())
                if parameter["in"] == "header"
            }
            wanted = {"Idempotency-Key"} if method == "post" else set()
            wanted |= {"If-Match"} if method != "get" and "{id}" in path else set()
            assert (path, method, named) == (path, method, wanted)


@pytest.mark.django_db
def test_the_description_is_yaml_or_json(client: APIClient) -> None:
    assert client.get(f"{URL}?format=json")["Content-Type"] == "application/vnd.oai.openapi+json"
    assert client.get(URL)["Content-Type"].startswith("application/vnd.oai.openapi")


def test_the_page_shows_the_operations_under_our_csp(
    live_server: LiveServer, page: Page, user: User
) -> None:
    complaints: list[str] = []

    def note(message: ConsoleMessage) -> None:
        if message.type == "error":
            complaints.append(message.text)

    browser = Client()
    browser.force_login(user)
    session = browser.cookies["sessionid"].value
    page.context.add_cookies([{"name": "sessionid", "value": session, "url": live_server.url}])
    page.on("console", note)
    page.goto(f"{live_server.url}/api/v1/docs/")
    page.wait_for_selector("#operations-bookings-bookings_create")
    page.click("#operations-bookings-bookings_create")
    page.wait_for_selector("text=Idempotency-Key")
    page.wait_for_load_state("networkidle")
    assert complaints == []
