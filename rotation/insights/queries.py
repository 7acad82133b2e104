"""Reads of notes."""

from datetime import datetime

from django.db.models import Q, QuerySet

from rotation.booking.models import Booking
from rotation.directory.permissions import Action, Actor, reach
from rotation.insights.models import TOLD_OF, Note


def notes_seen_by(actor: Actor) -> QuerySet[Note]:
    """Return the notes that `actor` may read, newest first."""
    limits = reach(actor, Action.READ_NOTE)
    return Note.objects.select_related(
        "booking__staff__user", "booking__meeting__series__department"
    ).filter(Q(booking__staff=limits.staff_id) | Q(booking__staff__team__in=limits.team_ids))


def visits_to_tell_of(staff_id: int, now: datetime) -> QuerySet[Booking]:
    """Return a person's past visits without a note, newest first."""
    return (
        Booking.objects.select_related("meeting__series__department")
        .filter(
            staff=staff_id,
            ends_at__lte=now,
            note=None,
            state__in=TOLD_OF,
        )
        .order_by("-starts_at")
    )
