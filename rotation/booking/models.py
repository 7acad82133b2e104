"""The commitment: this person sits in on that meeting."""

from datetime import datetime

from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateTimeRangeField, RangeOperators
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from rotation.directory.models import StaffMember
from rotation.meetings.models import Meeting

# The class bodies of `Meta` below cannot see those of the model, so these stand here.
_HOLDING = ("requested", "confirmed", "attended", "missed")
_GIVEN_UP = ("declined", "cancelled")


class Booking(models.Model):
    """One person's seat in one meeting; the database refuses what would collide."""

    class State(models.TextChoices):
        """The house's commitment (not the guest's answer, which is `partstat`)."""

        REQUESTED = "requested", _("requested")
        CONFIRMED = "confirmed", _("confirmed")
        ATTENDED = "attended", _("attended")
        MISSED = "missed", _("missed")
        DECLINED = "declined", _("declined")
        CANCELLED = "cancelled", _("cancelled")

    class Side(models.TextChoices):
        """Who declined."""

        NOBODY = "", _("nobody")
        HOST = "host", _("the host")
        GUEST = "guest", _("the guest")

    class Partstat(models.TextChoices):
        """The guest's answer (RFC 5545 section 3.2.12)."""

        NEEDS_ACTION = "NEEDS-ACTION", _("no answer yet")
        ACCEPTED = "ACCEPTED", _("accepted")
        TENTATIVE = "TENTATIVE", _("maybe")
        DECLINED = "DECLINED", _("declined")

    class Source(models.TextChoices):
        """How the booking came about."""

        MANUAL = "manual", _("by hand")
        PLAN = "plan", _("by the plan")
        SWAP = "swap", _("by a swap")

    # States that hold the seat and the person's time.
    HOLDING = _HOLDING
    # States whose hours are spent from the budget; a missed visit gives them back.
    SPENDING = (State.REQUESTED, State.CONFIRMED, State.ATTENDED)
    # States of visits of which nobody has said yet how they ended.
    OPEN = (State.REQUESTED, State.CONFIRMED)

    staff = models.ForeignKey(
        StaffMember,
        on_delete=models.PROTECT,
        verbose_name=_("guest"),
        related_name="+",
        related_query_name="booking",
    )
    meeting = models.ForeignKey(
        Meeting,
        on_delete=models.PROTECT,
        verbose_name=_("meeting"),
        related_name="+",
        related_query_name="booking",
    )
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.CONFIRMED)
    declined_by = models.CharField(max_length=5, choices=Side, default=Side.NOBODY, blank=True)
    partstat = models.CharField(
        _("answer"), max_length=12, choices=Partstat, default=Partstat.NEEDS_ACTION
    )
    seat = models.PositiveSmallIntegerField(help_text=_("Number of the guest seat, from 1"))
    starts_at = models.DateTimeField(_("start"), help_text=_("As the meeting's; kept in step"))
    ends_at = models.DateTimeField(_("end"))
    blocked = DateTimeRangeField(help_text=_("[start - travel, end + travel + buffer)"))
    cost_minutes = models.PositiveSmallIntegerField(_("cost in minutes"))
    uid = models.CharField(max_length=255, unique=True)
    sequence = models.PositiveIntegerField(default=0)
    source = models.CharField(max_length=6, choices=Source, default=Source.MANUAL)
    pinned = models.BooleanField(_("pinned"), default=False)
    version = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField()
    approved_at = models.DateTimeField(
        _("approved"), null=True, blank=True, help_text=_("When the host said yes, where one must")
    )
    requested_at = models.DateTimeField(
        null=True, blank=True, help_text=_("Since when the host is asked, where one must approve")
    )
    lapsed_at = models.DateTimeField(
        null=True, blank=True, help_text=_("When a request ended that no host answered")
    )
    # Told when a request lapses; no index, as nobody asks for what one user booked.
    booked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        db_index=False,
        related_name="+",
        related_query_name="booked_visit",
        verbose_name=_("booked by"),
    )
    has_waited: bool  # there where a query looked into the queues (invites.services)

    class Meta:
        ordering = ("starts_at", "pk")
        verbose_name = _("visit")
        verbose_name_plural = _("visits")
        indexes = [
            models.Index(fields=("staff", "starts_at"), name="booking_by_staff"),
            models.Index(fields=("meeting", "state"), name="booking_by_meeting"),
            models.Index(fields=("starts_at",), name="booking_by_start"),
            models.Index(fields=("ends_at",), name="booking_by_end"),
        ]
        constraints = [
            ExclusionConstraint(
                name="booking_overlaps_nothing",
                expressions=[("staff", RangeOperators.EQUAL), ("blocked", RangeOperators.OVERLAPS)],
                condition=Q(state__in=_HOLDING),
            ),
            models.UniqueConstraint(
                fields=("meeting", "seat"),
                name="booking_has_the_seat_alone",
                condition=Q(state__in=_HOLDING),
            ),
            models.CheckConstraint(condition=Q(seat__gte=1), name="booking_has_a_seat"),
            models.CheckConstraint(
                condition=Q(ends_at__gt=F("starts_at")), name="booking_ends_after_it_starts"
            ),
            models.CheckConstraint(
                condition=Q(state="declined", declined_by__in=("host", "guest"))
                | (~Q(state="declined") & Q(declined_by="")),
                name="booking_says_who_declined",
            ),
            models.CheckConstraint(
                condition=Q(state__in=[*_HOLDING, *_GIVEN_UP]), name="booking_state_is_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.staff} - {self.meeting}"

    @property
    def asked_at(self) -> datetime:
        """Since when a host is asked."""
        return self.requested_at or self.created_at


class Waiting(models.Model):
    """One person's place in the queue of a full meeting; who came first stands first (`id`).

    Places are given out under the meeting's lock, so that their ids are in the order of coming.
    """

    class State(models.TextChoices):
        """What became of the place."""

        WAITING = "waiting", _("waiting")
        PROMOTED = "promoted", _("got a seat")
        LEFT = "left", _("left the queue")
        LAPSED = "lapsed", _("no seat became free")

    staff = models.ForeignKey(
        StaffMember,
        on_delete=models.PROTECT,
        verbose_name=_("guest"),
        related_name="+",
        related_query_name="waiting",
    )
    meeting = models.ForeignKey(
        Meeting,
        on_delete=models.PROTECT,
        verbose_name=_("meeting"),
        related_name="+",
        related_query_name="waiting",
    )
    state = models.CharField(_("state"), max_length=8, choices=State, default=State.WAITING)
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        db_index=False,
        related_name="+",
        related_query_name="waiting_asked",
        verbose_name=_("put on the list by"),
    )
    booking = models.ForeignKey(
        Booking,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        related_query_name="waiting",
        verbose_name=_("visit"),
        help_text=_("The visit that the place became"),
    )
    passed_over_at = models.DateTimeField(
        null=True,
        blank=True,
        help_text=_("When a free seat went past because a rule spoke against it; empty when none"),
    )
    created_at = models.DateTimeField(_("since"))
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)
    place: int  # there where a query counted the queue (booking.queues.with_place)

    class Meta:
        ordering = ("pk",)
        verbose_name = _("place in the queue")
        verbose_name_plural = _("places in the queue")
        indexes = [
            models.Index(
                fields=("meeting", "id"), name="waiting_by_meeting", condition=Q(state="waiting")
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=("staff", "meeting"),
                name="person_waits_once_for_a_meeting",
                condition=Q(state="waiting"),
            ),
            models.CheckConstraint(
                condition=Q(state="waiting", ended_at=None)
                | Q(state__in=("promoted", "left", "lapsed"), ended_at__isnull=False),
                name="waiting_ends_at_a_time",
            ),
            models.CheckConstraint(
                condition=Q(state="promoted", booking__isnull=False)
                | (~Q(state="promoted") & Q(booking=None)),
                name="waiting_becomes_a_visit",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.staff} - {self.meeting}"
