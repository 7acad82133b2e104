"""The API asks the same rules as the pages: each address by each role."""

import pytest
from rest_framework.test import APIClient

from accounts.models import Role, User
from rotation.directory.permissions import Action, Actor, Scope, actor_of, may
from tests.api.callers import Organisation, caller, make_organisation, workday
from tests.builders import make_booking, make_meeting, make_user

pytestmark = pytest.mark.django_db
API = "/api/v1/"
OPEN = ("departments/", "teams/", "staff/", "meeting-series/", "meetings/", "bookings/",
        "budgets/", "insights/", "waiting/", "schema/", "docs/")  # fmt: skip
GUARDED = {
    "load/": Action.SEE_LOAD,
    "reports/coverage/": Action.SEE_REPORTS,
    "reports/balance/": Action.SEE_REPORTS,
    "meetings/{meeting}/suggestions/": Action.SUGGEST_GUESTS,
}
POSTS = {
    "bookings/": Action.BOOK_VISIT,
    "waiting/": Action.BOOK_VISIT,
    "insights/": Action.WRITE_NOTE,
    "meeting-series/": Action.OFFER_MEETING,
    "tickets/": Action.PUSH_TICKETS,
}
STEPS = {
    "confirm": Action.APPROVE_GUEST,
    "decline": Action.APPROVE_GUEST,
    "cancel": Action.CANCEL_VISIT,
    "move": Action.MOVE_VISIT,
    "swap": Action.MOVE_VISIT,
    "attended": Action.RECORD_ATTENDANCE,
    "missed": Action.RECORD_ATTENDANCE,
}


@pytest.fixture
def house() -> Organisation:
    return make_organisation()


def users(house: Organisation) -> dict[str, User]:
    return {
        "admin": house.admin,
        "manager": house.manager,
        "planner": house.planner,
        "guest": house.person.user,
        "colleague": house.stranger.user,
        "host": house.host.user,
        "executive": make_user(roles=(Role.EXECUTIVE,)),
        "council": make_user(roles=(Role.COUNCIL,)),
        "nobody": make_user(),
    }


def anywhere(who: Actor, action: Action) -> bool:
    return may(who, action, Scope(staff_id=who.staff_id))


def each(house: Organisation) -> list[tuple[str, APIClient, Actor]]:
    return [(name, caller(user), actor_of(user)) for name, user in users(house).items()]


def test_lists_are_open_and_show_what_may_be_seen(house: Organisation) -> None:
    for name, client, _who in each(house):
        for address in OPEN:
            assert (name, address, client.get(f"{API}{address}").status_code) == (
                name, address, 200,
            )  # fmt: skip


def test_figures_are_for_those_who_may_see_them(house: Organisation) -> None:
    for name, client, who in each(house):
        for address, action in GUARDED.items():
            wanted = 200 if anywhere(who, action) else 403
            answer = client.get(f"{API}{address.format(meeting=house.meeting.pk)}")
            assert (name, address, answer.status_code) == (name, address, wanted)


def test_who_may_not_write_hears_so_before_the_body_is_looked_at(house: Organisation) -> None:
    for name, client, who in each(house):
        for address, action in POSTS.items():
            wanted = 400 if anywhere(who, action) else 403
            answer = client.post(f"{API}{address}", "{", content_type="application/json")
            assert (name, address, answer.status_code) == (name, address, wanted)


def test_each_step_of_a_booking_is_for_those_who_may_take_it(house: Organisation) -> None:
    booking = make_booking(staff=house.person, meeting=house.meeting)
    scope = Scope(house.team.pk, house.person.pk, house.department.pk)
    for name, client, who in each(house):
        for step, action in STEPS.items():
            seen = may(who, Action.SEE_BOOKING, scope)
            hidden = 404 if anywhere(who, action) and not seen else 403
            wanted = 400 if may(who, action, scope) else hidden
            answer = client.post(f"{API}bookings/{booking.pk}/{step}/", {"reason": [1]})
            assert (name, step, answer.status_code) == (name, step, wanted)


def test_a_booking_is_seen_by_those_who_may_see_it(house: Organisation) -> None:
    booking = make_booking(staff=house.person, meeting=house.meeting)
    scope = Scope(house.team.pk, house.person.pk, house.department.pk)
    for name, client, who in each(house):
        found = [row["id"] for row in client.get(f"{API}bookings/").json()["results"]]
        seen = may(who, Action.SEE_BOOKING, scope)
        assert (name, found) == (name, [booking.pk] if seen else [])
        status = client.get(f"{API}bookings/{booking.pk}/").status_code
        assert (name, status) == (name, 200 if seen else 404)


def test_budget_figures_are_null_for_who_may_not_see_them(house: Organisation) -> None:
    for name, client, who in each(house):
        scope = Scope(house.team.pk, house.person.pk)
        rows = client.get(f"{API}budgets/?staff={house.person.pk}").json()["results"]
        figures = [row["granted_hours"] for row in rows]
        if not may(who, Action.SEE_STAFF, scope):
            assert (name, figures) == (name, [])
        elif may(who, Action.SEE_BUDGET, scope):
            assert (name, len(figures), figures[0] is None) == (name, 1, False)
        else:
            assert (name, figures) == (name, [None])


def test_a_note_is_read_by_those_who_may_read_it(house: Organisation) -> None:
    held = make_meeting(series=house.meeting.series, starts_at=workday(days=-14))
    booking = make_booking(staff=house.person, meeting=held)
    note = caller(house.person.user).post(
        f"{API}insights/", {"booking": booking.pk, "text": "They type each order twice."}
    )
    assert note.status_code == 201
    scope = Scope(house.team.pk, house.person.pk)
    for name, client, who in each(house):
        found = [row["id"] for row in client.get(f"{API}insights/").json()["results"]]
        wanted = [note.json()["id"]] if may(who, Action.READ_NOTE, scope) else []
        assert (name, found) == (name, wanted)


def test_a_note_is_written_by_the_guest_alone(house: Organisation) -> None:
    held = make_meeting(series=house.meeting.series, starts_at=workday(days=-14))
    booking = make_booking(staff=house.person, meeting=held)
    body = {"booking": booking.pk, "text": "x"}
    statuses = {
        name: client.post(f"{API}insights/", body).status_code for name, client, _ in each(house)
    }
    assert statuses == {
        "admin": 403, "manager": 403, "planner": 403, "guest": 201, "colleague": 404, "host": 403,
        "executive": 403, "council": 403, "nobody": 403,
    }  # fmt: skip
