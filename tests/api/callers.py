"""Who calls the API in tests, and a small organisation, relative to today as the API is."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.utils import timezone
from rest_framework.test import APIClient

from accounts.models import ApiToken, Role, TokenScope, User
from rotation.directory.models import Department, Host, StaffMember, Team
from rotation.meetings.models import Meeting
from tests.builders import (
    make_department,
    make_host,
    make_meeting,
    make_series,
    make_staff,
    make_team,
    make_user,
)

BERLIN = ZoneInfo("Europe/Berlin")


def caller(user: User, scopes: Sequence[str] = TokenScope.values, **headers: str) -> APIClient:
    """Return a client that sends a token of `user`, which was used today before."""
    now, today = timezone.now(), timezone.localdate()
    key = ApiToken.issue(
        user,
        now=now,
        expires_at=now + timedelta(days=1),
        scopes=list(scopes),
        last_used_on=today,
    )
    client = APIClient(headers=headers)
    client.credentials(HTTP_AUTHORIZATION=f"Token {key}")
    return client


def workday(hour: int = 10, *, days: int = 14) -> datetime:
    """Return a Tuesday about `days` ahead at `hour` o'clock in Berlin."""
    day = timezone.now().astimezone(BERLIN) + timedelta(days=days)
    tuesday = day + timedelta(days=(1 - day.weekday()) % 7)
    return tuesday.replace(hour=hour, minute=0, second=0, microsecond=0)


@dataclass(frozen=True)
class Organisation:
    """One team with a manager and a person, another team, one department with host and meeting."""

    team: Team
    other_team: Team
    person: StaffMember
    stranger: StaffMember
    department: Department
    host: Host
    meeting: Meeting
    manager: User
    planner: User
    admin: User

    @property
    def body(self) -> dict[str, int]:
        """What books the person into the meeting."""
        return {"staff": self.person.pk, "meeting": self.meeting.pk}


def make_organisation(*, seats: int = 1, needs_approval: bool = False) -> Organisation:
    manager = make_user("manager@example.org", roles=(Role.MANAGER,))
    team, other_team = make_team(managers=(manager,)), make_team("Network")
    department = make_department("Sales", "SA")
    host = make_host(department=department)
    series = make_series(
        department=department, seats=seats, needs_approval=needs_approval, starts_at=workday()
    )
    return Organisation(
        team=team,
        other_team=other_team,
        person=make_staff("Ada", team=team),
        stranger=make_staff("Sören", team=other_team),
        department=department,
        host=host,
        meeting=make_meeting(series=series, starts_at=workday(), seats=seats),
        manager=manager,
        planner=make_user("planner@example.org", roles=(Role.PLANNER,)),
        admin=make_user("admin@example.org", roles=(Role.ADMIN,)),
    )
