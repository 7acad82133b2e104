"""Meeting series of the demo and their occurrences, past and to come."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta

from django.db.models.functions import TruncDate
from django.utils import timezone

from rotation.directory.models import Host
from rotation.meetings.models import Meeting, MeetingSeries
from rotation.meetings.recurrence import occurrences
from rotation.meetings.services import AHEAD, extend_series
from rotation.periods.weeks import WEEK
from rotation.workflows.demo.house import DepartmentPlan, SeriesPlan
from rotation.workflows.demo.organisation import CLOSED_DAYS
from rotation.workflows.demo.sizes import HISTORY_WEEKS

DAYS = ("MO", "TU", "WE", "TH", "FR")


def make_meetings(departments: dict[int, DepartmentPlan], this_week: date, now: datetime) -> None:
    """Store every department's series with its occurrences from the past half year on."""
    hosts = dict(Host.objects.values_list("department_id", "pk"))
    start = this_week - (HISTORY_WEEKS + 4) * WEEK
    series = [
        _series(department_id, hosts[department_id], plan, start)
        for number, (department_id, department) in enumerate(departments.items())
        for plan in _shifted(department.series, number)
    ]
    for each in MeetingSeries.objects.bulk_create(series):
        extend_series(each, since=each.starts_at, until=now + AHEAD)
    _call_off_holidays(now)


def _shifted(plans: Iterable[SeriesPlan], number: int) -> Iterable[tuple[SeriesPlan, int]]:
    """Give monthly meetings different weeks of the month."""
    return ((plan, 1 + (number + index) % 3) for index, plan in enumerate(plans))


def _series(
    department_id: int, host_id: int, shifted: tuple[SeriesPlan, int], start: date
) -> MeetingSeries:
    plan, turn = shifted
    zone = timezone.get_default_timezone()
    rule = rrule(plan, turn)
    # Series of two weeks do not all meet in the same one.
    day = start + timedelta(days=plan.weekday) + (turn % 2) * WEEK
    earliest = datetime.combine(day, plan.starts, zone)
    first = next(occurrences(rule, earliest, zone.key, after=earliest, until=earliest + 10 * WEEK))
    return MeetingSeries(
        department_id=department_id,
        host_id=host_id,
        title=plan.title,
        location=plan.location,
        rrule=rule,
        starts_at=first,
        duration=timedelta(minutes=plan.minutes),
        time_zone=zone.key,
        seats=plan.seats,
        needs_approval=plan.needs_approval,
        confidential=plan.confidential,
        travel=timedelta(minutes=plan.travel_minutes),
    )


def rrule(plan: SeriesPlan, turn: int) -> str:
    """Return the recurrence rule; `turn` is the week of the month of monthly meetings."""
    day = DAYS[plan.weekday]
    return {
        "weekly": f"FREQ=WEEKLY;BYDAY={day}",
        "biweekly": f"FREQ=WEEKLY;INTERVAL=2;BYDAY={day}",
        "monthly": f"FREQ=MONTHLY;BYDAY={turn}{day}",
    }[plan.rhythm]


def _call_off_holidays(now: datetime) -> None:
    zone = timezone.get_default_timezone()
    days = Meeting.objects.annotate(day=TruncDate("starts_at", tzinfo=zone))
    closed = [
        pk for pk, day in days.values_list("pk", "day") if (day.month, day.day) in CLOSED_DAYS
    ]
    Meeting.objects.filter(pk__in=closed).update(cancelled_at=now - 8 * WEEK)
