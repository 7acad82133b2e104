"""The outbox: every mail to guests and hosts, kept as the exact bytes handed to SMTP."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from rotation.booking.models import Booking
from rotation.calendars.identifiers import bounce_address


class Mail(models.Model):
    """One mail to one person about one booking; rendered when queued, never changed after."""

    class State(models.TextChoices):
        """Where the mail is; while it is sent a relay holds its share, so there is no between."""

        QUEUED = "queued", _("waiting")
        SENT = "sent", _("sent")
        FAILED = "failed", _("failed")

    class Purpose(models.TextChoices):
        """What the mail says; also the name of its templates' folder."""

        INVITE = "invite", _("invitation")
        INVITE_UPDATE = "invite_update", _("changed invitation")
        INVITE_CANCEL = "invite_cancel", _("cancelled invitation")
        INVITE_WITHDRAWN = "invite_withdrawn", _("withdrawn invitation")
        HOST_APPROVAL_WANTED = "host_approval_wanted", _("approval wanted")
        HOST_APPROVAL_REMINDER = "host_approval_reminder", _("approval still wanted")
        HOST_GUEST_COMING = "host_guest_coming", _("a guest is coming")
        HOST_GUEST_CHANGED = "host_guest_changed", _("a visit has changed")
        HOST_GUEST_CANCELLED = "host_guest_cancelled", _("a visit is cancelled")
        GUEST_DECLINED = "guest_declined", _("the guest has declined")
        REQUEST_LAPSED = "request_lapsed", _("a request has lapsed")

    class Method(models.TextChoices):
        """The calendar part's METHOD (RFC 5546); empty where the mail has none."""

        NONE = "", _("no calendar part")
        REQUEST = "REQUEST", "REQUEST"
        CANCEL = "CANCEL", "CANCEL"

    booking = models.ForeignKey(
        Booking,
        on_delete=models.CASCADE,
        verbose_name=_("visit"),
        related_name="+",
        related_query_name="mail",
    )
    booking_version = models.PositiveIntegerField(help_text=_("The change that it tells of"))
    purpose = models.CharField(_("about"), max_length=24, choices=Purpose)
    recipient = models.EmailField(_("to"))
    language = models.CharField(_("language"), max_length=2)
    subject = models.CharField(_("subject"), max_length=500)
    raw = models.BinaryField(help_text=_("The bytes handed to SMTP; empty where none can be made"))
    message_id = models.CharField(max_length=255, unique=True)
    repeat = models.PositiveSmallIntegerField(
        default=0, help_text=_("How often it was sent anew because the guest's calendar asked")
    )

    method = models.CharField(max_length=8, choices=Method, default=Method.NONE, blank=True)
    uid = models.CharField(max_length=255)
    sequence = models.PositiveIntegerField()
    dtstamp = models.DateTimeField(null=True, blank=True)

    state = models.CharField(_("state"), max_length=6, choices=State, default=State.QUEUED)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    not_before = models.DateTimeField(_("next attempt"))
    last_error = models.CharField(_("last error"), max_length=500, blank=True)
    created_at = models.DateTimeField(_("created"))
    sent_at = models.DateTimeField(_("sent at"), null=True, blank=True)

    class Meta:
        ordering = ("pk",)
        verbose_name = _("mail")
        verbose_name_plural = _("mails")
        indexes = [
            models.Index(fields=("not_before", "id"), name="mail_due", condition=Q(state="queued")),
            models.Index(fields=("-id",), name="mail_failed", condition=Q(state="failed")),
            models.Index(
                fields=("booking", "recipient"), name="mail_waiting", condition=Q(state="queued")
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=("booking", "purpose", "recipient", "booking_version", "repeat"),
                name="mail_tells_of_a_change_once",
            ),
            models.UniqueConstraint(
                fields=("uid", "dtstamp"), name="mail_has_its_own_dtstamp", condition=~Q(method="")
            ),
            models.CheckConstraint(
                condition=Q(method="", dtstamp=None)
                | Q(method__in=("REQUEST", "CANCEL"), dtstamp__isnull=False),
                name="mail_with_a_calendar_part_has_a_dtstamp",
            ),
            models.CheckConstraint(
                condition=Q(state="sent", sent_at__isnull=False)
                | Q(state__in=("queued", "failed"), sent_at=None),
                name="mail_is_sent_at_a_time",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.purpose} {self.message_id}"

    @property
    def token(self) -> str:
        """What names the mail in its Message-ID and its bounce address."""
        return self.message_id.strip("<>").partition("@")[0]

    @property
    def envelope_sender(self) -> str:
        """Where the mail's bounces go (VERP)."""
        return bounce_address(self.token)
