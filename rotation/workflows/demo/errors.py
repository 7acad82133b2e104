"""What stops a demo."""

from rotation.periods.errors import RotationError


class NotADemo(RotationError):  # noqa: N818 -- a fact, not a fault
    """The database holds people and is not marked as a demo."""

    code = "not_a_demo"
