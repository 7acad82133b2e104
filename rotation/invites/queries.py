"""Which bookings have nobody been told of, and which mails are due."""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, TypedDict

from django.db.models import (
    Case,
    CharField,
    Exists,
    F,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
    When,
)
from django.db.models.functions import Coalesce

from rotation.booking.models import Booking
from rotation.directory.models import Host
from rotation.invites.models import Mail

if TYPE_CHECKING:
    from django_stubs_ext import WithAnnotations

# A mail that waits longer is no longer on its way.
LATE_AFTER = timedelta(minutes=2)

_P = Mail.Purpose
_GUEST = (_P.INVITE, _P.INVITE_UPDATE, _P.INVITE_CANCEL)
_EXPECTS = (_P.HOST_GUEST_COMING, _P.HOST_GUEST_CHANGED)
_HOST = (_P.HOST_APPROVAL_WANTED, *_EXPECTS, _P.HOST_GUEST_CANCELLED, _P.GUEST_DECLINED)
_KNOWS_NOW = Q(host_told_sequence__gte=F("sequence"))


class MessagesDue(TypedDict):
    """What `with_messages_due` adds to a booking."""

    told_method: str
    told_sequence: int | None
    host_told: str
    host_told_sequence: int | None
    thread: str | None
    host_thread: str | None
    last_dtstamp: datetime | None
    has_host: bool
    guest_due: str
    host_due: str


class NewestMail(MessagesDue):
    """What `untold_guests` adds to that."""

    mail_state: str
    mail_error: str
    mail_created_at: datetime | None


def with_messages_due(
    bookings: QuerySet[Booking],
) -> "QuerySet[WithAnnotations[Booking, MessagesDue]]":
    """Return the bookings with what guest and hosts were told last and what is now to be said.

    Adds `guest_due` and `host_due` (a Purpose, or empty), `thread` and `host_thread` (the first
    mail's Message-ID, or None) and `last_dtstamp`. No further query.
    """
    guest = Mail.objects.filter(booking=OuterRef("pk"), purpose__in=_GUEST).order_by("-pk")
    host = Mail.objects.filter(booking=OuterRef("pk"), purpose__in=_HOST).order_by("-pk")
    told = bookings.annotate(
        told_method=_of_first(guest, "method"),
        told_sequence=Subquery(guest.values("sequence")[:1]),
        host_told=_of_first(host, "purpose"),
        host_told_sequence=Subquery(host.values("sequence")[:1]),
        thread=Subquery(guest.order_by("pk").values("message_id")[:1]),
        host_thread=Subquery(host.order_by("pk").values("message_id")[:1]),
        last_dtstamp=Subquery(guest.order_by("-dtstamp").values("dtstamp")[:1]),
        has_host=Exists(
            Host.objects.filter(
                department=OuterRef("meeting__series__department"), user__is_active=True
            )
        ),
    )
    return told.annotate(guest_due=_guest_due(), host_due=_host_due())


def _of_first(mails: QuerySet[Mail], column: str) -> Coalesce:
    return Coalesce(Subquery(mails.values(column)[:1]), Value(""))


def _guest_due() -> Case:
    """A confirmed guest needs the REQUEST of this sequence; a REQUEST that fell needs a CANCEL.

    A guest's own no needs nothing: the calendar it came from knows (RFC 5546 section 3.2.3).
    """
    state = Booking.State
    invited = Q(told_method="REQUEST")
    return _first_true(
        (Q(state=state.CONFIRMED) & invited & Q(told_sequence__gte=F("sequence")), ""),
        (Q(state=state.CONFIRMED, told_method=""), _P.INVITE),
        (Q(state=state.CONFIRMED), _P.INVITE_UPDATE),
        (invited & (Q(state=state.CANCELLED) | Q(declined_by="host")), _P.INVITE_CANCEL),
    )


def _host_due() -> Case:
    """Hosts hear once of each thing; what a host did needs no mail to hosts."""
    state = Booking.State
    expects = Q(host_told__in=_EXPECTS)
    asked = Q(host_told=_P.HOST_APPROVAL_WANTED)
    return _first_true(
        (Q(has_host=False) & ~Q(meeting__series__host__user__is_active=True), ""),
        (Q(state=state.REQUESTED) & asked & _KNOWS_NOW, ""),
        (Q(state=state.REQUESTED), _P.HOST_APPROVAL_WANTED),
        (Q(state=state.CONFIRMED) & expects & _KNOWS_NOW, ""),
        (Q(state=state.CONFIRMED) & expects, _P.HOST_GUEST_CHANGED),
        (Q(state=state.CONFIRMED), _P.HOST_GUEST_COMING),
        (Q(state=state.DECLINED, declined_by="guest") & (expects | asked), _P.GUEST_DECLINED),
        (Q(state=state.CANCELLED) & (expects | asked), _P.HOST_GUEST_CANCELLED),
    )


def _first_true(*rules: tuple[Q, str]) -> Case:
    cases = [When(condition, then=Value(str(purpose))) for condition, purpose in rules]
    return Case(*cases, default=Value(""), output_field=CharField())


def bookings_to_tell(now: datetime) -> "QuerySet[WithAnnotations[Booking, MessagesDue]]":
    """Return the bookings still ahead of which the guest or a host has not been told what holds."""
    ahead = Booking.objects.filter(ends_at__gt=now)
    return with_messages_due(ahead).exclude(guest_due="", host_due="").order_by("pk")


def due_mails(now: datetime) -> QuerySet[Mail]:
    """Return the mails to hand over now, the longest waiting first.

    One person hears of one booking in order: a mail waits for the earlier one.
    """
    waiting = Mail.objects.filter(state=Mail.State.QUEUED)
    earlier = waiting.filter(
        booking=OuterRef("booking"), recipient=OuterRef("recipient"), pk__lt=OuterRef("pk")
    )
    return waiting.filter(~Exists(earlier), not_before__lte=now).order_by("not_before", "pk")


def newest_calendar_mail(booking_id: int) -> Mail | None:
    """Return the newest REQUEST or CANCEL that could be written; None before the first."""
    mails = Mail.objects.filter(booking=booking_id).exclude(method="").exclude(raw=b"")
    return mails.order_by("-pk").first()


def untold_guests(now: datetime) -> "QuerySet[WithAnnotations[Booking, NewestMail]]":
    """Return the bookings ahead whose guest was not told what holds.

    No mail was queued, the newest one failed, or it waits longer than `LATE_AFTER`. Adds
    `mail_state` and `mail_error` of the newest mail to the guest, empty where there is none.
    """
    newest = Mail.objects.filter(booking=OuterRef("pk"), purpose__in=_GUEST).order_by("-pk")
    stuck = Q(mail_state="failed") | Q(mail_state="queued", mail_created_at__lt=now - LATE_AFTER)
    return (
        with_messages_due(Booking.objects.filter(ends_at__gt=now))
        .annotate(
            mail_state=_of_first(newest, "state"),
            mail_error=_of_first(newest, "last_error"),
            mail_created_at=Subquery(newest.values("created_at")[:1]),
        )
        .filter(~Q(guest_due="") | stuck)
        .select_related("staff__user", "meeting__series")
        .order_by("starts_at", "pk")
    )


def oldest_waiting(now: datetime) -> timedelta:
    """Return how long the mail that is due longest has been due; zero where none is."""
    due = due_mails(now).values_list("not_before", flat=True).first()
    return now - due if due else timedelta()
