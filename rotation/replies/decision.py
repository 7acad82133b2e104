"""What an answer does: pure and total, one decision for every statement about every booking."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import timedelta

from rotation.calendars.parsing import Attendee, CalendarComponent
from rotation.replies.authentication import Sender
from rotation.replies.outcomes import (
    ANSWERS,
    Answer,
    BookingState,
    Decision,
    Outcome,
    Proposal,
    Reason,
    Statement,
    deciding_answer,
)
from rotation.replies.parsing import CalendarPart, Mail

# A client's clock may be off by a time zone; further ahead, a stamp would outlive honest answers.
FUTURE_TOLERANCE = timedelta(hours=24)


def held(reason: Reason) -> Decision:
    """Return the decision to leave a statement to a person."""
    return Decision(Outcome.HELD, reason)


def ignored(reason: Reason) -> Decision:
    """Return the decision to change nothing."""
    return Decision(Outcome.IGNORED, reason)


def most_changed(decisions: Iterable[Decision]) -> Decision:
    """Return the decision that changed most; a mail without any is no answer."""
    order = list(Outcome)
    return min(
        decisions, key=lambda each: order.index(each.outcome), default=ignored(Reason.NOT_AN_ANSWER)
    )


def decide_mail(mail: Mail, own: frozenset[str]) -> Decision | None:
    """Return what becomes of a whole mail; None where its calendars must be looked at.

    `own` are the addresses of this installation. A calendar is looked for before the marks of
    automatic mail count, because Exchange marks people's answers as automatic.
    """
    if mail.loop_mark or own.intersection(mail.senders):
        return ignored(Reason.LOOP)
    if mail.report:
        return _decide_report(mail.report.action)
    if mail.problem:
        return held(Reason(mail.problem.value))
    if mail.parts:
        return None
    return ignored(Reason.AUTO_REPLY) if mail.is_automatic else held(Reason.NO_CALENDAR_PART)


def _decide_report(action: str) -> Decision:
    if action == "failed":
        return Decision(Outcome.BOUNCE)
    return ignored(Reason.DELAYED if action == "delayed" else Reason.AUTO_REPLY)


def decide_part(part: CalendarPart) -> Decision | None:
    """Return what becomes of a whole calendar part; None where its components must be decided."""
    if part.calendar is None:
        return held(Reason(part.problem.value) if part.problem else Reason.UNREADABLE)
    return None if part.calendar.components else ignored(Reason.NOT_AN_ANSWER)


def decide(state: BookingState | None, statement: Statement, sender: Sender) -> Decision:
    """Return what one statement does to one booking; `state` is None for an unknown UID.

    Two proofs change an answer: knowing the UID, and being the verified guest. RFC 5546 §3.2.3.
    """
    early = _method_problem(statement) or _object_problem(state, statement)
    if early or state is None:
        return early or ignored(Reason.UNKNOWN_UID)
    attendee = _attendee(state, statement.component, sender)
    if isinstance(attendee, Decision):
        return attendee
    for problem in _PROBLEMS:
        found = problem(state, statement, attendee, sender)
        if found:
            return found
    return _VERDICTS[_method(statement)](state, statement, attendee)


def _method(statement: Statement) -> str:
    """Return the METHOD; some bridges strip the MIME parameter, some the property."""
    return statement.method or statement.mime_method


def _method_problem(statement: Statement) -> Decision | None:
    method = _method(statement)
    if statement.mime_method not in {"", method}:
        return held(Reason.METHOD_MISMATCH)
    if not method or statement.component.name != "VEVENT":
        return ignored(Reason.NOT_AN_ANSWER)
    return None if method in _VERDICTS else ignored(Reason.WRONG_METHOD)


def _object_problem(state: BookingState | None, statement: Statement) -> Decision | None:
    """Exchange leaves ORGANIZER out of its answers; one that is there must be ours."""
    organizer = statement.component.organizer
    if state is None:
        return ignored(Reason.UNKNOWN_UID)
    if organizer and organizer not in state.organizers:
        return ignored(Reason.FOREIGN_ORGANIZER)
    return None


def _attendee(
    state: BookingState, component: CalendarComponent, sender: Sender
) -> Attendee | Decision:
    """Return the guest's own line, or the decision where it cannot be told."""
    own = [each for each in component.attendees if each.address in state.guests]
    if not own:
        return _no_guest(state, component, sender)
    if len(component.attendees) > 1 and sender.address not in state.guests:
        return held(Reason.TWO_ATTENDEES)
    mine = [each for each in own if each.address == sender.address] or own
    if len({each.partstat for each in mine}) > 1:
        return held(Reason.TWO_ATTENDEES)
    return mine[0]


def _no_guest(
    state: BookingState, component: CalendarComponent, sender: Sender
) -> Attendee | Decision:
    """Return a line for a REFRESH without ATTENDEE; a delegate is held, a stranger ignored."""
    if any(state.guests.intersection(each.delegated_from) for each in component.attendees):
        return held(Reason.DELEGATED)
    if not component.attendees and sender.address in state.guests:
        return Attendee(sender.address)
    return ignored(Reason.NOT_A_GUEST)


_Problem = Callable[[BookingState, Statement, Attendee, Sender], Decision | None]


