"""The demo organisation, whatever day it is built on."""

from collections import Counter, defaultdict
from datetime import UTC, datetime
from decimal import Decimal
from io import StringIO

import pytest
from django.contrib.auth import authenticate
from django.core.management import CommandError, call_command
from django.db.models import QuerySet
from django.utils import timezone

from accounts.models import Role, User
from rotation.audit.models import Entry
from rotation.booking.models import Booking
from rotation.booking.queries import bookable_meetings, bookings_seen_by, suggestions_for
from rotation.budget.models import TeamBudget
from rotation.directory.models import Absence, Department, Duty, Installation, StaffMember, Team
from rotation.directory.permissions import actor_of
from rotation.directory.queries import staff_seen_by, working_patterns_of
from rotation.insights.models import Note
from rotation.invites.models import Mail
from rotation.invites.queries import bookings_to_tell
from rotation.meetings.models import Meeting, MeetingSeries
from rotation.periods.weeks import WEEK, week_of
from rotation.periods.working_time import weekly_minutes
from rotation.reports.queries import balance, coverage
from rotation.workflows.demo.build import build_demo, is_demo, replace_demo
from rotation.workflows.demo.errors import NotADemo
from rotation.workload.models import Ticket
from tests.builders import make_user

pytestmark = pytest.mark.django_db
TUESDAY = datetime(2026, 11, 24, 10, 30, tzinfo=UTC)
MOMENTS = {
    "a Tuesday morning": TUESDAY,
    "the 27th of December": datetime(2026, 12, 27, 9, 0, tzinfo=UTC),
    "a Sunday evening": datetime(2026, 6, 14, 21, 30, tzinfo=UTC),
    "the last minute of the year": datetime(2027, 12, 31, 22, 59, tzinfo=UTC),
    "the night the clocks change": datetime(2027, 3, 28, 0, 30, tzinfo=UTC),
    "a leap day": datetime(2028, 2, 29, 12, 0, tzinfo=UTC),
}


@pytest.fixture(params=list(MOMENTS.values()), ids=list(MOMENTS))
def now(request: pytest.FixtureRequest) -> datetime:
    moment: datetime = request.param
    build_demo(moment)
    return moment


def people_of_the_manager() -> QuerySet[StaffMember]:
    return staff_seen_by(actor_of(User.objects.get(email="manager@example.org")))


def test_there_is_always_enough_to_book(now: datetime) -> None:
    people = list(people_of_the_manager().select_related("user", "team"))
    bookable: set[int] = set()
    visits = 0
    for meeting in bookable_meetings(now).filter(starts_at__lt=now + 8 * WEEK):
        possible = [row for row in suggestions_for(meeting, people, now) if not row.conflicts]
        visits += bool(possible)
        bookable |= {row.staff_id for row in possible}
    staff = StaffMember.objects.get(user__email="staff@example.org")
    assert visits >= 40
    assert len(bookable) >= 20
    assert staff.pk in bookable
    ahead = Counter(bookable_meetings(now).values_list("series", flat=True))
    assert set(ahead) == set(MeetingSeries.objects.values_list("pk", flat=True))
    assert min(ahead.values()) >= 2
    check_the_bookings(now)
    check_the_figures(now)


def check_the_bookings(now: datetime) -> None:
    bookings = Booking.objects.select_related("staff", "meeting__series")
    past, coming = bookings.filter(starts_at__lte=now), bookings.filter(starts_at__gt=now)
    states = Counter(past.values_list("state", flat=True))
    assert states["attended"] > 150
    assert min(states[state] for state in ("missed", "declined", "cancelled")) >= 3
    assert set(coming.values_list("state", flat=True)) == {"requested", "confirmed"}
    assert coming.count() >= 10
    # The host who signs in has somebody to approve.
    host = actor_of(User.objects.get(email="host@example.org"))
    assert bookings_seen_by(host).filter(state="requested", starts_at__gt=now).exists()
    assert not Entry.objects.filter(at__gt=now).exists()
    assert not Booking.objects.filter(created_at__gt=now).exists()
    assert 30 <= Note.objects.count() <= states["attended"]
    # Everybody who has to know something is told by a mail that waits.
    assert not bookings_to_tell(now).exists()
    assert not Mail.objects.exclude(state="queued").exists()


