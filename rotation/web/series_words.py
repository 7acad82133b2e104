"""A series of meetings, and what a change of it does, in sentences."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from django.utils.functional import Promise
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from rotation.booking.following import LOST, Fate, Followed
from rotation.meetings.models import Meeting, MeetingSeries
from rotation.periods import formats
from rotation.workflows.change_series import Effects

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


RHYTHMS: Mapping[Promise, Promise] = {
    ONCE: _("once"), WEEKLY: _("every week"), BIWEEKLY: _("every other week"),
    MONTHLY: _("every month"), OFTEN: _("regularly"),
}  # fmt: skip


def rhythm_text(series: MeetingSeries) -> str:
    """Return how often the meetings are: "every week"."""
    return str(RHYTHMS[_pattern(series.rrule)])


def _pattern(rrule: str) -> Promise:
    if not rrule:
        return ONCE
    parts: Mapping[str, str] = dict(part.split("=", 1) for part in rrule.split(";"))
    known = {
        ("WEEKLY", "1"): WEEKLY, ("WEEKLY", "2"): BIWEEKLY, ("MONTHLY", "1"): MONTHLY,
    }  # fmt: skip
    return known.get((parts["FREQ"], parts.get("INTERVAL", "1")), OFTEN)


FATES: Mapping[Fate, Promise] = {
    Fate.MOVED: _("moves along to %(now)s"),
    Fate.TOLD: _("gets a new invitation"),
    Fate.CALLED_OFF: _("is told that the meeting does not take place"),
    Fate.NOT_WELCOME: _("is told that guests are not welcome that day"),
    Fate.NO_SEAT: _("loses the seat and is told"),
    Fate.OVERLAP: _("has another visit at the new time; this one is cancelled"),
}
MOST_DATES = 5


@dataclass(frozen=True, slots=True)
class GuestRow:
    """What becomes of one guest's visit, in words."""

    name: str
    when: str
    text: str
    is_loss: bool


@dataclass(frozen=True, slots=True)
class EffectsText:
    """What a change of a series does, in words: meetings in sentences, then each guest."""

    sentences: Sequence[str]
    guests: Sequence[GuestRow]


def effects_text(effects: Effects) -> EffectsText:
    """Return what a change does or did, on the series' own clocks."""
    zone = ZoneInfo(effects.series.time_zone)
    return EffectsText(
        [*_sentences(effects, zone)], [_guest_row(each, zone) for each in effects.told]
    )


def _sentences(effects: Effects, zone: ZoneInfo) -> Iterable[str]:
    if effects.moved:
        yield _moved_text(effects.moved, zone)
    if gone := effects.left_out:
        yield ngettext(
            "%(number)s meeting disappears: %(dates)s.",
            "%(number)s meetings disappear: %(dates)s.",
            len(gone),
        ) % {"number": len(gone), "dates": _dates(gone, zone)}
    if closed := effects.closed:
        yield ngettext(
            "%(number)s meeting takes no guests any more: %(dates)s.",
            "%(number)s meetings take no guests any more: %(dates)s.",
            len(closed),
        ) % {"number": len(closed), "dates": _dates(closed, zone)}
    if added := effects.added:
        yield ngettext(
            "%(number)s meeting is new: %(dates)s.",
            "%(number)s meetings are new: %(dates)s.",
            len(added),
        ) % {"number": len(added), "dates": _dates(added, zone)}
    if told := len(effects.told):
        yield ngettext("%(number)s guest is told.", "%(number)s guests are told.", told) % {
            "number": told
        }


def _moved_text(moved: Sequence[tuple[Meeting, datetime]], zone: ZoneInfo) -> str:
    """Return the move; from which weekday and hour to which, where it is the same for all."""
    ways = {(_hour(was, zone), _hour(meeting.starts_at, zone)) for meeting, was in moved}
    if len(ways) > 1:
        return ngettext("%(number)s meeting moves.", "%(number)s meetings move.", len(moved)) % {
            "number": len(moved)
        }
    ((was, now),) = ways
    sentence = ngettext(
        "%(number)s meeting moves from %(was)s to %(now)s.",
        "%(number)s meetings move from %(was)s to %(now)s.",
        len(moved),
    )
    return sentence % {"number": len(moved), "was": was, "now": now}


def _hour(at: datetime, zone: ZoneInfo) -> str:
    """Return "Tue 10:00"."""
    language = get_language() or "en"
    weekday = formats.style(language).weekdays[at.astimezone(zone).weekday()]
    return f"{weekday} {formats.clock_text(at, language, zone)}"


def _dates(meetings: Sequence[Meeting], zone: ZoneInfo) -> str:
    language = get_language() or "en"
    days = [
        formats.day_text(meeting.starts_at.astimezone(zone), language)
        for meeting in sorted(meetings, key=lambda each: each.starts_at)[:MOST_DATES]
    ]
    if len(meetings) <= MOST_DATES:
        return "; ".join(days)
    more = len(meetings) - MOST_DATES
    return _now("%(dates)s and %(number)s more") % {"dates": "; ".join(days), "number": more}


def _guest_row(each: Followed, zone: ZoneInfo) -> GuestRow:
    language = get_language() or "en"
    now = formats.moment_text(each.booking.starts_at, language, zone)
    return GuestRow(
        name=each.booking.staff.name,
        when=formats.moment_text(each.was_at, language, zone),
        text=str(FATES[each.fate]) % {"now": now},
        is_loss=each.fate in LOST,
    )
