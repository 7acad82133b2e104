"""Reads of bookings, and what speaks for and against a visit."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable
from datetime import datetime

from django.db.models import (
    DateTimeField,
    Exists,
    ExpressionWrapper,
    F,
    OuterRef,
    Q,
    QuerySet,
    Value,
)
from django.db.models.functions import Greatest
from django.db.models.lookups import GreaterThan
from django.utils import timezone

from accounts.models import Role
from rotation.booking.approval import is_working_time, lapses_at, reminds_at
from rotation.booking.errors import Reason
from rotation.booking.facts import NOBODY, candidates_for, number_of, visits_for
from rotation.booking.models import Booking, Waiting
from rotation.booking.rules import reasons_against
from rotation.directory.models import StaffMember
from rotation.directory.permissions import ELSEWHERE, Action, Actor, Scope, may, reach
from rotation.directory.queries import active_hosts, hosts_of
from rotation.meetings.models import Meeting
from rotation.meetings.queries import upcoming_meetings
from rotation.periods.weeks import LATELY_WEEKS, WEEK
from rotation.periods.working_time import weekly_minutes
from rotation.planning.suggestions import Standing, Suggestion, suggestions


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
        | Q(meeting__series__department__in=limits.deputised_ids)
    )


def scope_of_booking(booking: Booking) -> Scope:
    """Return the scope of questions about one booking; reads its guest, meeting and series.

    One query where it is a request: whether anybody is there who could answer.
    """
    department_id, is_asked = booking.meeting.series.department_id, _is_asked(booking)
    return Scope(
        team_id=booking.staff.team_id,
        staff_id=booking.staff_id,
        department_id=department_id,
        is_hostless=is_asked and not hosts_of(department_id).exists(),
    )


def _is_asked(booking: Booking) -> bool:
    return booking.state == Booking.State.REQUESTED


def coming_visits_of(staff_id: int, now: datetime) -> QuerySet[Booking]:
    """Return a person's visits that are not over, by time, with contact and department."""
    return (
        bookings_with_names()
        .select_related("meeting__series__host__user")
        .filter(staff=staff_id, ends_at__gt=now, state__in=Booking.OPEN)
    )


def requests_to(actor: Actor, now: datetime) -> QuerySet[Booking]:
    """Return the visits ahead that wait for a word of `actor`'s, by time.

    Those of the own department and of those for whose hosts the actor is deputy; all for an
    administrator without a department. Where a department has no host who could sign in, planners
    are asked too.
    """
    requests = bookings_with_names().filter(state=Booking.State.REQUESTED, starts_at__gt=now)
    if may(actor, Action.APPROVE_GUEST, ELSEWHERE) and actor.department_id is None:
        return requests
    limits = reach(actor, Action.APPROVE_GUEST)
    theirs = {limits.department_id, *limits.deputised_ids} - {None}
    asked = Q(meeting__series__department__in=theirs)
    if Role.PLANNER in actor.roles:
        hosts = active_hosts().filter(department=OuterRef("meeting__series__department"))
        asked = asked | Q(~Exists(hosts))
    return requests.filter(asked)


def end_of_request(booking: Booking) -> datetime:
    """Return when a request lapses that nobody answers; reads its meeting's series."""
    zone = timezone.get_default_timezone()
    notice = booking.meeting.series.notice
    return lapses_at(booking.asked_at, booking.starts_at, notice, zone)


def lapsed_requests(now: datetime) -> list[Booking]:
    """Return the requests that ended before anybody answered; one query."""
    return [booking for booking in _open_requests() if end_of_request(booking) <= now]


def requests_to_remind_of(now: datetime) -> list[Booking]:
    """Return the requests of which a host should be reminded by now; one query, none at night."""
    zone = timezone.get_default_timezone()
    if not is_working_time(now, zone):
        return []
    due = []
    for booking in _open_requests():
        end = end_of_request(booking)
        at = reminds_at(booking.asked_at, end, zone)
        if at and at <= now < end:
            due.append(booking)
    return due


def _open_requests() -> QuerySet[Booking]:
    requests = Booking.objects.filter(state=Booking.State.REQUESTED)
    return requests.select_related("meeting__series").order_by("pk")


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
    """Return `meetings` with `seats_free`, counted in the same query.

    A seat that somebody in the queue is about to get is not free; who was passed over when a seat
    became free, as a rule spoke against it, holds none up.
    """
    taken = Booking.objects.filter(holding(), meeting=OuterRef("pk"))
    next_ones = Waiting.objects.filter(
        state=Waiting.State.WAITING,
        passed_over_at=None,
        staff__has_left=False,
        meeting=OuterRef("pk"),
    )
    return meetings.annotate(  # type: ignore[no-redef]  # declared on Meeting for its readers
        seats_free=Greatest(F("seats") - number_of(taken) - number_of(next_ones), 0)
    )


def bookable_meetings(now: datetime) -> QuerySet[Meeting]:
    """Return the meetings with a free seat whose notice is still kept, by time."""
    earliest = ExpressionWrapper(Value(now) + F("series__notice"), output_field=DateTimeField())
    return with_seats_free(upcoming_meetings(now)).filter(
        GreaterThan(F("seats_free"), 0), starts_at__gte=earliest
    )


def reasons_why_not(
    person: StaffMember, meeting: Meeting, now: datetime, *, without: int = NOBODY
) -> list[Reason]:
    """Return every reason against the visit; empty: it may be. A constant number of queries."""
    visit = visits_for(meeting, [person.pk], now, without=without)[person.pk]
    candidate = candidates_for(meeting, [person], without=without)[person.pk]
    return reasons_against(visit, candidate, now)


def suggestions_for(
    meeting: Meeting, staff: Collection[StaffMember], now: datetime, *, without: int = NOBODY
) -> list[Suggestion]:
    """Return who of `staff` could visit `meeting`, best first; a constant number of queries.

    A suggestion's conflicts are `errors.Reason`s; without conflicts a booking would succeed.
    `without` is a booking that is not counted, as its guest is about to be replaced.
    """
    visits = visits_for(meeting, [person.pk for person in staff], now, without=without)
    candidates = candidates_for(meeting, staff, without=without)
    last_seen, lately = _history(staff, meeting.series.department_id, now)
    day = timezone.localdate(meeting.starts_at)
    return suggestions(
        Standing(
            staff_id=person.pk,
            sort_key=person.user.sort_key,
            weeks_since_department=(
                max(0, (now - last_seen[person.pk]) // WEEK) if person.pk in last_seen else None
            ),
            visits_lately=lately[person.pk],
            weekly_minutes=weekly_minutes(candidates[person.pk].pattern, day),
            left_minutes=candidates[person.pk].left_minutes,
            conflicts=tuple(reasons_against(visits[person.pk], candidates[person.pk], now)),
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
