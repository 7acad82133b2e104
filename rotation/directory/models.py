"""Who there is, and when they are there."""

from datetime import date, timedelta

from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeBoundary, RangeOperators
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.fields import SortKeyField
from rotation.directory.validators import (
    validate_country,
    validate_one_line,
    validate_plain_text,
    validate_region,
    validate_time_zone,
)


class DateRange(models.Func):
    """The days from one date up to, not including, another; open where that is NULL."""

    function = "DATERANGE"
    output_field = DateRangeField()


class Versioned(models.Model):
    """A row that counts its changes, so that nobody overwrites what somebody else just wrote."""

    version = models.PositiveIntegerField(default=1, editable=False)

    class Meta:
        abstract = True


class Site(Versioned):
    """A place where people work: its clock, and whose holidays are kept there."""

    name = models.CharField(
        _("name"),
        max_length=120,
        unique=True,
        validators=[validate_plain_text, validate_one_line],
    )
    sort_key = SortKeyField()
    time_zone = models.CharField(
        _("time zone"), max_length=64, default="Europe/Berlin", validators=[validate_time_zone]
    )
    country = models.CharField(
        _("country"),
        max_length=2,
        blank=True,
        validators=[validate_country],
        help_text=_("Two letters of ISO 3166, such as DE"),
    )
    subdivision = models.CharField(
        _("holiday region"),
        max_length=20,
        blank=True,
        help_text=_("The part of the country whose holidays are kept, such as BY"),
    )

    class Meta:
        ordering = ("sort_key", "pk")
        verbose_name = _("site")
        verbose_name_plural = _("sites")
        constraints = [
            models.CheckConstraint(
                condition=~Q(country="") | Q(subdivision=""), name="site_region_has_a_country"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        """Raise ValidationError where the region is none of the country's."""
        validate_region(self.country, self.subdivision)


class Department(Versioned):
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
    site = models.ForeignKey(
        Site,
        on_delete=models.PROTECT,
        verbose_name=_("site"),
        null=True,
        blank=True,
        related_name="departments",
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


class Team(Versioned):
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


class StaffMember(Versioned):
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
    site = models.ForeignKey(
        Site,
        on_delete=models.PROTECT,
        verbose_name=_("site"),
        null=True,
        blank=True,
        related_name="staff",
        help_text=_("Whose holidays are kept; the person's own time zone goes before the site's"),
    )
    left_on = models.DateField(_("last day"), null=True, blank=True)
    has_left = models.BooleanField(
        _("has left"), default=False, help_text=_("The last day is over; nobody lists the person")
    )

    class Meta:
        ordering = ("user__sort_key", "pk")
        verbose_name = _("IT person")
        verbose_name_plural = _("IT people")
        constraints = [
            models.CheckConstraint(
                condition=Q(has_left=False) | Q(left_on__isnull=False),
                name="staff_who_left_had_a_last_day",
            ),
        ]

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


class Contract(Versioned):
    """What a person works from one day up to, not including, another; the hours stand below it.

    Without a contract on a day the person has no working time then.
    """

    staff = models.ForeignKey(StaffMember, on_delete=models.CASCADE, related_name="contracts")
    starts_on = models.DateField(_("first day"))
    ends_on = models.DateField(
        _("ends"), null=True, blank=True, help_text=_("The first day after it; empty: without end")
    )

    class Meta:
        ordering = ("starts_on",)
        verbose_name = _("contract")
        verbose_name_plural = _("contracts")
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_on=None) | Q(ends_on__gt=F("starts_on")),
                name="contract_ends_after_it_starts",
            ),
            ExclusionConstraint(
                name="contract_overlaps_no_other_of_the_person",
                expressions=[
                    ("staff", RangeOperators.EQUAL),
                    (DateRange("starts_on", "ends_on", RangeBoundary()), RangeOperators.OVERLAPS),
                ],
            ),
        ]

    def __str__(self) -> str:
        return f"{self.starts_on} - {self.ends_on or ''}"

    @property
    def last_on(self) -> date | None:
        """The last day; None without end."""
        return self.ends_on - timedelta(days=1) if self.ends_on else None


class WorkingPattern(models.Model):
    """Local working hours on one weekday of a contract; a part-timer has fewer or shorter ones."""

    contract = models.ForeignKey(Contract, on_delete=models.CASCADE, related_name="patterns")
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
                fields=("contract", "weekday", "starts"), name="working_pattern_starts_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.weekday} {self.starts}-{self.ends}"


class Absence(Versioned):
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
            models.UniqueConstraint(
                fields=("staff", "starts_at", "ends_at"), name="absence_is_stored_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.starts_at} - {self.ends_at}"


class Duty(Versioned):
    """On-call or dispatch duty: whoever has it stays reachable and visits nobody."""

    class Kind(models.TextChoices):
        """How much of the proactive time the duty takes (delta in docs/budget.md)."""

        PRIMARY = "primary", _("on duty")
        DISPATCH = "dispatch", _("dispatch")
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
            models.UniqueConstraint(
                fields=("staff", "kind", "starts_at", "ends_at"), name="duty_is_stored_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.starts_at} - {self.ends_at}"


class Host(Versioned):
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


class HostDeputy(models.Model):
    """Who answers the requests to a host as well: in a span of days, or always.

    A deputy is a host too, of the same department or of another one.
    """

    host = models.ForeignKey(
        Host, on_delete=models.CASCADE, verbose_name=_("host"), related_name="deputies"
    )
    deputy = models.ForeignKey(
        Host, on_delete=models.CASCADE, verbose_name=_("deputy"), related_name="deputises_for"
    )
    from_on = models.DateField(
        _("from"), null=True, blank=True, help_text=_("First day; empty: from now on")
    )
    until_on = models.DateField(
        _("until"), null=True, blank=True, help_text=_("Last day; empty: until further notice")
    )

    class Meta:
        ordering = ("deputy__user__sort_key", "pk")
        verbose_name = _("deputy")
        verbose_name_plural = _("deputies")
        constraints = [
            models.CheckConstraint(
                condition=~Q(host=F("deputy")), name="host_is_not_the_own_deputy"
            ),
            models.CheckConstraint(
                condition=Q(from_on=None) | Q(until_on=None) | Q(until_on__gte=F("from_on")),
                name="deputy_ends_after_the_start",
            ),
            models.UniqueConstraint(
                fields=("host", "deputy", "from_on", "until_on"),
                name="deputy_is_named_once_for_a_span",
                nulls_distinct=False,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.deputy} - {self.host}"


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
