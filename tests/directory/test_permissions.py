"""The table of roles and actions, walked whole."""

from itertools import product

import pytest

from accounts.models import Role
from rotation.directory.permissions import NOWHERE, Action, Actor, Scope, actor_of, may, reach
from tests.builders import make_host, make_staff, make_team, make_user

OWN, OTHER = Scope(team_id=1, staff_id=1, department_id=1), Scope(2, 2, 2)
ACTORS = {
    "admin": Actor(1, frozenset({Role.ADMIN})),
    "manager": Actor(2, frozenset({Role.MANAGER}), managed_team_ids=frozenset({1})),
    "planner": Actor(3, frozenset({Role.PLANNER})),
    "staff": Actor(4, frozenset({Role.STAFF}), staff_id=1, team_id=1),
    "host": Actor(5, frozenset({Role.HOST}), department_id=1),
    "executive": Actor(6, frozenset({Role.EXECUTIVE})),
    "council": Actor(7, frozenset({Role.COUNCIL})),
    "nobody": Actor(8),
}
EVERYBODY = set(ACTORS)
# action: (who may where it is theirs, who may where it is somebody else's)
TABLE: dict[Action, tuple[set[str], set[str]]] = {
    Action.SEE_OVERVIEW: (EVERYBODY, EVERYBODY),
    Action.SEE_MEETINGS: (EVERYBODY, EVERYBODY),
    Action.SEE_LOAD: ({"manager", "planner", "executive"}, {"planner", "executive"}),
    Action.SEE_BUDGET: ({"staff", "manager", "planner"}, {"planner"}),
    Action.SEE_STAFF: ({"staff", "manager", "planner", "admin"}, {"planner", "admin"}),
    Action.SEE_HOSTS: ({"host", "planner", "admin", "manager"}, {"planner", "admin", "manager"}),
    Action.ADD_STAFF: ({"admin"}, {"admin"}),
    Action.CHANGE_STAFF: ({"admin"}, {"admin"}),
    Action.KEEP_ABSENCES: ({"staff", "manager", "admin"}, {"admin"}),
    Action.KEEP_DUTIES: ({"manager", "admin"}, {"admin"}),
    Action.KEEP_CONTRACTS: ({"manager", "admin"}, {"admin"}),
    Action.KEEP_SITES: ({"admin"}, {"admin"}),
    Action.KEEP_DEPARTMENTS: ({"admin"}, {"admin"}),
    Action.KEEP_TEAMS: ({"admin"}, {"admin"}),
    Action.KEEP_USERS: ({"admin"}, {"admin"}),
    Action.IMPORT_PEOPLE: ({"admin"}, {"admin"}),
    Action.SEE_BOOKING: (
        {"staff", "manager", "planner", "admin", "host"},
        {"planner", "admin"},
    ),
    Action.SEE_REPORTS: (
        {"manager", "planner", "executive", "council"},
        {"planner", "executive", "council"},
    ),
    Action.SUGGEST_GUESTS: ({"manager", "planner", "admin"}, {"planner", "admin"}),
    Action.BOOK_VISIT: ({"manager", "planner", "admin"}, {"planner", "admin"}),
    Action.MOVE_VISIT: ({"manager", "planner", "admin"}, {"planner", "admin"}),
    Action.CANCEL_VISIT: ({"manager", "planner", "admin", "host"}, {"planner", "admin"}),
    Action.APPROVE_GUEST: ({"host", "admin"}, {"admin"}),
    Action.NAME_DEPUTY: ({"host"}, set()),
    Action.LEAVE_QUEUE: ({"staff", "manager", "planner", "admin"}, {"planner", "admin"}),
    Action.ANSWER_INVITE: ({"staff"}, set()),
    Action.RECORD_ATTENDANCE: (
        {"staff", "manager", "planner", "admin", "host"},
        {"planner", "admin"},
    ),
    Action.WRITE_NOTE: ({"staff"}, set()),
    Action.READ_NOTE: ({"staff", "manager"}, set()),
    Action.OFFER_MEETING: ({"host", "admin"}, {"admin"}),
    Action.SEE_HELD_ANSWERS: ({"manager", "planner", "admin"}, {"planner", "admin"}),
    Action.SEE_OUTBOX: ({"admin"}, {"admin"}),
    Action.SEE_HEALTH: ({"admin", "planner", "manager"}, {"admin", "planner", "manager"}),
    Action.SEE_MAILBOX: (EVERYBODY, EVERYBODY),
    Action.SEE_OWN_DATA: ({"staff"}, {"staff"}),
    Action.SEE_AUDIT: ({"admin", "council"}, {"admin", "council"}),
    Action.MANAGE_WEBHOOKS: ({"admin"}, {"admin"}),
    Action.KEEP_TICKET_SOURCES: ({"admin"}, {"admin"}),
    Action.PUSH_TICKETS: ({"admin"}, {"admin"}),
    Action.MANAGE_TOKENS: ({"admin"}, {"admin"}),
    Action.KEEP_OWN_TOKENS: (EVERYBODY, EVERYBODY),
}


def test_the_table_knows_every_action() -> None:
    assert set(TABLE) == set(Action)


@pytest.mark.parametrize(("action", "name"), list(product(Action, ACTORS)))
def test_a_role_may_what_the_table_says(action: Action, name: str) -> None:
    own, other = TABLE[action]

    assert may(ACTORS[name], action, OWN) == (name in own)
    assert may(ACTORS[name], action, OTHER) == (name in other)


@pytest.mark.parametrize(("action", "name"), list(product(Action, ACTORS)))
def test_a_list_reaches_as_far_as_the_answers_about_each(action: Action, name: str) -> None:
    limits = reach(ACTORS[name], action)
    is_within = limits.everywhere or bool(
        limits.team_ids or limits.staff_id or limits.department_id
    )

    assert limits.everywhere == may(ACTORS[name], action, OTHER)
    assert is_within == may(ACTORS[name], action, OWN)


@pytest.mark.parametrize("action", [Action.BOOK_VISIT, Action.SEE_LOAD])
def test_a_page_about_nobody_in_particular_is_open_to_each_manager(action: Action) -> None:
    assert may(ACTORS["manager"], action, NOWHERE)
    assert not may(ACTORS["host"], action, NOWHERE)


@pytest.mark.django_db
def test_an_actor_stands_for_what_the_directory_says() -> None:
    manager = make_user(roles=(Role.MANAGER,))
    team = make_team(managers=(manager,))
    staff, host = make_staff(team=team), make_host()

    assert actor_of(manager).managed_team_ids == {team.pk}
    assert (actor_of(staff.user).staff_id, actor_of(staff.user).team_id) == (staff.pk, team.pk)
    assert actor_of(host.user).department_id == host.department_id


@pytest.mark.django_db
def test_a_role_that_was_taken_away_stands_for_nothing() -> None:
    host = make_host()
    host.user.roles = []

    assert actor_of(host.user) == Actor(host.user.pk)
