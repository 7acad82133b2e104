"""Which bookings have nobody been told of, and which mails are due."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import F, Min, OuterRef, QuerySet, Subquery

from rotation.booking.models import Booking
from rotation.directory.deputies import stand_ins
from rotation.directory.queries import active_hosts
from rotation.invites.models import Mail
from rotation.invites.owing import (
    TO_APPROVERS,
    TO_GUEST,
    History,
    owed_to_booker,
    owed_to_guest,
    owed_to_hosts,
)
from rotation.invites.shares import SHARES

# A mail that waits longer is no longer on its way.
LATE_AFTER = timedelta(minutes=2)


@dataclass(frozen=True)
class UntoldGuest:
    """A booking whose guest does not know what holds, and the newest mail, if there is one."""

    booking: Booking
    mail: Mail | None


def histories(mails: QuerySet[Mail]) -> Mapping[int, History]:
    """Return by booking what the mails told; a booking without any has an empty history."""
    found: dict[int, History] = defaultdict(History)
    columns = ("booking_id", "purpose", "sequence", "message_id", "dtstamp")
    for booking_id, *told in mails.order_by("pk").values_list(*columns):
        found[booking_id] = found[booking_id].after(*told)
    return found


def bookings_to_tell(now: datetime) -> QuerySet[Booking]:
    """Return the bookings still ahead of which somebody has not been told what holds.

    Reads the short columns of all bookings ahead and of their mails: four queries.
    """
    told = histories(Mail.objects.filter(booking__ends_at__gt=now))
    hosted = set(active_hosts().values_list("department", flat=True))
    has_stand_in = stand_ins().exists()
    owing = [
        booking.pk
        for booking in _ahead(now)
        if owed_to_guest(booking, told[booking.pk].guest)
        or _owed_to_booker(booking, told[booking.pk])
        or _owed_to_hosts(booking, told[booking.pk], hosted, has_stand_in=has_stand_in)
    ]
    return Booking.objects.filter(pk__in=owing).order_by("pk")


def _owed_to_booker(booking: Booking, told: History) -> bool:
    booker = booking.booked_by
    is_there = booker is not None and booker.is_active
    return is_there and owed_to_booker(booking, told.booker) is not None


def _owed_to_hosts(
    booking: Booking, told: History, hosted: set[int], *, has_stand_in: bool
) -> bool:
    """Return whether a mail to hosts is owed and somebody is there who would get it."""
    purpose = owed_to_hosts(booking, told.hosts)
    if purpose is None:
        return False
    return _has_host(booking, hosted) or (purpose in TO_APPROVERS and has_stand_in)


def _ahead(now: datetime) -> QuerySet[Booking]:
    return (
        Booking.objects.filter(ends_at__gt=now)
        .select_related("meeting__series__host__user", "booked_by")
        .only(
            "state",
            "declined_by",
            "sequence",
            "lapsed_at",
            "booked_by__is_active",
            "meeting__series__department_id",
            "meeting__series__host__user__is_active",
        )
        .order_by("pk")
    )


def _has_host(booking: Booking, hosted: set[int]) -> bool:
    series = booking.meeting.series
    own = series.host is not None and series.host.user.is_active
    return own or series.department_id in hosted


def due_mails(now: datetime) -> QuerySet[Mail]:
    """Return the mails to hand over now, the longest waiting first.

    One person hears of one booking in order: a mail waits for the earlier one.
    """
    waiting = Mail.objects.filter(state=Mail.State.QUEUED)
    same = waiting.filter(booking=OuterRef("booking"), recipient=OuterRef("recipient"))
    first = same.order_by().values("booking").annotate(first=Min("pk")).values("first")
    return waiting.filter(pk=Subquery(first), not_before__lte=now).order_by("not_before", "pk")


def due_mails_of(share: int, now: datetime) -> QuerySet[Mail]:
    """Return the mails of a share of the outbox to hand over now, the longest waiting first."""
    return due_mails(now).alias(share=F("booking_id") % SHARES).filter(share=share)


def newest_calendar_mail(booking_id: int) -> Mail | None:
    """Return the newest REQUEST or CANCEL that could be written; None before the first."""
    mails = Mail.objects.filter(booking=booking_id).exclude(method="").exclude(raw=b"")
    return mails.order_by("-pk").first()


def untold_guests(now: datetime) -> list[UntoldGuest]:
    """Return the bookings ahead whose guest was not told what holds, by time.

    No mail was queued, the newest one failed, or it waits longer than `LATE_AFTER`.
    """
    mails = Mail.objects.filter(booking__ends_at__gt=now, purpose__in=TO_GUEST)
    told, newest = histories(mails), {}
    for mail in mails.defer("raw").order_by("pk"):
        newest[mail.booking_id] = mail
    bookings = Booking.objects.filter(ends_at__gt=now).select_related("staff__user")
    return list(_untold(bookings.order_by("starts_at", "pk"), told, newest, now))


def _untold(
    bookings: QuerySet[Booking],
    told: Mapping[int, History],
    newest: Mapping[int, Mail],
    now: datetime,
) -> Iterator[UntoldGuest]:
    for booking in bookings:
        mail = newest.get(booking.pk)
        if owed_to_guest(booking, told[booking.pk].guest):
            yield UntoldGuest(booking, None)
        elif mail and _is_stuck(mail, now):
            yield UntoldGuest(booking, mail)


def _is_stuck(mail: Mail, now: datetime) -> bool:
    if mail.state == Mail.State.QUEUED:
        return mail.created_at < now - LATE_AFTER
    return mail.state == Mail.State.FAILED


def oldest_waiting(now: datetime) -> timedelta:
    """Return how long the mail that is due longest has been due; zero where none is."""
    due = due_mails(now).values_list("not_before", flat=True).first()
    return now - due if due else timedelta()


def cannot_be_told(booking_id: int) -> bool:
    """Return whether the newest mail to the guest failed: no mail can be written to the address."""
    mails = Mail.objects.filter(booking=booking_id, purpose__in=TO_GUEST).order_by("-pk")
    return mails.values_list("state", flat=True).first() == Mail.State.FAILED
