import pytest
import redis
from django.core.exceptions import PermissionDenied
from django.db import InterfaceError, OperationalError, connection
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext

from accounts.models import Role
from rotation.web.views import errors
from tests.builders import make_user

REFUSED = PermissionDenied()


@pytest.mark.django_db
def test_who_may_not_is_told_whom_to_ask() -> None:
    request = RequestFactory().get("/")
    request.user = make_user(name="Ada", roles=(Role.STAFF,))
    make_user("root@example.org", name="Rosa Root", roles=(Role.ADMIN,))
    make_user("other@example.org", name="Otto", roles=(Role.PLANNER,))
    response = errors.permission_denied(request, REFUSED)
    html = response.content.decode()
    assert response.status_code == 403
    assert '<a href="mailto:root@example.org">Rosa Root</a>' in html
    assert "Otto" not in html


@pytest.mark.django_db
def test_an_unknown_address_has_a_page_of_ours(client: Client) -> None:
    response = client.get("/nowhere/")
    assert response.status_code == 404
    assert "There is nothing here" in response.content.decode()


@pytest.mark.django_db
@pytest.mark.parametrize(("name", "status"), [("bad_request", 400), ("server_error", 500)])
def test_what_may_be_broken_is_not_asked_again(name: str, status: int) -> None:
    request = RequestFactory().get("/")
    exception = () if name == "server_error" else (REFUSED,)
    with CaptureQueriesContext(
        connection,
    ) as queries:
        response = getattr(errors, name)(request, *exception)
    assert (response.status_code, len(queries)) == (status, 0)
    assert 'class="r-minimal"' in response.content.decode()


@pytest.mark.parametrize("away", [OperationalError, InterfaceError, redis.ConnectionError])
def test_what_is_away_for_a_moment_is_said_to_be(away: type[Exception]) -> None:
    try:
        raise away  # noqa: TRY301 -- handlers ask for the error at hand
    except away:
        response = errors.server_error(RequestFactory().get("/"))

    assert (response.status_code, response["Retry-After"]) == (503, "3")
    assert "Please try again in a few seconds" in response.content.decode()


@pytest.mark.django_db
def test_a_page_asked_for_while_the_database_is_away(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def is_away(*_: object, **__: object) -> None:
        raise OperationalError

    client.force_login(make_user())
    client.raise_request_exception = False
    monkeypatch.setattr(connection, "cursor", is_away)

    assert client.get("/visits/").status_code == 503


@pytest.mark.django_db
def test_a_form_without_its_token_says_what_to_do() -> None:
    response = Client(enforce_csrf_checks=True).post("/accounts/login/", {"login": "x"})
    assert response.status_code == 403
    assert "Please send the form again" in response.content.decode()
