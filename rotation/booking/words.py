"""Codes in words: every reason, fact and error as one sentence in the reader's language.

A sentence names the fact and what can be done about it. Pages, API and mails all ask here.
"""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import get_language, gettext_lazy, ngettext
from django.utils.translation import gettext as _

from rotation.booking.errors import Code, Reason
from rotation.booking.models import Booking
from rotation.booking.states import Step
from rotation.periods import formats
from rotation.periods.errors import RotationError
from rotation.planning.suggestions import Fact
from rotation.workload.words import DELIVERY_ERRORS, delivery_text

REASONS: Mapping[Code, Promise] = {
    Code.NO_SEAT: gettext_lazy(
        "Every guest seat of this meeting is taken; choose another meeting."
    ),
    Code.OVERLAP: gettext_lazy(
        "Another visit of the person takes this time, its way and pause included;"
        " choose another person or another meeting."
    ),
    Code.CHANGED_MEANWHILE: gettext_lazy(
        "Somebody else changed this a moment ago; load the page again and look before you repeat."
    ),
    Code.ABSENT: gettext_lazy(
        "The person is away (%(span)s); choose another person or another meeting."
    ),
    Code.ON_DUTY: gettext_lazy(
        "The person is on duty and has to stay reachable (%(span)s);"
        " choose another person or another meeting."
    ),
    Code.OVER_BUDGET: gettext_lazy(
        "The visit takes %(cost)s, and %(left)s of the person's budget for that week are left;"
        " choose another person or a meeting in another week."
    ),
    Code.OWN_DEPARTMENT: gettext_lazy(
        "The meeting is one of the person's own department; choose somebody from elsewhere."
    ),
    Code.OUTSIDE_WORKING_HOURS: gettext_lazy(
        "The meeting and the way to it lie outside the person's working hours"
        " (time zone %(time_zone)s); choose another person or another meeting."
    ),
    Code.BUSY: gettext_lazy(
        "The person's calendar has another appointment at that time;"
        " choose another person or another meeting."
    ),
    Code.MEETING_CANCELLED: gettext_lazy("The meeting was cancelled; choose another date."),
    Code.MEETING_PAST: gettext_lazy("The meeting has begun already; choose a later one."),
    Code.NOTICE_TOO_SHORT: gettext_lazy(
        "The host wants to know guests at least %(notice)s ahead; choose a later meeting."
    ),
    Code.HOST_LIMIT: gettext_lazy(
        "The host's limit of guests for that month (%(limit)s) is reached;"
        " choose a meeting in another month."
    ),
}
# By code: the errors of rooms above stand here too, so that every face says the same.
ERRORS: Mapping[str, Promise] = {
    "booking_refused": gettext_lazy("The visit cannot be booked; the reasons are named."),
    "wrong_state": gettext_lazy(
        "The visit is %(state)s, so this can no longer be done: %(action)s. Load the page again."
    ),
    "meeting_not_begun": gettext_lazy(
        "The meeting begins only on %(starts_at)s; say afterwards who was there."
    ),
    "changed_meanwhile": REASONS[Code.CHANGED_MEANWHILE],
    "seat_gone": gettext_lazy(
        "The seat or the time was given away after the decline;"
        " ask the person who books visits for another meeting."
    ),
    "seat_free": gettext_lazy(
        "There is a free seat in this meeting, so nobody has to wait; book the visit."
    ),
    "already_seated": gettext_lazy(
        "The person has a seat in this meeting already, so there is nothing to wait for."
    ),
    "meeting_over": gettext_lazy(
        "The meeting has begun, is cancelled, or would begin in the past;"
        " choose a meeting and a time that are still ahead."
    ),
    "day_without_guests": gettext_lazy(
        "Guests are not welcome on %(day)s; choose another day or change the days without guests."
    ),
    "rule_not_supported": gettext_lazy(
        "This part of the recurrence rule is not supported: %(part)s. Use a daily, weekly or"
        " monthly rule such as FREQ=WEEKLY;BYDAY=TU."
    ),
    "nothing_to_tell": gettext_lazy(
        "The visit has not begun or did not take place;"
        " a note can be written once the guest was there."
    ),
    "answer_link_broken": gettext_lazy(
        "This link is not whole; open it from the mail again or copy all of it."
    ),
    "mail_server_unreachable": gettext_lazy(
        "The mail server cannot be reached; mails wait and are sent when it is back."
    ),
    "mail_delayed": gettext_lazy("The mail server cannot take the mail now; it is tried again."),
    "mail_refused": gettext_lazy(
        "The mail server refused the mail for good; check the address and send it again."
    ),
    "unreadable_calendar": gettext_lazy(
        "The file is no calendar that can be read; export it again as iCalendar (.ics)."
    ),
    "address_refused": gettext_lazy(
        "This address is not asked; write one that begins with https:// and is open to the public."
    ),
    "no_answer": gettext_lazy(
        "The server at this address did not answer (%(reply)s); check the address and try again."
    ),
    "calendar_too_large": gettext_lazy("The calendar is too large; send a shorter period."),
    "nothing_to_answer": gettext_lazy("This mail holds no invitation that could be answered."),
    "mail_server_away": gettext_lazy(
        "The mail server did not answer (%(problem)s); try again in a moment."
    ),
    "not_a_demo": gettext_lazy(
        "This database is not marked as a demo, so nothing in it is replaced;"
        " use an empty database for the demo."
    ),
    "taken": gettext_lazy("Another one has this already; choose something else."),
    "still_in_use": gettext_lazy(
        "This cannot be removed while something hangs on it (%(uses)s); move or remove that first."
    ),
    "contract_overlaps": gettext_lazy(
        "The person has another contract in these days (from %(starts_on)s); end that one first or"
        " choose other days."
    ),
    "bad_terms": gettext_lazy(
        "A contract ends after it starts, and the hours of a day neither overlap nor run"
        " backwards; correct the days or the hours."
    ),
    "last_administrator": gettext_lazy(
        "Nobody else who may sign in is an administrator; make somebody else one first."
    ),
    "under_pseudonym": gettext_lazy(
        "The person has left and is kept under a pseudonym only; add the person anew."
    ),
    "still_here": gettext_lazy(
        "The person's last day is not over; store the last day and wait for it first."
    ),
    "unreadable_table": gettext_lazy(
        "The file cannot be read as a table; save it as CSV or Excel (.xlsx) and try again."
    ),
    "refused": gettext_lazy(
        "This cannot be done now; load the page again and look before you repeat."
    ),
}
STEPS: Mapping[Step, Promise] = {
    Step.BOOK: gettext_lazy("book"),
    Step.CONFIRM: gettext_lazy("approve the guest"),
    Step.DECLINE: gettext_lazy("decline"),
    Step.CANCEL: gettext_lazy("cancel"),
    Step.LAPSE: gettext_lazy("let the request lapse"),
    Step.MOVE: gettext_lazy("move"),
    Step.FOLLOW: gettext_lazy("follow the meeting"),
    Step.ATTEND: gettext_lazy("note as attended"),
    Step.MISS: gettext_lazy("note as missed"),
    Step.ANSWER: gettext_lazy("answer"),
    Step.REACCEPT: gettext_lazy("accept after all"),
}


