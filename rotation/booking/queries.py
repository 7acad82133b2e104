"""Reads of bookings, and the facts that the rules and the suggestions need."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Sequence
from datetime import date, datetime, timedelta

from django.db.models import (
    Count,
    DateTimeField,
    ExpressionWrapper,
    F,
    IntegerField,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Sum,
    Value,
)
from django.db.models.functions import Coalesce, TruncWeek
from django.db.models.lookups import GreaterThan
from django.utils import timezone

from rotation.booking.errors import Reason
from rotation.booking.models import Booking
from rotation.booking.rules import Candidate, Visit, reasons_against
from rotation.budget.queries import granted_minutes
from rotation.directory.models import StaffMember
from rotation.directory.permissions import Action, Actor, Scope, reach
from rotation.directory.queries import absences_of, duties_of, working_patterns_of
from rotation.meetings.models import Meeting
from rotation.meetings.queries import upcoming_meetings
from rotation.periods.intervals import Interval
from rotation.periods.months import month_around
from rotation.periods.weeks import LATELY_WEEKS, WEEK, interval_of_week, week_of
from rotation.periods.working_time import weekly_minutes
from rotation.planning.suggestions import Standing, Suggestion, suggestions

NOBODY = 0  # the key that no booking has


def bookings_with_names() -> QuerySet[Booking]:
    """Return all bookings with guest, team, meeting, series and department in the same query."""
    return Booking.objects.select_related(
        "staff__user", "staff__team", "meeting__series__department"
    )


def bookings_seen_by(actor: Actor) -> QuerySet[Booking]:
    """Return the bookings that `actor` may see, by time."""
    limits = reach(actor, Action.SEE_BOOKING)
    if limits.everywhere:
        return bookings_with_names()
    return bookings_with_names().filter(
        Q(staff__team__in=limits.team_ids)
        | Q(staff=limits.staff_id)
        | Q(meeting__series__department=limits.department_id)
    )


def scope_of_booking(booking: Booking) -> Scope:
    """Return the scope of questions about one booking; reads its guest, meeting and series."""
    return Scope(
        team_id=booking.staff.team_id,
        staff_id=booking.staff_id,
        department_id=booking.meeting.series.department_id,
    )


def coming_visits_of(staff_id: int, now: datetime) -> QuerySet[Booking]:
    """Return a person's visits that are not over, by time, with contact and department."""
    return (
        bookings_with_names()
        .select_related("meeting__series__host__user")
        .filter(staff=staff_id, ends_at__gt=now, state__in=Booking.OPEN)
    )


def requests_to(actor: Actor, now: datetime) -> QuerySet[Booking]:
    """Return the visits ahead that wait for the host's approval; all without a department."""
    requests = bookings_with_names().filter(state=Booking.State.REQUESTED, starts_at__gt=now)
    if actor.department_id is None:
        return requests
    return requests.filter(meeting__series__department=actor.department_id)


def lapsed_requests(now: datetime) -> QuerySet[Booking]:
    """Return the requests whose meeting began before a host answered."""
    return Booking.objects.filter(state=Booking.State.REQUESTED, starts_at__lte=now)


def guests_of(meetings: Iterable[Meeting]) -> dict[int, list[Booking]]:
    """Return who holds a seat in each meeting, sorted by name; one query."""
    guests: dict[int, list[Booking]] = defaultdict(list)
    ids = [meeting.pk for meeting in meetings]
    found = bookings_with_names().filter(holding(), meeting__in=ids)
    for booking in found.order_by("staff__user__sort_key", "pk"):
        guests[booking.meeting_id].append(booking)
    return guests


def holding() -> Q:
    """Return the condition of bookings that hold a seat."""
    return Q(state__in=Booking.HOLDING)


def held_visits(now: datetime, prefix: str = "") -> Q:
    """Return the condition of visits that took place: attended, or confirmed and over.

    `prefix` leads to the bookings from another table.
    """
    attended = Q(**{f"{prefix}state": Booking.State.ATTENDED})
    confirmed = {f"{prefix}state": Booking.State.CONFIRMED, f"{prefix}ends_at__lte": now}
    return attended | Q(**confirmed)


