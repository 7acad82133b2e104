"""The organisation that is measured: the demo, and years of bookings behind it."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import islice

from django.test import Client
from django.utils import timezone

from accounts.models import ApiToken, User
from rotation.booking.models import Booking
from rotation.booking.rules import blocked_by, cost_of
from rotation.directory.models import Department, StaffMember
from rotation.meetings.models import Meeting, MeetingSeries
from rotation.periods.intervals import Interval
from rotation.periods.weeks import WEEK, midnight, week_of
from rotation.workflows.demo.build import build_demo

BEFORE_THE_DEMO = 40  # weeks: the demo's own visits are younger
SEATS = 2


def furnish(size: str, bookings: int) -> None:
    """Build the demo of that size and add past visits until there are so many bookings.

    All satisfy every constraint of the database; so many a week that each person has at most one.
    """
    now = timezone.now()
    build_demo(now, size)
    missing = bookings - Booking.objects.count()
    past = list(islice(_past_bookings(now), max(0, missing)))
    Booking.objects.bulk_create(past, batch_size=1000)


def _past_bookings(now: datetime) -> Iterator[Booking]:
    """Yield bookings, the youngest week first, in meetings that are stored on the way."""
    series = [_series(department, now) for department in Department.objects.all()]
    staff = list(StaffMember.objects.select_related("team"))
    week = 0
    while True:
        meetings = Meeting.objects.bulk_create(_meetings_of_week(series, week, now))
        seats = [(meeting, seat) for meeting in meetings for seat in range(1, SEATS + 1)]
        turned = staff[week % 2 * len(seats) :] + staff[: week % 2 * len(seats)]
        for (meeting, seat), person in zip(seats, turned, strict=False):
            yield _booking(meeting, seat, person)
        week += 1


def _series(department: Department, now: datetime) -> MeetingSeries:
    return MeetingSeries.objects.create(
        department=department,
        title="Jour fixe",
        starts_at=now - 400 * WEEK,
        ended_at=now - BEFORE_THE_DEMO * WEEK,
        duration=timedelta(hours=1),
        seats=SEATS,
    )


def _meetings_of_week(series: list[MeetingSeries], week: int, now: datetime) -> Iterator[Meeting]:
    zone = timezone.get_default_timezone()
    monday = midnight(week_of(now, zone) - (BEFORE_THE_DEMO + week) * WEEK, zone)
    for number, each in enumerate(series):
        start = monday + timedelta(days=number % 5, hours=9 + number % 6)
        yield Meeting(
            series=each,
            original_starts_at=start,
            starts_at=start,
            ends_at=start + each.duration,
            seats=SEATS,
        )


def _booking(meeting: Meeting, seat: int, person: StaffMember) -> Booking:
    interval, travel = Interval(meeting.starts_at, meeting.ends_at), meeting.series.travel
    blocked = blocked_by(interval, travel, person.team.buffer)
    return Booking(
        staff=person,
        meeting=meeting,
        state=Booking.State.ATTENDED,
        partstat=Booking.Partstat.ACCEPTED,
        seat=seat,
        starts_at=meeting.starts_at,
        ends_at=meeting.ends_at,
        blocked=(blocked.starts_at, blocked.ends_at),
        cost_minutes=cost_of(interval, travel),
        uid=f"past-{meeting.pk}-{seat}",
        version=2,
        created_at=meeting.starts_at - 2 * WEEK,
    )


def key_of(email: str) -> str:
    """Return a new key for the API of the demo's account."""
    now = timezone.now()
    user = User.objects.get(email=email)
    return ApiToken.issue(user, now=now, expires_at=now + timedelta(hours=8))


def cookie_of(user: User) -> str:
    """Return the Cookie header of a new session of the user."""
    client = Client()
    client.force_login(user)
    return "; ".join(f"{name}={morsel.value}" for name, morsel in client.cookies.items())