def _says_nothing(
    _state: BookingState, statement: Statement, attendee: Attendee, _sender: Sender
) -> Decision | None:
    """NEEDS-ACTION and unknown words are no answer, nor is one whose REQUEST-STATUS failed."""
    if _method(statement) != "REPLY":
        return None
    if attendee.partstat == "DELEGATED":
        return held(Reason.DELEGATED)
    has_failed = any(code[:1] in {"3", "4", "5"} for code in statement.component.request_status)
    if attendee.partstat not in ANSWERS or has_failed:
        return ignored(Reason.NO_STATEMENT)
    return None


def _is_not_theirs(
    state: BookingState, _statement: Statement, attendee: Attendee, sender: Sender
) -> Decision | None:
    if not sender.is_verified:
        return held(Reason.UNVERIFIED_SENDER)
    if _is_by_secretary(state, attendee):
        allowed = attendee.sent_by in state.secretaries
        known = sender.address in state.secretaries | state.guests
        return None if allowed and known else held(Reason.SECRETARY_NOT_LISTED)
    return None if sender.address in state.guests else held(Reason.SENDER_IS_NOT_GUEST)


def _is_by_secretary(state: BookingState, attendee: Attendee) -> bool:
    return bool(attendee.sent_by) and attendee.sent_by not in state.guests


def _is_cancelled(
    state: BookingState, statement: Statement, attendee: Attendee, sender: Sender
) -> Decision | None:
    """A proven guest whose calendar still shows the visit is told again that it is off."""
    if not state.is_cancelled or _method(statement) == "REFRESH":
        return None
    is_proven = _is_not_theirs(state, statement, attendee, sender) is None
    still_shows = attendee.partstat != "DECLINED"
    return replace(ignored(Reason.CANCELLED_BOOKING), sends_again=is_proven and still_shows)


def _names_other_occurrence(
    state: BookingState, statement: Statement, _attendee: Attendee, _sender: Sender
) -> Decision | None:
    """A booking is one occurrence; RECURRENCE-ID is compared as an instant (calendar in UTC)."""
    if not statement.component.has_recurrence_id:
        return None
    named = statement.component.recurrence_id
    if named is None:
        return held(Reason.UNKNOWN_ZONE)
    return None if named == state.starts_at else held(Reason.UNKNOWN_OCCURRENCE)


def _names_future_version(
    state: BookingState, statement: Statement, _attendee: Attendee, _sender: Sender
) -> Decision | None:
    is_ahead = (statement.component.sequence or 0) > state.sequence
    return held(Reason.FUTURE_SEQUENCE) if is_ahead else None


_PROBLEMS: tuple[_Problem, ...] = (
    _says_nothing,
    _is_cancelled,
    _is_not_theirs,
    _names_other_occurrence,
    _names_future_version,
)


def _decide_reply(state: BookingState, statement: Statement, attendee: Attendee) -> Decision:
    """Return the place of an answer in the ledger: order by (SEQUENCE, DTSTAMP), never arrival."""
    answer = _answer(statement, attendee)
    if any(known.identity == answer.identity for known in state.answers):
        return Decision(Outcome.DUPLICATE, Reason.SAME_ANSWER)
    if answer.sequence < state.sequence:
        return Decision(Outcome.OLD_VERSION, Reason.ANSWERS_OLDER_VERSION, answer)
    latest = deciding_answer(state.answers, state.sequence)
    if latest and answer.order <= latest.order:
        return Decision(Outcome.STALE, Reason.OLDER_THAN_KNOWN, answer)
    return Decision(Outcome.APPLIED, _applied_reason(state, statement, attendee, answer), answer)


def _answer(statement: Statement, attendee: Attendee) -> Answer:
    """Return the ledger line; a stamp far ahead counts as its arrival, so that it cannot win."""
    component = statement.component
    dtstamp = component.dtstamp or statement.arrived_at
    is_ahead = dtstamp > statement.arrived_at + FUTURE_TOLERANCE
    return Answer(
        address=attendee.address,
        sequence=component.sequence or 0,
        dtstamp=dtstamp,
        effective_at=statement.arrived_at if is_ahead else dtstamp,
        partstat=attendee.partstat,
        comment=component.comment,
    )


def _applied_reason(
    state: BookingState, statement: Statement, attendee: Attendee, answer: Answer
) -> Reason:
    """Return the most telling reason: what makes an applied answer special comes first."""
    if statement.arrived_at >= state.ends_at:
        return Reason.PAST
    if answer.effective_at != answer.dtstamp:
        return Reason.FUTURE_STAMP
    if _is_by_secretary(state, attendee):
        return Reason.BY_SECRETARY
    return ANSWERS[answer.partstat]


def _decide_counter(state: BookingState, statement: Statement, attendee: Attendee) -> Decision:
    """A proposal is stored and is no acceptance; one against an old version changes nothing."""
    component = statement.component
    if (component.sequence or 0) < state.sequence:
        return Decision(Outcome.OLD_VERSION, Reason.ANSWERS_OLDER_VERSION)
    proposal = Proposal(
        address=attendee.address,
        dtstamp=component.dtstamp or statement.arrived_at,
        starts_at=component.starts_at,
        ends_at=component.ends_at,
        comment=component.comment,
    )
    return Decision(Outcome.COUNTER, proposal=proposal)


def _decide_refresh(_state: BookingState, _statement: Statement, _attendee: Attendee) -> Decision:
    return Decision(Outcome.REFRESH, sends_again=True)


_VERDICTS: dict[str, Callable[[BookingState, Statement, Attendee], Decision]] = {
    "REPLY": _decide_reply,
    "COUNTER": _decide_counter,
    "REFRESH": _decide_refresh,
}
