"""What the rules need to know: the meeting's side, the person's side, and who waits ahead."""

from collections import Counter, defaultdict
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
from rotation.directory.queries import times_of
from rotation.meetings.models import Meeting
from rotation.periods.intervals import Interval
from rotation.periods.months import month_around
from rotation.periods.weeks import interval_of_week, week_of

NOBODY = 0  # the key that no booking has
DAY = timedelta(days=1)


def booked_minutes(staff_ids: Iterable[int], weeks: Sequence[date]) -> dict[tuple[int, date], int]:
    """Return the minutes that visits take from each person's week; one query.

    Args:
        staff_ids: Whose.
        weeks: Mondays; only these count.
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
    zone = timezone.get_default_timezone()
    monday = week_of(meeting.starts_at, zone)
    week = interval_of_week(monday, zone)
    # Read once for both: the week, whose budget it is, and the days before and after the visit.
    within = Interval(
        min(week.starts_at, meeting.starts_at - DAY), max(week.ends_at, meeting.ends_at + DAY)
    )
    times = times_of(ids, within)
    granted = granted_minutes(staff, [monday], times=times)
    booked, spent = _visits_of(ids, within, week, without)
    return {
        person.pk: Candidate(
            department_id=person.team.department_id,
            time_zone=person.time_zone,
            buffer=person.team.buffer,
            left_minutes=granted.get((person.pk, monday), 0) - spent[person.pk],
            pattern=times.patterns.get(person.pk, ()),
            absences=times.absences.get(person.pk, ()),
            duties=[time for _kind, time in times.duties.get(person.pk, ())],
            booked=booked.get(person.pk, ()),
        )
        for person in staff
    }


def _visits_of(
    staff_ids: Collection[int], within: Interval, week: Interval, without: int
) -> tuple[dict[int, list[Interval]], Counter[int]]:
    """Return the blocked times within, and the minutes of the week's budget that are spent.

    By person; one query.
    """
    times: dict[int, list[Interval]] = defaultdict(list)
    spent: Counter[int] = Counter()
    rows = Booking.objects.filter(
        state__in=Booking.HOLDING,
        staff__in=staff_ids,
        blocked__overlap=(within.starts_at, within.ends_at),
    ).exclude(pk=without)
    columns = ("staff_id", "blocked", "starts_at", "cost_minutes", "state")
    for staff_id, blocked, starts_at, minutes, state in rows.values_list(*columns):
        times[staff_id].append(Interval(blocked.lower, blocked.upper))
        if state in Booking.SPENDING and week.starts_at <= starts_at < week.ends_at:
            spent[staff_id] += minutes
    return times, spent


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
    """Return by place what would speak against the person, were there a seat; five queries.

    The places come with their people and teams.
    """
    seated = replace(visit, seats_free=max(1, visit.seats_free))
    sides = candidates_for(meeting, [place.staff for place in places])
    return {place.pk: reasons_against(seated, sides[place.staff_id], now) for place in places}


def places_in(meeting_id: int) -> QuerySet[Waiting]:
    """Return who waits for a seat in the meeting, in the order of coming."""
    return Waiting.objects.filter(meeting=meeting_id, state=Waiting.State.WAITING).order_by("pk")
