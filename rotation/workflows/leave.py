"""directory -> booking -> invite: somebody leaves; visits end, seats are offered, traces go."""

from contextlib import suppress
from dataclasses import replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils.translation import gettext as _

from rotation.audit.services import BY_RUNDGANG, By
from rotation.booking.leavers import visits_after_last_day
from rotation.directory.errors import LastAdministrator
from rotation.directory.models import StaffMember
from rotation.directory.queries import leavers
from rotation.directory.staffing import return_staff, set_last_day, today_of
from rotation.meetings.services import lock_meetings
from rotation.periods.weeks import midnight
from rotation.workflows import change_booking
from rotation.workflows.erase import erase

DAY = timedelta(days=1)
# After the last day the person can still come back as known; then the pseudonym takes over.
KEPT = timedelta(days=14)


@transaction.atomic
def leave(staff_id: int, left_on: date, *, by: By, now: datetime) -> StaffMember:
    """Store a person's last day, cancel the visits after it with notice, and return the person.

    Guests and hosts are told as of any cancelled visit; `booking.leavers` offers the seats. Until
    the end of that day, by the person's own clock, the person may still be booked.

    Raises:
        RecordChanged: somebody else changed the person since `by` saw it.
        LastAdministrator: nobody would be an administrator any more.
        UnderPseudonym: the person has left for good.
    """
    staff = set_last_day(staff_id, left_on, by=by, now=now)
    since = midnight(left_on + DAY, ZoneInfo(staff.time_zone))
    visits = list(visits_after_last_day(staff_id, since, now))
    lock_meetings({visit.meeting_id for visit in visits})  # all at once, in their order
    because = replace(by, version=None, reason=by.reason or _("The guest leaves the house."))
    for visit in visits:
        change_booking.cancel(visit.pk, by=because, now=now)
    return staff


@transaction.atomic
def come_back(staff_id: int, *, by: By, now: datetime) -> StaffMember:
    """Forget a person's last day and return the person; cancelled visits stay cancelled.

    Raises:
        RecordChanged: somebody else changed the person since `by` saw it.
        UnderPseudonym: what was known of the person is gone.
    """
    return return_staff(staff_id, by=by, now=now)


def close_leavers(now: datetime) -> int:
    """Take whose last day is over off the lists, and after `KEPT` put them under a pseudonym.

    Safe to repeat; each person is one transaction. Returns how many were changed. The last
    administrator stays as is until somebody else is one.
    """
    count = 0
    for staff in leavers():
        over_for = today_of(staff, now) - staff.left_on if staff.left_on else timedelta()
        with suppress(LastAdministrator):
            if over_for > KEPT and staff.has_left:
                erase(staff.user_id, by=BY_RUNDGANG, now=now)
            elif over_for > timedelta() and staff.left_on and not staff.has_left:
                leave(staff.pk, staff.left_on, by=BY_RUNDGANG, now=now)
            else:
                continue
            count += 1
    return count
