"""Writes of the inbound side: store first, then decide under the booking's lock, then apply."""

import hashlib
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from rotation.audit.models import Subject, Via
from rotation.audit.services import By, record
from rotation.booking.answers import record_answer
from rotation.booking.errors import SeatGone
from rotation.booking.locks import lock_booking
from rotation.booking.models import Booking
from rotation.calendars.addresses import normal_address
from rotation.calendars.identifiers import message_id, token_of_bounce
from rotation.calendars.parsing import MAX_TEXT, Attendee, CalendarComponent
from rotation.invites.answer_links import AnswerLink
from rotation.invites.models import Mail as OutboxMail
from rotation.replies.authentication import Sender, authenticate
from rotation.replies.decision import decide, decide_mail, decide_part, held, most_changed
from rotation.replies.models import DemoMail, GuestAnswer, InboundMail, Source, TimeProposal
from rotation.replies.outcomes import (
    Answer,
    BookingState,
    Decision,
    Outcome,
    Proposal,
    Reason,
    Statement,
    deciding_answer,
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
    """What became of one statement, or of a whole mail with its `parts`."""

    decision: Decision
    booking_id: int | None = None
    partstat: str = ""
    parts: tuple["Result", ...] = ()

    def as_json(self) -> dict[str, Any]:
        """Return the stable form that commands print and rows keep; None where nothing is."""
        return {
            "outcome": self.decision.outcome.value,
            "reason": self.decision.reason.value if self.decision.reason else None,
            "booking": self.booking_id,
            "partstat": self.partstat or None,
        }


@dataclass(frozen=True, slots=True)
class _Arrival:
    """How an answer came: in which mail (None for a link), through which door, by whom, when."""

    mail: InboundMail | None
    source: Source
    by: By
    now: datetime


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
def handle_mail(mail_id: int, *, now: datetime) -> Result:
    """Decide a stored mail and apply it, in one transaction; a handled one is a DUPLICATE.

    Raises:
        ChangedMeanwhile: the booking moved while its locks were taken; nothing was changed.
    """
    stored = _lock_mail(mail_id)
    if stored.handled_at:
        decision = Decision(Outcome.DUPLICATE, Reason.SAME_CONTENT)
        return Result(decision, stored.booking_id, stored.partstat)
    mail = read_mail(bytes(stored.raw))
    by = By(user_id=None, via=Via.CALENDAR)
    arrival = _Arrival(stored, Source(stored.source), by, now)
    return _finish(stored, _results(mail, authenticate(mail, trust_policy()), arrival), now)


@transaction.atomic
def release_mail(mail_id: int, *, by: By, now: datetime) -> Result | None:
    """Decide a held mail again with a person's word that the guest wrote it; None if not held.

    Raises:
        ChangedMeanwhile: the booking moved while its locks were taken; nothing was changed.
    """
    stored = _lock_mail(mail_id)
    if stored.outcome != Outcome.HELD:
        return None
    arrival = _Arrival(stored, Source(stored.source), by, now)
    return _finish(stored, _results(read_mail(bytes(stored.raw)), None, arrival), now)


@transaction.atomic
def settle_mail(mail_id: int, *, by: By, now: datetime) -> None:
    """Take a held mail off the list of those that somebody has to look at."""
    if InboundMail.objects.filter(pk=mail_id, settled_at=None).update(settled_at=now):
        record(by, now, about=(Subject.ANSWER, mail_id), action="drop")


def _lock_mail(mail_id: int) -> InboundMail:
    return InboundMail.objects.select_for_update().get(pk=mail_id)


def _finish(stored: InboundMail, results: list[Result], now: datetime) -> Result:
    decision = most_changed([each.decision for each in results])
    chosen = next((each for each in results if each.decision is decision), Result(decision))
    stored.outcome = decision.outcome.value
    stored.reason = decision.reason.value if decision.reason else ""
    stored.booking_id, stored.partstat = chosen.booking_id, chosen.partstat[:20]
    stored.parts = [each.as_json() for each in results]
    stored.handled_at = now
    stored.save()
    return replace(chosen, parts=tuple(results))


def _results(mail: Mail, sender: Sender | None, arrival: _Arrival) -> list[Result]:
    """Return what became of each statement; without a `sender`, a person vouches for the guest."""
    whole = decide_mail(mail, frozenset({organizer_address()}))
    if whole:
        return [Result(whole, _bounced_booking(mail, arrival))]
    return [result for part in mail.parts for result in _part_results(part, sender, arrival)]


def _bounced_booking(mail: Mail, arrival: _Arrival) -> int | None:
    """Return the booking whose mail came back: by bounce address, else by its Message-ID."""
    if mail.report is None or arrival.mail is None:
        return None
    tokens = [token_of_bounce(address) for address in arrival.mail.envelope_to.split()]
    ids = [message_id(token) for token in tokens if token]
    found = OutboxMail.objects.filter(message_id__in=[*ids, mail.report.message_id])
    return found.values_list("booking_id", flat=True).first()


def _part_results(part: CalendarPart, sender: Sender | None, arrival: _Arrival) -> list[Result]:
    whole = decide_part(part)
    if whole or part.calendar is None:
        return [Result(whole or held(Reason.UNREADABLE))]
    received_at = arrival.mail.received_at if arrival.mail else arrival.now
    return [
        _statement_result(
            Statement(part.mime_method, part.calendar.method, component, received_at),
            sender,
            arrival,
        )
        for component in part.calendar.components
    ]


def _statement_result(statement: Statement, sender: Sender | None, arrival: _Arrival) -> Result:
    component = statement.component
    booking_id = booking_id_of(component.uid)
    if booking_id is None:
        nobody = Sender("", is_verified=False)
        return Result(decide(None, statement, sender or nobody), None, _said(component))
    booking = lock_booking(booking_id)
    is_again = sender is None and arrival.mail is not None
    state = state_of(booking, without_mail=arrival.mail.pk if is_again and arrival.mail else None)
    decision = decide(state, statement, sender or _vouched(state))
    decision = _apply(booking, decision, arrival)
    return Result(decision, booking_id, decision.partstat or _said(component))


def _vouched(state: BookingState) -> Sender:
    return Sender(min(state.guests), is_verified=True)


def _said(component: CalendarComponent) -> str:
    """Return the PARTSTAT of a lone ATTENDEE, for the report about a mail that changed nothing."""
    return component.attendees[0].partstat if len(component.attendees) == 1 else ""


@transaction.atomic
def answer_link(
    link: AnswerLink,
    *,
    partstat: str,
    comment: str,
    now: datetime,
    via: Via = Via.LINK,
) -> Result:
    """Record an answer given by the signed link, by the same rules as one in a mail.

    A link says which answer came last, whatever a calendar's clock says: it is stamped now, or
    just after the answer that counts so far.

    Raises:
        Booking.DoesNotExist: the booking is gone.
        ChangedMeanwhile: the booking moved while its locks were taken; nothing was changed.
    """
    booking = lock_booking(link.booking_id)
    state = state_of(booking)
    latest = deciding_answer(state.answers, state.sequence)
    if latest and latest.partstat == partstat == booking.partstat and not comment:
        return Result(Decision(Outcome.DUPLICATE, Reason.SAME_ANSWER), booking.pk, partstat)
    sender = _vouched(state)
    component = CalendarComponent(
        name="VEVENT",
        uid=booking.uid,
        sequence=link.sequence,
        dtstamp=max(now, latest.effective_at + timedelta(seconds=1)) if latest else now,
        attendees=(Attendee(sender.address, partstat),),
        comment=comment[:MAX_TEXT],
    )
    decision = decide(state, Statement("REPLY", "REPLY", component, now), sender)
    by = By(user_id=booking.staff.user_id, via=via)
    decision = _apply(booking, decision, _Arrival(None, Source.LINK, by, now))
    return Result(decision, booking.pk, partstat)


def _apply(booking: Booking, decision: Decision, arrival: _Arrival) -> Decision:
    """Write the ledger and change the booking; return the decision, which the seat may alter."""
    if decision.proposal:
        _store_proposal(booking, decision.proposal, arrival)
    if decision.answer is None:
        return decision
    _store_answer(booking, decision.answer, arrival)
    if decision.outcome is not Outcome.APPLIED:
        return decision
    try:
        record_answer(booking.pk, partstat=decision.partstat, by=arrival.by, now=arrival.now)
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
            "received_at": arrival.now,
        },
    )


def _store_proposal(booking: Booking, proposal: Proposal, arrival: _Arrival) -> None:
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
            "received_at": arrival.now,
        },
    )


def store_demo_mail(raw: bytes, *, recipient: str, sender: str, now: datetime) -> DemoMail:
    """Keep a mail that a demo does not send out of the house."""
    return DemoMail.objects.create(
        recipient=normal_address(recipient),
        sender=sender[:320],
        subject=read_mail(raw).subject[:500],
        raw=raw,
        received_at=now,
    )


def mark_demo_mail_read(mail_id: int, *, now: datetime) -> None:
    """Note when a demo mail was first opened."""
    DemoMail.objects.filter(pk=mail_id, read_at=None).update(read_at=now)


def note_demo_answer(mail_id: int, *, partstat: str, at: datetime) -> None:
    """Note what was answered to a demo mail and with which DTSTAMP, for the list and the next."""
    DemoMail.objects.filter(pk=mail_id).update(answer=partstat, answered_at=at)
