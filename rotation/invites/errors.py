"""What stops a mail."""

from typing import ClassVar

from rotation.periods.errors import RotationError


class AnswerLinkBroken(RotationError):  # noqa: N818 -- a fact, not a fault
    """The link was not made here, or not whole; no fields."""

    code: ClassVar[str] = "answer_link_broken"


class MailServerUnreachable(RotationError):  # noqa: N818 -- a fact, not a fault
    """No connection, no TLS or no sign-in: no mail is to blame; fields: `reply`."""

    code: ClassVar[str] = "mail_server_unreachable"


class MailDelayed(RotationError):  # noqa: N818 -- a fact, not a fault
    """The server cannot take this mail now; fields: `reply`, `connection_lost`."""

    code: ClassVar[str] = "mail_delayed"


class MailRefused(RotationError):  # noqa: N818 -- a fact, not a fault
    """The server will never take this mail; fields: `reply`."""

    code: ClassVar[str] = "mail_refused"
