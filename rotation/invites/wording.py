"""The facts of a booking in words: in the reader's language, in the meeting's own time."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils import dateformat, translation
from django.utils.translation import gettext as _

from accounts.models import User
from rotation.booking.models import Booking
from rotation.invites.answer_links import answer_url
from rotation.invites.ical import many_lines, one_line

# Django's format letters: a day in full, and the short form for subjects.
FULL_DAY = {"de": "l, j. F Y", "en": "l, j F Y"}
SHORT_DAY = {"de": "D, j.n.", "en": "D j M"}


@dataclass(frozen=True)
class Facts:
    """What templates may say of a booking; plain text, one line each but `purpose` and `reason`.

    `when_for_guest` is empty where the guest lives by the meeting's clocks.
    """

    guest: str
    department: str
    title: str
    summary: str
    day: str
    when: str
    when_for_guest: str
    where: str
    hosts: str
    purpose: str
    reason: str
    visit_url: str
    answer_url: str


def language_of(user: User) -> str:
    """Return the language that mails to `user` are written in."""
    return user.language or settings.LANGUAGE_CODE


def facts_of(booking: Booking, *, hosts: list[User], reason: str = "") -> Facts:
    """Return the facts in the active language; reads staff, user, meeting, series, department.

    A confidential meeting keeps its title to itself.
    """
    series = booking.meeting.series
    zone, own_zone = ZoneInfo(series.time_zone), ZoneInfo(booking.staff.time_zone)
    department = one_line(series.department.name)
    title = _("Meeting") if series.confidential else one_line(series.title)
    return Facts(
        guest=one_line(booking.staff.user.name) or booking.staff.user.email,
        department=department,
        title=title,
        summary=_("Visit to %(department)s: %(title)s")
        % {"department": department, "title": title},
        day=short_day(booking.starts_at, zone),
        when=span(booking.starts_at, booking.ends_at, zone),
        when_for_guest=_elsewhere(booking.starts_at, booking.ends_at, zone, own_zone),
        where=one_line(series.location),
        hosts=", ".join(one_line(host.name) or host.email for host in hosts),
        purpose=many_lines(series.department.purpose),
        reason=many_lines(reason),
        visit_url=f"{settings.PUBLIC_URL}/bookings/{booking.pk}/",
        answer_url=answer_url(booking),
    )


def short_day(at: datetime, zone: ZoneInfo) -> str:
    """Return the day as subjects say it: "Tue 30 Mar" or "Di, 30.3."."""
    return dateformat.format(at.astimezone(zone), SHORT_DAY[_language()])


def full_day(at: datetime, zone: ZoneInfo) -> str:
    """Return the day in words: "Tuesday, 30 March 2027" or "Dienstag, 30. März 2027"."""
    return dateformat.format(at.astimezone(zone), FULL_DAY[_language()])


def span(starts_at: datetime, ends_at: datetime, zone: ZoneInfo) -> str:
    """Return from when to when, and by which clocks; a second day is named."""
    start, end = starts_at.astimezone(zone), ends_at.astimezone(zone)
    values = {
        "day": full_day(start, zone),
        "start": f"{start:%H:%M}",
        "end": f"{end:%H:%M}",
        "end_day": full_day(end, zone),
        "place": zone.key.rpartition("/")[2].replace("_", " "),
    }
    if start.date() == end.date():
        return _("%(day)s, %(start)s–%(end)s (%(place)s time)") % values
    return _("%(day)s, %(start)s, to %(end_day)s, %(end)s (%(place)s time)") % values


def _elsewhere(starts_at: datetime, ends_at: datetime, zone: ZoneInfo, own_zone: ZoneInfo) -> str:
    """Return the span by the guest's clocks; empty where they show the same as the meeting's."""
    offsets = [(at.astimezone(zone).utcoffset(), at.astimezone(own_zone).utcoffset())
               for at in (starts_at, ends_at)]  # fmt: skip
    if all(here == there for here, there in offsets):
        return ""
    return span(starts_at, ends_at, own_zone)


def _language() -> str:
    language = (translation.get_language() or settings.LANGUAGE_CODE).partition("-")[0]
    return language if language in FULL_DAY else "en"