def with_seats_free(meetings: QuerySet[Meeting]) -> QuerySet[Meeting]:
    """Return `meetings` with `seats_free`, counted in the same query."""
    taken = (
        Booking.objects.filter(holding(), meeting=OuterRef("pk"))
        .order_by()
        .values("meeting")
        .annotate(count=Count("pk"))
        .values("count")
    )
    return meetings.annotate(  # type: ignore[no-redef]  # declared on Meeting for its readers
        seats_free=F("seats") - Coalesce(Subquery(taken, output_field=IntegerField()), 0)
    )


def bookable_meetings(now: datetime) -> QuerySet[Meeting]:
    """Return the meetings with a free seat whose notice is still kept, by time."""
    earliest = ExpressionWrapper(Value(now) + F("series__notice"), output_field=DateTimeField())
    return with_seats_free(upcoming_meetings(now)).filter(
        GreaterThan(F("seats_free"), 0), starts_at__gte=earliest
    )


def booked_minutes(
    staff_ids: Iterable[int], weeks: Sequence[date], *, without: int = NOBODY
) -> dict[tuple[int, date], int]:
    """Return the minutes that visits take from each person's week; one query.

    Args:
        staff_ids: Whose.
        weeks: Mondays; only these count.
        without: A booking that is not counted, as it is about to move.
    """
    if not weeks:
        return {}
    zone = timezone.get_default_timezone()
    first, last = interval_of_week(min(weeks), zone), interval_of_week(max(weeks), zone)
    rows = (
        Booking.objects.filter(
            staff__in=list(staff_ids),
            state__in=Booking.SPENDING,
            starts_at__gte=first.starts_at,
            starts_at__lt=last.ends_at,
        )
        .exclude(pk=without)
        .annotate(week=TruncWeek("starts_at", tzinfo=zone))
        .order_by()
        .values_list("staff_id", "week")
        .annotate(minutes=Sum("cost_minutes"))
    )
    return {(staff_id, week.date()): minutes for staff_id, week, minutes in rows}


def visit_of(meeting: Meeting, *, without: int = NOBODY) -> Visit:
    """Return the meeting side of the rules; one query, two where the host limits guests."""
    taken = Booking.objects.filter(holding(), meeting=meeting).exclude(pk=without).count()
    series = meeting.series
    return Visit(
        meeting=Interval(meeting.starts_at, meeting.ends_at),
        travel=series.travel,
        notice=series.notice,
        department_id=series.department_id,
        seats_free=meeting.seats - taken,
        is_cancelled=meeting.cancelled_at is not None,
        guests_per_month=series.guests_per_month,
        guests_this_month=_guests_in_month(meeting, without),
    )


def _guests_in_month(meeting: Meeting, without: int) -> int:
    if meeting.series.guests_per_month is None:
        return 0
    month = month_around(meeting.starts_at, timezone.get_default_timezone())
    return (
        Booking.objects.filter(
            holding(),
            meeting__series=meeting.series_id,
            starts_at__gte=month.starts_at,
            starts_at__lt=month.ends_at,
        )
        .exclude(pk=without)
        .count()
    )


def candidates_for(
    meeting: Meeting, staff: Collection[StaffMember], *, without: int = NOBODY
) -> dict[int, Candidate]:
    """Return each person's side of the rules; a constant number of queries."""
    ids = [person.pk for person in staff]
    week = week_of(meeting.starts_at, timezone.get_default_timezone())
    around = Interval(meeting.starts_at - timedelta(days=1), meeting.ends_at + timedelta(days=1))
    patterns = working_patterns_of(ids)
    absences, duties = absences_of(ids, around), duties_of(ids, around)
    granted = granted_minutes(staff, [week])
    spent = booked_minutes(ids, [week], without=without)
    booked = _booked_times(ids, around, without)
    return {
        person.pk: Candidate(
            department_id=person.team.department_id,
            time_zone=person.time_zone,
            buffer=person.team.buffer,
            left_minutes=granted.get((person.pk, week), 0) - spent.get((person.pk, week), 0),
            pattern=patterns.get(person.pk, ()),
            absences=absences.get(person.pk, ()),
            duties=duties.get(person.pk, ()),
            booked=booked.get(person.pk, ()),
        )
        for person in staff
    }


