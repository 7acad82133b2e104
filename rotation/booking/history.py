"""A booking's history in sentences: who did what."""

from collections.abc import Mapping

from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.functional import Promise
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from rotation.audit.models import Entry, Via
from rotation.booking.models import Booking
from rotation.booking.states import Step
from rotation.periods import formats

State, Partstat = Booking.State, Booking.Partstat
SENTENCES: Mapping[str, Promise] = {
    Step.BOOK: gettext_lazy("%(who)s booked the visit."),
    Step.CONFIRM: gettext_lazy("%(who)s approved the guest."),
    Step.LAPSE: gettext_lazy("No host answered the request in time, so it lapsed."),
    Step.CANCEL: gettext_lazy("%(who)s cancelled the visit."),
    Step.MOVE: gettext_lazy("%(who)s moved the visit from %(old)s to %(new)s."),
    Step.FOLLOW: gettext_lazy("The meeting was moved from %(old)s to %(new)s; the visit follows."),
    Step.ATTEND: gettext_lazy("%(who)s noted that the guest was there."),
    Step.MISS: gettext_lazy("%(who)s noted that the guest was not there."),
    Step.REACCEPT: gettext_lazy("The guest accepted after all and has the seat again."),
}
ANSWERS: Mapping[str, Promise] = {
    Partstat.ACCEPTED: gettext_lazy("The guest accepted."),
    Partstat.TENTATIVE: gettext_lazy("The guest answered with maybe."),
    Partstat.DECLINED: gettext_lazy("The guest declined."),
    Partstat.NEEDS_ACTION: gettext_lazy("The guest took the answer back."),
}
PROMOTED = gettext_lazy("A seat became free, and the waiting list moved up.")
PROMOTED_REQUEST = gettext_lazy(
    "A seat became free, and the waiting list moved up; the host decides."
)
MOVED_REQUEST = gettext_lazy(
    "%(who)s moved the visit from %(old)s to %(new)s; the host decides anew."
)
REQUESTED = gettext_lazy("%(who)s asked for the visit; the host decides.")
ASKING: Mapping[str, Promise] = {Step.BOOK: REQUESTED, Step.MOVE: MOVED_REQUEST}
HOST_DECLINED = gettext_lazy("%(who)s declined the guest.")


def change_text(change: Entry) -> str:
    """Return what happened to a booking, one sentence; reads `actor`."""
    return str(_pattern(change)) % {
        "who": change.actor or _("Rundgang"),
        "old": _moment(change.old.get("starts_at")),
        "new": _moment(change.new.get("starts_at")),
    }


def _pattern(change: Entry) -> Promise:
    if change.action == Step.ANSWER:
        return ANSWERS[change.new["partstat"]]
    if change.action == Step.DECLINE:
        by_guest = change.new["declined_by"] == Booking.Side.GUEST
        return ANSWERS[Partstat.DECLINED] if by_guest else HOST_DECLINED
    asks = change.new.get("state") == State.REQUESTED
    if change.action == Step.BOOK and change.via == Via.SYSTEM:
        return PROMOTED_REQUEST if asks else PROMOTED
    if asks and change.action in ASKING:
        return ASKING[change.action]
    return SENTENCES[change.action]


def _moment(written: str | None) -> str:
    """Return the moment in words; JSON holds it as text (ISO 8601)."""
    at = parse_datetime(written) if written else None
    zone = timezone.get_current_timezone()
    return formats.moment_text(at, get_language() or "en", zone) if at else ""
