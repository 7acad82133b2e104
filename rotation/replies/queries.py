"""Reads of the inbound side: what is known of a booking, which mails wait, the demo mailbox."""

from email.utils import parseaddr

from django.conf import settings
from django.db.models import QuerySet

from rotation.booking.models import Booking
from rotation.calendars.addresses import normal_address
from rotation.directory.permissions import Action, Actor, reach
from rotation.replies.authentication import TrustPolicy
from rotation.replies.models import DemoMail, GuestAnswer, InboundMail, TimeProposal
from rotation.replies.outcomes import Answer, BookingState, Outcome

BOUNCE_LOCAL = "bounce"


def trust_policy() -> TrustPolicy:
    """Return whose word about a sender counts in this installation."""
    return TrustPolicy(authserv_id=settings.AUTHSERV_ID, is_demo=settings.ROTATION_DEMO)


def organizer_address() -> str:
    """Return the one address from which invitations come and to which answers go."""
    return normal_address(parseaddr(settings.MAIL_FROM)[1])


def state_of(booking: Booking, *, without_mail: int | None = None) -> BookingState:
    """Return what the decision needs to know of a booking; one query for its ledger.

    Args:
        booking: Locked by the caller, with staff and user.
        without_mail: An inbound mail whose own lines do not count, as it is decided again.
    """
    lines = GuestAnswer.objects.filter(booking=booking)
    if without_mail is not None:
        lines = lines.exclude(mail=without_mail)
    is_hosts_no = booking.declined_by == Booking.Side.HOST
    return BookingState(
        sequence=booking.sequence,
        organizers=frozenset({organizer_address()}),
        guests=frozenset({normal_address(booking.staff.email)}),
        starts_at=booking.starts_at,
        ends_at=booking.ends_at,
        is_cancelled=booking.state == Booking.State.CANCELLED or is_hosts_no,
        answers=tuple(_answer(line) for line in lines),
    )


def _answer(line: GuestAnswer) -> Answer:
    return Answer(
        address=line.address,
        sequence=line.sequence,
        dtstamp=line.dtstamp,
        effective_at=line.effective_at,
        partstat=line.partstat,
        comment=line.comment,
    )


def booking_id_of(uid: str) -> int | None:
    """Return the booking that has this UID; None where nobody has."""
    return Booking.objects.filter(uid=uid).values_list("pk", flat=True).first() if uid else None


def answers_of(booking_id: int) -> QuerySet[GuestAnswer]:
    """Return a booking's ledger of answers; the last one of the newest version decides."""
    return GuestAnswer.objects.filter(booking=booking_id)


def proposals_of(booking_id: int) -> QuerySet[TimeProposal]:
    """Return the other times that a guest proposed, newest first."""
    return TimeProposal.objects.filter(booking=booking_id)


def mails_of(booking_id: int) -> QuerySet[InboundMail]:
    """Return the inbound mails about a booking, newest first, without their raw bytes."""
    return InboundMail.objects.filter(booking=booking_id).defer("raw")


def held_mails() -> QuerySet[InboundMail]:
    """Return the mails that a person has to look at, newest first, without their raw bytes."""
    return InboundMail.objects.filter(outcome=Outcome.HELD, settled_at=None).defer("raw")


def held_mails_seen_by(actor: Actor) -> QuerySet[InboundMail]:
    """Return the held mails that `actor` may look at; one about no visit has no team's manager."""
    names = ("booking__staff__user", "booking__meeting__series__department")
    held = held_mails().select_related(*names)
    limits = reach(actor, Action.SEE_HELD_ANSWERS)
    return held if limits.everywhere else held.filter(booking__staff__team__in=limits.team_ids)


def waiting_mail_ids(limit: int = 100) -> list[int]:
    """Return the mails that were stored and never decided, oldest first."""
    waiting = InboundMail.objects.filter(handled_at=None).order_by("pk")
    return list(waiting.values_list("pk", flat=True)[:limit])


def demo_mails(address: str | None = None) -> QuerySet[DemoMail]:
    """Return the demo mailbox of one address, or of everybody, newest first, without raw bytes."""
    mails = DemoMail.objects.defer("raw")
    return mails if address is None else mails.filter(recipient=normal_address(address))


def is_inbound_address(address: str) -> bool:
    """Return whether mail to `address` is for this installation: organiser, its + forms, bounces.

    All three are at the organiser's domain.
    """
    local, _, domain = normal_address(address).rpartition("@")
    own_local, _, own_domain = organizer_address().rpartition("@")
    return domain == own_domain and local.partition("+")[0] in {own_local, BOUNCE_LOCAL}
