"""What the page of one visit shows: what may be done now, its mails, its history, its note."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q, QuerySet
from django.utils.functional import Promise

from rotation.audit.models import Entry, Subject
from rotation.audit.queries import entries_of
from rotation.booking.history import change_text
from rotation.booking.models import Booking
from rotation.booking.queries import scope_of_booking
from rotation.booking.states import Step, next_state
from rotation.directory.permissions import Action, Actor, may
from rotation.insights.models import TOLD_OF, Note
from rotation.invites.models import Mail
from rotation.replies.models import GuestAnswer, InboundMail
from rotation.replies.outcomes import Outcome
from rotation.replies.queries import answers_of
from rotation.replies.queries import mails_of as inbound_mails_of
from rotation.web.components import Chip

MAIL_LOOKS = {
    Mail.State.QUEUED: ("proposed", "hourglass"),
    Mail.State.SENT: ("ok", "check"),
    Mail.State.FAILED: ("bad", "octagon-alert"),
}


@dataclass(frozen=True, slots=True)
class Offer:
    """A button: who sees it, in which states (those that `step` leads from), before or after."""

    action: Action
    step: Step
    after_start: bool = False


# A guest whom the host has approved is cancelled, not declined: one button for one thing.
OFFERS = {
    "confirm": Offer(Action.APPROVE_GUEST, Step.CONFIRM),
    "decline": Offer(Action.APPROVE_GUEST, Step.CONFIRM),
    "cancel": Offer(Action.CANCEL_VISIT, Step.CANCEL),
    "move": Offer(Action.MOVE_VISIT, Step.MOVE),
    "swap": Offer(Action.MOVE_VISIT, Step.MOVE),
    "attended": Offer(Action.RECORD_ATTENDANCE, Step.ATTEND, after_start=True),
    "missed": Offer(Action.RECORD_ATTENDANCE, Step.MISS, after_start=True),
}


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the history, in words."""

    change: Entry
    text: str


@dataclass(frozen=True, slots=True)
class MailLine:
    """One mail about the visit, and how far it is."""

    mail: Mail
    chip: Chip


@dataclass(frozen=True, kw_only=True)
class Refusal:
    """Why a change was refused, in words; stale means that somebody else was faster."""

    title: str | Promise
    reasons: Sequence[str]
    is_stale: bool = False


def offers(who: Actor, booking: Booking, now: datetime) -> frozenset[str]:
    """Return the names of the buttons that `who` sees on this visit now."""
    scope, has_begun = scope_of_booking(booking), booking.starts_at <= now
    names = {
        name
        for name, offer in OFFERS.items()
        if offer.after_start is has_begun
        and next_state(booking.state, offer.step)
        and may(who, offer.action, scope)
    }
    if "decline" in names:
        names.discard("cancel")
    if may(who, Action.ANSWER_INVITE, scope) and can_answer(booking, now):
        names.add("answer")
    if may(who, Action.WRITE_NOTE, scope) and has_begun and booking.state in TOLD_OF:
        names.add("note")
    return frozenset(names)


def can_answer(booking: Booking, now: datetime) -> bool:
    """Return whether the guest's answer still changes anything: before the end, seat or own no."""
    by_guest = booking.declined_by == Booking.Side.GUEST
    return booking.ends_at > now and (booking.state == Booking.State.CONFIRMED or by_guest)


def history_of(booking: Booking) -> list[Line]:
    """Return the history, newest first; one query."""
    changes = entries_of(Subject.BOOKING, booking.pk)
    return [Line(change, change_text(change)) for change in changes]


def mails_of(booking: Booking) -> list[MailLine]:
    """Return the mails about the visit, newest first, without their bytes; one query."""
    mails = Mail.objects.filter(booking=booking).defer("raw").order_by("-pk")
    return [MailLine(mail, mail_chip(mail)) for mail in mails]


def mail_chip(mail: Mail) -> Chip:
    """Return the chip of a mail's state."""
    return Chip(*MAIL_LOOKS[Mail.State(mail.state)], Mail.State(mail.state).label)


def words_of(booking: Booking) -> QuerySet[GuestAnswer]:
    """Return the answers with which the guest wrote something, newest first; one query."""
    return answers_of(booking.pk).exclude(comment="").order_by("-received_at", "-pk")


def troubles_of(booking: Booking) -> QuerySet[InboundMail]:
    """Return the mails that came back or wait for a person, newest first; one query."""
    waits = Q(outcome=Outcome.HELD, settled_at=None)
    return inbound_mails_of(booking.pk).filter(Q(outcome=Outcome.BOUNCE) | waits)


def note_for(who: Actor, booking: Booking) -> Note | None:
    """Return the visit's note where `who` may read it; one query, none where not."""
    if not may(who, Action.READ_NOTE, scope_of_booking(booking)):
        return None
    return Note.objects.filter(booking=booking).first()
