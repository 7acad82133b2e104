"""Meeting series and their occurrences; the names are RFC 5545's."""

from datetime import timedelta

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
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)

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
    seats = models.PositiveSmallIntegerField(_("guest seats"), default=1)
    cancelled_at = models.DateTimeField(_("cancelled"), null=True, blank=True)
    seats_free: int  # there where a query counted the guests (booking.queries.with_seats_free)

    class Meta:
        ordering = ("starts_at", "pk")
        verbose_name = _("meeting")
        verbose_name_plural = _("meetings")
        indexes = [models.Index(fields=("series", "starts_at"), name="meeting_by_series")]
        constraints = [
            models.UniqueConstraint(
                fields=("series", "original_starts_at"), name="meeting_occurs_once"
            ),
            models.CheckConstraint(
                condition=Q(ends_at__gt=F("starts_at")), name="meeting_ends_after_it_starts"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.series}, {self.starts_at}"