def check_the_figures(now: datetime) -> None:
    week = week_of(now, timezone.get_default_timezone())
    shares: dict[str, list[Decimal]] = defaultdict(list)
    for name, share in TeamBudget.objects.filter(week__gte=week).values_list("team__name", "share"):
        shares[name].append(share)
    # By the middle week: holidays and absences move single ones.
    middle = {name: sorted(found)[len(found) // 2] for name, found in shares.items()}
    assert middle["Service Desk"] == Decimal("0.050")
    assert middle["Netzwerk & Security"] >= Decimal("0.175")
    rows = balance(Team.objects.all(), now)
    assert all(row.reactive_minutes and row.capacity_minutes for row in rows)
    weeks_since = {row.code: row.weeks_since for row in coverage(now)}
    assert all((weeks_since[code] or 99) >= 14 for code in ("RE", "QM", "GL"))
    assert sum(weeks is not None and weeks <= 4 for weeks in weeks_since.values()) >= 4


@pytest.fixture
def demo() -> datetime:
    build_demo(TUESDAY)
    return TUESDAY


def test_the_demo_is_a_house_of_forty_it_people(demo: datetime) -> None:
    assert StaffMember.objects.count() == 40
    assert Counter(StaffMember.objects.values_list("team__name", flat=True)) == {
        "Applikationen": 10, "Infrastruktur": 10, "Netzwerk & Security": 8, "Service Desk": 12,
    }  # fmt: skip
    assert Department.objects.exclude(code="IT").count() == 12
    assert Counter(
        MeetingSeries.objects.values_list("department__code", flat=True)
    ) == dict.fromkeys(("VT", "EK", "PR", "LO", "HR", "FI", "RE", "MK", "FE", "QM", "KS", "GL"), 2)
    assert set(MeetingSeries.objects.values_list("seats", flat=True)) == {1, 2}
    assert MeetingSeries.objects.filter(confidential=True).count() == 2
    assert Ticket.objects.filter(created_at__lt=demo - 25 * WEEK).exists()
    assert Absence.objects.exists()
    part_timers = [person for person in StaffMember.objects.all() if weekly_hours(person) < 40]
    assert len(part_timers) == 9


def weekly_hours(person: StaffMember) -> float:
    return weekly_minutes(working_patterns_of([person.pk])[person.pk], TUESDAY.date()) / 60


@pytest.mark.usefixtures("demo")
def test_all_demo_accounts_can_sign_in_and_nobody_else() -> None:
    roles = {
        "admin": Role.ADMIN, "manager": Role.MANAGER, "planner": Role.PLANNER,
        "staff": Role.STAFF, "host": Role.HOST, "cio": Role.EXECUTIVE, "council": Role.COUNCIL,
    }  # fmt: skip
    for name, role in roles.items():
        user = User.objects.get(email=f"{name}@example.org")
        assert (user.roles, user.language, user.check_password("demo")) == ([role], "", True)
    others = User.objects.exclude(email__in=[f"{name}@example.org" for name in roles])
    assert not any(user.has_usable_password() for user in others)
    assert others.count() == 39 + 11 + 4
    assert authenticate(None, email=others[0].email, password="demo") is None


@pytest.mark.usefixtures("demo")
def test_the_manager_has_all_four_teams() -> None:
    assert people_of_the_manager().count() == 40


def test_somebody_of_each_team_is_on_duty_each_week(demo: datetime) -> None:
    duties = Duty.objects.filter(kind=Duty.Kind.PRIMARY, starts_at__lte=demo, ends_at__gt=demo)
    assert Counter(duties.values_list("staff__team__name", flat=True)) == dict.fromkeys(
        Team.objects.values_list("name", flat=True), 1
    )


@pytest.mark.usefixtures("demo")
def test_the_house_is_closed_on_holidays() -> None:
    christmas = Meeting.objects.filter(starts_at__date="2026-12-25")
    assert christmas.exists()
    assert not christmas.filter(cancelled_at=None).exists()


def snapshot() -> list[object]:
    return [
        list(User.objects.order_by("pk").values_list("name", "email")),
        list(Meeting.objects.order_by("pk").values_list("series__title", "starts_at")),
        list(Ticket.objects.order_by("external_id").values_list("created_at", "state")),
        list(
            Booking.objects.order_by("pk").values_list(
                "staff__user__email", "meeting__series__title", "starts_at", "state"
            )
        ),
    ]


@pytest.mark.usefixtures("demo")
def test_the_same_seed_on_the_same_day_makes_the_same_demo() -> None:
    first = snapshot()
    replace_demo(TUESDAY, "S")
    assert snapshot() == first
    replace_demo(TUESDAY, "S", "another seed")
    assert snapshot()[0] != first[0]


def test_a_database_with_people_is_never_filled_or_replaced() -> None:
    user = make_user("someone@example.org")
    with pytest.raises(NotADemo):
        build_demo(TUESDAY)
    with pytest.raises(CommandError, match="not marked as a demo"):
        call_command("demo", "--size", "S")
    Installation.objects.create(pk=1, demo=False, created_at=TUESDAY)
    with pytest.raises(CommandError, match="not marked as a demo"):
        call_command("demo")
    assert list(User.objects.all()) == [user]


@pytest.mark.usefixtures("demo")
def test_the_command_replaces_a_demo_by_one_of_another_size() -> None:
    out = StringIO()
    call_command("demo", "--size", "M", stdout=out)
    assert "The demo now has 200 IT people" in out.getvalue()
    assert (StaffMember.objects.count(), Department.objects.count()) == (200, 51)
    assert is_demo()
    assert people_of_the_manager().count() == 40
