"""May this person do that? One answer for pages and API.

An `Actor` is what is known of the one who asks; a `Scope` is what the question is about.
Both are values, so the rules below read as a table and need no query.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import StrEnum, auto

from accounts.models import Role, User
from rotation.directory.models import Host, StaffMember, Team


class Action(StrEnum):
    """What somebody may want to do."""

    SEE_OVERVIEW = auto()
    SEE_MEETINGS = auto()
    SEE_LOAD = auto()
    SEE_BUDGET = auto()
    SEE_STAFF = auto()
    SEE_BOOKING = auto()
    SEE_REPORTS = auto()
    SUGGEST_GUESTS = auto()
    BOOK_VISIT = auto()
    MOVE_VISIT = auto()
    CANCEL_VISIT = auto()
    APPROVE_GUEST = auto()
    ANSWER_INVITE = auto()
    RECORD_ATTENDANCE = auto()
    WRITE_NOTE = auto()
    READ_NOTE = auto()
    OFFER_MEETING = auto()
    SEE_HELD_ANSWERS = auto()
    SEE_OUTBOX = auto()
    SEE_HEALTH = auto()
    SEE_MAILBOX = auto()


@dataclass(frozen=True, slots=True)
class Actor:
    """Who asks: a signed-in user's roles, and what the user stands for.

    Attributes:
        user_id: The user's key.
        roles: Role values.
        managed_team_ids: The teams that the user manages.
        staff_id: The IT person that the user is; None for others.
        team_id: That person's team.
        department_id: The department whose host the user is; None for others.
        time_zone: By which clock that person lives; empty for others.
    """

    user_id: int
    roles: frozenset[str] = frozenset()
    managed_team_ids: frozenset[int] = frozenset()
    staff_id: int | None = None
    team_id: int | None = None
    department_id: int | None = None
    time_zone: str = ""


@dataclass(frozen=True, slots=True)
class Scope:
    """What the question is about; None where it is about no single one."""

    team_id: int | None = None
    staff_id: int | None = None
    department_id: int | None = None


Rule = Callable[[Actor, Scope], bool]


def _role(*roles: Role) -> Rule:
    return lambda actor, _scope: not actor.roles.isdisjoint(roles)


def _own_team(actor: Actor, scope: Scope) -> bool:
    """The team's manager; without a team in question, anybody who manages one."""
    if Role.MANAGER not in actor.roles:
        return False
    return scope.team_id is None or scope.team_id in actor.managed_team_ids


def _self(actor: Actor, scope: Scope) -> bool:
    return actor.staff_id is not None and actor.staff_id == scope.staff_id


def _own_department(actor: Actor, scope: Scope) -> bool:
    """The department's host; without a department in question, any host."""
    if Role.HOST not in actor.roles or actor.department_id is None:
        return False
    return scope.department_id is None or scope.department_id == actor.department_id


def _anybody(_actor: Actor, _scope: Scope) -> bool:
    return True


_ADMIN, _PLANNER = _role(Role.ADMIN), _role(Role.PLANNER)

RULES: dict[Action, tuple[Rule, ...]] = {
    Action.SEE_OVERVIEW: (_anybody,),
    Action.SEE_MEETINGS: (_anybody,),
    Action.SEE_LOAD: (_own_team, _PLANNER, _role(Role.EXECUTIVE)),
    Action.SEE_BUDGET: (_self, _own_team, _PLANNER),
    Action.SEE_STAFF: (_self, _own_team, _PLANNER, _ADMIN),
    Action.SEE_BOOKING: (_self, _own_team, _PLANNER, _ADMIN, _own_department),
    Action.SEE_REPORTS: (_own_team, _PLANNER, _role(Role.EXECUTIVE, Role.COUNCIL)),
    Action.SUGGEST_GUESTS: (_own_team, _PLANNER, _ADMIN),
    Action.BOOK_VISIT: (_own_team, _PLANNER, _ADMIN),
    Action.MOVE_VISIT: (_own_team, _PLANNER, _ADMIN),
    Action.CANCEL_VISIT: (_own_team, _PLANNER, _ADMIN, _own_department),
    Action.APPROVE_GUEST: (_own_department, _ADMIN),
    Action.ANSWER_INVITE: (_self,),
    Action.RECORD_ATTENDANCE: (_self, _own_team, _PLANNER, _ADMIN, _own_department),
    Action.WRITE_NOTE: (_self,),
    Action.READ_NOTE: (_self, _own_team),
    Action.OFFER_MEETING: (_own_department, _ADMIN),
    Action.SEE_HELD_ANSWERS: (_own_team, _PLANNER, _ADMIN),
    Action.SEE_OUTBOX: (_ADMIN,),
    Action.SEE_HEALTH: (_ADMIN, _PLANNER, _role(Role.MANAGER)),
    Action.SEE_MAILBOX: (_anybody,),
}
NOWHERE = Scope()
# A team, a person and a department that nobody stands for: what is allowed here is by role alone.
ELSEWHERE = Scope(team_id=0, staff_id=0, department_id=0)


def may(actor: Actor, action: Action, scope: Scope = NOWHERE) -> bool:
    """Return whether `actor` may do `action` to what `scope` names."""
    return any(rule(actor, scope) for rule in RULES[action])


@dataclass(frozen=True, slots=True)
class Reach:
    """Where an actor may do one action; what a query narrows its rows to.

    Attributes:
        everywhere: Whether the role alone is enough; then the others need not be looked at.
        team_ids: The teams for which it may be done.
        staff_id: The person for whom it may be done; None for nobody.
        department_id: The department for which it may be done; None for none.
    """

    everywhere: bool
    team_ids: frozenset[int]
    staff_id: int | None
    department_id: int | None


def reach(actor: Actor, action: Action) -> Reach:
    """Return where `actor` may do `action`: the answers of `may`, asked once for a whole list."""
    team_ids, staff_id, department_id = actor.managed_team_ids, actor.staff_id, actor.department_id
    own = replace(ELSEWHERE, staff_id=staff_id)
    house = replace(ELSEWHERE, department_id=department_id)
    return Reach(
        everywhere=may(actor, action, ELSEWHERE),
        team_ids=frozenset(
            team_id
            for team_id in team_ids
            if may(actor, action, replace(ELSEWHERE, team_id=team_id))
        ),
        staff_id=staff_id if staff_id and may(actor, action, own) else None,
        department_id=department_id if department_id and may(actor, action, house) else None,
    )


def actor_of(user: User) -> Actor:
    """Return what is known of `user`; at most three queries, fewer for fewer roles."""
    staff = (
        StaffMember.objects.filter(user=user, has_left=False)
        .values("pk", "team_id", "time_zone")
        .first()
        if user.has_role(Role.STAFF)
        else None
    )
    managed = (
        Team.objects.filter(managers=user).values_list("pk", flat=True)
        if user.has_role(Role.MANAGER)
        else ()
    )
    host = (
        Host.objects.filter(user=user).values("department_id").first()
        if user.has_role(Role.HOST)
        else None
    )
    return Actor(
        user_id=user.pk,
        roles=frozenset(user.roles),
        managed_team_ids=frozenset(managed),
        staff_id=staff["pk"] if staff else None,
        team_id=staff["team_id"] if staff else None,
        department_id=host["department_id"] if host else None,
        time_zone=staff["time_zone"] if staff else "",
    )


def scope_of_staff(staff: StaffMember) -> Scope:
    """Return the scope of questions about one IT person."""
    return Scope(team_id=staff.team_id, staff_id=staff.pk)
