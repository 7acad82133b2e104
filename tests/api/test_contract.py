"""Hostile input at every address: a problem with a code, and never a 5xx."""

import json
from typing import Any

import pytest
from rest_framework.test import APIClient

from tests.api.callers import Organisation, caller, make_organisation, workday
from tests.builders import make_booking

pytestmark = pytest.mark.django_db
API = "/api/v1/"
LISTS = (
    "departments/", "teams/", "staff/", "meeting-series/", "meetings/", "bookings/", "load/",
    "budgets/", "insights/", "waiting/", "reports/coverage/", "reports/balance/",
)  # fmt: skip
ONES = ("departments", "teams", "staff", "meeting-series", "meetings", "bookings", "insights",
        "waiting")  # fmt: skip
READERS: dict[str, tuple[str, ...]] = {
    "staff": ("bookings/", "swap/", "waiting/"),
    "meeting": ("bookings/", "move/", "waiting/"),
    "reason": ("confirm/", "decline/", "cancel/", "move/", "swap/", "attended/", "missed/"),
    "booking": ("insights/",),
    "text": ("insights/",),
}
ACTIONS = ("confirm", "decline", "cancel", "move", "swap", "attended", "missed")
POSTS = ("bookings/", "meeting-series/", "insights/", "waiting/")
NONSENSE: tuple[object, ...] = (
    None, True, 0, -1, 1.5, "", "x", "1; DROP TABLE", "\x00", "\ud800", "9" * 5000, 2**63, 2**70,
    -(2**70), [], {}, [1], {"id": 1}, "1900-01-01", "9999-12-31", "<script>",
)  # fmt: skip
QUERIES = (
    "page=0", "page=-1", "page=x", "page=99999999999999999999", "page_size=0", "page_size=-1",
    "page_size=99999999", "page_size=x", "department=x", "department=-1", "department=1.5",
    "department=9223372036854775808", "staff=%00", "staff=1e400", "meeting=NaN", "series=x",
    "team=99999999999999999999999", "state=nothing", "state=%00", "free=banana", "from=1900-01-01",
    "from=9999-12-31", "to=9999-12-31T23:59:59Z", "from=0001-01-01T00:00:00%2B23:59",
    "to=9999-12-31T23:59:59-23:59", "from=2026-13-45", "from=2026-02-30", "to=x", "from=%00",
    "from=2026-01-01T00:00:00-23:59",
    "from=2026-03-10T10:00:00", "from=2026-03-10&to=2026-03-01", "from=2026-01-01&to=2090-01-01",
    "weeks=0", "weeks=-1", "weeks=54", "weeks=x", "weeks=99999999999999999999",
    "from=2100-12-31&weeks=53", "booking=x", "format=xml", "format=%00", "page=%00",
)  # fmt: skip


@pytest.fixture
def house() -> Organisation:
    return make_organisation()


@pytest.fixture
def admin(house: Organisation) -> APIClient:
    """May do everything, so that rights hide nothing."""
    house.admin.roles = ["admin", "manager", "planner", "staff", "host", "executive"]
    house.admin.save()
    house.host.user = house.admin
    house.host.save()
    house.person.user = house.admin
    house.person.save()
    return caller(house.admin)


def is_problem(answer: Any) -> bool:  # noqa: ANN401 -- the test client's own class
    """Whether `answer` is a client's error as RFC 9457 has it."""
    if not 400 <= answer.status_code < 500:
        return False
    body = answer.json()
    assert answer["Content-Type"] == "application/problem+json"
    assert body["status"] == answer.status_code
    assert {"type", "title", "status", "detail", "code"} <= set(body)
    assert body["type"] == f"urn:rundgang:problem:{body['code']}"
    assert body["detail"] != ""
    return True


@pytest.mark.parametrize("address", LISTS)
def test_no_query_breaks_a_list(admin: APIClient, address: str) -> None:
    for query in QUERIES:
        answer = admin.get(f"{API}{address}?{query}")
        assert answer.status_code == 200 or is_problem(answer), query


