"""When a host who was asked is reminded, and when the request lapses; pure.

Working days are Monday to Friday in the house's zone, by the clock on the wall: two working days
after Friday 16:00 is Tuesday 16:00, whether or not the clocks change in between.
"""

from datetime import UTC, date, datetime, time, timedelta, tzinfo

REMIND_AFTER_DAYS = 2
LAPSE_AFTER_DAYS = 5
# However late it was asked, a host has this long: the notice alone ends no younger request.
LEAST_TIME = timedelta(days=1)
REMIND_BEFORE = timedelta(days=1)
DAY_BEGINS, DAY_ENDS = time(8), time(17)
FRIDAY, SATURDAY = 4, 5


def lapses_at(asked_at: datetime, starts_at: datetime, notice: timedelta, zone: tzinfo) -> datetime:
    """Return when a request ends that nobody answers.

    After `LAPSE_AFTER_DAYS` working days, or when the meeting's notice passes, whichever is first;
    a request that was made close to the notice lives a day, and none outlives the meeting's start.
    """
    ends_at = working_days_after(asked_at, LAPSE_AFTER_DAYS, zone)
    noticed = max(starts_at - notice, asked_at + LEAST_TIME)
    return min(ends_at, noticed, starts_at)


def reminds_at(asked_at: datetime, lapse: datetime, zone: tzinfo) -> datetime | None:
    """Return when hosts are reminded of a request that ends at `lapse`; None where never.

    After `REMIND_AFTER_DAYS` working days, and at the latest a day before the end; what falls
    into a night or a weekend goes to the working time before it. A request that lives no longer
    than a day is not reminded of: the first mail is still fresh.
    """
    wanted = working_days_after(asked_at, REMIND_AFTER_DAYS, zone)
    latest = lapse - REMIND_BEFORE
    at = _into_working_time(min(wanted, latest), zone)
    return at if at > asked_at else None


def working_days_after(moment: datetime, days: int, zone: tzinfo) -> datetime:
    """Return the same clock time `days` working days later; from a weekend, Monday is the first."""
    local = moment.astimezone(zone)
    day = local.date()
    for _ in range(days):
        day = _next_working_day(day)
    return datetime.combine(day, local.time(), zone).astimezone(UTC)


def is_working_time(moment: datetime, zone: tzinfo) -> bool:
    """Return whether a mail now comes neither at night nor at the weekend."""
    local = moment.astimezone(zone)
    return local.weekday() < SATURDAY and DAY_BEGINS <= local.time() <= DAY_ENDS


def _into_working_time(moment: datetime, zone: tzinfo) -> datetime:
    """Return `moment`, or the latest working time before it."""
    local = moment.astimezone(zone)
    day, clock = local.date(), min(local.time(), DAY_ENDS)
    if clock < DAY_BEGINS:
        day, clock = day - timedelta(days=1), DAY_ENDS
    if day.weekday() >= SATURDAY:
        day, clock = day - timedelta(days=day.weekday() - SATURDAY + 1), DAY_ENDS
    return datetime.combine(day, clock, zone).astimezone(UTC)


def _next_working_day(day: date) -> date:
    return day + timedelta(days=1 if day.weekday() < FRIDAY else 7 - day.weekday())
