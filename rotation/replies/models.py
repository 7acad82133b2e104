"""Mails that came in, the ledger of what guests answered, and the demo's mailbox."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from rotation.booking.models import Booking
from rotation.replies.outcomes import Outcome, Reason
from rotation.replies.sentences import OUTCOMES, REASONS


class Source(models.TextChoices):
    """Through which door an answer came."""

    SMTP = "smtp", _("mail received")
    IMAP = "imap", _("mail fetched")
    WEBHOOK = "webhook", _("mail service")
    FILE = "file", _("file")
    LINK = "link", _("link in the mail")


class InboundMail(models.Model):
    """One mail as it came, stored before anything else happens, and what became of it."""

    raw = models.BinaryField()
    sha256 = models.CharField(max_length=64, unique=True)
    source = models.CharField(_("source"), max_length=7, choices=Source)
    envelope_from = models.CharField(max_length=320, blank=True)
    envelope_to = models.CharField(max_length=1000, blank=True)
    sender = models.CharField(_("from"), max_length=320, blank=True)
    subject = models.CharField(_("subject"), max_length=500, blank=True)
    text = models.TextField(_("text"), blank=True)
    received_at = models.DateTimeField(_("received"))
    handled_at = models.DateTimeField(null=True, blank=True)
    outcome = models.CharField(
        _("outcome"), max_length=11, choices=[(each.value, OUTCOMES[each]) for each in Outcome],
        blank=True,
    )  # fmt: skip
    reason = models.CharField(
        _("reason"), max_length=32, choices=[(each.value, REASONS[each]) for each in Reason],
        blank=True,
    )  # fmt: skip
    booking = models.ForeignKey(
        Booking,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        verbose_name=_("visit"),
        related_name="+",
        related_query_name="inbound_mail",
    )
    partstat = models.CharField(_("answer"), max_length=20, blank=True)
    parts = models.JSONField(default=list, blank=True)
    settled_at = models.DateTimeField(
        null=True, blank=True, help_text=_("When somebody had looked at a held mail")
    )

    class Meta:
        ordering = ("-received_at", "-pk")
        verbose_name = _("inbound mail")
        verbose_name_plural = _("inbound mails")
        indexes = [
            models.Index(fields=("id",), name="inbound_mail_waiting", condition=Q(handled_at=None)),
            models.Index(fields=("outcome", "-received_at"), name="inbound_mail_by_outcome"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(handled_at=None, outcome="")
                | (Q(handled_at__isnull=False) & ~Q(outcome="")),
                name="inbound_mail_has_an_outcome_once_handled",
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.received_at} {self.outcome}"


class GuestAnswer(models.Model):
    """One line of a booking's ledger: what a guest answered to which version, never changed."""

    booking = models.ForeignKey(
        Booking,
        on_delete=models.CASCADE,
        verbose_name=_("visit"),
        related_name="+",
        related_query_name="guest_answer",
    )
    mail = models.ForeignKey(
        InboundMail,
        on_delete=models.SET_NULL,
        null=True,
        related_name="answers",
        verbose_name=_("mail"),
    )
    source = models.CharField(_("source"), max_length=7, choices=Source)
    address = models.CharField(_("address"), max_length=320)
    sequence = models.PositiveIntegerField()
    dtstamp = models.DateTimeField(help_text=_("When it was made, as the sender says"))
    effective_at = models.DateTimeField(help_text=_("When it counts from"))
    partstat = models.CharField(_("answer"), max_length=12, choices=Booking.Partstat)
    comment = models.TextField(_("comment"), blank=True)
    received_at = models.DateTimeField(_("received"))

    class Meta:
        ordering = ("sequence", "effective_at", "pk")
        verbose_name = _("answer")
        verbose_name_plural = _("answers")
        constraints = [
            models.UniqueConstraint(
                fields=("booking", "sequence", "dtstamp", "partstat"),
                name="guest_answer_is_recorded_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.dtstamp} {self.partstat}"


class TimeProposal(models.Model):
    """Another time that a guest suggests (METHOD:COUNTER, RFC 5546 §3.2.7)."""

    booking = models.ForeignKey(
        Booking,
        on_delete=models.CASCADE,
        verbose_name=_("visit"),
        related_name="+",
        related_query_name="time_proposal",
    )
    mail = models.ForeignKey(
        InboundMail,
        on_delete=models.SET_NULL,
        null=True,
        related_name="proposals",
        verbose_name=_("mail"),
    )
    address = models.CharField(_("address"), max_length=320)
    sequence = models.PositiveIntegerField()
    dtstamp = models.DateTimeField()
    starts_at = models.DateTimeField(_("start"), null=True)
    ends_at = models.DateTimeField(_("end"), null=True)
    comment = models.TextField(_("comment"), blank=True)
    received_at = models.DateTimeField(_("received"))

    class Meta:
        ordering = ("-received_at", "-pk")
        verbose_name = _("proposed time")
        verbose_name_plural = _("proposed times")
        constraints = [
            models.UniqueConstraint(
                fields=("booking", "sequence", "dtstamp"), name="time_proposal_is_stored_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.starts_at} - {self.ends_at}"


class DemoMail(models.Model):
    """A mail that a demo would have sent out of the house; it stays here and can be answered."""

    recipient = models.EmailField(_("to"), max_length=320)
    sender = models.CharField(_("from"), max_length=320, blank=True)
    subject = models.CharField(_("subject"), max_length=500, blank=True)
    raw = models.BinaryField()
    received_at = models.DateTimeField(_("received"))
    read_at = models.DateTimeField(_("read"), null=True, blank=True)
    answer = models.CharField(
        _("answer"), max_length=12, choices=Booking.Partstat, default="", blank=True
    )
    answered_at = models.DateTimeField(_("answered"), null=True, blank=True)

    class Meta:
        ordering = ("-received_at", "-pk")
        verbose_name = _("demo mail")
        verbose_name_plural = _("demo mails")
        indexes = [
            models.Index(fields=("recipient", "-received_at"), name="demo_mail_by_recipient"),
        ]

    def __str__(self) -> str:
        return f"{self.recipient}: {self.subject}"
