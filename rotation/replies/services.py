"""Writes of the inbound side: store first, then decide under the booking's lock, then apply."""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction

from rotation.booking.errors import SeatGone
from rotation.booking.models import Booking, BookingChange
from rotation.booking.services import By, lock_booking, record_answer
from rotation.calendars.identifiers import message_id, token_of_bounce
from rotation.calendars.parsing import CalendarComponent
from rotation.invites.models import Mail as OutboxMail
from rotation.replies.authentication import Sender, authenticate
from rotation.replies.decision import decide, decide_mail, decide_part, held, most_changed
from rotation.replies.models import GuestAnswer, InboundMail, Source, TimeProposal
from rotation.replies.outcomes import (
    Answer,
    BookingState,
    Decision,
    Outcome,
    Reason,
    Statement,
)
from rotation.replies.parsing import CalendarPart, Mail, read_mail
from rotation.replies.queries import booking_id_of, organizer_address, state_of, trust_policy


@dataclass(frozen=True, slots=True)
class Envelope:
    """What SMTP said about a mail; both empty where only the mail itself is at hand."""

    sender: str = ""
    recipients: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Result:
    """What became of one statement, or of a whole mail."""

    decision: Decision
    booking_id: int | None = None
    partstat: str = ""
    uid: str = ""

    def as_json(self) -> dict[str, Any]:
        """Return the stable form that commands print and rows keep; None where nothing is."""
        return {
            "outcome": self.decision.outcome.value,
            "reason": self.decision.reason.value if self.decision.reason else None,
            "booking": self.booking_id,
            "partstat": self.partstat or None,
        }


def store_mail(
    raw: bytes, *, source: Source, envelope: Envelope, now: datetime
) -> tuple[InboundMail, bool]:
    """Store a mail as it came and return it, and whether it is new; the same bytes once."""
    mail = read_mail(raw)
    return InboundMail.objects.get_or_create(
        sha256=hashlib.sha256(raw).hexdigest(),
        defaults={
            "raw": raw,
            "source": source,
            "envelope_from": envelope.sender[:320],
            "envelope_to": " ".join(envelope.recipients)[:1000],
            "sender": " ".join(mail.senders)[:320],
            "subject": mail.subject[:500],
            "text": mail.text,
            "received_at": now,
        },
    )


@transaction.atomic
def handle_mail(mail_id: int, *, now: datetime) -> InboundMail:
    """Decide a stored mail and apply it, in one transaction; a handled one stays as it is.

    Raises:
        ChangedMeanwhile: the booking moved while its locks were taken; nothing was changed.
    """
    stored = _lock_mail(mail_id)
    if stored.handled_at is None:
        mail = read_mail(bytes(stored.raw))
        _finish(stored, _results(stored, mail, authenticate(mail, trust_policy())), now)
    return stored


@transaction.atomic
def release_mail(mail_id: int, *, by: By, now: datetime) -> InboundMail:
    """Decide a held mail again with a person's word that the guest wrote it.

    Raises:
        ChangedMeanwhile: the booking moved while its locks were taken; nothing was changed.
    """
    stored = _lock_mail(mail_id)
    if stored.outcome == Outcome.HELD:
        _finish(stored, _results(stored, read_mail(bytes(stored.raw)), None, by), now)
    return stored


def _lock_mail(mail_id: int) -> InboundMail:
    return InboundMail.objects.select_for_update().get(pk=mail_id)


def _finish(stored: InboundMail, results: list[Result], now: datetime) -> None:
    chosen = most_changed([each.decision for each in results])
    result = next((each for each in results if each.decision is chosen), Result(chosen))
    stored.outcome = result.decision.outcome.value
    stored.reason = result.decision.reason.value if result.decision.reason else ""
    stored.booking_id, stored.partstat = result.booking_id, result.partstat[:20]
    stored.parts = [each.as_json() for each in results]
    stored.handled_at = now
    stored.save()


def _results(
    stored: InboundMail, mail: Mail, sender: Sender | None, by: By | None = None
) -> list[Result]:
    """Return what became of each statement; without a `sender`, `by` vouches for the guest."""
    whole = decide_mail(mail, frozenset({organizer_address()}))
    if whole:
        return [Result(whole, _bounced_booking(stored, mail))]
    return [result for part in mail.parts for result in _part_results(stored, part, sender, by)]


