"""May this person do that? One answer for pages and API.

An `Actor` is what is known of the one who asks; a `Scope` is what the question is about.
Both are values, so the rules below read as a table and need no query.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import StrEnum, auto

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef, Q, QuerySet
from django.db.models.functions import Now, TruncDate
from django.utils import timezone

from accounts.models import Role, User
from rotation.directory.models import Host, HostDeputy, StaffMember, Team


class Action(StrEnum):
    """What somebody may want to do."""

    SEE_OVERVIEW = auto()
    SEE_MEETINGS = auto()
    SEE_LOAD = auto()
    SEE_BUDGET = auto()
    SEE_STAFF = auto()
    SEE_HOSTS = auto()
    ADD_STAFF = auto()
    CHANGE_STAFF = auto()
    KEEP_ABSENCES = auto()
    KEEP_DUTIES = auto()
    KEEP_CONTRACTS = auto()
    KEEP_SITES = auto()
    KEEP_DEPARTMENTS = auto()
    KEEP_TEAMS = auto()
    KEEP_USERS = auto()
    IMPORT_PEOPLE = auto()
    SEE_BOOKING = auto()
    SEE_REPORTS = auto()
    SUGGEST_GUESTS = auto()
    BOOK_VISIT = auto()
    LEAVE_QUEUE = auto()
    MOVE_VISIT = auto()
    CANCEL_VISIT = auto()
    APPROVE_GUEST = auto()
    NAME_DEPUTY = auto()
    ANSWER_INVITE = auto()
    RECORD_ATTENDANCE = auto()
    WRITE_NOTE = auto()
    READ_NOTE = auto()
    OFFER_MEETING = auto()
    SEE_HELD_ANSWERS = auto()
    SEE_OUTBOX = auto()
    SEE_HEALTH = auto()
    SEE_MAILBOX = auto()
    SEE_AUDIT = auto()
    SEE_OWN_DATA = auto()
    MANAGE_WEBHOOKS = auto()
    KEEP_TICKET_SOURCES = auto()
    PUSH_TICKETS = auto()
    MANAGE_TOKENS = auto()
    KEEP_OWN_TOKENS = auto()


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
        deputised_ids: The departments for whose hosts the user is deputy now.
        time_zone: By which clock that person lives; empty for others.
    """

    user_id: int
    roles: frozenset[str] = frozenset()
    managed_team_ids: frozenset[int] = frozenset()
    staff_id: int | None = None
    team_id: int | None = None
    department_id: int | None = None
    deputised_ids: frozenset[int] = frozenset()
    time_zone: str = ""


@dataclass(frozen=True, slots=True)
class Scope:
    """What the question is about; None where it is about no single one.

    Attributes:
        is_hostless: Whether it is a request that nobody in the department can answer.
    """

    team_id: int | None = None
    staff_id: int | None = None
    department_id: int | None = None
    is_hostless: bool = False


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


def _it_person(actor: Actor, _scope: Scope) -> bool:
    return actor.staff_id is not None


def _deputy(actor: Actor, scope: Scope) -> bool:
    """The deputy of a host of the department; without one in question, of any."""
    if scope.department_id is None:
        return bool(actor.deputised_ids)
    return scope.department_id in actor.deputised_ids


def _planner_for_nobody(actor: Actor, scope: Scope) -> bool:
    """A planner, where no host is there who could answer."""
    return Role.PLANNER in actor.roles and (scope.department_id is None or scope.is_hostless)


def _anybody(_actor: Actor, _scope: Scope) -> bool:
    return True


_ADMIN, _PLANNER = _role(Role.ADMIN), _role(Role.PLANNER)

