"""booking -> invite: hosts are reminded of requests, and what nobody answered in time ends."""

from datetime import datetime

from django.db import transaction

from rotation.audit.services import BY_RUNDGANG
from rotation.booking.models import Booking
from rotation.booking.queries import lapsed_requests, requests_to_remind_of
from rotation.booking.services import lapse_request
from rotation.invites.services import queue_invites, queue_reminders
from rotation.workflows.promote_waiting import promote_soon


def look_after_requests(now: datetime) -> int:
    """End the requests that lapsed, remind of those that are due; return how many mails are queued.

    A second time changes nothing, and two at once send one reminder.
    """
    queued = sum(_lapse(booking, now) for booking in lapsed_requests(now))
    return queued + len(queue_reminders(requests_to_remind_of(now), now))


@transaction.atomic
def _lapse(booking: Booking, now: datetime) -> int:
    lapsed = lapse_request(booking.pk, by=BY_RUNDGANG, now=now)
    promote_soon([lapsed.meeting_id])
    return len(queue_invites([lapsed], now))
