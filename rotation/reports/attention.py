"""What waits for somebody to do something; counts only, each with the list behind it."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Q, QuerySet

from rotation.booking.models import Booking
from rotation.booking.queries import bookings_seen_by
from rotation.directory.permissions import Action, Actor, may
from rotation.invites.models import Mail
from rotation.replies.queries import held_mails_seen_by

HOST_PATIENCE = timedelta(days=2)  # a request without approval waits too long
GUEST_PATIENCE = timedelta(days=5)  # an invitation without an answer waits too long
SOON = timedelta(weeks=4)


@dataclass(frozen=True, slots=True)
class Attention:
    """How many things wait.

    Attributes:
        requests: Visits that a host has to approve or decline.
        late_requests: Those of them that have waited for `HOST_PATIENCE` or longer.
        unanswered: Invitations ahead that the guest has not answered for `GUEST_PATIENCE`.
        coming: Visits of the next four weeks, requested ones included.
        unrecorded: Past visits of which nobody said whether the guest was there.
        failed_mails: Mails given up; None for who does not look after the outbox.
        held_answers: Answers that a person has to read; None for who does not read them.
    """

    requests: int
    late_requests: int
    unanswered: int
    coming: int
    unrecorded: int
    failed_mails: int | None
    held_answers: int | None


def attention_for(actor: Actor, now: datetime) -> Attention:
    """Return what waits among that which `actor` sees; at most three queries."""
    counts = bookings_seen_by(actor).aggregate(
        requests=Count("pk", filter=_is_requested(now)),
        late_requests=Count("pk", filter=_is_requested(now, now - HOST_PATIENCE)),
        unanswered=Count("pk", filter=_is_unanswered(now)),
        coming=Count("pk", filter=_is_coming(now)),
        unrecorded=Count("pk", filter=_is_unrecorded(now)),
    )
    outbox, held = may(actor, Action.SEE_OUTBOX), may(actor, Action.SEE_HELD_ANSWERS)
    return Attention(
        **counts,
        failed_mails=failed_mails().count() if outbox else None,
        held_answers=held_mails_seen_by(actor).count() if held else None,
    )


def failed_mails() -> QuerySet[Mail]:
    """Return the mails that were given up."""
    return Mail.objects.filter(state=Mail.State.FAILED)


def _is_requested(now: datetime, since: datetime | None = None) -> Q:
    requested = Q(state=Booking.State.REQUESTED, starts_at__gt=now)
    return requested & Q(created_at__lte=since) if since else requested


def _is_unanswered(now: datetime) -> Q:
    return Q(
        state=Booking.State.CONFIRMED,
        partstat=Booking.Partstat.NEEDS_ACTION,
        starts_at__gt=now,
        created_at__lte=now - GUEST_PATIENCE,
    )


def _is_coming(now: datetime) -> Q:
    return Q(state__in=Booking.OPEN, starts_at__gt=now, starts_at__lte=now + SOON)


def _is_unrecorded(now: datetime) -> Q:
    return Q(state=Booking.State.CONFIRMED, ends_at__lte=now)
