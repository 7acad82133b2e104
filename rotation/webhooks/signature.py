"""How a message is signed: the scheme of Standard Webhooks (standardwebhooks.com), version v1."""

import hmac
from base64 import b64encode
from collections.abc import Mapping
from datetime import datetime, timedelta

from django.utils.crypto import salted_hmac

from rotation.webhooks.models import Webhook

SALT = "rotation.webhooks"
PREFIX = "whsec_"
OVERLAP = timedelta(days=1)


def secret_of(webhook: Webhook) -> str:
    """Return the present secret as the receiver gets it: `whsec_` and 32 bytes in base64."""
    return PREFIX + b64encode(_secret(webhook, webhook.secret_number)).decode()


def signed_headers(
    webhook: Webhook, message_id: str, body: bytes, *, now: datetime
) -> Mapping[str, str]:
    """Return the headers that name and sign a message.

    For a day after a change of the secret both sign, so that a receiver misses nothing.
    """
    timestamp = str(int(now.timestamp()))
    numbers = [webhook.secret_number]
    if webhook.secret_number > 1 and now < webhook.secret_changed_at + OVERLAP:
        numbers.append(webhook.secret_number - 1)
    content = b".".join([message_id.encode(), timestamp.encode(), body])
    signatures = [_signature(_secret(webhook, number), content) for number in numbers]
    return {
        "webhook-id": message_id,
        "webhook-timestamp": timestamp,
        "webhook-signature": " ".join(signatures),
    }


def _secret(webhook: Webhook, number: int) -> bytes:
    """Return a secret of the webhook; derived from the installation's own, stored nowhere."""
    return salted_hmac(SALT, f"{webhook.key}:{number}", algorithm="sha256").digest()


def _signature(secret: bytes, content: bytes) -> str:
    return "v1," + b64encode(hmac.digest(secret, content, "sha256")).decode()
