"""What guest and hosts are still to be told of a booking, given what they were told last."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Self

from rotation.booking.models import Booking
from rotation.invites.models import Mail

_P = Mail.Purpose
TO_GUEST = frozenset({_P.INVITE, _P.INVITE_UPDATE, _P.INVITE_CANCEL})
_INVITED = frozenset({_P.INVITE, _P.INVITE_UPDATE})
_EXPECTED = frozenset({_P.HOST_GUEST_COMING, _P.HOST_GUEST_CHANGED})
_ASKED = frozenset({_P.HOST_APPROVAL_WANTED})


@dataclass(frozen=True, slots=True)
class Told:
    """The newest mail to one side, and the first one, which later mails refer to."""

    purpose: str = ""
    sequence: int = -1
    thread: str = ""

    def after(self, purpose: str, sequence: int, message_id: str) -> Self:
        """Return what is known once one more mail was queued."""
        return replace(self, purpose=purpose, sequence=sequence, thread=self.thread or message_id)


@dataclass(frozen=True, slots=True)
class History:
    """What both sides were told of one booking, and the last DTSTAMP of its UID."""

    guest: Told = Told()
    hosts: Told = Told()
    dtstamp: datetime | None = None

    def after(self, purpose: str, sequence: int, message_id: str, dtstamp: datetime | None) -> Self:
        """Return the history with one more mail; mails come in the order they were queued."""
        if purpose not in TO_GUEST:
            return replace(self, hosts=self.hosts.after(purpose, sequence, message_id))
        return replace(self, guest=self.guest.after(purpose, sequence, message_id), dtstamp=dtstamp)


def owed_to_guest(booking: Booking, told: Told) -> Mail.Purpose | None:
    """Return the mail the guest needs now; None where what was told still holds.

    A confirmed guest needs the REQUEST of this sequence, a REQUEST that fell a CANCEL. A guest's
    own no needs nothing: the calendar it came from knows (RFC 5546 section 3.2.3).
    """
    invited = told.purpose in _INVITED
    if booking.state == Booking.State.CONFIRMED:
        if not told.purpose:
            return _P.INVITE
        return None if invited and told.sequence >= booking.sequence else _P.INVITE_UPDATE
    is_off = booking.state == Booking.State.CANCELLED or booking.declined_by == Booking.Side.HOST
    return _P.INVITE_CANCEL if is_off and invited else None


def owed_to_hosts(booking: Booking, told: Told) -> Mail.Purpose | None:
    """Return the mail the hosts need now; what a host did needs no mail to hosts."""
    expected, asked = told.purpose in _EXPECTED, told.purpose in _ASKED
    knows_now = told.sequence >= booking.sequence
    if booking.state == Booking.State.REQUESTED:
        return None if asked and knows_now else _P.HOST_APPROVAL_WANTED
    if booking.state == Booking.State.CONFIRMED:
        if not expected:
            return _P.HOST_GUEST_COMING
        return None if knows_now else _P.HOST_GUEST_CHANGED
    if not expected and not asked:
        return None
    if booking.state == Booking.State.CANCELLED:
        return _P.HOST_GUEST_CANCELLED
    return _P.GUEST_DECLINED if booking.declined_by == Booking.Side.GUEST else None
