"""The signed link in a mail by which a guest without a calendar answers."""

from dataclasses import dataclass

from django.conf import settings
from django.core import signing

from rotation.booking.models import Booking
from rotation.invites.errors import AnswerLinkBroken

_SIGNER = "rotation.invites.answer"


@dataclass(frozen=True)
class AnswerLink:
    """Whose answer, to which booking, to which version of it (SEQUENCE)."""

    booking_id: int
    staff_id: int
    sequence: int


def answer_token(booking: Booking) -> str:
    """Return the signed token for the booking's guest; it stays the same until the visit moves."""
    values = [booking.pk, booking.staff_id, booking.sequence]
    return signing.Signer(salt=_SIGNER).sign_object(values)


def answer_url(booking: Booking) -> str:
    """Return the address of the page on which the guest answers."""
    return f"{settings.PUBLIC_URL}/r/{answer_token(booking)}/"


def read_answer_token(token: str) -> AnswerLink:
    """Return what a token was made for.

    Raises:
        AnswerLinkBroken: it was cut, changed, or signed with another key.
    """
    try:
        booking_id, staff_id, sequence = signing.Signer(salt=_SIGNER).unsign_object(token)
    except signing.BadSignature as error:
        raise AnswerLinkBroken from error
    return AnswerLink(booking_id, staff_id, sequence)
