"""The trail by the API: for administrators and the works council, by every filter."""

from typing import Any

import pytest
from django.utils import timezone

from accounts.models import Role
from rotation.audit.models import Look, Subject
from tests.api.callers import Organisation, caller, make_organisation
from tests.builders import make_user

pytestmark = pytest.mark.django_db
URL = "/api/v1/audit/"


@pytest.fixture
def house() -> Organisation:
    return make_organisation()


@pytest.fixture
def booking(house: Organisation) -> dict[str, Any]:
    made: dict[str, Any] = caller(house.manager).post("/api/v1/bookings/", house.body).json()
    return made


def test_who_did_what_when_to_which_record(house: Organisation, booking: dict[str, Any]) -> None:
    (row,) = caller(house.admin).get(f"{URL}?subject=booking").json()["results"]
    assert row["actor"] == {"id": house.manager.pk, "name": house.manager.name}
    assert (row["via"], row["action"], row["old"]) == ("api", "book", {})
    assert (row["subject"], row["subject_id"]) == ("booking", booking["id"])
    assert (row["new"]["state"], row["new"]["staff"]) == ("confirmed", house.person.pk)
    assert house.manager.name in row["text"]


def test_the_trail_is_narrowed_by_record_actor_door_and_time(
    house: Organisation, booking: dict[str, Any]
) -> None:
    client, today = caller(house.admin), timezone.localdate()
    about = f"subject=booking&subject_id={booking['id']}"
    counts = {
        query: client.get(f"{URL}?{about}&{query}").json()["count"]
        for query in (
            f"actor={house.manager.pk}", f"actor={house.admin.pk}", "via=api", "via=page",
            f"from={today}", f"to={today}",
        )
    }  # fmt: skip
    assert list(counts.values()) == [1, 0, 1, 0, 1, 0]


def test_the_trail_is_for_administrators_and_the_works_council(house: Organisation) -> None:
    council = make_user(roles=(Role.COUNCIL,))
    statuses = [
        caller(user).get(URL).status_code
        for user in (house.admin, council, house.manager, house.planner, house.person.user)
    ]
    assert statuses == [200, 200, 403, 403, 403]
    assert caller(house.admin, ["read"]).get(URL).json()["scope"] == "audit"


def test_who_reads_of_a_person_leaves_a_look(house: Organisation, booking: dict[str, Any]) -> None:
    Look.objects.all().delete()
    caller(house.admin).get(f"{URL}?subject={Subject.BOOKING}&subject_id={booking['id']}")
    look = Look.objects.get()
    assert (look.actor, look.page, look.staff_ids) == (house.admin, "api-audit", [house.person.pk])


def test_nobody_writes_the_trail(house: Organisation, booking: dict[str, Any]) -> None:
    client = caller(house.admin)
    one = client.get(URL).json()["results"][0]["id"]
    for address in (URL, f"{URL}{one}/"):
        for method in ("post", "put", "patch", "delete"):
            assert getattr(client, method)(address, {}).status_code == 405
    assert client.get(f"{URL}{one}/").json()["id"] == one
    assert booking["id"]
