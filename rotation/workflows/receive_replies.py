"""reply -> booking: take answers in by mail and by link, store, decide, apply, tell."""

from contextlib import suppress
from datetime import datetime
from typing import Any

from django.db import transaction

from rotation.audit.models import Via
from rotation.audit.services import By
from rotation.booking.errors import ChangedMeanwhile
from rotation.booking.models import Booking
from rotation.invites.answer_links import read_answer_token
from rotation.invites.services import queue_invites, queue_repeat
from rotation.replies import services
from rotation.replies.models import Source
from rotation.replies.outcomes import Outcome
from rotation.replies.queries import waiting_mail_ids
from rotation.replies.services import Envelope, Result
from rotation.workflows.promote_waiting import promote_soon

NO_ENVELOPE = Envelope()
# A booking that moves while its locks are taken is simply looked at again.
ATTEMPTS = 3


def receive(
    raw: bytes, *, source: Source, now: datetime, envelope: Envelope = NO_ENVELOPE
) -> Result:
    """Store a mail, decide it and apply it; the same bytes again change nothing.

    Two transactions: a mail that was stored is decided later when the second one fails.
    """
    stored, _ = services.store_mail(raw, source=source, envelope=envelope, now=now)
    return decide_stored(stored.pk, now=now)


def decide_stored(mail_id: int, *, now: datetime) -> Result:
    """Decide one stored mail; one that was decided before is a DUPLICATE.

    Raises:
        ChangedMeanwhile: its booking kept moving; the mail waits for the next round.
    """
    for _attempt in range(ATTEMPTS - 1):
        try:
            return _decide(mail_id, now)
        except ChangedMeanwhile:
            continue
    return _decide(mail_id, now)


@transaction.atomic
def _decide(mail_id: int, now: datetime) -> Result:
    result = services.handle_mail(mail_id, now=now)
    _tell([result, *result.parts], now)
    return result


def receive_waiting(now: datetime) -> int:
    """Decide the mails that were stored and not decided, and return how many were waiting."""
    waiting = waiting_mail_ids()
    for mail_id in waiting:
        with suppress(ChangedMeanwhile):  # it waits for the next round, and holds up no other
            decide_stored(mail_id, now=now)
    return len(waiting)


@transaction.atomic
def release_held(mail_id: int, *, by: By, now: datetime) -> Result | None:
    """Apply a held mail because `by` vouches for the guest; None where it is not held."""
    result = services.release_mail(mail_id, by=by, now=now)
    if result:
        _tell([result, *result.parts], now)
    return result


@transaction.atomic
def answer_by_link(
    token: str,
    *,
    partstat: str,
    now: datetime,
    comment: str = "",
    via: Via = Via.LINK,
) -> Result:
    """Record the answer given on the page behind a signed link, or by the signed-in guest.

    Raises:
        AnswerLinkBroken: the token was cut, changed, or signed with another key.
        Booking.DoesNotExist: the booking is gone.
        ChangedMeanwhile: the booking moved at this moment.
    """
    link = read_answer_token(token)
    result = services.answer_link(link, partstat=partstat, comment=comment, now=now, via=via)
    _tell([result], now)
    return result


def report_line(name: str, result: Result) -> dict[str, Any]:
    """Return what became of one file, in the stable form that scripts read."""
    return {"file": name, **result.as_json(), "parts": [each.as_json() for each in result.parts]}


def _tell(results: list[Result], now: datetime) -> None:
    """Queue what hosts and guests have to hear of; what nobody needs to hear queues nothing."""
    applied = [each for each in results if each.decision.outcome is Outcome.APPLIED]
    changed = [each.booking_id for each in applied if each.booking_id]
    if changed:
        bookings = Booking.objects.filter(pk__in=changed)
        queue_invites(bookings, now)
        promote_soon(bookings.values_list("meeting", flat=True))
    for each in results:
        if each.decision.sends_again and each.booking_id:
            queue_repeat(each.booking_id, now)
