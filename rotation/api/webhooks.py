"""`webhooks/`: which other programs are told of what, and how far each message is."""

from collections.abc import Sequence
from http import HTTPStatus
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from config.celery import nudge
from rotation.api.access import Endpoint, Row, by, first_or_404
from rotation.api.fields import Id, Moment
from rotation.api.idempotency import once
from rotation.directory.permissions import Action
from rotation.directory.validators import validate_one_line, validate_plain_text
from rotation.webhooks.addresses import validate_outside_address
from rotation.webhooks.events import SUBSCRIBABLE, Event
from rotation.webhooks.models import Delivery, Webhook
from rotation.webhooks.queries import deliveries_of
from rotation.webhooks.services import (
    add_webhook,
    change_webhook,
    queue_test,
    remove_webhook,
    renew_secret,
)
from rotation.webhooks.signature import secret_of

SEND = "rotation.send_webhooks"
LINE = (validate_plain_text, validate_one_line)
SWITCH = (Webhook.State.ACTIVE, Webhook.State.PAUSED)


class WebhookSerializer(serializers.Serializer[Any]):
    """An address that is told of events."""

    id = Id(read_only=True)
    name = serializers.CharField(max_length=80, validators=LINE)
    url = serializers.CharField(
        max_length=500,
        validators=(validate_outside_address,),
        help_text=_("https and public, but for hosts that the operator has named"),
    )
    events = serializers.ListField(
        child=serializers.ChoiceField([event.value for event in SUBSCRIBABLE]),
        min_length=1,
        max_length=len(SUBSCRIBABLE),
    )
    state = serializers.ChoiceField(Webhook.State.choices, read_only=True)
    created_at = Moment(read_only=True)
    secret_changed_at = Moment(read_only=True)
    resting_until = Moment(
        read_only=True, allow_null=True, help_text=_("nobody answered: nothing is sent before then")
    )
    version = serializers.IntegerField(read_only=True)


class WebhookChange(WebhookSerializer):
    """What is to change; what is not named stays."""

    state = serializers.ChoiceField(
        [(state.value, state.label) for state in SWITCH],
        help_text=_("active again: what waited goes out, what happened meanwhile is not told"),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 -- DRF's options
        super().__init__(*args, **{**kwargs, "partial": True})


class WebhookWithSecret(WebhookSerializer):
    """A webhook with the secret that signs, which is told this once."""

    secret = serializers.CharField(read_only=True, help_text="`whsec_` and 32 bytes in base64")


class DeliverySerializer(serializers.Serializer[Any]):
    """One message to one webhook."""

    id = serializers.UUIDField(help_text="the header `webhook-id`, the same for each attempt")
    event = serializers.ChoiceField([event.value for event in Event])
    subject = serializers.CharField()
    subject_id = Id()
    state = serializers.ChoiceField(Delivery.State.choices)
    attempts = serializers.IntegerField()
    status_code = serializers.IntegerField(allow_null=True)
    reply = serializers.CharField(help_text="the first 200 characters of the answer or the error")
    created_at = Moment()
    tried_at = Moment(allow_null=True)
    not_before = Moment(help_text="the next attempt, while it waits")


class Webhooks(Endpoint):
    """Webhooks, by name; for administrators."""

    serializer_class = WebhookSerializer
    queryset = Webhook.objects.order_by("name", "pk")
    rights = dict.fromkeys(
        ("list", "retrieve", "create", "partial_update", "destroy", "deliveries", "test", "secret"),
        Action.MANAGE_WEBHOOKS,
    )

    def rows(self, page: Sequence[Any]) -> list[Row]:
        """Return the webhooks' fields; no query."""
        return [webhook_row(webhook) for webhook in page]

    def retrieve(self, request: Request, pk: int) -> Response:
        """Return one webhook; the ETag is its version."""
        del request
        return answer(self._found(pk))

    @extend_schema(request=WebhookSerializer, responses={201: WebhookWithSecret})
    @once
    def create(self, request: Request) -> Response:
        """Add a webhook; the answer holds its secret, which is not shown again."""
        wanted = self.body(WebhookSerializer)
        webhook = add_webhook(**wanted, by=by(request), now=timezone.now())
        return answer(webhook, HTTPStatus.CREATED, secret=secret_of(webhook))

    @extend_schema(request=WebhookChange, responses=WebhookSerializer)
    def partial_update(self, request: Request, pk: int) -> Response:
        """Change what the body names."""
        self._found(pk)
        wanted = self.body(WebhookChange)
        return answer(change_webhook(pk, wanted, by=by(request), now=timezone.now()))

    @extend_schema(responses={204: None})
    def destroy(self, request: Request, pk: int) -> Response:
        """Remove a webhook and its messages."""
        self._found(pk)
        remove_webhook(pk, by=by(request), now=timezone.now())
        return Response(status=HTTPStatus.NO_CONTENT)

    @extend_schema(responses=DeliverySerializer(many=True))
    @action(detail=True)
    def deliveries(self, request: Request, pk: int) -> Response:
        """Return the messages of the last month, the newest first, with what became of them."""
        del request
        page = self.paginate_queryset(deliveries_of(self._found(pk)))
        return self.get_paginated_response([delivery_row(delivery) for delivery in page or []])

    @extend_schema(request=None, responses={201: DeliverySerializer})
    @action(detail=True, methods=["post"])
    @once
    def test(self, request: Request, pk: int) -> Response:
        """Send a message of the type `webhook.test`, once; `deliveries/` tells how it went."""
        self._found(pk)
        delivery = queue_test(pk, by=by(request), now=timezone.now())
        nudge(SEND)
        return Response(delivery_row(delivery), status=HTTPStatus.CREATED)

    @extend_schema(request=None, responses=WebhookWithSecret)
    @action(detail=True, methods=["post"])
    @once
    def secret(self, request: Request, pk: int) -> Response:
        """Give the webhook a new secret; for a day the old one signs as well."""
        self._found(pk)
        webhook = renew_secret(pk, by=by(request), now=timezone.now())
        return answer(webhook, secret=secret_of(webhook))

    def _found(self, pk: int) -> Webhook:
        webhooks: QuerySet[Webhook] = self.get_queryset()
        return first_or_404(webhooks.filter(pk=pk))


def answer(webhook: Webhook, status: HTTPStatus = HTTPStatus.OK, **more: str) -> Response:
    """Return a webhook with its version as ETag."""
    headers = {"ETag": f'"{webhook.version}"'}
    return Response({**webhook_row(webhook), **more}, status=status, headers=headers)


def webhook_row(webhook: Webhook) -> Row:
    """Return the fields of the serializer."""
    return {
        "id": webhook.pk,
        "name": webhook.name,
        "url": webhook.url,
        "events": webhook.events,
        "state": webhook.state,
        "created_at": webhook.created_at,
        "secret_changed_at": webhook.secret_changed_at,
        "resting_until": webhook.resting_until,
        "version": webhook.version,
    }


def delivery_row(delivery: Delivery) -> Row:
    """Return the fields of the serializer."""
    return {
        "id": delivery.pk,
        "event": delivery.event,
        "subject": delivery.subject,
        "subject_id": delivery.subject_id,
        "state": delivery.state,
        "attempts": delivery.attempts,
        "status_code": delivery.status_code,
        "reply": delivery.reply,
        "created_at": delivery.created_at,
        "tried_at": delivery.tried_at,
        "not_before": delivery.not_before,
    }
