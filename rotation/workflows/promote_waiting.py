"""booking -> invite: queues of full meetings move up, and end when no seat can come any more."""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction

from config.celery import nudge
from rotation.audit.services import BY_RUNDGANG, By
from rotation.booking import promotion, waiting
from rotation.booking.models import Booking, Waiting
from rotation.booking.queues import has_queue, queues_to_end, queues_to_move_up
from rotation.invites.services import queue_invites

PROMOTE = "rotation.promote_waiting"


def promote_all(now: datetime) -> int:
    """Move every queue up where there is a seat, end those that are over; return new visits.

    One transaction for each meeting. Any number may run at once: whoever comes second finds the
    seats taken. A second time changes nothing.
    """
    for meeting_id in list(queues_to_end(now).values_list("pk", flat=True)):
        waiting.lapse_queue(meeting_id, by=BY_RUNDGANG, now=now)
    meetings = list(queues_to_move_up(now).values_list("pk", flat=True))
    return sum(len(promote(meeting_id, now=now)) for meeting_id in meetings)


@transaction.atomic
def promote(meeting_id: int, *, now: datetime) -> list[Booking]:
    """Move one queue up and queue the mails of its new visits; return them."""
    booked = promotion.promote_waiting(meeting_id, by=BY_RUNDGANG, now=now)
    queue_invites(booked, now)
    return booked


def promote_soon(meeting_ids: Iterable[int]) -> None:
    """Ask a worker to move queues up once the transaction is committed, where anybody waits."""
    if any(has_queue(meeting_id) for meeting_id in meeting_ids):
        nudge(PROMOTE)


@transaction.atomic
def wait(*, staff_id: int, meeting_id: int, by: By, now: datetime) -> Waiting:
    """Put a person into a meeting's queue; raises as `booking.waiting.wait_for_seat`."""
    return waiting.wait_for_seat(staff_id=staff_id, meeting_id=meeting_id, by=by, now=now)


@transaction.atomic
def leave(place_id: int, *, by: By, now: datetime) -> Waiting:
    """Give a place up, so that the next one moves up; raises as `booking.waiting.leave_queue`."""
    place = waiting.leave_queue(place_id, by=by, now=now)
    promote_soon([place.meeting_id])
    return place
