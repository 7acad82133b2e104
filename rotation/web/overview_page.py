"""What the first page shows, put together from the reports: each part for whom it concerns."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from rotation.booking.models import Booking
from rotation.booking.queries import bookings_seen_by, requests_to
from rotation.directory.models import Team
from rotation.directory.permissions import Action, Actor, Scope, may
from rotation.directory.queries import active_staff, teams_open_to
from rotation.insights.queries import visits_to_tell_of
from rotation.periods.weeks import week_of
from rotation.reports.attention import Attention, attention_for
from rotation.reports.availability import Availability, availability_of
from rotation.reports.figures import Balance, Coverage, longest_unvisited
from rotation.reports.queries import balance, coverage
from rotation.reports.summary import proactive_share, totals_by_week
from rotation.web.charts import WeekChart
from rotation.web.team_page import week_chart

SHOWN = 5


@dataclass(frozen=True, slots=True)
class ToDo:
    """One thing to do now, and where."""

    text: str
    url: str
    icon: str


@dataclass(frozen=True, slots=True)
class TeamWeek:
    """One team's week; `shows_budget` where the hours may be seen."""

    team: Team
    row: Balance
    shows_budget: bool

    @property
    def booked(self) -> timedelta:
        """What the week's visits cost."""
        return timedelta(minutes=self.row.booked_minutes)

    @property
    def granted(self) -> timedelta:
        """The week's budget."""
        return timedelta(minutes=self.row.granted_minutes)


@dataclass(frozen=True, slots=True)
class LoadPart:
    """Load and budget of the teams that the viewer sees."""

    teams: Sequence[TeamWeek]
    past_share: Decimal | None
    chart: WeekChart | None

    @property
    def booked_minutes(self) -> int:
        """What this week's visits cost, as far as the viewer may see it."""
        return sum(each.row.booked_minutes for each in self.teams if each.shows_budget)

    @property
    def granted_minutes(self) -> int:
        """This week's budget, as far as the viewer may see it."""
        return sum(each.row.granted_minutes for each in self.teams if each.shows_budget)


@dataclass(frozen=True, slots=True)
class CoveragePart:
    """How well the house is visited."""

    within: int
    departments: int
    unvisited: Sequence[Coverage]


@dataclass(frozen=True, slots=True)
class OwnPart:
    """The viewer's own visits and this week's own budget."""

    next_visit: Booking | None
    week: Availability
    to_tell: Sequence[Booking]


@dataclass(frozen=True, slots=True)
class HostPart:
    """Who asks for a seat in the viewer's meetings, and who comes next."""

    requests: Sequence[Booking]
    guests: Sequence[Booking]


def parts_for(who: Actor, now: datetime) -> dict[str, Any]:
    """Return every part of the page by its name; a part that does not concern `who` is empty."""
    waiting, books = attention_for(who, now), may(who, Action.BOOK_VISIT)
    sees_house = books or may(who, Action.SEE_REPORTS)
    return {
        "waiting": waiting,
        "to_dos": to_dos(who, waiting, foreign_requests(who, now)),
        "own": own_part(who, now),
        "hosting": host_part(who, now),
        "load": load_part(who, now),
        "coverage": coverage_part(coverage(now)) if sees_house else None,
        "visits": list(_ahead(who, now)[:SHOWN]) if books else [],
        "may_book": books,
        "may_see_outbox": may(who, Action.SEE_OUTBOX),
    }


def people_in(parts: Mapping[str, Any]) -> set[int]:
    """Return the ids of the people whom the parts show."""
    hosting: HostPart | None = parts["hosting"]
    shown = [*parts["visits"], *(hosting.requests if hosting else ())]
    return {booking.staff_id for booking in [*shown, *(hosting.guests if hosting else ())]}


def foreign_requests(who: Actor, now: datetime) -> int:
    """Return how many requests wait for the viewer beside those of the own department.

    As a deputy, and as a planner or an administrator where a department has no host; one query.
    """
    if not may(who, Action.APPROVE_GUEST):
        return 0
    return requests_to(who, now).exclude(meeting__series__department=who.department_id).count()


