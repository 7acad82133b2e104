"""The trail of changes and of looks; the database refuses to change or delete a line."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.utils.translation import gettext_lazy as _


class Via(models.TextChoices):
    """Through which door a change or a look came."""

    PAGE = "page", _("page")
    API = "api", _("API")
    LINK = "link", _("link in the mail")
    CALENDAR = "calendar", _("answer from the calendar")
    PLANNER = "planner", _("planner")
    COMMAND = "command", _("command line")
    SYSTEM = "system", _("Rundgang")


class Subject(models.TextChoices):
    """The kind of record that was changed."""

    BOOKING = "booking", _("visit")
    MEETING = "meeting", _("meeting")
    SERIES = "series", _("meeting series")
    DEPARTMENT = "department", _("department")
    TEAM = "team", _("team")
    STAFF = "staff", _("IT person")
    HOST = "host", _("host")
    USER = "user", _("user")
    SITE = "site", _("site")
    NOTE = "note", _("note")
    MAIL = "mail", _("mail")
    ANSWER = "answer", _("answer by mail")
    WAITING = "waiting", _("place in the queue")
    TICKET_SOURCE = "ticket_source", _("ticket source")
    TOKEN = "token", _("API token")
    WEBHOOK = "webhook", _("webhook")


class Entry(models.Model):
    """One change of one record, with what differs before and after; never changed, never deleted.

    `old` and `new` hold keys and plain values. A person's name or address never stands in them,
    so that a pseudonym stays one: who it was is looked up by key when the line is shown.
    """

    at = models.DateTimeField(_("when"))
    # Users are never deleted: whoever leaves goes on under a pseudonym.
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        related_query_name="audit_entry",
        verbose_name=_("who"),
    )
    token = models.CharField(_("token"), max_length=80, blank=True)
    via = models.CharField(_("how"), max_length=8, choices=Via)
    subject = models.CharField(_("record"), max_length=16, choices=Subject)
    subject_id = models.BigIntegerField()
    action = models.CharField(max_length=24)
    old = models.JSONField(default=dict, encoder=DjangoJSONEncoder)
    new = models.JSONField(default=dict, encoder=DjangoJSONEncoder)
    reason = models.CharField(_("reason"), max_length=500, blank=True)

    class Meta:
        ordering = ("at", "pk")
        verbose_name = _("change")
        verbose_name_plural = _("changes")
        indexes = [
            models.Index(fields=("subject", "subject_id", "at"), name="entry_by_subject"),
            models.Index(fields=("at", "id"), name="entry_by_time"),
            models.Index(fields=("actor", "at"), name="entry_by_actor"),
        ]

    def __str__(self) -> str:
        return f"{self.at} {self.subject} {self.subject_id} {self.action}"


class Look(models.Model):
    """One look at what is told about people: who looked, at whom, where; kept for a year."""

    at = models.DateTimeField(_("when"))
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="+",
        related_query_name="look",
        verbose_name=_("who"),
    )
    via = models.CharField(_("how"), max_length=8, choices=Via)
    page = models.CharField(_("where"), max_length=40, help_text=_("Name of the page or address"))
    staff_ids = ArrayField(models.BigIntegerField(), verbose_name=_("about whom"))

    class Meta:
        ordering = ("at", "pk")
        verbose_name = _("look")
        verbose_name_plural = _("looks")
        indexes = [
            GinIndex(fields=("staff_ids",), name="look_by_person"),
            models.Index(fields=("at",), name="look_by_time"),
        ]

    def __str__(self) -> str:
        return f"{self.at} {self.page}"
