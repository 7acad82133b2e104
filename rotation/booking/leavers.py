"""Seats that people gave back by leaving the house; somebody else may go."""

from datetime import datetime

from django.db.models import Exists, OuterRef, QuerySet, Subquery

from rotation.audit.models import Entry, Subject
from rotation.booking.models import Booking
from rotation.booking.queries import bookable_meetings, bookings_with_names
from rotation.booking.states import Step
from rotation.directory.permissions import Action, Actor, reach


def visits_after_last_day(staff_id: int, since: datetime, now: datetime) -> QuerySet[Booking]:
    """Return a person's visits ahead that begin at `since` or later, by time."""
    ahead = Booking.objects.filter(staff=staff_id, state__in=Booking.OPEN, starts_at__gt=now)
    return ahead.filter(starts_at__gte=since)


def seats_freed_by_leavers(actor: Actor, now: datetime) -> QuerySet[Booking]:
    """Return the visits ahead that ended because their guest leaves, and whose seat is still free.

    By time, with guest, team, meeting and department; only those for which `actor` may book
    somebody else. Whoever comes back is no leaver any more.
    """
    limits = reach(actor, Action.BOOK_VISIT)
    told = Entry.objects.filter(
        subject=Subject.STAFF, subject_id=OuterRef(OuterRef("staff_id")), action="leave"
    )
    # Both lines were written in one transaction and carry its one moment.
    ended = Entry.objects.filter(
        Exists(told.filter(at=OuterRef("at"))),
        subject=Subject.BOOKING,
        subject_id=OuterRef("pk"),
        action=Step.CANCEL.value,
    ).order_by("-at")
    taken = Booking.objects.filter(
        meeting=OuterRef("meeting"),
        state__in=Booking.HOLDING,
        created_at__gte=OuterRef("freed_at"),
    )
    freed = (
        bookings_with_names()
        .filter(state=Booking.State.CANCELLED, staff__left_on__isnull=False)
        .filter(meeting__in=bookable_meetings(now).values("pk"))
        .annotate(freed_at=Subquery(ended.values("at")[:1]))
        .filter(~Exists(taken), freed_at__isnull=False)
    )
    return freed if limits.everywhere else freed.filter(staff__team__in=limits.team_ids)
