"""The signature, checked by code that knows only what docs/api.md says."""

import base64
import hashlib
import hmac
from datetime import timedelta

import pytest
from pytest_django import Settings

from rotation.webhooks.models import Webhook
from rotation.webhooks.services import add_webhook, renew_secret
from rotation.webhooks.signature import secret_of, signed_headers
from tests.builders import BY_SYSTEM, NOW

pytestmark = pytest.mark.django_db
BODY = b'{"type":"booking.booked"}'


@pytest.fixture
def webhook() -> Webhook:
    url = "https://example.org/hook"
    return add_webhook(name="n", url=url, events=["booking.booked"], by=BY_SYSTEM, now=NOW)


def verified(secret: str, headers: dict[str, str], body: bytes) -> list[bool]:
    """Return for each signature whether it is one of `secret` (Standard Webhooks, v1)."""
    key = base64.b64decode(secret.removeprefix("whsec_"))
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    wanted = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    return [each == f"v1,{wanted}" for each in headers["webhook-signature"].split()]


def test_a_receiver_with_the_secret_can_tell(webhook: Webhook) -> None:
    headers = dict(signed_headers(webhook, "m1", BODY, now=NOW))
    assert headers["webhook-timestamp"] == str(int(NOW.timestamp()))
    assert verified(secret_of(webhook), headers, BODY) == [True]
    assert verified(secret_of(webhook), headers, BODY + b" ") == [False]
    assert verified(secret_of(webhook), {**headers, "webhook-id": "m2"}, BODY) == [False]


def test_the_secret_is_of_the_webhook_and_of_the_installation(
    webhook: Webhook, settings: Settings
) -> None:
    url = "https://example.org/hook"
    other = add_webhook(name="o", url=url, events=["booking.booked"], by=BY_SYSTEM, now=NOW)
    first = secret_of(webhook)
    assert len(base64.b64decode(first.removeprefix("whsec_"))) == 32
    assert first != secret_of(other)
    settings.SECRET_KEY = "another" * 10
    assert first != secret_of(webhook)


def test_for_a_day_after_a_change_both_secrets_sign(webhook: Webhook) -> None:
    old = secret_of(webhook)
    renewed = renew_secret(webhook.pk, by=BY_SYSTEM, now=NOW)
    soon = dict(signed_headers(renewed, "m1", BODY, now=NOW + timedelta(hours=23)))
    late = dict(signed_headers(renewed, "m1", BODY, now=NOW + timedelta(hours=24)))
    assert verified(secret_of(renewed), soon, BODY) == [True, False]
    assert verified(old, soon, BODY) == [False, True]
    assert verified(old, late, BODY) == [False]
