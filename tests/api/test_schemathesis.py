"""Every operation by every role, with made-up and with broken input: what the description says.

No answer of the class 5xx, no status, media type or header that is not described, and each body
as its schema says. `API_EXAMPLES` sets how many cases each operation gets of each kind and role.
"""

import logging
import os
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any
from unittest.mock import patch

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.db import close_old_connections, transaction
from django.utils import timezone
from drf_spectacular.generators import SchemaGenerator
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from hypothesis.errors import Unsatisfiable
from schemathesis import Case, GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.result import Ok
from schemathesis.schemas import APIOperation
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from accounts.models import ApiToken, Role, User
from config.wsgi import application
from rotation.booking.models import Booking
from rotation.directory.models import Department, StaffMember, Team
from rotation.meetings.models import Meeting, MeetingSeries
from rotation.webhooks.services import add_webhook, queue_test
from tests.api.callers import Organisation, make_organisation, workday
from tests.builders import BY_SYSTEM, HOUR, make_booking, make_meeting, make_staff, make_user

pytestmark = pytest.mark.django_db
EXAMPLES = int(os.environ.get("API_EXAMPLES", "2"))
CHECKS: list[Callable[..., Any]] = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
ROLES = ("admin", "manager", "planner", "staff", "host", "executive", "council", "anonymous")
KINDS = (GenerationMode.POSITIVE, GenerationMode.NEGATIVE)
AnyCase = Case[Any]
# Fields that hold ids, and whose.
IDS: dict[str, str] = {
    "staff": "staff", "meeting": "meetings", "department": "departments", "team": "teams",
    "series": "meeting-series", "booking": "bookings",
}  # fmt: skip


def make_house() -> Organisation:
    """An organisation with something of everything that the API tells of."""
    house = make_organisation(seats=2)
    series, now = house.meeting.series, timezone.now()
    make_booking(staff=house.person, meeting=house.meeting)
    guest = make_staff("Bo", team=house.team)
    make_booking(staff=guest, meeting=house.meeting, state="requested", seat=2)
    past = make_meeting(series=series, starts_at=workday(days=-14))
    make_booking(staff=house.person, meeting=past)
    make_meeting(series=series, starts_at=workday(days=21), seats=3)
    webhook = add_webhook(
        name="n", url="https://example.org/", events=["booking.booked"], by=BY_SYSTEM, now=now
    )
    queue_test(webhook.pk, by=BY_SYSTEM, now=now)
    return house


def user_of(house: Organisation, role: str) -> User:
    known = {
        "admin": house.admin,
        "manager": house.manager,
        "planner": house.planner,
        "staff": house.person.user,
        "host": house.host.user,
    }
    return known.get(role) or make_user(roles=(Role(role),))


def known_ids() -> dict[str, list[int]]:
    """Return what there is, by resource."""
    tables: dict[str, Any] = {
        "staff": StaffMember, "meetings": Meeting, "departments": Department, "teams": Team,
        "meeting-series": MeetingSeries, "bookings": Booking,
    }  # fmt: skip
    return {name: [*table.objects.values_list("pk", flat=True)] for name, table in tables.items()}


def with_known_ids(case: AnyCase, choice: int, known: dict[str, list[int]]) -> AnyCase:
    """Return the case about things that there are; `choice` 0 leaves it as it was made up."""
    if choice:
        resource = case.path.removeprefix("/api/v1/").partition("/")[0]
        ids = known.get(resource, [1])
        if "id" in (case.path_parameters or {}):
            case.path_parameters["id"] = ids[choice % len(ids)]
        for part in (case.query, case.body):
            if isinstance(part, dict):
                for name in IDS.keys() & part.keys():
                    found = known[IDS[name]]
                    part[name] = found[choice % len(found)]
    return case


def operations() -> Iterator[APIOperation[Any, Any, Any, Any]]:
    generator: Any = SchemaGenerator
    described = generator().get_schema(request=None, public=True)
    schema = schemathesis.openapi.from_dict(described)
    schema.app = application
    for result in schema.get_all_operations():
        assert isinstance(result, Ok)
        yield result.ok()


@pytest.fixture(autouse=True)
def _one_connection() -> Iterator[None]:
    """Every request is part of the test's transaction, which closing the connection would end.

    A refusal is a line in the log; here there are thousands.
    """
    logging.getLogger("django.request").setLevel(logging.ERROR)
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    logging.getLogger("django.request").setLevel(logging.NOTSET)
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.fixture(scope="module")
def counted() -> Iterator[Counter[str]]:
    """How many cases came to which status, for the closing note."""
    counts: Counter[str] = Counter()
    yield counts
    cases = sum(number for name, number in counts.items() if name.isdigit())
    print(f"\n{counts['operations']} operations x roles, {cases} cases: {dict(counts)}")  # noqa: T201


@pytest.mark.parametrize("role", ROLES)
def test_every_operation_answers_as_it_is_described(role: str, counted: Counter[str]) -> None:
    house, now = make_house(), timezone.now()
    headers = {"Accept-Encoding": "identity"}  # this transport does not unpack
    if role != "anonymous":
        key = ApiToken.issue(user_of(house, role), now=now, expires_at=now + HOUR)
        headers["Authorization"] = f"Token {key}"
    known = known_ids()
    failures: dict[str, str] = {}
    for operation in operations():
        counted["operations"] += 1
        for kind in KINDS:
            try:
                walk(operation, kind, headers, known, counted)
            except Unsatisfiable:
                continue  # nothing that could be sent would be wrong
            except (Exception, BaseExceptionGroup) as error:  # noqa: BLE001 -- each operation is walked, then all are told
                failures[f"{operation.method} {operation.path} {kind}"] = told(error)
    assert not failures, "\n\n".join(f"{name}\n{text}" for name, text in failures.items())


def told(error: BaseException) -> str:
    """Return what failed, in the words of its innermost parts."""
    parts = error.exceptions if isinstance(error, BaseExceptionGroup) else ()
    return "\n".join(told(part) for part in parts) or f"{type(error).__name__}: {error}"[:900]


def walk(
    operation: APIOperation[Any, Any, Any, Any],
    kind: GenerationMode,
    headers: dict[str, str],
    known: dict[str, list[int]],
    counted: Counter[str],
) -> None:
    """Send some cases of one kind to one operation."""

    @settings(
        max_examples=EXAMPLES,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(generation_mode=kind), choice=st.integers(0, 5))
    def send(case: AnyCase, choice: int) -> None:
        case = with_known_ids(case, choice, known)
        response = case.call(headers=headers)
        counted[str(response.status_code)] += 1
        if "Authorization" not in headers:
            assert response.status_code == 401
        case.validate_response(response, checks=CHECKS)

    # Workers are not woken for each case, and no operation finds what another one left.
    with patch("config.celery._send"), transaction.atomic():
        try:
            send()
        finally:
            transaction.set_rollback(True)
