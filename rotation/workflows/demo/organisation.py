"""People, teams and departments of the demo, and when each of them is there."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import islice
from random import Random

from django.contrib.auth.hashers import make_password
from django.utils import timezone

from accounts.models import Role, User
from rotation.directory.models import (
    Absence,
    Contract,
    Department,
    Duty,
    Host,
    Site,
    StaffMember,
    Team,
    WorkingPattern,
)
from rotation.periods.weeks import WEEK, midnight
from rotation.workflows.demo.house import (
    DEPARTMENTS,
    IT,
    PLACES,
    SITES,
    TEAMS,
    DepartmentPlan,
    TeamPlan,
)
from rotation.workflows.demo.names import Person, people
from rotation.workflows.demo.sizes import HISTORY_WEEKS, Size

PASSWORD = "demo"  # noqa: S105 -- what the demo's pages tell everybody
ACCOUNTS = (
    (Person("Petra Sommer", "admin@example.org"), Role.ADMIN),
    (Person("Thomas Lindner", "manager@example.org"), Role.MANAGER),
    (Person("Julia Brandt", "planner@example.org"), Role.PLANNER),
    (Person("Aylin Demirci", "staff@example.org"), Role.STAFF),
    (Person("Sabine Kessler", "host@example.org"), Role.HOST),
    (Person("Michael Hartmann", "cio@example.org"), Role.EXECUTIVE),
    (Person("Renate Vogel", "council@example.org"), Role.COUNCIL),
)
HOSTED_CODE = "HR"  # the department of host@example.org
STAFF_TEAM = "Applikationen"  # the team of staff@example.org
Hours = tuple[tuple[time, time], ...]
FULL_TIME: tuple[Hours, ...] = (
    ((time(7), time(12)), (time(12, 30), time(15, 30))),
    ((time(8), time(12)), (time(12, 45), time(16, 45))),
    ((time(9), time(12, 30)), (time(13), time(17, 30))),
)
MORNINGS: Hours = ((time(8), time(13)),)
# (weekdays, hours): four days, mornings only, three days.
PART_TIME: tuple[tuple[range, Hours], ...] = (
    (range(4), FULL_TIME[1]),
    (range(5), MORNINGS),
    (range(1, 4), FULL_TIME[1]),
)
CHANGED_WEEKS = 8  # ago, one person went from mornings to full time
# The house is closed: holidays are absences (docs/budget.md).
CLOSED_DAYS = frozenset({(1, 1), (5, 1), (10, 3), (12, 25), (12, 26)})


@dataclass(frozen=True, slots=True)
class Organisation:
    """What was made, for the steps that follow."""

    teams: dict[int, TeamPlan]
    departments: dict[int, DepartmentPlan]
    staff: Sequence[StaffMember]
    manager: User


def make_organisation(size: Size, this_week: date, seed: str) -> Organisation:
    """Store people, teams, departments and hosts, with hours, absences and duties."""
    random = Random(f"{seed} organisation")  # noqa: S311 -- a demo
    password = make_password(PASSWORD)
    accounts = {role: _user(person, role, password) for person, role in ACCOUNTS}
    User.objects.bulk_create(accounts.values())
    newcomers = people(random, frozenset(person.name for person, _ in ACCOUNTS))
    sites = _make_sites()
    departments = _make_departments(size, sites)
    _make_hosts(departments, accounts[Role.HOST], newcomers)
    teams = _make_teams(size, accounts[Role.MANAGER], newcomers)
    staff = _make_staff(teams, accounts[Role.STAFF], newcomers, sites)
    _make_contracts(staff, accounts[Role.STAFF], this_week, random)
    absences = _make_absences(staff, this_week, random)
    _make_duties(staff, teams, absences, this_week)
    return Organisation(
        teams={team.pk: plan for team, plan in teams},
        departments={department.pk: plan for department, plan in departments},
        staff=staff,
        manager=accounts[Role.MANAGER],
    )


def _user(person: Person, role: Role, password: str = "") -> User:
    return User(
        email=person.email,
        name=person.name,
        roles=[role.value],
        password=password or make_password(None),
    )


def _make_sites() -> list[Site]:
    return Site.objects.bulk_create(
        Site(
            name=plan.name, time_zone=plan.time_zone, country=plan.country, subdivision=plan.region
        )
        for plan in SITES
    )


def _make_departments(size: Size, sites: Sequence[Site]) -> list[tuple[Department, DepartmentPlan]]:
    plans = list(islice(_department_plans(), size.departments))
    made = [
        Department(
            name=name,
            code=code,
            purpose=plan.purpose,
            cadence_weeks=plan.cadence_weeks,
            site=sites[plan.site],
        )
        for name, code, plan in plans
    ]
    Department.objects.bulk_create(made)
    return list(zip(made, (plan for _, _, plan in plans), strict=True))


def _department_plans() -> Iterator[tuple[str, str, DepartmentPlan]]:
    for number, place in enumerate(PLACES, start=1):
        for plan in DEPARTMENTS:
            code = plan.code if number == 1 else f"{plan.code}{number}"
            yield f"{plan.name} {place}".strip(), code, plan


def _make_hosts(
    departments: Iterable[tuple[Department, DepartmentPlan]],
    host: User,
    newcomers: Iterator[Person],
) -> None:
    hosts = []
    for department, _ in departments:
        user = host
        if department.code != HOSTED_CODE:
            user = _user(next(newcomers), Role.HOST)
        hosts.append(Host(user=user, department=department))
    User.objects.bulk_create(each.user for each in hosts if each.user is not host)
    Host.objects.bulk_create(hosts)


def _make_teams(
    size: Size, manager: User, newcomers: Iterator[Person]
) -> list[tuple[Team, TeamPlan]]:
    name, code, purpose = IT
    home = Department.objects.create(name=name, code=code, purpose=purpose)
    plans = [(f"{plan.name} {place}".strip(), plan) for place in size.places for plan in TEAMS]
    teams = [Team(name=name, department=home) for name, _ in plans]
    Team.objects.bulk_create(teams)
    leads = [_user(next(newcomers), Role.MANAGER) for _ in teams]
    User.objects.bulk_create(leads)
    for number, (team, lead) in enumerate(zip(teams, leads, strict=True)):
        # The manager who signs in has the teams of the first place; every team has its own lead.
        team.managers.set([lead, manager] if number < len(TEAMS) else [lead])
    return list(zip(teams, (plan for _, plan in plans), strict=True))


def _make_staff(
    teams: Iterable[tuple[Team, TeamPlan]],
    known: User,
    newcomers: Iterator[Person],
    sites: Sequence[Site],
) -> list[StaffMember]:
    staff = []
    for team, plan in teams:
        users = [_user(next(newcomers), Role.STAFF) for _ in range(plan.size)]
        if team.name == STAFF_TEAM:
            users[-1] = known
        # One of each team sits at the plant, beside the machines.
        places = [sites[-1], *[sites[0]] * (plan.size - 1)]
        staff += [
            StaffMember(user=user, team=team, site=site, time_zone=site.time_zone)
            for user, site in zip(users, places, strict=True)
        ]
    User.objects.bulk_create(each.user for each in staff if each.user is not known)
    return StaffMember.objects.bulk_create(staff)


def _make_contracts(
    staff: Sequence[StaffMember], known: User, this_week: date, random: Random
) -> None:
    first = this_week - 2 * HISTORY_WEEKS * WEEK
    changed_on = this_week - CHANGED_WEEKS * WEEK + timedelta(days=2)
    contracts, patterns = [], []
    for number, person in enumerate(staff):
        days, hours = range(5), random.choice(FULL_TIME)
        if number % 4 == 1 and person.user is not known:
            days, hours = random.choice(PART_TIME)
        contract = Contract(staff=person, starts_on=first)
        if number == 2:  # noqa: PLR2004 -- one of the first team
            contract.ends_on = changed_on
            contracts.append(contract)
            patterns += _patterns(contract, range(5), MORNINGS)
            contract = Contract(staff=person, starts_on=changed_on)
        contracts.append(contract)
        patterns += _patterns(contract, days, hours)
    Contract.objects.bulk_create(contracts)
    WorkingPattern.objects.bulk_create(patterns)


def _patterns(contract: Contract, days: range, hours: Hours) -> list[WorkingPattern]:
    return [
        WorkingPattern(contract=contract, weekday=day, starts=starts, ends=ends)
        for day in days
        for starts, ends in hours
    ]


def _make_absences(
    staff: Sequence[StaffMember], this_week: date, random: Random
) -> dict[int, list[Absence]]:
    """Two holidays and two short absences each, and the days on which the house is closed."""
    first, last = this_week - HISTORY_WEEKS * WEEK, this_week + HISTORY_WEEKS * WEEK
    days = [first + timedelta(days=index) for index in range((last - first).days)]
    closed = [day for day in days if (day.month, day.day) in CLOSED_DAYS]
    absences: dict[int, list[Absence]] = {}
    for person in staff:
        away = [_away(person, day, 1) for day in closed]
        for length in (5, 12, 1, 2):
            start = random.choice(days[:-14])
            if person.user.email == "staff@example.org" and start >= this_week - 2 * WEEK:
                start -= 16 * WEEK  # is there in the weeks that everybody looks at
            away.append(_away(person, start, length))
        absences[person.pk] = away
    stored = (absence for away in absences.values() for absence in away)
    Absence.objects.bulk_create(stored, ignore_conflicts=True)  # a day off on a closed day
    return absences


def _away(person: StaffMember, first: date, days: int) -> Absence:
    zone = timezone.get_default_timezone()
    return Absence(
        staff=person,
        starts_at=midnight(first, zone),
        ends_at=midnight(first + timedelta(days=days), zone),
    )


def _make_duties(
    staff: Sequence[StaffMember],
    teams: Iterable[tuple[Team, TeamPlan]],
    absences: dict[int, list[Absence]],
    this_week: date,
) -> None:
    """One person of each team a week, in turn; whoever is away is passed over."""
    zone = timezone.get_default_timezone()
    duties = []
    for team, plan in teams:
        members = [person for person in staff if person.team_id == team.pk]
        kinds = [Duty.Kind.PRIMARY, Duty.Kind.SECONDARY][: 1 + plan.has_standby]
        for index in range(-HISTORY_WEEKS, HISTORY_WEEKS):
            week = this_week + index * WEEK
            starts_at, ends_at = midnight(week, zone), midnight(week + WEEK, zone)
            turn = [members[(index + step) % len(members)] for step in range(len(members))]
            present = [
                person for person in turn if not _is_away(absences[person.pk], starts_at, ends_at)
            ]
            duties += [
                Duty(staff=person, kind=kind, starts_at=starts_at, ends_at=ends_at)
                for person, kind in zip(present, kinds, strict=False)
            ]
    Duty.objects.bulk_create(duties)


def _is_away(absences: Iterable[Absence], starts_at: datetime, ends_at: datetime) -> bool:
    """A single day off does not stand against a week of duty."""
    return any(
        absence.starts_at < ends_at
        and starts_at < absence.ends_at
        and absence.ends_at - absence.starts_at > timedelta(days=1, hours=2)
        for absence in absences
    )
