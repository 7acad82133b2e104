"""A sentence for every outcome and every reason, for the people who look at inbound mail."""

from django.utils.translation import gettext_lazy as _

from rotation.replies.outcomes import Outcome, Reason

OUTCOMES = {
    Outcome.APPLIED: _("The answer was recorded."),
    Outcome.COUNTER: _("The guest proposes another time."),
    Outcome.REFRESH: _("The guest's calendar asks for the current invitation."),
    Outcome.BOUNCE: _("The invitation could not be delivered."),
    Outcome.HELD: _("Somebody has to look at this mail."),
    Outcome.OLD_VERSION: _("The answer belongs to an earlier version of the visit."),
    Outcome.STALE: _("A later answer is already known."),
    Outcome.DUPLICATE: _("This answer is already known."),
    Outcome.IGNORED: _("The mail changed nothing."),
}

REASONS = {
    Reason.ACCEPTED: _("The guest accepted."),
    Reason.DECLINED: _("The guest declined."),
    Reason.TENTATIVE: _("The guest answered with maybe."),
    Reason.PAST: _("The meeting was already over; the answer is kept for the record."),
    Reason.FUTURE_STAMP: _(
        "The sender's clock is more than a day ahead; the time of arrival counts."
    ),
    Reason.BY_SECRETARY: _("Somebody answered on the guest's behalf and is allowed to."),
    Reason.SAME_CONTENT: _("Exactly this mail was received before."),
    Reason.SAME_ANSWER: _("Exactly this answer was received before in another mail."),
    Reason.OLDER_THAN_KNOWN: _("The guest gave a later answer that arrived earlier."),
    Reason.ANSWERS_OLDER_VERSION: _("The visit was changed after the guest's calendar answered."),
    Reason.UNKNOWN_UID: _("The mail is about a visit that is not known here."),
    Reason.FOREIGN_ORGANIZER: _("The mail names another organiser."),
    Reason.NOT_A_GUEST: _("The mail answers for somebody who is not the guest of this visit."),
    Reason.CANCELLED_BOOKING: _("The visit had been called off before."),
    Reason.NO_STATEMENT: _("The mail says neither yes nor no nor maybe."),
    Reason.AUTO_REPLY: _("The mail was written by a machine, for example an absence notice."),
    Reason.DELAYED: _("A mail server reports a delay and keeps trying."),
    Reason.LOOP: _("The mail came from this system itself."),
    Reason.WRONG_METHOD: _(
        "The calendar part does something other than answer; visits are changed only here."
    ),
    Reason.NOT_AN_ANSWER: _("The calendar part holds nothing that could be an answer."),
    Reason.UNVERIFIED_SENDER: _("It is not proven that the sender's address is genuine."),
    Reason.SENDER_IS_NOT_GUEST: _("The mail came from another address than the guest's."),
    Reason.TWO_ATTENDEES: _("The answer names several people and does not say who answered."),
    Reason.FUTURE_SEQUENCE: _("The answer names a version of the visit that never existed."),
    Reason.METHOD_MISMATCH: _("The mail and its calendar part contradict each other."),
    Reason.UNKNOWN_ZONE: _("The answer names a date in a time zone that is not known."),
    Reason.UNKNOWN_OCCURRENCE: _("The answer names a date on which there is no such visit."),
    Reason.UNREADABLE: _("The mail could not be read; please use the link in the invitation."),
    Reason.TOO_LARGE: _("The mail is larger than any answer needs to be."),
    Reason.TOO_MANY_PARTS: _("The mail has more parts than any answer needs."),
    Reason.NO_CALENDAR_PART: _("A person wrote this; a calendar's answer is not in it."),
    Reason.DELEGATED: _("The guest wants to send somebody else; that needs a decision."),
    Reason.SECRETARY_NOT_LISTED: _(
        "Somebody answered on the guest's behalf and is not known to be allowed to."
    ),
    Reason.SEAT_GONE: _(
        "The guest accepts after having declined, but seat or time is no longer free."
    ),
    Reason.ENCRYPTED: _("The mail is encrypted and could not be read."),
}
