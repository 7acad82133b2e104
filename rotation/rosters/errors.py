"""Why a table of people cannot be read."""

from typing import ClassVar

from rotation.periods.errors import RotationError


class UnreadableTable(RotationError):  # noqa: N818 -- a fact, not a fault
    """The file is no table that can be read; fields: `problem`."""

    code: ClassVar[str] = "unreadable_table"
