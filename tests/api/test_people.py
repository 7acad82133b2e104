"""People and places over the API: added, changed and removed by those who may."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.models import Role, TokenScope, User
from rotation.audit.models import Subject, Via
from rotation.audit.queries import entries_of
from rotation.booking.models import Booking
from rotation.directory.models import Absence, Contract, Department, Duty, Host, Site, StaffMember
from rotation.directory.permissions import Action, Scope, actor_of, may
from tests.api.callers import Organisation, caller, make_organisation, workday
from tests.builders import (
    make_absence,
    make_booking,
    make_contract,
    make_department,
    make_duty,
    make_host,
    make_site,
    make_user,
)

pytestmark = pytest.mark.django_db
API = "/api/v1/"
NAMES = ("admin", "manager", "planner", "guest", "colleague", "host", "executive", "nobody")
HOURS = [{"weekday": day, "starts": "08:00", "ends": "12:00"} for day in range(5)]


@pytest.fixture
def house() -> Organisation:
    return make_organisation()


@pytest.fixture
def admin(house: Organisation) -> APIClient:
    return caller(house.admin)


def user_of(house: Organisation, name: str) -> User:
    known = {
        "admin": house.admin,
        "manager": house.manager,
        "planner": house.planner,
        "guest": house.person.user,
        "colleague": house.stranger.user,
        "host": house.host.user,
    }
    return known.get(name) or make_user(roles=(Role.EXECUTIVE,) if name == "executive" else ())


def bodies(house: Organisation) -> dict[str, tuple[Action, dict[str, Any]]]:
    """Return for each resource the right to keep it, and what adds a record."""
    start, person = workday(), house.person.pk
    span = {"staff": person, "starts_at": start, "ends_at": start + timedelta(hours=4)}
    new = {"name": "Nora New", "email": "nora@example.org"}
    terms = {"starts_on": "2030-01-01", "hours": HOURS}
    return {
        "sites": (Action.KEEP_SITES, {"name": "Wien", "country": "AT", "subdivision": "9"}),
        "departments": (Action.KEEP_DEPARTMENTS, {"name": "Law", "code": "LA"}),
        "teams": (Action.KEEP_TEAMS, {"name": "Labs", "department": house.department.pk}),
        "staff": (Action.ADD_STAFF, {**new, "team": house.team.pk}),
        "hosts": (Action.KEEP_DEPARTMENTS, {**new, "department": house.department.pk}),
        "contracts": (Action.KEEP_CONTRACTS, {"staff": person, **terms}),
        "absences": (Action.KEEP_ABSENCES, span),
        "duties": (Action.KEEP_DUTIES, {**span, "kind": "dispatch"}),
    }


RESOURCES = (
    "sites", "departments", "teams", "staff", "hosts", "contracts", "absences", "duties",
)  # fmt: skip


@pytest.mark.parametrize("resource", RESOURCES)
@pytest.mark.parametrize("name", NAMES)
def test_who_may_add(house: Organisation, resource: str, name: str) -> None:
    user = user_of(house, name)
    action, body = bodies(house)[resource]
    who, scope = actor_of(user), Scope(house.team.pk, house.person.pk)
    anywhere = may(who, action, Scope(staff_id=who.staff_id))
    sees = may(who, Action.SEE_STAFF, scope) or "staff" not in body
    wanted = 201 if may(who, action, scope) else 404 if anywhere and not sees else 403

    answer = caller(user).post(f"{API}{resource}/", body, format="json")

    assert answer.status_code == wanted, answer.content


@pytest.mark.parametrize("resource", sorted(set(RESOURCES) - {"hosts"}))
def test_what_was_added_is_found_changed_and_removed(
    admin: APIClient, house: Organisation, resource: str
) -> None:
    _action, body = bodies(house)[resource]
    added = admin.post(f"{API}{resource}/", body, format="json")
    address = f"{API}{resource}/{added.json()['id']}/"

    found = admin.get(address)
    changed = admin.patch(address, CHANGES[resource], format="json", headers={"If-Match": '"1"'})
    stale = admin.patch(
        address, CHANGES_AGAIN[resource], format="json", headers={"If-Match": '"1"'}
    )
    removed = admin.delete(address)

    assert (added.status_code, added["ETag"], found.json()) == (201, '"1"', added.json())
    assert (changed.status_code, changed["ETag"]) == (200, '"2"')
    assert changed.json() == {**added.json(), **CHANGES[resource], "version": 2}
    assert (stale.status_code, stale.json()["code"]) == (409, "changed_meanwhile")
    assert removed.status_code == (405 if resource == "staff" else 204)
    assert admin.get(address).status_code == (200 if resource == "staff" else 404)


CHANGES: dict[str, dict[str, Any]] = {
    "sites": {"name": "Graz"},
    "departments": {"name": "Legal", "cadence_weeks": 4},
    "teams": {"buffer_minutes": 30},
    "staff": {"time_zone": "Asia/Tokyo"},
    "contracts": {"ends_on": "2031-01-01"},
    "absences": {"ends_at": "2099-01-01T00:00:00Z"},
    "duties": {"kind": "secondary"},
}
CHANGES_AGAIN: dict[str, dict[str, Any]] = {
    "sites": {"name": "Linz"},
    "departments": {"name": "Laws"},
    "teams": {"buffer_minutes": 45},
    "staff": {"time_zone": "Asia/Seoul"},
    "contracts": {"ends_on": None},
    "absences": {"ends_at": "2098-01-01T00:00:00Z"},
    "duties": {"kind": "primary"},
}


def test_a_host_goes_to_another_department(admin: APIClient, house: Organisation) -> None:
    other = make_department("Law", "LA")

    answer = admin.patch(f"{API}hosts/{house.host.pk}/", {"department": other.pk}, format="json")

    assert (answer.status_code, answer.json()["department"]) == (200, other.pk)
    assert Host.objects.get().department == other


@pytest.mark.parametrize(
    ("resource", "change", "field"),
    [
        ("sites", {"name": "A\nB"}, "name"),
        ("sites", {"name": "A", "time_zone": "Mars"}, "time_zone"),
        ("sites", {"name": "A", "country": "XX"}, "country"),
        ("sites", {"name": "A", "country": "AT", "subdivision": "BY"}, "subdivision"),
        ("departments", {"code": "TOOLONG"}, "code"),
        ("departments", {"cadence_weeks": 0}, "cadence_weeks"),
        ("departments", {"site": 99}, "site"),
        ("teams", {"department": 2**70}, "department"),
        ("teams", {"buffer_minutes": 999}, "buffer_minutes"),
        ("teams", {"managers": [99]}, "managers"),
        ("staff", {"email": "nobody"}, "email"),
        ("staff", {"team": 99}, "team"),
        ("staff", {"name": "A\u202eB"}, "name"),
        ("hosts", {"department": None}, "department"),
        ("contracts", {"hours": [{"weekday": 9, "starts": "8:00", "ends": "9:00"}]}, "hours"),
        ("contracts", {"ends_on": "2029-01-01"}, "ends_on"),
        ("contracts", {"hours": [*HOURS, HOURS[0]]}, "hours"),
        ("absences", {"ends_at": "2020-01-01T00:00:00Z"}, "ends_at"),
        ("absences", {"starts_at": "2026-01-01T00:00:00"}, "starts_at"),
        ("duties", {"kind": "fun"}, "kind"),
    ],
)
def test_a_wrong_field_is_named(
    admin: APIClient, house: Organisation, resource: str, change: dict[str, Any], field: str
) -> None:
    _action, body = bodies(house)[resource]

    answer = admin.post(f"{API}{resource}/", {**body, **change}, format="json")

    assert answer.status_code == 400, answer.content
    assert answer.json()["errors"][0]["field"].split(".")[0] == field


@pytest.mark.parametrize(
    ("resource", "change", "field"),
    [
        ("departments", {"code": "SA"}, "code"),
        ("departments", {"name": "Sales"}, "name"),
        ("teams", {"name": "Service Desk"}, "name"),
    ],
)
def test_what_is_taken_is_a_conflict(
    admin: APIClient, house: Organisation, resource: str, change: dict[str, Any], field: str
) -> None:
    _action, body = bodies(house)[resource]

    answer = admin.post(f"{API}{resource}/", {**body, **change}, format="json")

    assert (answer.status_code, answer.json()["code"]) == (409, "taken")
    assert answer.json()["errors"][0]["field"] == field


def test_an_address_of_somebody_else_is_taken(admin: APIClient, house: Organisation) -> None:
    answer = admin.patch(
        f"{API}staff/{house.person.pk}/", {"email": house.stranger.email.upper()}, format="json"
    )

    assert (answer.status_code, answer.json()["code"]) == (409, "taken")


def test_a_department_in_use_says_what_hangs_on_it(admin: APIClient, house: Organisation) -> None:
    answer = admin.delete(f"{API}departments/{house.department.pk}/")

    assert (answer.status_code, answer.json()["code"]) == (409, "still_in_use")
    assert answer.json()["uses"] == ["hosts: 1", "meeting series: 1"]
    assert Department.objects.filter(pk=house.department.pk).exists()


def test_a_contract_over_another_is_refused(admin: APIClient, house: Organisation) -> None:
    Contract.objects.all().delete()
    make_contract(house.person, date(2030, 1, 1), date(2031, 1, 1))
    body = {"staff": house.person.pk, "starts_on": "2030-06-01", "hours": HOURS}

    answer = admin.post(f"{API}contracts/", body, format="json")

    assert (answer.status_code, answer.json()["code"]) == (422, "contract_overlaps")
    assert answer.json()["starts_on"] == "2030-01-01"


def test_the_same_absence_twice_is_one(house: Organisation) -> None:
    client = caller(house.person.user)
    body = bodies(house)["absences"][1]

    ids = {client.post(f"{API}absences/", body, format="json").json()["id"] for _ in range(2)}

    assert len(ids) == 1
    [line] = entries_of(Subject.STAFF, house.person.pk)
    assert (line.action, line.actor, line.via) == ("add_absence", house.person.user, Via.API)


def test_people_keep_their_own_absences_and_nobody_elses(house: Organisation) -> None:
    own, other = make_absence(house.person, workday()), make_absence(house.stranger, workday())
    client = caller(house.person.user)

    statuses = [client.delete(f"{API}absences/{each.pk}/").status_code for each in (own, other)]

    assert (statuses, list(Absence.objects.all())) == ([204, 404], [other])


def test_times_are_shown_of_whom_one_may_see(house: Organisation) -> None:
    for person in (house.person, house.stranger):
        make_absence(person, workday())
        make_duty(person, workday())
    ids = {house.person.pk, house.stranger.pk}
    seen = {"manager": {house.person.pk}, "guest": {house.person.pk}, "admin": ids}

    for name, wanted in seen.items():
        client = caller(user_of(house, name))
        for resource in ("contracts", "absences", "duties"):
            rows = client.get(f"{API}{resource}/").json()["results"]
            assert (name, resource, {row["staff"] for row in rows}) == (name, resource, wanted)
    for resource in ("contracts", "absences", "duties"):
        assert caller(house.host.user).get(f"{API}{resource}/").status_code == 403


def test_times_are_narrowed_to_a_person_and_a_period(admin: APIClient, house: Organisation) -> None:
    make_absence(house.person, workday())
    make_absence(house.stranger, workday())
    day = workday().date()
    queries = {
        f"staff={house.person.pk}": 1,
        f"team={house.other_team.pk}": 1,
        f"from={day + timedelta(days=1)}": 0,
        f"to={day}": 0,
        f"from={day}&to={day + timedelta(days=1)}": 2,
    }

    found = {query: admin.get(f"{API}absences/?{query}").json()["count"] for query in queries}

    assert found == queries


@pytest.mark.parametrize("resource", ["contracts", "absences", "duties", "hosts", "teams", "sites"])
def test_a_list_makes_the_same_number_of_queries_however_long(
    admin: APIClient, house: Organisation, resource: str
) -> None:
    def number() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert admin.get(f"{API}{resource}/").status_code == 200
        return len(captured)

    make_site()
    make_absence(house.person, workday())
    make_duty(house.person, workday())
    first = number()
    for day in range(3):
        make_absence(house.stranger, workday(days=30 + 7 * day))
        make_duty(house.stranger, workday(days=30 + 7 * day))
        make_host(department=house.department)
        make_site(f"Site {day}")

    assert number() == first


def test_hosts_are_shown_to_those_who_deal_with_them(house: Organisation) -> None:
    other = make_host("Otto", department=make_department("Law", "LA"))
    both = {house.host.pk, other.pk}
    seen = {"admin": both, "planner": both, "manager": both, "host": {house.host.pk}}

    for name, wanted in seen.items():
        rows = caller(user_of(house, name)).get(f"{API}hosts/").json()["results"]
        assert (name, {row["id"] for row in rows}) == (name, wanted)
    for name in ("guest", "executive", "nobody"):
        assert caller(user_of(house, name)).get(f"{API}hosts/").status_code == 403


def test_who_leaves_gives_seats_back_and_may_come_back(
    admin: APIClient, house: Organisation
) -> None:
    booking = make_booking(staff=house.person, meeting=house.meeting)
    address = f"{API}staff/{house.person.pk}/"
    today = timezone.localdate()

    left = admin.post(f"{address}leave/", {"left_on": today, "reason": "moves"}, format="json")
    back = admin.post(f"{address}come_back/")

    booking.refresh_from_db()
    assert (left.status_code, left.json()["left_on"]) == (200, str(today))
    assert (booking.state, entries_of(Subject.BOOKING, booking.pk)[0].reason) == (
        Booking.State.CANCELLED,
        "moves",
    )
    assert (back.status_code, back.json()["left_on"]) == (200, None)


def test_who_has_left_may_come_back_though_no_list_shows_the_person(
    admin: APIClient, house: Organisation
) -> None:
    address = f"{API}staff/{house.person.pk}/"
    yesterday = timezone.localdate() - timedelta(days=2)
    admin.post(f"{address}leave/", {"left_on": yesterday}, format="json")

    gone, back = admin.get(address), admin.post(f"{address}come_back/")

    assert (gone.status_code, back.status_code) == (404, 200)
    assert StaffMember.objects.get(pk=house.person.pk).user.is_active


def test_managers_of_a_team_get_the_role(admin: APIClient, house: Organisation) -> None:
    user = make_user()

    answer = admin.patch(f"{API}teams/{house.team.pk}/", {"managers": [user.pk]}, format="json")

    user.refresh_from_db()
    assert (answer.status_code, user.roles) == (200, [Role.MANAGER])
    assert list(house.team.managers.all()) == [user]


def test_a_token_for_reading_changes_nobody(house: Organisation) -> None:
    client = caller(house.admin, scopes=[TokenScope.READ])

    answer = client.post(f"{API}sites/", {"name": "Wien"}, format="json")

    assert (answer.status_code, answer.json()["scope"]) == (403, TokenScope.PEOPLE)
    assert not Site.objects.exists()


def test_a_token_for_people_changes_them(house: Organisation) -> None:
    client = caller(house.admin, scopes=[TokenScope.READ, TokenScope.PEOPLE])

    for resource, (_action, body) in bodies(house).items():
        answer = client.post(f"{API}{resource}/", body, format="json")
        assert (resource, answer.status_code) == (resource, 201)


def test_a_repeated_post_adds_one(admin: APIClient, house: Organisation) -> None:
    body, key = bodies(house)["duties"][1], {"Idempotency-Key": "once"}

    answers = [admin.post(f"{API}duties/", body, format="json", headers=key) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [201, 201]
    assert Duty.objects.count() == 1
