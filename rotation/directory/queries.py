"""Reads of the directory, as values for the rooms above."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.db.models import Q, QuerySet

from rotation.directory.models import Absence, Duty, Host, StaffMember, Team, WorkingPattern
from rotation.directory.permissions import Action, Actor, reach
from rotation.periods.intervals import Interval
from rotation.periods.working_time import WorkingHours, working_intervals

DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Times:
    """What is known of people's time in an interval, by person; who has none of it is missing.

    Attributes:
        patterns: Weekly working hours of all contracts.
        absences: Times away, by their start.
        duties: Kind and time of each duty, by its start.
    """

    patterns: Mapping[int, Sequence[WorkingHours]]
    absences: Mapping[int, Sequence[Interval]]
    duties: Mapping[int, Sequence[tuple[str, Interval]]]

    def duties_of(self, kinds: Collection[str]) -> dict[int, list[Interval]]:
        """Return the times of the duties of these kinds, by person."""
        return {
            staff_id: [time for kind, time in duties if kind in kinds]
            for staff_id, duties in self.duties.items()
        }


def active_staff() -> QuerySet[StaffMember]:
    """Return who has not left, sorted by name, with user and team in the same query.

    Whoever leaves on a day ahead is here until then, and has no working time after it.
    """
    return StaffMember.objects.filter(has_left=False).select_related("user", "team")


def leavers() -> QuerySet[StaffMember]:
    """Return the people with a last day, over or ahead, who are not yet under a pseudonym."""
    known = StaffMember.objects.filter(left_on__isnull=False, user__erased_at=None)
    return known.select_related("user")


def staff_seen_by(actor: Actor) -> QuerySet[StaffMember]:
    """Return the people whom `actor` may see, sorted by name."""
    return staff_open_to(actor, Action.SEE_STAFF)


def staff_open_to(actor: Actor, action: Action) -> QuerySet[StaffMember]:
    """Return the people for whom `actor` may do `action`, sorted by name."""
    limits = reach(actor, action)
    if limits.everywhere:
        return active_staff()
    return active_staff().filter(Q(team__in=limits.team_ids) | Q(pk=limits.staff_id))


def teams_open_to(actor: Actor, action: Action) -> QuerySet[Team]:
    """Return the teams for which `actor` may do `action`, sorted by name."""
    limits = reach(actor, action)
    return Team.objects.all() if limits.everywhere else Team.objects.filter(pk__in=limits.team_ids)


def hosts_of(department_id: int) -> QuerySet[Host]:
    """Return who answers for the department's meetings, sorted by name, with users."""
    return active_hosts().filter(department=department_id)


def active_hosts() -> QuerySet[Host]:
    """Return the hosts who may sign in, sorted by name, with users."""
    return Host.objects.filter(user__is_active=True).select_related("user")


def working_patterns_of(staff_ids: Iterable[int]) -> dict[int, list[WorkingHours]]:
    """Return each person's weekly working hours of all contracts; one query.

    Each of them knows its days: those of its contract, up to the person's last day.
    """
    patterns: dict[int, list[WorkingHours]] = defaultdict(list)
    rows = WorkingPattern.objects.filter(contract__staff__in=staff_ids).values_list(
        "contract__staff_id", "weekday", "starts", "ends",
        "contract__starts_on", "contract__ends_on", "contract__staff__left_on",
    )  # fmt: skip
    for staff_id, weekday, starts, ends, starts_on, ends_on, left_on in rows:
        until = min(ends_on or date.max, left_on + DAY if left_on else date.max)
        patterns[staff_id].append(WorkingHours(weekday, starts, ends, starts_on, until))
    return patterns


def times_of(staff_ids: Collection[int], within: Interval) -> Times:
    """Return working hours, and the absences and duties that touch `within`; three queries."""
    return Times(
        working_patterns_of(staff_ids),
        absences_of(staff_ids, within),
        _duties_with_kinds(staff_ids, within),
    )


def working_times(
    staff: Iterable[StaffMember], patterns: Mapping[int, Sequence[WorkingHours]], within: Interval
) -> dict[int, list[Interval]]:
    """Return when each person works, by the contract of each day in the person's zone.

    Whole days around `within`, absences not taken off.
    """
    people = {person.pk: ZoneInfo(person.time_zone) for person in staff}
    return {
        pk: working_intervals(
            patterns.get(pk, ()),
            within.starts_at.astimezone(zone).date(),
            within.ends_at.astimezone(zone).date(),
            zone,
        )
        for pk, zone in people.items()
    }


def absences_of(staff_ids: Iterable[int], within: Interval) -> dict[int, list[Interval]]:
    """Return the times away that touch `within`, by person; one query."""
    rows = Absence.objects.filter(
        staff__in=staff_ids, starts_at__lt=within.ends_at, ends_at__gt=within.starts_at
    ).values_list("staff_id", "starts_at", "ends_at")
    return _by_person(rows)


def duties_of(staff_ids: Iterable[int], within: Interval) -> dict[int, list[Interval]]:
    """Return the duties that touch `within`, by person; one query."""
    duties = _duties_with_kinds(staff_ids, within)
    return {staff_id: [time for _kind, time in found] for staff_id, found in duties.items()}


def _duties_with_kinds(
    staff_ids: Iterable[int], within: Interval
) -> dict[int, list[tuple[str, Interval]]]:
    duties: dict[int, list[tuple[str, Interval]]] = defaultdict(list)
    rows = Duty.objects.filter(
        staff__in=staff_ids, starts_at__lt=within.ends_at, ends_at__gt=within.starts_at
    ).values_list("staff_id", "kind", "starts_at", "ends_at")
    for staff_id, kind, starts_at, ends_at in rows:
        duties[staff_id].append((kind, Interval(starts_at, ends_at)))
    return duties


def _by_person(rows: Iterable[tuple[int, datetime, datetime]]) -> dict[int, list[Interval]]:
    times: dict[int, list[Interval]] = defaultdict(list)
    for staff_id, starts_at, ends_at in rows:
        times[staff_id].append(Interval(starts_at, ends_at))
    return times
