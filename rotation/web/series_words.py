"""A series of meetings in a sentence."""

from collections.abc import Mapping
from zoneinfo import ZoneInfo

from django.utils.functional import Promise
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from rotation.meetings.models import MeetingSeries
from rotation.periods import formats

ONCE = _("%(title)s is offered once: %(first)s.")
WEEKLY = _("%(title)s is offered every week; the first time %(first)s.")
BIWEEKLY = _("%(title)s is offered every other week; the first time %(first)s.")
MONTHLY = _("%(title)s is offered every month; the first time %(first)s.")
OFTEN = _("%(title)s is offered regularly; the first time %(first)s.")


def series_text(series: MeetingSeries) -> str:
    """Return how often the meetings are and when the first one is, on the series' own clocks."""
    span = formats.span_text(
        series.starts_at,
        series.starts_at + series.duration,
        get_language() or "en",
        ZoneInfo(series.time_zone),
    )
    return str(_pattern(series.rrule)) % {"title": series.title, "first": span}


def _pattern(rrule: str) -> Promise:
    if not rrule:
        return ONCE
    parts: Mapping[str, str] = dict(part.split("=", 1) for part in rrule.split(";"))
    known = {
        ("WEEKLY", "1"): WEEKLY, ("WEEKLY", "2"): BIWEEKLY, ("MONTHLY", "1"): MONTHLY,
    }  # fmt: skip
    return known.get((parts["FREQ"], parts.get("INTERVAL", "1")), OFTEN)
