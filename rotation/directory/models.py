"""Who there is, and when they are there."""

from datetime import timedelta

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.fields import SortKeyField
from rotation.directory.validators import validate_plain_text, validate_time_zone


class Department(models.Model):
    """A part of the house whose meetings IT people may sit in on."""

    name = models.CharField(
        _("name"), max_length=120, unique=True, validators=[validate_plain_text]
    )
    sort_key = SortKeyField()
    code = models.CharField(
        _("code"),
        max_length=4,
        unique=True,
        validators=[validate_plain_text],
        help_text=_("Two letters for the board, such as HR"),
    )
    purpose = models.TextField(
        _("what the department does"),
        max_length=1000,
        blank=True,
        validators=[validate_plain_text],
    )
    time_zone = models.CharField(
        _("time zone"), max_length=64, default="Europe/Berlin", validators=[validate_time_zone]
    )
    cadence_weeks = models.PositiveSmallIntegerField(
        _("a visit at least every … weeks"),
        default=8,
        validators=[MinValueValidator(1), MaxValueValidator(52)],
    )

    class Meta:
        ordering = ("sort_key", "pk")
        verbose_name = _("department")
        verbose_name_plural = _("departments")
        constraints = [
            models.CheckConstraint(
                condition=Q(cadence_weeks__gte=1), name="department_wants_visits_now_and_then"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Team(models.Model):
    """A team of IT people; load and budgets are counted per team."""

    name = models.CharField(
        _("name"), max_length=120, unique=True, validators=[validate_plain_text]
    )
    sort_key = SortKeyField()
    department = models.ForeignKey(
        Department,
        on_delete=models.PROTECT,
        verbose_name=_("department"),
        related_name="teams",
    )
    managers = models.ManyToManyField(
        settings.AUTH_USER_MODEL, verbose_name=_("managers"), blank=True, related_name="+"
    )
    buffer = models.DurationField(
        _("pause after a visit"),
        default=timedelta(minutes=15),
        help_text=_("Free time kept between two visits of one person"),
    )

    class Meta:
        ordering = ("sort_key", "pk")
        verbose_name = _("team")
        verbose_name_plural = _("teams")

    def __str__(self) -> str:
        return self.name


class StaffMember(models.Model):
    """An IT person who can be booked as a guest."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="+",
        related_query_name="staff_member",
    )
    team = models.ForeignKey(
        Team, on_delete=models.PROTECT, verbose_name=_("team"), related_name="members"
    )
    time_zone = models.CharField(
        _("time zone"), max_length=64, default="Europe/Berlin", validators=[validate_time_zone]
    )
    left_on = models.DateField(_("left on"), null=True, blank=True)

    class Meta:
        ordering = ("user__sort_key", "pk")
        verbose_name = _("IT person")
        verbose_name_plural = _("IT people")

    def __str__(self) -> str:
        return self.user.name

    @property
    def name(self) -> str:
        """The user's name; reads `user`."""
        return self.user.name

    @property
    def email(self) -> str:
        """The address that invitations go to; reads `user`."""
        return self.user.email


class WorkingPattern(models.Model):
    """Local working hours of one person on one weekday; a part-timer has fewer or shorter ones."""

    staff = models.ForeignKey(
        StaffMember, on_delete=models.CASCADE, related_name="working_patterns"
    )
    weekday = models.PositiveSmallIntegerField(_("weekday"))
    starts = models.TimeField(_("from"))
    ends = models.TimeField(_("to"))

    class Meta:
        ordering = ("weekday", "starts")
        constraints = [
            models.CheckConstraint(
                condition=Q(weekday__lte=6), name="working_pattern_is_on_a_weekday"
            ),
            models.CheckConstraint(
                condition=Q(ends__gt=F("starts")), name="working_pattern_ends_after_it_starts"
            ),
            models.UniqueConstraint(
                fields=("staff", "weekday", "starts"), name="working_pattern_starts_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.weekday} {self.starts}-{self.ends}"


class Absence(models.Model):
    """Time away. Hours only: no reason is ever stored."""

    staff = models.ForeignKey(StaffMember, on_delete=models.CASCADE, related_name="absences")
    starts_at = models.DateTimeField(_("from"))
    ends_at = models.DateTimeField(_("to"))

    class Meta:
        ordering = ("starts_at",)
        verbose_name = _("absence")
        verbose_name_plural = _("absences")
        indexes = [models.Index(fields=("staff", "starts_at", "ends_at"), name="absence_by_time")]
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_at__gt=F("starts_at")), name="absence_ends_after_it_starts"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.starts_at} - {self.ends_at}"


class Duty(models.Model):
    """On-call or dispatch duty: whoever has it stays reachable and visits nobody."""

    class Kind(models.TextChoices):
        """How much of the proactive time the duty takes (delta in docs/budget.md)."""

        PRIMARY = "primary", _("on duty")
        SECONDARY = "secondary", _("stand-by")

    staff = models.ForeignKey(StaffMember, on_delete=models.CASCADE, related_name="duties")
    kind = models.CharField(_("kind"), max_length=10, choices=Kind, default=Kind.PRIMARY)
    starts_at = models.DateTimeField(_("from"))
    ends_at = models.DateTimeField(_("to"))

    class Meta:
        ordering = ("starts_at",)
        verbose_name = _("duty")
        verbose_name_plural = _("duties")
        indexes = [models.Index(fields=("staff", "starts_at", "ends_at"), name="duty_by_time")]
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_at__gt=F("starts_at")), name="duty_ends_after_it_starts"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.starts_at} - {self.ends_at}"


class Host(models.Model):
    """A user of a department who offers its meetings and approves guests."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        related_name="+",
        related_query_name="host",
    )
    department = models.ForeignKey(Department, on_delete=models.PROTECT, related_name="hosts")

    class Meta:
        ordering = ("user__sort_key", "pk")
        verbose_name = _("host")
        verbose_name_plural = _("hosts")

    def __str__(self) -> str:
        return self.user.name


class Installation(models.Model):
    """What this database is: a demo may be replaced as a whole, the real thing never."""

    demo = models.BooleanField(default=False)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(pk=1), name="installation_is_one"),
        ]

    def __str__(self) -> str:
        return "demo" if self.demo else "installation"
