"""What may be told of a ticket, and what can be wrong with it; pure.

No title, text, comment, requester or name: what is not here cannot leak. A cell that the source
does not tell is None, and folding several rows of one ticket keeps the last told value.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum, auto


class Fault(StrEnum):
    """Why a row was rejected."""

    MISSING_VALUE = auto()
    BAD_DATE = auto()
    BAD_NUMBER = auto()
    BAD_FLAG = auto()
    BAD_WORD = auto()
    BAD_TYPE = auto()
    TOO_LONG = auto()
    CONTROL_CHARACTER = auto()
    BAD_ENCODING = auto()
    WRONG_WIDTH = auto()
    LINE_TOO_LONG = auto()
    BAD_QUOTES = auto()
    BAD_JSON = auto()
    FORMULA = auto()
    UNKNOWN_FIELD = auto()


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


# A cell as a file holds it; a date only where the format knows dates, a fault where the cell is
# nothing that could be read.
Cell = str | datetime | Fault | None
Row = Sequence[Cell]


@dataclass(frozen=True, slots=True)
class Batch:
    """Rows that follow each other in a table.

    Attributes:
        first: The number of the first row, as people count them in that format.
        rows: The rows; an empty one is none.
        broken: What is wrong with the row after the last one; None where nothing is.
    """

    first: int
    rows: Sequence[Row]
    broken: Fault | None = None


LARGEST_BATCH = 250  # rows; what is larger falls out of the processor's cache
OVERLONG_LINE = "\x00line too long\n"  # stands in for a line that was not read to its end