def to_dos(who: Actor, found: Attention, foreign: int = 0) -> list[ToDo]:
    """Return what the viewer should do now, the most urgent first; only what there is."""
    visits, past = reverse("visits"), f"{reverse('visits')}?when=past&state=confirmed"
    books, hosts = may(who, Action.BOOK_VISIT), may(who, Action.OFFER_MEETING)
    records = may(who, Action.RECORD_ATTENDANCE) and (books or hosts)
    wanted = [
        (_failed(found.failed_mails or 0), found.failed_mails, reverse("outbox"), "mail-x"),
        (_held(found.held_answers or 0), found.held_answers, reverse("held_answers"), "inbox"),
        (
            _requests(found.requests),
            found.requests if who.department_id else 0,
            reverse("hosting"),
            "door-open",
        ),
        (_foreign_requests(foreign), foreign, reverse("requests"), "door-open"),
        (
            _late_requests(found.late_requests),
            found.late_requests if books else 0,
            f"{visits}?state=requested",
            "hourglass",
        ),
        (
            _unanswered(found.unanswered),
            found.unanswered if books or who.staff_id else 0,
            f"{visits}?unanswered=on",
            "mail-warning",
        ),
        (
            _unrecorded(found.unrecorded),
            found.unrecorded if records else 0,
            past,
            "clipboard-check",
        ),
    ]
    return [ToDo(text, url, icon) for text, count, url, icon in wanted if count]


def _failed(count: int) -> str:
    return ngettext(
        "%(count)s mail could not be delivered", "%(count)s mails could not be delivered", count
    ) % {"count": count}


def _held(count: int) -> str:
    return ngettext(
        "%(count)s answer from a calendar has to be read by a person",
        "%(count)s answers from calendars have to be read by a person",
        count,
    ) % {"count": count}


def _requests(count: int) -> str:
    return ngettext(
        "%(count)s guest asks for a seat in your meetings",
        "%(count)s guests ask for a seat in your meetings",
        count,
    ) % {"count": count}


def _foreign_requests(count: int) -> str:
    return ngettext(
        "%(count)s guest of another department waits for your word",
        "%(count)s guests of other departments wait for your word",
        count,
    ) % {"count": count}


def _late_requests(count: int) -> str:
    return ngettext(
        "%(count)s visit has waited for the host's approval for more than two days",
        "%(count)s visits have waited for the host's approval for more than two days",
        count,
    ) % {"count": count}


def _unanswered(count: int) -> str:
    return ngettext(
        "%(count)s invitation has not been answered for more than five days",
        "%(count)s invitations have not been answered for more than five days",
        count,
    ) % {"count": count}


def _unrecorded(count: int) -> str:
    return ngettext(
        "%(count)s past visit: was the guest there?",
        "%(count)s past visits: were the guests there?",
        count,
    ) % {"count": count}


def load_part(who: Actor, now: datetime) -> LoadPart | None:
    """Return load and budget; None for who may see neither or no team."""
    teams = list(teams_open_to(who, Action.SEE_LOAD))
    if not teams:
        return None
    week, rows = week_of(now, timezone.get_default_timezone()), balance(teams, now)
    totals = totals_by_week(rows)
    by_id = {team.pk: team for team in teams}
    return LoadPart(
        teams=[_team_week(who, by_id[row.team_id], row) for row in rows if row.week == week],
        past_share=proactive_share(total for total in totals if total.week < week),
        chart=week_chart(
            totals, week, _("Hours on tickets and on visits, week by week"), "overview"
        ),
    )


def _team_week(who: Actor, team: Team, row: Balance) -> TeamWeek:
    may_see = may(who, Action.SEE_BUDGET, Scope(team_id=team.pk))
    return TeamWeek(team, row, shows_budget=may_see or not row.suppressed)


def coverage_part(rows: list[Coverage]) -> CoveragePart:
    """Return how many departments are within their cadence, and the longest unvisited."""
    return CoveragePart(
        within=sum(not row.is_overdue for row in rows),
        departments=len(rows),
        unvisited=longest_unvisited(rows)[:SHOWN],
    )


def own_part(who: Actor, now: datetime) -> OwnPart | None:
    """Return the viewer's own visits; None for who is no IT person."""
    if who.staff_id is None:
        return None
    week = week_of(now, timezone.get_default_timezone())
    mine = _ahead(who, now).filter(staff=who.staff_id)
    [own] = availability_of(active_staff().filter(pk=who.staff_id), week)
    return OwnPart(mine.first(), own, list(visits_to_tell_of(who.staff_id, now)[:SHOWN]))


def host_part(who: Actor, now: datetime) -> HostPart | None:
    """Return the guests of the viewer's department; None for who is no host."""
    if who.department_id is None:
        return None
    ours = _ahead(who, now).filter(meeting__series__department=who.department_id)
    return HostPart(
        requests=list(ours.filter(state=Booking.State.REQUESTED)[:SHOWN]),
        guests=list(ours.filter(state=Booking.State.CONFIRMED)[:SHOWN]),
    )


def _ahead(who: Actor, now: datetime) -> QuerySet[Booking]:
    return bookings_seen_by(who).filter(state__in=Booking.OPEN, ends_at__gt=now)
