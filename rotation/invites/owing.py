"""What guest and hosts are still to be told of a booking, given what they were told last."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Self

from rotation.booking.models import Booking
from rotation.invites.models import Mail

_P = Mail.Purpose
TO_GUEST = frozenset({_P.INVITE, _P.INVITE_UPDATE, _P.INVITE_CANCEL, _P.INVITE_WITHDRAWN})
_INVITED = frozenset({_P.INVITE, _P.INVITE_UPDATE})
_EXPECTED = frozenset({_P.HOST_GUEST_COMING, _P.HOST_GUEST_CHANGED})
_ASKED = frozenset({_P.HOST_APPROVAL_WANTED, _P.HOST_APPROVAL_REMINDER})
# What hosts are asked: with these mails somebody has to decide, so that somebody must get them.
TO_APPROVERS = _ASKED


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
    """What each side was told of one booking, and the last DTSTAMP of its UID."""

    guest: Told = Told()
    hosts: Told = Told()
    booker: Told = Told()
    dtstamp: datetime | None = None

    def after(self, purpose: str, sequence: int, message_id: str, dtstamp: datetime | None) -> Self:
        """Return the history with one more mail; mails come in the order they were queued."""
        if purpose == _P.REQUEST_LAPSED:
            return replace(self, booker=self.booker.after(purpose, sequence, message_id))
        if purpose not in TO_GUEST:
            return replace(self, hosts=self.hosts.after(purpose, sequence, message_id))
        return replace(self, guest=self.guest.after(purpose, sequence, message_id), dtstamp=dtstamp)


def owed_to_guest(booking: Booking, told: Told) -> Mail.Purpose | None:
    """Return the mail the guest needs now; None where what was told still holds.

    A confirmed guest needs the REQUEST of this sequence, a REQUEST that fell a CANCEL. A visit
    that was confirmed and is a request again is taken out of the calendar until the host decides;
    what becomes of it then is told once more. A guest's own no needs nothing: the calendar it came
    from knows (RFC 5546 section 3.2.3).
    """
    invited = told.purpose in _INVITED
    if booking.state == Booking.State.CONFIRMED:
        if not told.purpose:
            return _P.INVITE
        return None if invited and told.sequence >= booking.sequence else _P.INVITE_UPDATE
    if booking.state == Booking.State.REQUESTED:
        return _P.INVITE_WITHDRAWN if invited else None
    is_off = booking.state == Booking.State.CANCELLED or booking.declined_by == Booking.Side.HOST
    hopes = invited or told.purpose == _P.INVITE_WITHDRAWN
    return _P.INVITE_CANCEL if is_off and hopes else None


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


def owes_reminder(booking: Booking, told: Told) -> bool:
    """Return whether the hosts were asked and not reminded; when it is time is another question."""
    is_fresh = told.purpose == _P.HOST_APPROVAL_WANTED and told.sequence >= booking.sequence
    return is_fresh and booking.state == Booking.State.REQUESTED


def owed_to_booker(booking: Booking, told: Told) -> Mail.Purpose | None:
    """Return the mail that whoever booked the visit needs now: nobody answered the request."""
    return _P.REQUEST_LAPSED if booking.lapsed_at and not told.purpose else None
