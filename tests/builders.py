"""Typed builders: one per table, every default plain, nothing random."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from itertools import count
from zoneinfo import ZoneInfo

from django.contrib.auth.hashers import make_password
from django.utils import timezone

from accounts.models import Role, User
from rotation.audit.models import Via
from rotation.audit.services import By
from rotation.booking.models import Booking
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
from rotation.meetings.models import Meeting, MeetingSeries
from rotation.periods.intervals import Interval
from rotation.workload.models import Ticket, TicketQueue, TicketSource

# A Monday in winter; Berlin is one hour ahead.
NOW = datetime(2026, 3, 2, 8, tzinfo=UTC)
TUESDAY_10 = datetime(2026, 3, 10, 9, tzinfo=UTC)
HOUR = timedelta(hours=1)
BY_SYSTEM = By(None, Via.SYSTEM)
_numbers = count(1)
_codes = count(1)  # hexadecimal, as a code has at most four characters


def make_user(email: str = "", *, name: str = "", roles: tuple[str, ...] = ()) -> User:
    email = email or f"user{next(_numbers)}@example.org"
    return User.objects.create(
        email=email, name=name or email.split("@")[0], roles=list(roles), password=_password()
    )


@cache
def _password() -> str:
    """Hash once: a hash takes a tenth of a second, on purpose."""
    return make_password("a long demo password")


def make_department(name: str = "Sales", code: str = "", **fields: object) -> Department:
    code = code or f"{next(_codes):x}"
    department, _ = Department.objects.get_or_create(name=name, defaults={"code": code, **fields})
    return department


def make_team(name: str = "Service Desk", *, managers: tuple[User, ...] = ()) -> Team:
    team, _ = Team.objects.get_or_create(
        name=name, defaults={"department": make_department("IT", "IT")}
    )
    team.managers.add(*managers)
    return team


def make_staff(
    name: str = "Ada", *, team: Team | None = None, email: str = "", works: bool = True
) -> StaffMember:
    """Make an IT person who works Monday to Friday, 8 to 17 o'clock in Berlin."""
    user = make_user(email, name=name, roles=(Role.STAFF,))
    staff = StaffMember.objects.create(user=user, team=team or make_team())
    if works:
        make_contract(staff)
    return staff


def make_contract(
    staff: StaffMember,
    starts_on: date = date(2020, 1, 1),
    ends_on: date | None = None,
    *,
    days: Iterable[int] = range(5),
    hours: tuple[time, time] = (time(8), time(17)),
) -> Contract:
    """Make a contract over nine hours on each of the weekdays; `ends_on` is the day after it."""
    contract = Contract.objects.create(staff=staff, starts_on=starts_on, ends_on=ends_on)
    WorkingPattern.objects.bulk_create(
        WorkingPattern(contract=contract, weekday=day, starts=hours[0], ends=hours[1])
        for day in days
    )
    return contract


def make_site(name: str = "Berlin", **fields: object) -> Site:
    site, _ = Site.objects.get_or_create(name=name, defaults={"country": "DE", **fields})
    return site


def make_absence(staff: StaffMember, starts_at: datetime, length: timedelta = HOUR) -> Absence:
    return Absence.objects.create(staff=staff, starts_at=starts_at, ends_at=starts_at + length)


def make_duty(staff: StaffMember, starts_at: datetime, length: timedelta = HOUR) -> Duty:
    return Duty.objects.create(staff=staff, starts_at=starts_at, ends_at=starts_at + length)


def make_host(name: str = "Hanna", *, department: Department | None = None) -> Host:
    user = make_user(name=name, roles=(Role.HOST,))
    return Host.objects.create(user=user, department=department or make_department())


def make_series(
    *, department: Department | None = None, title: str = "Weekly", **fields: object
) -> MeetingSeries:
    values: dict[str, object] = {"starts_at": TUESDAY_10, "duration": HOUR, "seats": 1, **fields}
    return MeetingSeries.objects.create(
        department=department or make_department(), title=title, **values
    )


def make_meeting(
    *,
    series: MeetingSeries | None = None,
    starts_at: datetime = TUESDAY_10,
    length: timedelta = HOUR,
    seats: int = 1,
) -> Meeting:
    return Meeting.objects.create(
        series=series or make_series(seats=seats),
        original_starts_at=starts_at,
        starts_at=starts_at,
        ends_at=starts_at + length,
        seats=seats,
    )


def make_booking(
    *,
    staff: StaffMember | None = None,
    meeting: Meeting | None = None,
    state: str = Booking.State.CONFIRMED,
    seat: int = 1,
    **fields: object,
) -> Booking:
    """Make a booking without asking the rules; the database's own constraints still hold."""
    staff, meeting = staff or make_staff(), meeting or make_meeting()
    declined = state == Booking.State.DECLINED
    values: dict[str, object] = {
        "declined_by": Booking.Side.GUEST if declined else Booking.Side.NOBODY,
        "uid": f"uid-{next(_numbers)}@example.org",
        "created_at": NOW,
        **fields,
    }
    return Booking.objects.create(
        staff=staff,
        meeting=meeting,
        state=state,
        seat=seat,
        starts_at=meeting.starts_at,
        ends_at=meeting.ends_at,
        blocked=(meeting.starts_at, meeting.ends_at + staff.team.buffer),
        cost_minutes=90,
        **values,
    )


def interval(starts_at: datetime = TUESDAY_10, length: timedelta = HOUR) -> Interval:
    return Interval(starts_at, starts_at + length)


def coming_tuesday(weeks: int = 1) -> datetime:
    """Return 10 o'clock in Berlin on the first, second ... Tuesday that is six days ahead or more.

    For pages, which read the clock.
    """
    earliest = timezone.localdate() + timedelta(days=6)
    tuesday = earliest + timedelta(days=(1 - earliest.weekday()) % 7, weeks=weeks - 1)
    return datetime.combine(tuesday, time(10), ZoneInfo("Europe/Berlin"))


def make_queue(team: Team | None, key: str = "") -> TicketQueue:
    source, _ = TicketSource.objects.get_or_create(name="tests")
    return TicketQueue.objects.create(source=source, key=key or f"q{next(_numbers)}", team=team)


def make_tickets(
    queue: TicketQueue | None, count_of: int = 1, *, created_at: datetime = NOW, **fields: object
) -> list[Ticket]:
    values: dict[str, object] = {
        "source": TicketSource.objects.get_or_create(name="tests")[0],
        "queue": queue,
        "created_at": created_at,
        "source_updated_at": created_at,
        "first_seen_at": created_at,
        "last_seen_at": created_at,
        **fields,
    }
    return Ticket.objects.bulk_create(
        Ticket(external_id=f"T{next(_numbers)}", **values) for _ in range(count_of)
    )