def _bounced_booking(stored: InboundMail, mail: Mail) -> int | None:
    """Return the booking whose mail came back: by bounce address, else by its Message-ID."""
    if mail.report is None:
        return None
    tokens = [token_of_bounce(address) for address in stored.envelope_to.split()]
    ids = [message_id(token) for token in tokens if token]
    found = OutboxMail.objects.filter(message_id__in=[*ids, mail.report.message_id])
    return found.values_list("booking_id", flat=True).first()


def _part_results(
    stored: InboundMail, part: CalendarPart, sender: Sender | None, by: By | None
) -> list[Result]:
    whole = decide_part(part)
    if whole or part.calendar is None:
        return [Result(whole or held(Reason.UNREADABLE))]
    return [
        _statement_result(
            stored,
            Statement(part.mime_method, part.calendar.method, component, stored.received_at),
            sender,
            by,
        )
        for component in part.calendar.components
    ]


def _statement_result(
    stored: InboundMail, statement: Statement, sender: Sender | None, by: By | None
) -> Result:
    component = statement.component
    booking_id = booking_id_of(component.uid)
    if booking_id is None:
        unknown = sender or Sender("", is_verified=False)
        return Result(decide(None, statement, unknown), None, _said(component), component.uid)
    booking = lock_booking(booking_id)
    state = state_of(booking, without_mail=stored.pk if by else None)
    decision = decide(state, statement, sender or _vouched(state))
    by = by or By(user_id=None, via=BookingChange.Via.CALENDAR)
    decision = _apply(booking, decision, _Arrival(stored, Source(stored.source), by))
    partstat = decision.partstat or _said(component)
    return Result(decision, booking_id, partstat, component.uid)


def _vouched(state: BookingState) -> Sender:
    return Sender(min(state.guests), is_verified=True)


def _said(component: CalendarComponent) -> str:
    """Return the PARTSTAT of a lone ATTENDEE, for the report about a mail that changed nothing."""
    return component.attendees[0].partstat if len(component.attendees) == 1 else ""


@dataclass(frozen=True, slots=True)
class _Arrival:
    """How an answer came: in which mail (None for a link), through which door, by whom."""

    mail: InboundMail | None
    source: Source
    by: By
    at: datetime | None = None

    @property
    def received_at(self) -> datetime:
        """When it arrived."""
        at = self.at or (self.mail.received_at if self.mail else None)
        if at is None:
            raise ValueError("an answer arrives in a mail or at a time")
        return at


def _apply(booking: Booking, decision: Decision, arrival: _Arrival) -> Decision:
    """Write the ledger and change the booking; return the decision, which the seat may alter."""
    if decision.proposal:
        _store_proposal(booking, decision, arrival)
    if decision.answer is None:
        return decision
    _store_answer(booking, decision.answer, arrival)
    if decision.outcome is not Outcome.APPLIED:
        return decision
    try:
        record_answer(
            booking.pk, partstat=decision.partstat, by=arrival.by, now=arrival.received_at
        )
    except SeatGone:
        return Decision(Outcome.HELD, Reason.SEAT_GONE, decision.answer)
    return decision


def _store_answer(booking: Booking, answer: Answer, arrival: _Arrival) -> None:
    GuestAnswer.objects.get_or_create(
        booking=booking,
        sequence=answer.sequence,
        dtstamp=answer.dtstamp,
        partstat=answer.partstat,
        defaults={
            "mail": arrival.mail,
            "source": arrival.source,
            "address": answer.address[:320],
            "effective_at": answer.effective_at,
            "comment": answer.comment,
            "received_at": arrival.received_at,
        },
    )


def _store_proposal(booking: Booking, decision: Decision, arrival: _Arrival) -> None:
    proposal = decision.proposal
    if proposal is None:
        return
    TimeProposal.objects.get_or_create(
        booking=booking,
        sequence=booking.sequence,
        dtstamp=proposal.dtstamp,
        defaults={
            "mail": arrival.mail,
            "address": proposal.address[:320],
            "starts_at": proposal.starts_at,
            "ends_at": proposal.ends_at,
            "comment": proposal.comment,
            "received_at": arrival.received_at,
        },
    )
