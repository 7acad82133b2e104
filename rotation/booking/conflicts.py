"""Booked visits that a later change of a person stands against: they stay until somebody acts."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from rotation.booking.errors import Reason
from rotation.booking.models import Booking
from rotation.booking.queries import coming_visits_of
from rotation.booking.rules import (
    Candidate,
    Rule,
    Visit,
    absent,
    on_duty,
    outside_working_hours,
    own_department,
)
from rotation.directory.models import StaffMember
from rotation.directory.queries import absences_of, duties_of, working_patterns_of
from rotation.periods.intervals import Interval

# What changes of a person, after a visit was booked.
RULES: tuple[Rule, ...] = (absent, on_duty, outside_working_hours, own_department)
DAY = timedelta(days=1)  # longer than any way to a meeting


@dataclass(frozen=True, slots=True)
class Conflict:
    """One coming visit, and everything that would refuse it if it were booked today."""

    visit: Booking
    reasons: Sequence[Reason]


def visits_in_conflict(staff_id: int, now: datetime) -> list[Conflict]:
    """Return the person's coming visits in an absence, a duty, without working time, or at home.

    By time; five queries, whatever the number of visits.
    """
    visits = list(coming_visits_of(staff_id, now))
    if not visits:
        return []
    candidate = _side_of(visits)
    found = [
        Conflict(visit, [reason for rule in RULES if (reason := rule(_of(visit), candidate, now))])
        for visit in visits
    ]
    return [each for each in found if each.reasons]


def _side_of(visits: Sequence[Booking]) -> Candidate:
    """Return the person's side of the rules over the time of all visits."""
    person: StaffMember = visits[0].staff
    within = Interval(
        min(visit.starts_at for visit in visits) - DAY, max(visit.ends_at for visit in visits) + DAY
    )
    return Candidate(
        department_id=person.team.department_id,
        time_zone=person.time_zone,
        buffer=person.team.buffer,
        left_minutes=0,
        pattern=working_patterns_of([person.pk])[person.pk],
        absences=absences_of([person.pk], within).get(person.pk, ()),
        duties=duties_of([person.pk], within).get(person.pk, ()),
    )


def _of(booking: Booking) -> Visit:
    series = booking.meeting.series
    return Visit(
        meeting=Interval(booking.starts_at, booking.ends_at),
        travel=series.travel,
        notice=series.notice,
        department_id=series.department_id,
        seats_free=1,
    )
