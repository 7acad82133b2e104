"""How the hours of one person's week are taken: absence, duty, visits; never tickets."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from rotation.booking.facts import booked_minutes
from rotation.budget.hours import Presence, without
from rotation.budget.queries import granted_minutes, presences_of
from rotation.directory.models import StaffMember
from rotation.periods.intervals import shared_time, union

MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Availability:
    """One person's week in minutes.

    Attributes:
        working_minutes: Working hours by the weekly pattern.
        absent_minutes: Those of them that the person is away.
        duty_minutes: Working time on duty or stand-by while present.
        visit_minutes: What visits cost, ways and preparation included.
        granted_minutes: The proactive budget.
    """

    staff: StaffMember
    working_minutes: int
    absent_minutes: int
    duty_minutes: int
    visit_minutes: int
    granted_minutes: int

    @property
    def free_minutes(self) -> int:
        """Working time without absence, duty and visits; never below nothing."""
        taken = self.absent_minutes + self.duty_minutes + self.visit_minutes
        return max(0, self.working_minutes - taken)

    @property
    def left_minutes(self) -> int:
        """Granted less visits; negative where more is booked than the present share grants."""
        return self.granted_minutes - self.visit_minutes


def availability_of(people: Iterable[StaffMember], week: date) -> list[Availability]:
    """Return each person's week in the order given; eight queries."""
    staff = list(people)
    ids = [person.pk for person in staff]
    presences = presences_of(staff, [week])
    granted, booked = granted_minutes(staff, [week]), booked_minutes(ids, [week])
    return [
        _row(
            person,
            presences[person.pk, week],
            booked.get((person.pk, week), 0),
            granted.get((person.pk, week), 0),
        )
        for person in staff
    ]


def _row(person: StaffMember, presence: Presence, visits: int, granted: int) -> Availability:
    worked = union(presence.worked)
    present = without(worked, presence.away)
    duties = [*presence.primary, *presence.secondary]
    return Availability(
        staff=person,
        working_minutes=sum((part.duration for part in worked), timedelta()) // MINUTE,
        absent_minutes=shared_time(worked, presence.away) // MINUTE,
        duty_minutes=shared_time(present, duties) // MINUTE,
        visit_minutes=visits,
        granted_minutes=granted,
    )
