"""What the page of the teams shows, put together from the reports."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from rotation.directory.models import Team
from rotation.reports.availability import Availability
from rotation.reports.figures import Balance
from rotation.reports.queries import balance
from rotation.reports.summary import WeekTotal, totals_by_week
from rotation.web.charts import WeekChart, WeekColumn
from rotation.web.components import Segment
from rotation.workload.load import TeamLoad
from rotation.workload.queries import loads_of_teams

HOUR_MINUTES = 60
# In the order of the bar; the colours are those of tickets, visits and absence.
SEGMENTS: Mapping[str, tuple[str, Promise]] = {
    "duty_minutes": ("reactive", _("on duty")),
    "visit_minutes": ("proactive", _("visits")),
    "absent_minutes": ("absent", _("absent")),
    "free_minutes": ("free", _("free")),
}


@dataclass(frozen=True, slots=True)
class TeamPart:
    """One team: this week, all weeks, what waits; no chart where figures are suppressed."""

    team: Team
    now: Balance
    weeks: Sequence[Balance]
    load: TeamLoad
    chart: WeekChart | None


@dataclass(frozen=True, slots=True)
class PersonPart:
    """One person's week and its bar."""

    week: Availability
    segments: Sequence[Segment]


def one_of(teams: Sequence[Team], key: str) -> Team | None:
    """Return the team that `key` names, or the only one; None where all of them are shown."""
    if len(teams) == 1:
        return teams[0]
    return next((team for team in teams if str(team.pk) == key), None)


def team_parts(teams: Iterable[Team], now: datetime, this_week: date) -> list[TeamPart]:
    """Return each team's part in the order given; a fixed number of queries."""
    found = list(teams)
    loads = loads_of_teams(now)
    rows: dict[int, list[Balance]] = {team.pk: [] for team in found}
    for row in balance(found, now):
        rows[row.team_id].append(row)
    return [
        TeamPart(
            team=team,
            now=next(row for row in rows[team.pk] if row.week == this_week),
            weeks=rows[team.pk],
            load=loads.get(team.pk, TeamLoad()),
            chart=week_chart(
                totals_by_week(rows[team.pk]), this_week, team.name, f"team-{team.pk}"
            ),
        )
        for team in found
    ]


def week_chart(
    totals: Sequence[WeekTotal], this_week: date, title: str, ident: str
) -> WeekChart | None:
    """Return the chart of some weeks; None where no figure may be shown.

    What tickets take is known of weeks before `this_week` and expected from it on.
    """
    if not totals:
        return None
    columns = [
        WeekColumn(
            week=total.week,
            reactive_hours=(total.reactive_minutes or 0) / HOUR_MINUTES,
            proactive_hours=total.booked_minutes / HOUR_MINUTES,
            available_hours=total.capacity_minutes / HOUR_MINUTES,
            is_expected=total.week >= this_week,
        )
        for total in totals
    ]
    return WeekChart(title=title, rows=columns, ident=ident)


def person_parts(weeks: Iterable[Availability]) -> list[PersonPart]:
    """Return each person's week with the bar drawn for it."""
    return [PersonPart(week, _segments(week)) for week in weeks]


def _segments(week: Availability) -> list[Segment]:
    amounts = {name: getattr(week, name) for name in SEGMENTS}
    whole = sum(amounts.values()) or 1
    return [
        Segment(*SEGMENTS[name], minutes / HOUR_MINUTES, f"{100 * minutes / whole:.1f}")
        for name, minutes in amounts.items()
        if minutes
    ]
