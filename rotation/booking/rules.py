"""What speaks against a visit: facts in, every reason out; pure.

One rule, one function. Times are half-open; the budget is counted in minutes of one ISO week.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from rotation.booking.errors import Code, Reason
from rotation.periods.intervals import Interval
from rotation.periods.working_time import WorkingHours, is_working

PREPARATION = timedelta(minutes=30)  # reading before and writing after a visit
NOTHING: tuple[Interval, ...] = ()


@dataclass(frozen=True, slots=True)
class Visit:
    """The meeting side: what is to be visited, and how full it is.

    Attributes:
        seats_kept: How many of the free seats change hands: their booking is about to end.
        waiting: How many people wait for a seat.
        promised: How many seats belong to those who wait ahead of the person in question.
        guests_this_month: Guests of the series in the meeting's calendar month.
    """

    meeting: Interval
    travel: timedelta
    notice: timedelta
    department_id: int
    seats_free: int
    seats_kept: int = 0
    waiting: int = 0
    promised: int = 0
    is_cancelled: bool = False
    guests_per_month: int | None = None
    guests_this_month: int = 0


@dataclass(frozen=True, slots=True)
class Candidate:
    """The person's side in the week of the visit.

    Attributes:
        booked: Blocked times of the visits the person already has.
        left_minutes: What is left of the week's proactive budget.
    """

    department_id: int
    time_zone: str
    buffer: timedelta
    left_minutes: int
    pattern: Sequence[WorkingHours] = ()
    absences: Sequence[Interval] = NOTHING
    duties: Sequence[Interval] = NOTHING
    booked: Sequence[Interval] = NOTHING


def cost_of(meeting: Interval, travel: timedelta) -> int:
    """Return what a visit takes from the budget: meeting, both ways and preparation, minutes."""
    return -int(-(meeting.duration + 2 * travel + PREPARATION) // timedelta(minutes=1))


def blocked_by(meeting: Interval, travel: timedelta, buffer: timedelta) -> Interval:
    """Return the time a visit takes: [start - travel, end + travel + buffer)."""
    return Interval(meeting.starts_at - travel, meeting.ends_at + travel + buffer)


def _touching(times: Sequence[Interval], blocked: Interval) -> Interval | None:
    return next((time for time in times if time.overlaps(blocked)), None)


def _when(time: Interval) -> dict[str, datetime]:
    return {"starts_at": time.starts_at, "ends_at": time.ends_at}


def cancelled(visit: Visit, _: Candidate, __: datetime) -> Reason | None:
    """The meeting does not take place."""
    return Reason(Code.MEETING_CANCELLED) if visit.is_cancelled else None


def past(visit: Visit, _: Candidate, now: datetime) -> Reason | None:
    """The meeting has begun."""
    return Reason(Code.MEETING_PAST) if visit.meeting.starts_at <= now else None


def notice_too_short(visit: Visit, _: Candidate, now: datetime) -> Reason | None:
    """The host wants to know guests earlier."""
    if now < visit.meeting.starts_at < now + visit.notice:
        return Reason(Code.NOTICE_TOO_SHORT, {"notice_hours": visit.notice // timedelta(hours=1)})
    return None


def no_seat(visit: Visit, _: Candidate, __: datetime) -> Reason | None:
    """Every guest seat is taken, or belongs to somebody who waits for one and was there before."""
    if visit.seats_free > visit.promised:
        return None
    return Reason(Code.NO_SEAT, {"waiting": visit.waiting} if visit.waiting else {})


def host_limit(visit: Visit, _: Candidate, __: datetime) -> Reason | None:
    """The host takes only so many guests in a month; those who wait ahead count."""
    limit = visit.guests_per_month
    if limit is not None and visit.guests_this_month + visit.promised >= limit:
        return Reason(Code.HOST_LIMIT, {"limit": limit})
    return None


def own_department(visit: Visit, candidate: Candidate, _: datetime) -> Reason | None:
    """A visit to the own department is no visit."""
    same = visit.department_id == candidate.department_id
    return Reason(Code.OWN_DEPARTMENT) if same else None


def absent(visit: Visit, candidate: Candidate, _: datetime) -> Reason | None:
    """The person is away at some moment of the visit or of the way."""
    blocked = blocked_by(visit.meeting, visit.travel, timedelta(0))
    away = _touching(candidate.absences, blocked)
    return Reason(Code.ABSENT, _when(away)) if away else None


def on_duty(visit: Visit, candidate: Candidate, _: datetime) -> Reason | None:
    """The person has to be reachable for tickets."""
    blocked = blocked_by(visit.meeting, visit.travel, timedelta(0))
    duty = _touching(candidate.duties, blocked)
    return Reason(Code.ON_DUTY, _when(duty)) if duty else None


def overlap(visit: Visit, candidate: Candidate, _: datetime) -> Reason | None:
    """Another visit of the person, with way and buffer, takes the same time."""
    blocked = blocked_by(visit.meeting, visit.travel, candidate.buffer)
    other = _touching(candidate.booked, blocked)
    return Reason(Code.OVERLAP, _when(other)) if other else None


def outside_working_hours(visit: Visit, candidate: Candidate, _: datetime) -> Reason | None:
    """The visit, with its ways, does not fit into the person's own hours."""
    needed = blocked_by(visit.meeting, visit.travel, timedelta(0))
    if is_working(candidate.pattern, needed, ZoneInfo(candidate.time_zone)):
        return None
    return Reason(Code.OUTSIDE_WORKING_HOURS, {"time_zone": candidate.time_zone})


def over_budget(visit: Visit, candidate: Candidate, _: datetime) -> Reason | None:
    """The week's proactive budget does not carry the visit."""
    cost = cost_of(visit.meeting, visit.travel)
    if cost <= candidate.left_minutes:
        return None
    return Reason(
        Code.OVER_BUDGET, {"cost_minutes": cost, "left_minutes": max(0, candidate.left_minutes)}
    )


Rule = Callable[[Visit, Candidate, datetime], Reason | None]
RULES: tuple[Rule, ...] = (
    cancelled,
    past,
    notice_too_short,
    no_seat,
    host_limit,
    own_department,
    absent,
    on_duty,
    overlap,
    outside_working_hours,
    over_budget,
)


def reasons_against(visit: Visit, candidate: Candidate, now: datetime) -> list[Reason]:
    """Return every reason against the visit, in the order of `RULES`; empty means it may be."""
    return [reason for rule in RULES if (reason := rule(visit, candidate, now))]
