"""The words of a decision: outcomes, the closed list of reasons, and what a decision is about."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from rotation.calendars.parsing import CalendarComponent


class Outcome(StrEnum):
    """What became of a statement, in the order of how much it changed."""

    APPLIED = "APPLIED"
    COUNTER = "COUNTER"
    REFRESH = "REFRESH"
    BOUNCE = "BOUNCE"
    HELD = "HELD"
    OLD_VERSION = "OLD_VERSION"
    STALE = "STALE"
    DUPLICATE = "DUPLICATE"
    IGNORED = "IGNORED"


class Reason(StrEnum):
    """Why: the closed list; `replies/sentences.py` holds a sentence for each."""

    ACCEPTED = "accepted"
    DECLINED = "declined"
    TENTATIVE = "tentative"
    PAST = "past"
    FUTURE_STAMP = "future_stamp"
    BY_SECRETARY = "by_secretary"
    SAME_CONTENT = "same_content"
    SAME_ANSWER = "same_answer"
    OLDER_THAN_KNOWN = "older_than_known"
    ANSWERS_OLDER_VERSION = "answers_older_version"
    UNKNOWN_UID = "unknown_uid"
    FOREIGN_ORGANIZER = "foreign_organizer"
    NOT_A_GUEST = "not_a_guest"
    CANCELLED_BOOKING = "cancelled_booking"
    NO_STATEMENT = "no_statement"
    AUTO_REPLY = "auto_reply"
    DELAYED = "delayed"
    LOOP = "loop"
    WRONG_METHOD = "wrong_method"
    NOT_AN_ANSWER = "not_an_answer"
    UNVERIFIED_SENDER = "unverified_sender"
    SENDER_IS_NOT_GUEST = "sender_is_not_guest"
    TWO_ATTENDEES = "two_attendees"
    FUTURE_SEQUENCE = "future_sequence"
    METHOD_MISMATCH = "method_mismatch"
    UNKNOWN_ZONE = "unknown_zone"
    UNKNOWN_OCCURRENCE = "unknown_occurrence"
    UNREADABLE = "unreadable"
    TOO_LARGE = "too_large"
    TOO_MANY_PARTS = "too_many_parts"
    NO_CALENDAR_PART = "no_calendar_part"
    DELEGATED = "delegated"
    SECRETARY_NOT_LISTED = "secretary_not_listed"
    SEAT_GONE = "seat_gone"
    ENCRYPTED = "encrypted"


ANSWERS = {
    "ACCEPTED": Reason.ACCEPTED,
    "TENTATIVE": Reason.TENTATIVE,
    "DECLINED": Reason.DECLINED,
}
# Two answers of one second: the more careful one decides, whichever arrives first.
_RANK = {"ACCEPTED": 0, "TENTATIVE": 1, "DECLINED": 2}


@dataclass(frozen=True, slots=True)
class Answer:
    """One line of a booking's ledger of answers.

    `dtstamp` is what the sender claims and recognises a repetition; `effective_at` orders.
    """

    address: str
    sequence: int
    dtstamp: datetime
    effective_at: datetime
    partstat: str
    comment: str = ""

    @property
    def identity(self) -> tuple[int, datetime, str]:
        """What two deliveries of one answer share (RFC 5546 §2.1.5)."""
        return (self.sequence, self.dtstamp, self.partstat)

    @property
    def order(self) -> tuple[int, datetime, int]:
        """Later is greater."""
        return (self.sequence, self.effective_at, _RANK[self.partstat])


@dataclass(frozen=True, slots=True)
class Proposal:
    """Another time that a guest suggests by COUNTER; a side that was not readable is None."""

    address: str
    dtstamp: datetime
    starts_at: datetime | None
    ends_at: datetime | None
    comment: str = ""


@dataclass(frozen=True, slots=True)
class BookingState:
    """What is known of the booking whose UID an answer names; addresses are normal."""

    sequence: int
    organizers: frozenset[str]
    guests: frozenset[str]
    starts_at: datetime
    ends_at: datetime
    is_cancelled: bool = False
    secretaries: frozenset[str] = frozenset()
    answers: tuple[Answer, ...] = ()


@dataclass(frozen=True, slots=True)
class Statement:
    """One component of one calendar part, as it arrived."""

    mime_method: str
    method: str
    component: CalendarComponent
    arrived_at: datetime


@dataclass(frozen=True, slots=True)
class Decision:
    """The outcome; `answer` goes into the ledger, and counts when the outcome is APPLIED.

    `sends_again`: the guest's calendar is behind and gets the newest REQUEST or CANCEL anew.
    """

    outcome: Outcome
    reason: Reason | None = None
    answer: Answer | None = None
    proposal: Proposal | None = None
    sends_again: bool = False

    @property
    def partstat(self) -> str:
        """The answer's PARTSTAT; empty where there is none."""
        return self.answer.partstat if self.answer else ""


def deciding_answer(answers: Iterable[Answer], sequence: int) -> Answer | None:
    """Return the answer that counts for version `sequence`: the latest to exactly that one."""
    counting = [answer for answer in answers if answer.sequence == sequence]
    return max(counting, key=lambda answer: answer.order, default=None)