def reason_text(reason: Reason) -> str:
    """Return why a visit cannot be booked and what to choose instead, one sentence."""
    if reason.facts.get("waiting"):
        return _others_wait(reason.facts["waiting"])
    return str(REASONS[reason.code]) % _facts_of(reason.facts)


def fact_text(fact: Fact, value: int) -> str:
    """Return what speaks for a person: weeks, visits, or minutes left, as `fact` says."""
    if fact is Fact.NEVER_VISITED:
        return _("Has never been with this department")
    if fact is Fact.WEEKS_SINCE:
        return _weeks_since(value)
    if fact is Fact.VISITS_LATELY:
        return _visits_lately(value)
    return _("%(hours)s of the budget for that week left") % {"hours": _hours(value)}


def error_text(error: RotationError) -> str:
    """Return what stopped a change and what to do now, one sentence."""
    if error.code in DELIVERY_ERRORS:
        return delivery_text(error)
    sentence = ERRORS.get(error.code, ERRORS["refused"])
    return str(sentence) % {name: _value_text(name, value) for name, value in error.fields.items()}


def _weeks_since(weeks: int) -> str:
    if weeks == 0:
        return _("Was with this department less than a week ago")
    return ngettext(
        "Was last with this department %(weeks)s week ago",
        "Was last with this department %(weeks)s weeks ago",
        weeks,
    ) % {"weeks": weeks}


def _others_wait(people: int) -> str:
    return ngettext(
        "Every guest seat of this meeting is taken, or promised to the %(people)s person who"
        " waits for one; put the person on the waiting list or choose another meeting.",
        "Every guest seat of this meeting is taken, or promised to one of the %(people)s people"
        " who wait for one; put the person on the waiting list or choose another meeting.",
        people,
    ) % {"people": people}


def _visits_lately(visits: int) -> str:
    if visits == 0:
        return _("No visit in the last 13 weeks and none ahead")
    return ngettext(
        "%(visits)s visit in the last 13 weeks and ahead",
        "%(visits)s visits in the last 13 weeks and ahead",
        visits,
    ) % {"visits": visits}


def _facts_of(facts: Mapping[str, Any]) -> dict[str, str]:
    """Return the facts of a reason as its sentence names them."""
    words = {name: str(facts[name]) for name in ("limit", "time_zone") if name in facts}
    if "starts_at" in facts:
        words["span"] = _span(facts["starts_at"], facts["ends_at"])
    if "notice_hours" in facts:
        words["notice"] = formats.duration_text(timedelta(hours=facts["notice_hours"]))
    for name in ("cost", "left"):
        if f"{name}_minutes" in facts:
            words[name] = _hours(facts[f"{name}_minutes"])
    return words


def _value_text(name: str, value: object) -> str:
    if isinstance(value, date):
        return _time_text(value)
    if name == "state":
        return str(Booking.State(str(value)).label)
    if name == "action":
        return str(STEPS[Step(str(value))])
    if isinstance(value, (list, tuple, set, frozenset)):
        return ", ".join(sorted(str(item) for item in value))
    return str(value)


def _time_text(value: date) -> str:
    if isinstance(value, datetime):
        return formats.moment_text(value, _language(), timezone.get_current_timezone())
    return formats.day_text(value, _language())


def _span(starts_at: datetime, ends_at: datetime) -> str:
    return formats.span_text(starts_at, ends_at, _language(), timezone.get_current_timezone())


def _hours(minutes: int) -> str:
    return formats.hours_text(timedelta(minutes=minutes), _language())


def _language() -> str:
    return get_language() or "en"
