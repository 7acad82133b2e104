"""directory -> all tables: nothing that names somebody who is gone stays anywhere."""

from datetime import datetime, timedelta
from urllib.parse import quote

from django.apps import apps
from django.contrib.admin.models import LogEntry
from django.db import transaction
from django.db.models import Q

from accounts.models import User
from rotation.audit.services import By
from rotation.booking.models import Booking
from rotation.directory.models import Host
from rotation.directory.staffing import erase_user
from rotation.invites.erasure import forget_mails
from rotation.meetings.models import CalendarFeed
from rotation.replies.erasure import forget_answers, forget_demo_mails
from rotation.workflows.read_series_feed import forget_feed

ANSWERS_KEPT = timedelta(days=1)  # as long as an Idempotency-Key counts


@transaction.atomic
def erase(user_id: int, *, by: By, now: datetime) -> User:
    """Put a user under a pseudonym, empty everything that names the user, and return it.

    Rows, states, times and keys stay, so that every count of the past stays what it was. What
    people wrote themselves (notes of visits, reasons of changes) is kept as written.

    Raises:
        StillHere: the user is an IT person whose last day is not over.
        LastAdministrator: nobody would be an administrator any more.
    """
    user = User.objects.get(pk=user_id)
    if user.erased_at:
        return user
    name, address = user.name, user.email
    own = list(Booking.objects.filter(staff__user=user_id).values_list("pk", flat=True))
    hosted = _visits_hosted_by(user_id)
    user = erase_user(user_id, by=by, now=now)
    forget_mails(address, user.email, own=own, hosted=hosted)
    forget_answers(address, user.email, own)
    forget_demo_mails(name, address)
    _forget_answers_to_programs(name, address, now)
    _forget_calendars(name, address, by, now)
    told = Q(object_repr__contains=name) | Q(object_repr__contains=address)
    LogEntry.objects.filter(told).update(object_repr=user.name, change_message="")
    return user


def _visits_hosted_by(user_id: int) -> list[int]:
    """Return the visits whose mails may name the user as the department's contact."""
    departments = Host.objects.filter(user=user_id).values("department")
    visits = Booking.objects.filter(meeting__series__department__in=departments)
    return list(visits.values_list("pk", flat=True))


def _forget_calendars(name: str, address: str, by: By, now: datetime) -> None:
    """Forget the calendars that were read from the user's own mailbox; their series stay."""
    named = Q(name__icontains=name) | Q(name__icontains=address)
    read_there = Q(address__icontains=address) | Q(address__icontains=quote(address, safe=""))
    for feed_id in CalendarFeed.objects.filter(named | read_there).values_list("pk", flat=True):
        forget_feed(feed_id, by=by, now=now)


def _forget_answers_to_programs(name: str, address: str, now: datetime) -> None:
    """Delete stored answers of the API: those past their day, and those that name the user."""
    requests = apps.get_model("rotation", "ApiRequest").objects  # its room is above this one
    named = Q(body__icontains=name) | Q(body__icontains=address)
    requests.filter(named | Q(created_at__lt=now - ANSWERS_KEPT)).delete()
