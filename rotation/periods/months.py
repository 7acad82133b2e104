"""Calendar months in the zone of the organisation."""

from datetime import datetime, timedelta, tzinfo

from rotation.periods.intervals import Interval
from rotation.periods.weeks import midnight

LONGER_THAN_ANY = timedelta(days=32)


def month_around(at: datetime, zone: tzinfo) -> Interval:
    """Return the calendar month in which the moment `at` lies in `zone`."""
    first = at.astimezone(zone).date().replace(day=1)
    return Interval(midnight(first, zone), midnight((first + LONGER_THAN_ANY).replace(day=1), zone))
