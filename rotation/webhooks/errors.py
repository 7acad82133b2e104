"""Why a webhook is refused."""

from typing import ClassVar

from rotation.periods.errors import RotationError


class WebhookChanged(RotationError):  # noqa: N818 -- a fact, not a fault
    """Somebody else changed the webhook meanwhile; fields: `version`."""

    code: ClassVar[str] = "changed_meanwhile"
