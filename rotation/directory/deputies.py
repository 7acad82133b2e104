"""Deputies of hosts: who answers for whom on which days."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db import transaction
from django.db.models import OuterRef, Q, QuerySet

from accounts.models import Role, User
from rotation.audit.models import Subject
from rotation.audit.services import By, record
from rotation.directory.models import Host, HostDeputy
from rotation.directory.queries import active_hosts


@dataclass(frozen=True, slots=True)
class Answering:
    """Who answers for the meetings of some departments on one day.

    Attributes:
        hosts: By department, its hosts, sorted by name.
        deputies: By host, who is the deputy, sorted by name.
    """

    hosts: dict[int, list[Host]] = field(default_factory=lambda: defaultdict(list))
    deputies: dict[int, list[User]] = field(default_factory=lambda: defaultdict(list))


def deputyships_on(day: date) -> QuerySet[HostDeputy]:
    """Return who is deputy on `day`."""
    return HostDeputy.objects.filter(
        Q(from_on=None) | Q(from_on__lte=day), Q(until_on=None) | Q(until_on__gte=day)
    )


def answering_for(department_ids: Collection[int], day: date) -> Answering:
    """Return who answers for these departments on `day`, only who may sign in; one query."""
    found, current = Answering(), deputyships_on(day)
    for_them = current.filter(host__department__in=department_ids)
    stands_for = ArraySubquery(current.filter(deputy=OuterRef("pk")).values("host"))
    hosts = active_hosts().annotate(stands_for=stands_for)
    for host in hosts.filter(
        Q(department__in=department_ids) | Q(pk__in=for_them.values("deputy"))
    ):
        if host.department_id in department_ids:
            found.hosts[host.department_id].append(host)
        for host_id in host.stands_for:
            found.deputies[host_id].append(host.user)
    return found


def stand_ins() -> QuerySet[User]:
    """Return who is asked where a department has no host who could sign in, sorted by name."""
    roles = [Role.ADMIN.value, Role.PLANNER.value]
    return User.objects.filter(is_active=True, roles__overlap=roles).order_by("sort_key", "pk")


def deputies_of(host_id: int, today: date) -> QuerySet[HostDeputy]:
    """Return who is or will be deputy of the host, by time, with users and departments."""
    named = HostDeputy.objects.filter(Q(until_on=None) | Q(until_on__gte=today), host=host_id)
    return named.select_related("deputy__user", "deputy__department").order_by("from_on", "pk")


@transaction.atomic
def name_deputy(
    host: Host, deputy: Host, *, days: tuple[date | None, date | None], by: By, now: datetime
) -> HostDeputy:
    """Let `deputy` answer for `host` from the first to the last of `days`; None: without end.

    A second time changes nothing.
    """
    from_on, until_on = days
    named, is_new = HostDeputy.objects.get_or_create(
        host=host, deputy=deputy, from_on=from_on, until_on=until_on
    )
    if is_new:
        about = (Subject.HOST, host.pk)
        record(by, now, about=about, action="name_deputy", new=_facts_of(named))
    return named


@transaction.atomic
def remove_deputy(named: HostDeputy, *, by: By, now: datetime) -> None:
    """Take a deputy's name back; what the deputy has answered stays."""
    about = (Subject.HOST, named.host_id)
    record(by, now, about=about, action="remove_deputy", old=_facts_of(named))
    named.delete()


def _facts_of(named: HostDeputy) -> dict[str, Any]:
    return {
        "deputy": named.deputy_id,
        "from_on": named.from_on,
        "until_on": named.until_on,
    }