@pytest.mark.parametrize(
    "query",
    [
        "from=1900-01-01", "from=9999-12-31", "to=x", "from=2026-02-30", "state=nothing",
        "staff=x", "staff=9223372036854775808", "meeting=1.5", "department=%00",
    ],
)  # fmt: skip
def test_a_wrong_query_names_its_field(admin: APIClient, query: str) -> None:
    answer = admin.get(f"{API}bookings/?{query}")
    assert is_problem(answer)
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid")
    assert answer.json()["errors"][0]["field"] == query.partition("=")[0]


@pytest.mark.parametrize("name", ONES)
@pytest.mark.parametrize("pk", ["0", "x", "-1", "1.5", "9" * 19, "9" * 30, "9" * 5000, "%00"])
def test_what_is_nowhere_is_404(admin: APIClient, name: str, pk: str) -> None:
    answer = admin.get(f"{API}{name}/{pk}/")
    assert is_problem(answer)
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


@pytest.mark.parametrize("address", ["", "nothing", "bookings", "bookings/1/burn/", "%00", "a//b"])
@pytest.mark.parametrize("method", ["get", "post", "put", "delete", "options", "head"])
def test_an_unknown_address_is_404(admin: APIClient, address: str, method: str) -> None:
    answer = getattr(admin, method)(f"{API}{address}")
    assert answer.status_code == 404
    assert answer["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize("address", [*LISTS, "schema/", "docs/", "meetings/1/suggestions/"])
@pytest.mark.parametrize("method", ["put", "patch", "delete", "options"])
def test_a_wrong_method_is_405(admin: APIClient, address: str, method: str) -> None:
    answer = getattr(admin, method)(f"{API}{address}")
    assert is_problem(answer)
    assert (answer.status_code, answer.json()["code"]) == (405, "method_not_allowed")


def test_an_action_is_not_read(house: Organisation, admin: APIClient) -> None:
    booking = make_booking(staff=house.person, meeting=house.meeting)
    for action in ACTIONS:
        assert admin.get(f"{API}bookings/{booking.pk}/{action}/").status_code == 405


def test_what_nobody_can_send_is_406(admin: APIClient) -> None:
    answer = admin.get(f"{API}bookings/", headers={"Accept": "image/png"})
    assert is_problem(answer)
    assert (answer.status_code, answer.json()["code"]) == (406, "not_acceptable")


def post(client: APIClient, address: str, body: object) -> Any:  # noqa: ANN401
    """Post what the client's own encoder refuses, such as half a surrogate pair."""
    return client.post(address, json.dumps(body), content_type="application/json")


def addresses_to_post_to(house: Organisation) -> list[str]:
    booking = make_booking(staff=house.person, meeting=house.meeting)
    actions = (f"bookings/{booking.pk}/{action}/" for action in ACTIONS)
    return [f"{API}{address}" for address in (*POSTS, *actions)]


@pytest.mark.parametrize(
    ("body", "kind", "status", "code"),
    [
        (b"{", "application/json", 400, "malformed"),
        (b"\xff\xfe", "application/json", 400, "malformed"),
        (b'{"staff": NaN}', "application/json", 400, "malformed"),
        (b"[" * 200_000, "application/json", 400, "malformed"),
        (b'{"reason": ' + b"9" * 5000 + b"}", "application/json", 400, "malformed"),
        (b"{}", "application/json; charset=bz2", 400, "malformed"),
        (b"[1]", "application/json", 400, "invalid"),
        (b"null", "application/json", 400, "invalid"),
        (b'"text"', "application/json", 400, "invalid"),
        (b"a=b", "application/x-www-form-urlencoded", 415, "unsupported_media_type"),
        (b"<a/>", "text/xml", 415, "unsupported_media_type"),
        (b"{}", "", 415, "unsupported_media_type"),
        (b" " * 10_000_000, "application/json", 413, "body_too_large"),
    ],
)  # fmt: skip
def test_a_body_that_cannot_be_read_is_said_so(
    house: Organisation, admin: APIClient, body: bytes, kind: str, status: int, code: str
) -> None:
    for address in addresses_to_post_to(house):
        answer = admin.generic("POST", address, body, content_type=kind)  # type: ignore[arg-type]
        assert is_problem(answer), address
        assert (answer.status_code, answer.json()["code"]) == (status, code), address


@pytest.mark.parametrize("field", ["staff", "meeting", "reason", "booking", "text"])
def test_no_value_breaks_a_write(house: Organisation, admin: APIClient, field: str) -> None:
    for address in addresses_to_post_to(house):
        # One value is enough where the field is not read.
        for value in NONSENSE if address.endswith(READERS[field]) else NONSENSE[-1:]:
            answer = post(admin, address, {**house.body, "text": "x", field: value})
            assert answer.status_code < 300 or is_problem(answer), (address, value)


SERIES = {"title": "Jour fixe", "starts_at": "2027-03-09T10:00:00+01:00"}


@pytest.mark.parametrize(
    "field",
    [
        "title", "rrule", "starts_at", "duration_minutes", "time_zone", "seats", "needs_approval",
        "location", "confidential", "notice_hours", "travel_minutes", "department",
    ],
)  # fmt: skip
def test_no_value_breaks_a_series(house: Organisation, admin: APIClient, field: str) -> None:
    for value in NONSENSE:
        body = {**SERIES, "department": house.department.pk, field: value}
        answer = post(admin, f"{API}meeting-series/", body)
        assert answer.status_code == 201 or is_problem(answer), value


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("title", "a\nb"), ("title", "a\x07b"), ("title", ""), ("title", "x" * 161),
        ("location", "a\r\nBcc: x@example.org"), ("starts_at", "1900-01-01T00:00:00Z"),
        ("starts_at", "9999-12-31T23:59:59Z"), ("starts_at", "2027-03-09T10:00:00"),
        ("starts_at", "0001-01-01T00:00:00+23:59"), ("time_zone", "Europe/Nowhere"),
        ("rrule", "FREQ=SECONDLY"), ("rrule", "FREQ=WEEKLY;FREQ=DAILY"), ("rrule", "x"),
        ("seats", 51), ("seats", 0), ("duration_minutes", 721), ("travel_minutes", -1),
    ],
)  # fmt: skip
def test_a_wrong_series_names_its_field(
    house: Organisation, admin: APIClient, field: str, value: object
) -> None:
    body = {**SERIES, "department": house.department.pk, field: value}
    answer = admin.post(f"{API}meeting-series/", body)
    assert is_problem(answer)
    assert answer.status_code == 400
    assert [error["field"] for error in answer.json()["errors"]] == [field]


@pytest.mark.parametrize("key", ["", " ", "ä", "x" * 201, "a\tb", "\x00"])
def test_a_key_that_is_no_plain_text_is_refused(
    house: Organisation, admin: APIClient, key: str
) -> None:
    for address in addresses_to_post_to(house):
        answer = admin.post(address, house.body, headers={"Idempotency-Key": key})
        assert is_problem(answer)
        assert (answer.status_code, answer.json()["code"]) == (400, "idempotency_key_malformed")


def test_markup_in_a_reason_stays_text(house: Organisation, admin: APIClient) -> None:
    booking = make_booking(staff=house.person, meeting=house.meeting)
    answer = admin.post(f"{API}bookings/{booking.pk}/cancel/", {"reason": "<b>&amp;\n"})
    assert answer.status_code == 200


def test_the_day_of_a_period_begins_at_midnight_in_the_zone_of_the_house(
    admin: APIClient,
) -> None:
    day = workday().date().isoformat()
    assert admin.get(f"{API}meetings/?from={day}&to={day}").json()["count"] == 0
    midnight = workday(0).isoformat().replace("+", "%2B")
    assert admin.get(f"{API}meetings/?from={midnight}").json()["count"] == 1
