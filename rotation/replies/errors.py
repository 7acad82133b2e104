"""What can stop a change on the inbound side."""

from typing import ClassVar

from rotation.periods.errors import RotationError


class NothingToAnswer(RotationError):  # noqa: N818 -- a fact, not a fault
    """The mail holds no invitation that could be answered."""

    code: ClassVar[str] = "nothing_to_answer"


class MailServerAway(RotationError):  # noqa: N818 -- a fact, not a fault
    """The mail server did not take or give a mail; field `problem` says what happened."""

    code: ClassVar[str] = "mail_server_away"
