import pytest

from accounts.models import Role
from rotation.directory.permissions import Action, actor_of
from rotation.directory.queries import staff_open_to, staff_seen_by, teams_open_to
from tests.builders import make_staff, make_team, make_user

pytestmark = pytest.mark.django_db


def test_a_manager_who_visits_too_sees_but_does_not_book_the_own_person() -> None:
    self = make_staff("Maria", team=make_team("Network"))
    self.user.roles = [Role.MANAGER, Role.STAFF]
    own_team = make_team(managers=(self.user,))
    member = make_staff("Ada", team=own_team)
    make_staff("Bo", team=make_team("Office"))
    who = actor_of(self.user)

    assert list(staff_seen_by(who)) == [member, self]
    assert list(staff_open_to(who, Action.BOOK_VISIT)) == [member]
    assert list(teams_open_to(who, Action.SEE_LOAD)) == [own_team]


def test_a_role_alone_opens_every_team() -> None:
    teams = [make_team("Network"), make_team("Office")]
    council, host = make_user(roles=(Role.COUNCIL,)), make_user(roles=(Role.HOST,))

    assert list(teams_open_to(actor_of(council), Action.SEE_REPORTS)) == teams
    assert list(teams_open_to(actor_of(council), Action.SEE_LOAD)) == []
    assert list(teams_open_to(actor_of(host), Action.SEE_REPORTS)) == []
