"""What became of an answer, in words for the one who gave it."""

from collections.abc import Mapping

from django.contrib import messages
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from rotation.booking.models import Booking
from rotation.replies.outcomes import Outcome, Reason
from rotation.replies.sentences import OUTCOMES, REASONS
from rotation.replies.services import Result

RECORDED = frozenset({Outcome.APPLIED, Outcome.DUPLICATE})
THANKS: Mapping[str, Promise] = {
    Booking.Partstat.ACCEPTED: _("Thank you: you have accepted. You can change that until then."),
    Booking.Partstat.TENTATIVE: _("Thank you: you answered with maybe. Please decide in time."),
    Booking.Partstat.DECLINED: _("Thank you: you have declined. The seat is free for others."),
}
# What the guest can do about it; the sentences of `replies` speak to those who read the mails.
TO_THE_GUEST: Mapping[Reason, Promise] = {
    Reason.ANSWERS_OLDER_VERSION: _(
        "The visit was changed after this invitation was sent, so nothing was recorded."
        " Please answer the newest invitation."
    ),
    Reason.CANCELLED_BOOKING: _(
        "The visit had been called off before, so there is nothing to answer any more."
    ),
    Reason.SEAT_GONE: _(
        "You had declined, and your seat or your time has been given away since."
        " Please ask the person who books visits for another meeting."
    ),
    Reason.PAST: _("The meeting was already over; your answer is kept for the record."),
}


def is_recorded(result: Result) -> bool:
    """Return whether the answer counts now."""
    return result.decision.outcome in RECORDED and result.decision.reason is not Reason.PAST


def answer_text(result: Result) -> str:
    """Return what became of the answer and what can be done, for the guest."""
    decision = result.decision
    if is_recorded(result):
        return str(THANKS[result.partstat])
    if decision.reason is None:
        return str(OUTCOMES[decision.outcome])
    return str(TO_THE_GUEST.get(decision.reason, REASONS[decision.reason]))


def answer_message(result: Result) -> tuple[int, str]:
    """Return level and text for `messages.add_message`."""
    level = messages.SUCCESS if is_recorded(result) else messages.ERROR
    return level, answer_text(result)