RULES: dict[Action, tuple[Rule, ...]] = {
    Action.SEE_OVERVIEW: (_anybody,),
    Action.SEE_MEETINGS: (_anybody,),
    Action.SEE_LOAD: (_own_team, _PLANNER, _role(Role.EXECUTIVE)),
    Action.SEE_BUDGET: (_self, _own_team, _PLANNER),
    Action.SEE_STAFF: (_self, _own_team, _PLANNER, _ADMIN),
    Action.SEE_HOSTS: (_own_department, _PLANNER, _ADMIN, _role(Role.MANAGER)),
    Action.ADD_STAFF: (_ADMIN,),
    Action.CHANGE_STAFF: (_ADMIN,),
    Action.KEEP_ABSENCES: (_self, _own_team, _ADMIN),
    Action.KEEP_DUTIES: (_own_team, _ADMIN),
    Action.KEEP_CONTRACTS: (_own_team, _ADMIN),
    Action.KEEP_SITES: (_ADMIN,),
    Action.KEEP_DEPARTMENTS: (_ADMIN,),
    Action.KEEP_TEAMS: (_ADMIN,),
    Action.KEEP_USERS: (_ADMIN,),
    Action.IMPORT_PEOPLE: (_ADMIN,),
    Action.SEE_BOOKING: (_self, _own_team, _PLANNER, _ADMIN, _own_department, _deputy),
    Action.SEE_REPORTS: (_own_team, _PLANNER, _role(Role.EXECUTIVE, Role.COUNCIL)),
    Action.SUGGEST_GUESTS: (_own_team, _PLANNER, _ADMIN),
    Action.BOOK_VISIT: (_own_team, _PLANNER, _ADMIN),
    Action.LEAVE_QUEUE: (_self, _own_team, _PLANNER, _ADMIN),
    Action.MOVE_VISIT: (_own_team, _PLANNER, _ADMIN),
    Action.CANCEL_VISIT: (_own_team, _PLANNER, _ADMIN, _own_department),
    Action.APPROVE_GUEST: (_own_department, _deputy, _planner_for_nobody, _ADMIN),
    Action.NAME_DEPUTY: (_own_department,),
    Action.ANSWER_INVITE: (_self,),
    Action.RECORD_ATTENDANCE: (_self, _own_team, _PLANNER, _ADMIN, _own_department),
    Action.WRITE_NOTE: (_self,),
    Action.READ_NOTE: (_self, _own_team),
    Action.OFFER_MEETING: (_own_department, _ADMIN),
    Action.SEE_HELD_ANSWERS: (_own_team, _PLANNER, _ADMIN),
    Action.SEE_OUTBOX: (_ADMIN,),
    Action.SEE_HEALTH: (_ADMIN, _PLANNER, _role(Role.MANAGER)),
    Action.SEE_MAILBOX: (_anybody,),
    Action.SEE_OWN_DATA: (_it_person,),
    Action.SEE_AUDIT: (_ADMIN, _role(Role.COUNCIL)),
    Action.MANAGE_WEBHOOKS: (_ADMIN,),
    Action.KEEP_TICKET_SOURCES: (_ADMIN,),
    Action.PUSH_TICKETS: (_ADMIN,),
    Action.MANAGE_TOKENS: (_ADMIN,),
    Action.KEEP_OWN_TOKENS: (_anybody,),
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
        deputised_ids: Further departments, for which it may be done as a deputy.
    """

    everywhere: bool
    team_ids: frozenset[int]
    staff_id: int | None
    department_id: int | None
    deputised_ids: frozenset[int] = frozenset()


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
        deputised_ids=frozenset(
            other_id
            for other_id in actor.deputised_ids
            if may(actor, action, replace(ELSEWHERE, department_id=other_id))
        ),
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
        Host.objects.filter(user=user)
        .annotate(deputised=ArraySubquery(_deputised()))
        .values("department_id", "deputised")
        .first()
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
        deputised_ids=frozenset(host["deputised"]) if host else frozenset(),
        time_zone=staff["time_zone"] if staff else "",
    )


def scope_of_staff(staff: StaffMember) -> Scope:
    """Return the scope of questions about one IT person."""
    return Scope(team_id=staff.team_id, staff_id=staff.pk)


def _deputised() -> QuerySet[HostDeputy, int]:
    """Return the departments of whose hosts an outer host is deputy today, in the house's zone."""
    today = TruncDate(Now(), tzinfo=timezone.get_default_timezone())
    spans = HostDeputy.objects.filter(
        Q(from_on=None) | Q(from_on__lte=today),
        Q(until_on=None) | Q(until_on__gte=today),
        deputy=OuterRef("pk"),
    )
    return spans.values_list("host__department", flat=True)
