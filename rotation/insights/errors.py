"""Why a note is refused."""

from typing import ClassVar

from rotation.periods.errors import RotationError


class NothingToTell(RotationError):  # noqa: N818 -- a fact, not a fault
    """The visit has not begun or did not take place; fields: `state`."""

    code: ClassVar[str] = "nothing_to_tell"
