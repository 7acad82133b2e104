"""Rows locked to the end of a transaction, in one order everywhere: people, meetings, bookings."""

from collections.abc import Collection

from rotation.booking.errors import ChangedMeanwhile
from rotation.booking.models import Booking
from rotation.booking.queries import holding
from rotation.directory.models import StaffMember
from rotation.meetings.services import lock_meetings


def lock_booking(
    booking_id: int, *, with_staff: Collection[int] = (), with_meetings: Collection[int] = ()
) -> Booking:
    """Return the booking with its person, its meeting and itself locked.

    `with_staff` and `with_meetings` are locked too: those that the booking is about to go to.

    Raises:
        Booking.DoesNotExist: there is no such booking.
        ChangedMeanwhile: it moved between looking and locking.
    """
    seen = Booking.objects.get(pk=booking_id)
    lock_staff({seen.staff_id, *with_staff})
    lock_meetings({seen.meeting_id, *with_meetings})
    booking = (
        Booking.objects.select_for_update(of=("self",))
        .select_related("staff__user", "staff__team", "meeting__series__department")
        .get(pk=booking_id)
    )
    if booking.meeting_id != seen.meeting_id:
        raise ChangedMeanwhile(version=booking.version)
    return booking


def lock_guests(meeting_id: int) -> None:
    """Lock the people who have a seat in the meeting, before the meeting itself is locked."""
    guests = Booking.objects.filter(holding(), meeting=meeting_id)
    lock_staff(set(guests.values_list("staff_id", flat=True)))


def lock_staff(staff_ids: Collection[int]) -> None:
    """Lock these people: nobody books, moves or answers for them meanwhile."""
    staff = StaffMember.objects.filter(pk__in=staff_ids).order_by("pk")
    list(staff.select_for_update(of=("self",)).values_list("pk"))
