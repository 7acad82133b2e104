"""Addresses of other programs, and each message to them with how far it is."""

import uuid

from django.contrib.postgres.fields import ArrayField
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from rotation.audit.models import Entry, Subject
from rotation.webhooks.events import SUBSCRIBABLE, Event

LONGEST_REPLY = 200


class Webhook(models.Model):
    """Where to tell what.

    The secret that signs is derived from the installation's own and from `key` and
    `secret_number` (signature.py), so that neither table nor backup holds one.
    """

    class State(models.TextChoices):
        """Whether messages go out."""

        ACTIVE = "active", _("active")
        PAUSED = "paused", _("paused")
        DISABLED = "disabled", _("disabled after failures")

    name = models.CharField(_("name"), max_length=80)
    url = models.CharField(_("address"), max_length=500)
    events = ArrayField(
        models.CharField(
            max_length=24, choices=[(event.value, event.value) for event in SUBSCRIBABLE]
        ),
        verbose_name=_("events"),
    )
    state = models.CharField(_("state"), max_length=8, choices=State, default=State.ACTIVE)
    key = models.UUIDField(default=uuid.uuid4, unique=True)
    secret_number = models.PositiveIntegerField(default=1)
    secret_changed_at = models.DateTimeField(
        help_text=_("For a day afterwards the secret before this one signs as well")
    )
    created_at = models.DateTimeField(_("made"))
    active_since = models.DateTimeField(help_text=_("What happened before is not told"))
    pulled_to = models.DateTimeField(help_text=_("Up to when the trail was looked through"))
    resting_until = models.DateTimeField(
        null=True, blank=True, help_text=_("Nobody answered there: no message before then")
    )
    version = models.PositiveIntegerField(default=1)

    class Meta:
        ordering = ("name", "pk")
        verbose_name = _("webhook")
        verbose_name_plural = _("webhooks")
        constraints = [
            models.CheckConstraint(
                condition=Q(events__contained_by=[event.value for event in SUBSCRIBABLE])
                & ~Q(events=[]),
                name="webhook_tells_known_events",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_active(self) -> bool:
        """Whether messages go out."""
        return self.state == Webhook.State.ACTIVE


class Delivery(models.Model):
    """One message to one webhook; its identifier and its body never change, whatever is tried."""

    class State(models.TextChoices):
        """How far it is; the sender holds a row lock while it sends, so there is no between."""

        QUEUED = "queued", _("waiting")
        DELIVERED = "delivered", _("delivered")
        FAILED = "failed", _("given up")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    webhook = models.ForeignKey(Webhook, on_delete=models.CASCADE, related_name="deliveries")
    # None for a test.
    entry = models.ForeignKey(
        Entry,
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        related_query_name="delivery",
    )
    subject = models.CharField(_("record"), max_length=16, choices=Subject)
    subject_id = models.BigIntegerField()
    position = models.BigIntegerField(help_text=_("Messages about one record leave in this order"))
    event = models.CharField(
        _("event"), max_length=24, choices=[(event.value, event.value) for event in Event]
    )
    body = models.JSONField(encoder=DjangoJSONEncoder)
    state = models.CharField(_("state"), max_length=9, choices=State, default=State.QUEUED)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    not_before = models.DateTimeField(_("next attempt"))
    status_code = models.PositiveSmallIntegerField(_("status of the answer"), null=True)
    reply = models.CharField(_("answer"), max_length=LONGEST_REPLY, blank=True)
    created_at = models.DateTimeField(_("written"))
    tried_at = models.DateTimeField(_("last attempt"), null=True)

    class Meta:
        ordering = ("-created_at", "-position")
        verbose_name = _("message")
        verbose_name_plural = _("messages")
        constraints = [
            models.UniqueConstraint(
                fields=("webhook", "entry", "event"), name="delivery_tells_of_a_change_once"
            ),
            models.CheckConstraint(
                condition=Q(entry=None, event=Event.TEST.value)
                | (Q(entry__isnull=False) & Q(position=F("entry"))),
                name="delivery_tells_of_a_change_or_is_a_test",
            ),
        ]
        indexes = [
            models.Index(
                fields=("webhook", "subject", "subject_id", "position"),
                name="delivery_waiting",
                condition=Q(state="queued"),
            ),
            models.Index(fields=("webhook", "-created_at"), name="delivery_by_age"),
        ]

    def __str__(self) -> str:
        return f"{self.event} {self.id}"
