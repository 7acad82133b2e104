"""The queue of a meeting moves up: whoever is first and may go gets the seat that became free."""

from datetime import datetime

from django.db import transaction

from rotation.audit.services import By
from rotation.booking.facts import candidates_for, visit_of
from rotation.booking.models import Booking, Waiting
from rotation.booking.rules import reasons_against
from rotation.booking.services import place_guest
from rotation.booking.waiting import lock_queue, pass_over, seat_waiting
from rotation.meetings.models import Meeting


@transaction.atomic
def promote_waiting(meeting_id: int, *, by: By, now: datetime) -> list[Booking]:
    """Give the meeting's free seats to those who wait, in their order; return the new visits.

    Whom a rule is against is passed over and keeps the place. A second time changes nothing.
    """
    meeting, queue = lock_queue(meeting_id)
    sides = candidates_for(meeting, [place.staff for place in queue])
    booked = []
    for place in queue:
        visit = visit_of(meeting)
        if visit.seats_free < 1:
            break
        if reasons := reasons_against(visit, sides[place.staff_id], now):
            pass_over(place, reasons, by, now)
        else:
            booked.append(_seat(place, meeting, by, now))
    return booked


def _seat(place: Waiting, meeting: Meeting, by: By, now: datetime) -> Booking:
    source = Booking.Source.MANUAL
    booking = place_guest(place.staff, meeting, by, now, source, booked_by=place.asked_by_id)
    seat_waiting(booking, by, now)
    return booking
