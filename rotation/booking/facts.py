"""What the rules need to know: the meeting's side, the person's side, and who waits ahead."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Count, IntegerField, OuterRef, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce, TruncWeek
from django.utils import timezone

from rotation.booking.errors import Reason
from rotation.booking.models import Booking, Waiting
from rotation.booking.rules import Candidate, Visit, reasons_against
from rotation.budget.queries import granted_minutes
from rotation.directory.models import StaffMember
from rotation.directory.queries import absences_of, duties_of, working_patterns_of
from rotation.meetings.models import Meeting
from rotation.periods.intervals import Interval
from rotation.periods.months import month_around
from rotation.periods.weeks import interval_of_week, week_of

NOBODY = 0  # the key that no booking has


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
    taken, kept, waiting = _seats_wanted(meeting.pk, without)
    series = meeting.series
    return Visit(
        meeting=Interval(meeting.starts_at, meeting.ends_at),
        travel=series.travel,
        notice=series.notice,
        department_id=series.department_id,
        seats_free=meeting.seats - taken + kept,
        seats_kept=kept,
        waiting=waiting,
        is_cancelled=meeting.cancelled_at is not None,
        guests_per_month=series.guests_per_month,
        guests_this_month=_guests_in_month(meeting, without),
    )


def _seats_wanted(meeting_id: int, without: int) -> tuple[int, int, int]:
    """Return how many seats are taken, how many of them by `without`, and how many people wait."""
    taken = Booking.objects.filter(state__in=Booking.HOLDING, meeting=OuterRef("pk"))
    waiting = Waiting.objects.filter(state=Waiting.State.WAITING, meeting=OuterRef("pk"))
    numbers = (number_of(taken), number_of(taken.filter(pk=without)), number_of(waiting))
    taken_by_all, kept, waiting_all = (
        Meeting.objects.filter(pk=meeting_id).order_by().values_list(*numbers).get()
    )
    return taken_by_all, kept, waiting_all


def number_of(rows: QuerySet[Any]) -> Coalesce:
    """Return how many `rows` of an outer meeting there are, as part of its query."""
    counted = rows.order_by().values("meeting").annotate(number=Count("pk")).values("number")
    return Coalesce(Subquery(counted, output_field=IntegerField()), 0)


def _guests_in_month(meeting: Meeting, without: int) -> int:
    if meeting.series.guests_per_month is None:
        return 0
    month = month_around(meeting.starts_at, timezone.get_default_timezone())
    return (
        Booking.objects.filter(
            state__in=Booking.HOLDING,
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
        state__in=Booking.HOLDING,
        staff__in=staff_ids,
        blocked__overlap=(within.starts_at, within.ends_at),
    ).exclude(pk=without)
    for staff_id, blocked in rows.values_list("staff_id", "blocked"):
        times[staff_id].append(Interval(blocked.lower, blocked.upper))
    return times


def visits_for(
    meeting: Meeting, staff_ids: Collection[int], now: datetime, *, without: int = NOBODY
) -> dict[int, Visit]:
    """Return the meeting as each person finds it: with the seats that belong to others ahead.

    Ahead of a person who does not wait is the whole queue. Only those count who could be booked
    at once: who is away keeps the place and holds up nobody. The queue has no claim on the seat
    of the booking `without`, which changes hands. No query more where nobody waits.
    """
    visit = visit_of(meeting, without=without)
    if not visit.waiting:
        return dict.fromkeys(staff_ids, visit)
    queue = list(places_in(meeting.pk).filter(staff__has_left=False).select_related("staff__team"))
    obstacles = obstacles_of(queue, meeting, visit, now)
    bookable = [place.pk for place in queue if not obstacles[place.pk]]
    places = {place.staff_id: place.pk for place in queue}
    claimed = max(0, visit.seats_free - visit.seats_kept)
    ahead = {
        staff_id: sum(pk < places.get(staff_id, pk + 1) for pk in bookable)
        for staff_id in staff_ids
    }
    return {pk: replace(visit, promised=min(claimed, ahead[pk])) for pk in staff_ids}


def obstacles_of(
    places: Sequence[Waiting], meeting: Meeting, visit: Visit, now: datetime
) -> dict[int, list[Reason]]:
    """Return by place what would speak against the person, were there a seat; eleven queries.

    The places come with their people and teams.
    """
    seated = replace(visit, seats_free=max(1, visit.seats_free))
    sides = candidates_for(meeting, [place.staff for place in places])
    return {place.pk: reasons_against(seated, sides[place.staff_id], now) for place in places}


def places_in(meeting_id: int) -> QuerySet[Waiting]:
    """Return who waits for a seat in the meeting, in the order of coming."""
    return Waiting.objects.filter(meeting=meeting_id, state=Waiting.State.WAITING).order_by("pk")
