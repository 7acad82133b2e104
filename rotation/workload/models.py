"""Tickets as a source delivers them: no title, no text, no requester, no person's name."""

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from rotation.directory.models import Team


class TicketSource(models.Model):
    """A system that tickets come from."""

    class Way(models.TextChoices):
        """How tickets of the source come in."""

        FILE = "file", _("files")
        PUSH = "push", _("API")

    name = models.SlugField(_("name"), max_length=60, unique=True)
    mapping = models.JSONField(
        _("mapping"),
        default=dict,
        blank=True,
        help_text=_("Empty: the mapping that is shipped under this name"),
    )
    version = models.PositiveIntegerField(default=1, help_text=_("Counts changes of the mapping"))
    way = models.CharField(_("last came by"), max_length=4, choices=Way, default=Way.FILE)
    imported_at = models.DateTimeField(_("last import"), null=True, blank=True)
    forgotten_until = models.DateTimeField(
        null=True,
        blank=True,
        help_text=_("Tickets that changed last before this and are not stored do not come back"),
    )

    class Meta:
        ordering = ("name",)
        verbose_name = _("ticket source")
        verbose_name_plural = _("ticket sources")

    def __str__(self) -> str:
        return self.name


class TicketQueue(models.Model):
    """A queue or assignment group of a source, and the team that works on it."""

    source = models.ForeignKey(TicketSource, on_delete=models.CASCADE, related_name="queues")
    key = models.CharField(_("name in the source"), max_length=120)
    team = models.ForeignKey(
        Team,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        verbose_name=_("team"),
        related_name="+",
        related_query_name="ticket_queue",
    )

    class Meta:
        ordering = ("source", "key")
        verbose_name = _("ticket queue")
        verbose_name_plural = _("ticket queues")
        constraints = [
            models.UniqueConstraint(fields=("source", "key"), name="queue_has_its_key_alone"),
        ]

    def __str__(self) -> str:
        return self.key


class Assignee(models.Model):
    """An opaque key of whoever works on tickets; deleting the row pseudonymises the history."""

    source = models.ForeignKey(TicketSource, on_delete=models.CASCADE, related_name="assignees")
    key = models.CharField(max_length=120)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=("source", "key"), name="assignee_has_its_key_alone"),
        ]

    def __str__(self) -> str:
        return str(self.pk)


class Ticket(models.Model):
    """The canonical record of one ticket; all times in UTC."""

    class Kind(models.TextChoices):
        """ITIL's kinds of work."""

        INCIDENT = "incident", _("incident")
        REQUEST = "request", _("request")
        PROBLEM = "problem", _("problem")
        CHANGE = "change", _("change")
        TASK = "task", _("task")
        OTHER = "other", _("other")

    class State(models.TextChoices):
        """Where the work stands."""

        NEW = "new", _("new")
        OPEN = "open", _("in work")
        WAITING = "waiting", _("waiting")
        SCHEDULED = "scheduled", _("scheduled")
        RESOLVED = "resolved", _("resolved")
        CLOSED = "closed", _("closed")
        CANCELLED = "cancelled", _("cancelled")

    source = models.ForeignKey(
        TicketSource, on_delete=models.CASCADE, related_name="tickets", db_index=False
    )
    external_id = models.CharField(max_length=80)
    source_updated_at = models.DateTimeField()
    kind = models.CharField(_("kind"), max_length=8, choices=Kind, default=Kind.INCIDENT)
    state = models.CharField(_("state"), max_length=9, choices=State, default=State.NEW)
    raw_state = models.CharField(max_length=80, blank=True)
    queue = models.ForeignKey(
        TicketQueue,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="tickets",
        db_index=False,  # `ticket_inflow` begins with it
    )
    assignee = models.ForeignKey(
        Assignee, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    created_at = models.DateTimeField(_("created"))
    first_response_at = models.DateTimeField(null=True, blank=True)
    resolved_at = models.DateTimeField(_("resolved"), null=True, blank=True)
    closed_at = models.DateTimeField(_("closed"), null=True, blank=True)
    done_at = models.GeneratedField(
        expression=Coalesce("resolved_at", "closed_at"),
        output_field=models.DateTimeField(null=True),
        db_persist=True,
    )
    reopened_count = models.PositiveSmallIntegerField(default=0)
    priority = models.PositiveSmallIntegerField(
        _("priority"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(5)],
    )
    raw_priority = models.CharField(max_length=80, blank=True)
    category_key = models.CharField(max_length=120, blank=True)
    department_key = models.CharField(max_length=120, blank=True)
    effort_logged_minutes = models.PositiveIntegerField(null=True, blank=True)
    effort_estimate_minutes = models.PositiveIntegerField(null=True, blank=True)
    sla_due_at = models.DateTimeField(null=True, blank=True)
    sla_paused = models.BooleanField(default=False)
    sla_breached = models.BooleanField(null=True, blank=True)
    deleted = models.BooleanField(default=False)
    first_seen_at = models.DateTimeField()
    last_seen_at = models.DateTimeField(help_text=_("When its last change was seen"))

    class Meta:
        ordering = ("source", "external_id")
        verbose_name = _("ticket")
        verbose_name_plural = _("tickets")
        indexes = [
            models.Index(
                fields=("queue", "state"),
                name="ticket_open_set",
                condition=Q(resolved_at=None, closed_at=None, deleted=False),
            ),
            models.Index(fields=("queue", "created_at"), name="ticket_inflow"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=("source", "external_id"), name="ticket_has_its_number_alone"
            ),
            models.CheckConstraint(
                condition=Q(priority=None) | Q(priority__gte=1, priority__lte=5),
                name="ticket_priority_is_one_of_five",
            ),
        ]

    def __str__(self) -> str:
        return self.external_id


class TicketWeek(models.Model):
    """What is kept of deleted tickets: sums per queue, category and week, of no person."""

    source = models.ForeignKey(
        TicketSource, on_delete=models.CASCADE, related_name="+", db_index=False
    )
    queue = models.ForeignKey(
        TicketQueue,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="+",
        related_query_name="ticket_week",
    )
    week = models.DateField(help_text=_("Monday of the ISO week"))
    category_key = models.CharField(max_length=120, blank=True)
    created_count = models.PositiveIntegerField(default=0)
    done_count = models.PositiveIntegerField(default=0)
    effort_minutes = models.PositiveBigIntegerField(
        default=0, help_text=_("Logged for what was done in this week")
    )

    class Meta:
        ordering = ("week", "source", "queue", "category_key")
        constraints = [
            models.UniqueConstraint(
                fields=("source", "week", "queue", "category_key"),
                name="ticket_week_is_one_row",
                nulls_distinct=False,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.week}: {self.created_count}"


class TeamEffort(models.Model):
    """What one ticket of a team takes, as the team entered it (rung 4 of docs/load.md)."""

    DEFAULT_MINUTES = 45

    team = models.OneToOneField(
        Team, on_delete=models.CASCADE, related_name="+", related_query_name="effort"
    )
    ticket_minutes = models.PositiveSmallIntegerField(
        _("minutes for one ticket"),
        default=DEFAULT_MINUTES,
        validators=[MinValueValidator(1), MaxValueValidator(60 * 40)],
    )

    class Meta:
        verbose_name = _("effort of a team")
        verbose_name_plural = _("efforts of teams")
        constraints = [
            models.CheckConstraint(
                condition=Q(ticket_minutes__gte=1), name="ticket_takes_a_minute_at_least"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.team}: {self.ticket_minutes}"
