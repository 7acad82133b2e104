"""Meeting series and their occurrences; the names are RFC 5545's."""

from datetime import timedelta

from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from rotation.directory.models import Department, Host
from rotation.directory.validators import (
    validate_one_line,
    validate_plain_text,
    validate_time_zone,
)

LONGEST_MEETING = timedelta(hours=12)
LONGEST_WAY = timedelta(hours=4)
MOST_SEATS = 50
MOST_EXCEPTIONS = 200


class CalendarFeed(models.Model):
    """A calendar at an address from which a department's series are read again and again."""

    class Fault(models.TextChoices):
        """Why the last reading failed; the series then stay as they are."""

        NONE = "", _("none")
        NOT_ALLOWED = "not_allowed", _("the address is none that may be asked")
        UNREACHABLE = "unreachable", _("the calendar's server cannot be reached")
        REFUSED = "refused", _("the calendar's server refuses to give it")
        TOO_LARGE = "too_large", _("the calendar is too large")
        UNREADABLE = "unreadable", _("what the server gives is no calendar")

    department = models.ForeignKey(
        Department,
        on_delete=models.PROTECT,
        verbose_name=_("department"),
        related_name="+",
        related_query_name="calendar_feed",
    )
    name = models.CharField(
        _("name"), max_length=80, validators=[validate_plain_text, validate_one_line]
    )
    # Whoever knows the address reads the calendar: it stands in no log, no trail and no page.
    address = models.TextField(_("address"), max_length=2000)
    etag = models.CharField(max_length=255, blank=True)
    last_modified = models.CharField(max_length=80, blank=True)
    tried_at = models.DateTimeField(_("last tried"), null=True, blank=True)
    read_at = models.DateTimeField(_("last read"), null=True, blank=True)
    fault = models.CharField(
        _("fault"), max_length=12, choices=Fault, default=Fault.NONE, blank=True
    )

    class Meta:
        ordering = ("department__sort_key", "name", "pk")
        verbose_name = _("calendar feed")
        verbose_name_plural = _("calendar feeds")
        constraints = [
            models.UniqueConstraint(
                fields=("department", "address"), name="feed_is_read_once_for_a_department"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class MeetingSeries(models.Model):
    """A department's recurring meeting (RFC 5545: a recurrence set) that takes guests."""

    department = models.ForeignKey(
        Department,
        on_delete=models.PROTECT,
        verbose_name=_("department"),
        related_name="+",
        related_query_name="meeting_series",
    )
    host = models.ForeignKey(
        Host,
        on_delete=models.SET_NULL,
        verbose_name=_("contact"),
        null=True,
        blank=True,
        related_name="+",
        related_query_name="meeting_series",
    )
    title = models.CharField(
        _("title"), max_length=160, validators=[validate_plain_text, validate_one_line]
    )
    location = models.CharField(
        _("place or link"),
        max_length=300,
        blank=True,
        validators=[validate_plain_text, validate_one_line],
    )
    rrule = models.CharField(
        _("recurrence rule"),
        max_length=200,
        blank=True,
        help_text=_("RFC 5545, such as FREQ=WEEKLY;BYDAY=TU; empty for a single meeting"),
    )
    excluded_on = ArrayField(
        models.DateField(),
        verbose_name=_("not on"),
        default=list,
        blank=True,
        help_text=_("Days of the rule without a meeting (RFC 5545: EXDATE)"),
    )
    extra_on = ArrayField(
        models.DateField(),
        verbose_name=_("also on"),
        default=list,
        blank=True,
        help_text=_("Days with a meeting beside the rule (RFC 5545: RDATE)"),
    )
    starts_at = models.DateTimeField(_("first start"))
    duration = models.DurationField(_("duration"), default=timedelta(hours=1))
    time_zone = models.CharField(
        _("time zone"), max_length=64, default="Europe/Berlin", validators=[validate_time_zone]
    )
    seats = models.PositiveSmallIntegerField(
        _("guest seats"),
        default=1,
        validators=[MinValueValidator(1), MaxValueValidator(MOST_SEATS)],
    )
    needs_approval = models.BooleanField(_("the host approves each guest"), default=False)
    confidential = models.BooleanField(
        _("confidential"),
        default=False,
        help_text=_("Mails and feeds show a neutral title"),
    )
    notice = models.DurationField(
        _("notice"),
        default=timedelta(hours=24),
        help_text=_("Guests are booked no later than this"),
    )
    travel = models.DurationField(_("way to the meeting"), default=timedelta(0))
    guests_per_month = models.PositiveSmallIntegerField(
        _("most guests in a month"), null=True, blank=True
    )
    ended_at = models.DateTimeField(
        _("end"), null=True, blank=True, help_text=_("No meeting begins from then on")
    )
    import_key = models.CharField(
        _("key in imports"), max_length=80, blank=True, help_text=_("Empty: the title")
    )
    feed = models.ForeignKey(
        CalendarFeed,
        on_delete=models.SET_NULL,
        verbose_name=_("calendar"),
        null=True,
        blank=True,
        related_name="+",
        related_query_name="meeting_series",
    )
    feed_uid = models.CharField(max_length=255, blank=True, help_text=_("UID of its event there"))
    feed_digest = models.CharField(max_length=64, blank=True)
    missing_since = models.DateTimeField(
        _("missing since"), null=True, blank=True, help_text=_("Its calendar holds it no longer")
    )
    version = models.PositiveIntegerField(default=1)

    class Meta:
        ordering = ("department__sort_key", "title", "pk")
        verbose_name = _("meeting series")
        verbose_name_plural = _("meeting series")
        constraints = [
            models.CheckConstraint(condition=Q(seats__gte=1), name="series_has_a_seat"),
            models.CheckConstraint(
                condition=Q(duration__gt=timedelta(0), duration__lte=LONGEST_MEETING),
                name="series_lasts_up_to_half_a_day",
            ),
            models.CheckConstraint(
                condition=Q(
                    notice__gte=timedelta(0),
                    travel__gte=timedelta(0),
                    travel__lte=LONGEST_WAY,
                ),
                name="series_notice_and_travel_are_sane",
            ),
            models.UniqueConstraint(
                fields=("department", "import_key"),
                name="series_has_its_import_key_alone",
                condition=~Q(import_key=""),
            ),
            models.UniqueConstraint(
                fields=("feed", "feed_uid"),
                name="series_has_its_event_alone",
                condition=Q(feed__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return self.title


class Meeting(models.Model):
    """One occurrence of a series (RFC 5545: an instance), with its guest seats."""

    series = models.ForeignKey(
        MeetingSeries, on_delete=models.PROTECT, related_name="+", related_query_name="meeting"
    )
    original_starts_at = models.DateTimeField(
        help_text=_("Where the rule puts it (RFC 5545: RECURRENCE-ID); moving changes starts_at")
    )
    starts_at = models.DateTimeField(_("start"), db_index=True)
    ends_at = models.DateTimeField(_("end"))
    seats = models.PositiveSmallIntegerField(
        _("guest seats"), default=1, help_text=_("0: a day on which guests are not welcome")
    )
    cancelled_at = models.DateTimeField(_("cancelled"), null=True, blank=True)
    left_out = models.BooleanField(
        default=False, help_text=_("A change of the series took its date away; it stays cancelled")
    )
    seats_free: int  # there where a query counted the guests (booking.queries.with_seats_free)

    class Meta:
        ordering = ("starts_at", "pk")
        verbose_name = _("meeting")
        verbose_name_plural = _("meetings")
        indexes = [models.Index(fields=("series", "starts_at"), name="meeting_by_series")]
        constraints = [
            models.UniqueConstraint(
                fields=("series", "original_starts_at"),
                name="meeting_occurs_once",
                condition=Q(left_out=False),
            ),
            models.CheckConstraint(
                condition=Q(left_out=False) | Q(cancelled_at__isnull=False),
                name="meeting_left_out_is_cancelled",
            ),
            models.CheckConstraint(
                condition=Q(ends_at__gt=F("starts_at")), name="meeting_ends_after_it_starts"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.series}, {self.starts_at}"


class Blackout(models.Model):
    """Days on which a department, or one of its series, takes no guests; the meetings stay."""

    department = models.ForeignKey(
        Department,
        on_delete=models.CASCADE,
        verbose_name=_("department"),
        related_name="+",
        related_query_name="blackout",
    )
    series = models.ForeignKey(
        MeetingSeries,
        on_delete=models.CASCADE,
        verbose_name=_("meeting series"),
        null=True,
        blank=True,
        help_text=_("Empty: all of the department"),
        related_name="+",
        related_query_name="blackout",
    )
    first_on = models.DateField(_("first day"))
    last_on = models.DateField(_("last day"))

    class Meta:
        ordering = ("first_on", "last_on", "pk")
        verbose_name = _("days without guests")
        verbose_name_plural = _("days without guests")
        constraints = [
            models.CheckConstraint(
                condition=Q(last_on__gte=F("first_on")), name="blackout_ends_after_it_begins"
            ),
            models.UniqueConstraint(
                fields=("department", "series", "first_on", "last_on"),
                name="blackout_is_said_once",
                nulls_distinct=False,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.first_on} - {self.last_on}"
