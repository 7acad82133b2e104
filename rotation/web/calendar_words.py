"""What stands in a host's calendar, in words."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.functional import Promise
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from rotation.calendars.events import EventProblem
from rotation.meetings.models import MeetingSeries
from rotation.web.series_words import rhythm_text
from rotation.workflows.read_series_feed import Found

PROBLEMS: Mapping[EventProblem, Promise] = {
    EventProblem.NO_UID: _("It has no identifier of its own."),
    EventProblem.NO_TITLE: _("It has no title."),
    EventProblem.ALL_DAY: _("It lasts all day; a meeting has a time."),
    EventProblem.UNKNOWN_ZONE: _("Its time zone is not known."),
    EventProblem.NO_DURATION: _("It has no end."),
    EventProblem.CANCELLED: _("It is cancelled."),
    EventProblem.SEVERAL_RULES: _("It has more than one rule."),
    EventProblem.TOO_MANY_DATES: _("It lists too many single dates."),
    EventProblem.THIS_AND_FUTURE: _("It changes from one date on; split it into two series."),
    EventProblem.UNREADABLE: _("It cannot be read."),
    EventProblem.RULE: _("This part of its rule is not supported: %(detail)s."),
    EventProblem.TOO_LONG: _("It is longer than half a day."),
    EventProblem.OVER: _("It has no date ahead."),
}


@dataclass(frozen=True, slots=True)
class FoundRow:
    """One event of a calendar as the page lists it.

    Attributes:
        text: How often it is, or why it cannot be offered.
    """

    uid: str
    title: str
    text: str
    coming: datetime | None
    can_be_offered: bool


def found_rows(found: Sequence[Found]) -> list[FoundRow]:
    """Return the events of a calendar in words."""
    return [
        FoundRow(
            uid=each.event.uid,
            title=each.event.title or _now("without a title"),
            text=_text(each),
            coming=each.coming,
            can_be_offered=not each.problem and not each.is_offered,
        )
        for each in found
    ]


def _text(each: Found) -> str:
    if each.problem:
        return str(PROBLEMS[each.problem]) % {"detail": each.detail}
    if each.is_offered:
        return _now("Is offered already.")
    return rhythm_text(MeetingSeries(rrule=each.event.rrule))
