"""The facts of a booking in words: in the reader's language, in the meeting's own time."""

from dataclasses import dataclass
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _

from accounts.models import User
from rotation.booking.models import Booking
from rotation.booking.queries import end_of_request
from rotation.invites.answer_links import answer_url
from rotation.invites.ical import many_lines, one_line
from rotation.periods.formats import day_text, have_same_clocks, moment_text, place_name, span_text


@dataclass(frozen=True)
class Facts:
    """What templates may say of a booking; plain text, one line each but `purpose` and `reason`.

    `when_for_guest` is empty where the guest lives by the meeting's clocks, `answer_by` where
    no host is asked.
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
    answer_by: str


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
        day=day_text(booking.starts_at.astimezone(zone), _language(), year=False),
        when=_span(booking, zone),
        when_for_guest=_span_elsewhere(booking, zone, own_zone),
        where=one_line(series.location),
        hosts=", ".join(one_line(host.name) or host.email for host in hosts),
        purpose=many_lines(series.department.purpose),
        reason=many_lines(reason),
        visit_url=f"{settings.PUBLIC_URL}/visits/{booking.pk}/",
        answer_url=answer_url(booking),
        answer_by=_end_of_request(booking, zone),
    )


def _end_of_request(booking: Booking, zone: ZoneInfo) -> str:
    if booking.state != Booking.State.REQUESTED:
        return ""
    return f"{moment_text(end_of_request(booking), _language(), zone)} ({place_name(zone)})"


def _language() -> str:
    return translation.get_language() or settings.LANGUAGE_CODE


def _span(booking: Booking, zone: ZoneInfo) -> str:
    """Return from when to when by the clocks of a place, which is named."""
    span = span_text(booking.starts_at, booking.ends_at, _language(), zone)
    return f"{span} ({place_name(zone)})"


def _span_elsewhere(booking: Booking, zone: ZoneInfo, own_zone: ZoneInfo) -> str:
    """Return the span by the guest's clocks; empty where they show the same as the meeting's."""
    same = have_same_clocks(zone, own_zone, at=(booking.starts_at, booking.ends_at))
    return "" if same else _span(booking, own_zone)