def _booked_times(
    staff_ids: Collection[int], within: Interval, without: int
) -> dict[int, list[Interval]]:
    times: dict[int, list[Interval]] = defaultdict(list)
    rows = Booking.objects.filter(
        holding(), staff__in=staff_ids, blocked__overlap=(within.starts_at, within.ends_at)
    ).exclude(pk=without)
    for staff_id, blocked in rows.values_list("staff_id", "blocked"):
        times[staff_id].append(Interval(blocked.lower, blocked.upper))
    return times


def reasons_why_not(
    person: StaffMember, meeting: Meeting, now: datetime, *, without: int = NOBODY
) -> list[Reason]:
    """Return every reason against the visit; empty: it may be. A constant number of queries."""
    candidate = candidates_for(meeting, [person], without=without)[person.pk]
    return reasons_against(visit_of(meeting, without=without), candidate, now)


def suggestions_for(
    meeting: Meeting, staff: Collection[StaffMember], now: datetime, *, without: int = NOBODY
) -> list[Suggestion]:
    """Return who of `staff` could visit `meeting`, best first; a constant number of queries.

    A suggestion's conflicts are `errors.Reason`s; without conflicts a booking would succeed.
    `without` is a booking that is not counted, as its guest is about to be replaced.
    """
    visit = visit_of(meeting, without=without)
    candidates = candidates_for(meeting, staff, without=without)
    last_seen, lately = _history(staff, meeting.series.department_id, now)
    return suggestions(
        Standing(
            staff_id=person.pk,
            sort_key=person.user.sort_key,
            weeks_since_department=(
                max(0, (now - last_seen[person.pk]) // WEEK) if person.pk in last_seen else None
            ),
            visits_lately=lately[person.pk],
            weekly_minutes=weekly_minutes(candidates[person.pk].pattern),
            left_minutes=candidates[person.pk].left_minutes,
            conflicts=tuple(reasons_against(visit, candidates[person.pk], now)),
        )
        for person in staff
    )


def _history(
    staff: Collection[StaffMember], department_id: int, now: datetime
) -> tuple[dict[int, datetime], Counter[int]]:
    """Return when each last sat with the department, and how many visits each had lately.

    Those ahead count as visits had, requested ones included: they are promised.
    """
    ids = [person.pk for person in staff]
    visited = Booking.objects.filter(
        held_visits(now), staff__in=ids, meeting__series__department=department_id
    )
    last_seen = dict(visited.order_by("starts_at").values_list("staff_id", "starts_at"))
    ahead = Q(state__in=Booking.OPEN, ends_at__gt=now)
    lately = Q(held_visits(now), starts_at__gt=now - LATELY_WEEKS * WEEK)
    counted = Booking.objects.filter(ahead | lately, staff__in=ids)
    return last_seen, Counter(counted.values_list("staff_id", flat=True))


def alternatives_for(
    person: StaffMember, meeting: Meeting, now: datetime, *, most: int = 3, without: int = NOBODY
) -> list[Meeting]:
    """Return up to `most` other meetings of the same department that `person` could visit.

    The next eight with a free seat are tried; a fixed number of queries for each. `without` is a
    booking that is not counted, as it is about to move.
    """
    others = bookable_meetings(now).filter(series__department=meeting.series.department_id)
    possible: list[Meeting] = []
    for other in others.exclude(pk=meeting.pk)[:8]:
        if not reasons_why_not(person, other, now, without=without):
            possible.append(other)
        if len(possible) == most:
            break
    return possible
