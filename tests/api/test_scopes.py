"""What a token may be used for: less than its user may, never more."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.utils import timezone
from rest_framework.permissions import SAFE_METHODS
from rest_framework.test import APIClient

from accounts.models import ApiToken, TokenScope
from rotation.api.scopes import APART, EVERYTHING, WRITES, scopes_needed
from rotation.api.urls import router
from rotation.directory.permissions import Action
from tests.api.callers import Organisation, caller, make_organisation

pytestmark = pytest.mark.django_db
API = "/api/v1/"


@pytest.fixture
def house() -> Organisation:
    return make_organisation()


def test_every_write_names_its_action_and_every_action_its_scope() -> None:
    routes: list[Any] = router.urls
    nameless = [
        (route.name, action)
        for route in routes
        for method, action in getattr(route.callback, "actions", {}).items()
        if method.upper() not in SAFE_METHODS
        and scopes_needed(method, route.callback.cls.rights.get(action)) == EVERYTHING
    ]
    assert nameless == []


def test_what_has_a_scope_for_reading_is_no_other_write() -> None:
    assert set(APART).isdisjoint(WRITES)


def test_reading_needs_read_but_for_what_stands_apart() -> None:
    assert scopes_needed("GET", None) == {"read"}
    assert scopes_needed("GET", Action.BOOK_VISIT) == {"read"}
    assert scopes_needed("GET", Action.SEE_AUDIT) == {"audit"}
    assert scopes_needed("POST", Action.BOOK_VISIT) == {"book"}
    assert scopes_needed("POST", Action.SEE_LOAD) == set(TokenScope)


def test_a_token_for_reading_books_nothing_and_hears_why(house: Organisation) -> None:
    reader = caller(house.manager, [TokenScope.READ])
    answer = reader.post(f"{API}bookings/", house.body)
    assert answer.status_code == 403
    assert answer["Content-Type"] == "application/problem+json"
    assert (answer.json()["code"], answer.json()["scope"]) == ("scope_missing", "book")
    assert reader.get(f"{API}bookings/").status_code == 200


def test_a_token_for_booking_reads_nothing(house: Organisation) -> None:
    client = caller(house.manager, [TokenScope.BOOK])
    answer = client.get(f"{API}bookings/")
    assert (answer.status_code, answer.json()["scope"]) == (403, "read")
    assert client.post(f"{API}bookings/", house.body).status_code == 201


def test_a_scope_gives_nobody_a_right(house: Organisation) -> None:
    answer = caller(house.person.user).post(f"{API}bookings/", house.body)
    assert (answer.status_code, answer.json()["code"]) == (403, "permission_denied")


def test_a_scope_comes_before_the_body_and_after_401_and_405(house: Organisation) -> None:
    reader = caller(house.manager, [TokenScope.READ])
    broken = reader.post(f"{API}bookings/", "{", content_type="application/json")
    assert (broken.status_code, broken.json()["code"]) == (403, "scope_missing")
    assert reader.put(f"{API}bookings/").status_code == 405
    assert reader.post(f"{API}nothing/").status_code == 404


def test_a_page_needs_no_scope(house: Organisation) -> None:
    client = APIClient()
    client.force_login(house.manager)
    assert client.get(f"{API}bookings/").status_code == 200


def test_the_day_of_the_last_use_is_kept_once_a_day(house: Organisation) -> None:
    client = caller(house.manager)
    ApiToken.objects.update(last_used_on=date(2026, 1, 1))
    client.get(f"{API}teams/")
    used_on = ApiToken.objects.get().last_used_on
    assert used_on is not None
    assert timezone.localdate() - used_on < timedelta(days=1)
