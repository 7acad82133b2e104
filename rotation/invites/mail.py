"""One function per mail: who gets it, in which language, and what it says."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

import css_inline
from django.template.loader import render_to_string
from django.utils import translation

from accounts.models import User
from rotation.booking.models import Booking
from rotation.invites.ical import Party, many_lines, one_line
from rotation.invites.models import Mail
from rotation.invites.wording import Facts, facts_of, language_of

# Media queries stay in the head: they alone can serve dark themes and narrow screens.
_INLINER = css_inline.CSSInliner(keep_at_rules=True, load_remote_stylesheets=False)


# What the guest finds beside the time in the calendar; a CANCEL has nothing to add.
INVITATIONS = (Mail.Purpose.INVITE, Mail.Purpose.INVITE_UPDATE)


@dataclass(frozen=True)
class Telling:
    """What is to be told: the booking as it now is, its hosts, and why it became so.

    `has_waited`: the guest stood in the queue of the meeting before.
    """

    booking: Booking
    hosts: Sequence[User] = ()
    reason: str = ""
    has_waited: bool = False


@dataclass(frozen=True)
class Letter:
    """A rendered mail before it becomes bytes; `description` is what a calendar shows."""

    purpose: Mail.Purpose
    recipient: Party
    language: str
    facts: Facts
    subject: str
    text: str
    html: str
    description: str


def invite(telling: Telling) -> Letter:
    """Ask the guest to come: the first REQUEST."""
    return _letter(Mail.Purpose.INVITE, telling, telling.booking.staff.user)


def invite_update(telling: Telling) -> Letter:
    """Tell the guest what holds now: a further REQUEST."""
    return _letter(Mail.Purpose.INVITE_UPDATE, telling, telling.booking.staff.user)


def invite_cancel(telling: Telling) -> Letter:
    """Tell the guest that the visit is off: the CANCEL."""
    return _letter(Mail.Purpose.INVITE_CANCEL, telling, telling.booking.staff.user)


def invite_withdrawn(telling: Telling) -> Letter:
    """Tell the guest that a confirmed visit has changed and is uncertain again: a CANCEL."""
    return _letter(Mail.Purpose.INVITE_WITHDRAWN, telling, telling.booking.staff.user)


def host_approval_wanted(telling: Telling, host: User) -> Letter:
    """Ask a host whether the guest may come."""
    return _letter(Mail.Purpose.HOST_APPROVAL_WANTED, telling, host)


def host_approval_reminder(telling: Telling, host: User) -> Letter:
    """Ask a host once more, and say until when."""
    return _letter(Mail.Purpose.HOST_APPROVAL_REMINDER, telling, host)


def host_guest_coming(telling: Telling, host: User) -> Letter:
    """Tell a host who comes when."""
    return _letter(Mail.Purpose.HOST_GUEST_COMING, telling, host)


def host_guest_changed(telling: Telling, host: User) -> Letter:
    """Tell a host that a guest now comes at another time."""
    return _letter(Mail.Purpose.HOST_GUEST_CHANGED, telling, host)


def host_guest_cancelled(telling: Telling, host: User) -> Letter:
    """Tell a host that a guest does not come after all."""
    return _letter(Mail.Purpose.HOST_GUEST_CANCELLED, telling, host)


def guest_declined(telling: Telling, host: User) -> Letter:
    """Tell a host that the guest said no."""
    return _letter(Mail.Purpose.GUEST_DECLINED, telling, host)


def request_lapsed(telling: Telling, booker: User) -> Letter:
    """Tell whoever booked the visit that no host answered in time."""
    return _letter(Mail.Purpose.REQUEST_LAPSED, telling, booker)


GUEST_LETTERS = {
    Mail.Purpose.INVITE: invite,
    Mail.Purpose.INVITE_UPDATE: invite_update,
    Mail.Purpose.INVITE_CANCEL: invite_cancel,
    Mail.Purpose.INVITE_WITHDRAWN: invite_withdrawn,
}
HOST_LETTERS = {
    Mail.Purpose.HOST_APPROVAL_WANTED: host_approval_wanted,
    Mail.Purpose.HOST_APPROVAL_REMINDER: host_approval_reminder,
    Mail.Purpose.HOST_GUEST_COMING: host_guest_coming,
    Mail.Purpose.HOST_GUEST_CHANGED: host_guest_changed,
    Mail.Purpose.HOST_GUEST_CANCELLED: host_guest_cancelled,
    Mail.Purpose.GUEST_DECLINED: guest_declined,
}
BOOKER_LETTERS = {Mail.Purpose.REQUEST_LAPSED: request_lapsed}


def _letter(purpose: Mail.Purpose, telling: Telling, reader: User) -> Letter:
    language = language_of(reader)
    with translation.override(language):
        facts = facts_of(telling.booking, hosts=list(telling.hosts), reason=telling.reason)
        context = {
            "facts": facts,
            "reader": one_line(reader.name),
            "has_waited": telling.has_waited,
            "is_guest": reader == telling.booking.staff.user,
            "language": language,
        }
        folder = f"mail/{purpose.value}"
        return Letter(
            purpose=purpose,
            recipient=Party(reader.email, reader.name),
            language=language,
            facts=facts,
            subject=one_line(render_to_string(f"{folder}/subject.txt", context))[:300],
            text=_text(f"{folder}/body.txt", context) + "\n",
            html=_INLINER.inline(render_to_string(f"{folder}/body.html", context)),
            description=_text("mail/event.txt", context) if purpose in INVITATIONS else "",
        )


def _text(template: str, context: dict[str, object]) -> str:
    """Return plain text with no more than one empty line at a time."""
    return re.sub(r"\n\s*\n", "\n\n", many_lines(render_to_string(template, context)))
