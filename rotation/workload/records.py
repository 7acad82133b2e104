"""The canonical record of a ticket, as every source is brought into; pure.

No title, text, comment, requester or name: what is not here cannot leak. A value that the
source does not tell is None, and folding several rows of one ticket keeps the last told value.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum, auto


@dataclass(frozen=True, slots=True)
class Record:
    """One state of one ticket; times aware.

    Attributes:
        external_id: The number in the source.
        source_updated_at: When the source wrote this state.
        revision: Orders states of the same moment; the larger is the later.
        state: A `Ticket.State`; None where the mapping does not know the raw one.
    """

    external_id: str
    source_updated_at: datetime
    created_at: datetime
    revision: int = 0
    kind: str | None = None
    state: str | None = None
    raw_state: str | None = None
    queue_key: str | None = None
    assignee_key: str | None = None
    first_response_at: datetime | None = None
    resolved_at: datetime | None = None
    closed_at: datetime | None = None
    reopened_count: int | None = None
    priority: int | None = None
    raw_priority: str | None = None
    category_key: str | None = None
    department_key: str | None = None
    effort_logged_minutes: int | None = None
    effort_estimate_minutes: int | None = None
    sla_due_at: datetime | None = None
    sla_paused: bool | None = None
    sla_breached: bool | None = None
    deleted: bool | None = None


class Fault(StrEnum):
    """Why a row was rejected."""

    MISSING_VALUE = auto()
    BAD_DATE = auto()
    BAD_NUMBER = auto()
    BAD_FLAG = auto()
    TOO_LONG = auto()
    CONTROL_CHARACTER = auto()
    BAD_ENCODING = auto()
    WRONG_WIDTH = auto()
    LINE_TOO_LONG = auto()
    BAD_QUOTES = auto()


@dataclass(frozen=True, slots=True)
class Rejected:
    """A row that could not be read: why, and in which column where it was one."""

    fault: Fault
    column: str = ""


class RowFault(ValueError):  # noqa: N818 -- a fact, not a fault
    """Raised inside a row; becomes `Rejected`."""

    def __init__(self, fault: Fault, column: str = "") -> None:
        super().__init__(fault)
        self.rejected = Rejected(fault, column)
