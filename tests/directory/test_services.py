"""Writes of the directory: stored, told of without names, refused with what stands against it."""

from datetime import date, time, timedelta

import pytest
from django.contrib.auth import authenticate
from django.db import IntegrityError, transaction

from accounts.models import Role, User
from rotation.audit.models import Entry, Subject, Via
from rotation.audit.queries import entries_of
from rotation.audit.services import By
from rotation.directory import services, staffing, times, users
from rotation.directory.errors import (
    BadTerms,
    ContractOverlaps,
    LastAdministrator,
    RecordChanged,
    StillInUse,
    Taken,
    UnderPseudonym,
)
from rotation.directory.models import (
    Absence,
    Contract,
    Department,
    Duty,
    Host,
    Site,
    StaffMember,
    Team,
    WorkingPattern,
)
from rotation.directory.times import Terms
from rotation.directory.users import Newcomer
from rotation.periods.intervals import Interval
from rotation.periods.working_time import WorkingHours
from tests.builders import (
    BY_SYSTEM,
    NOW,
    TUESDAY_10,
    make_absence,
    make_contract,
    make_department,
    make_host,
    make_series,
    make_site,
    make_staff,
    make_team,
    make_user,
)

pytestmark = pytest.mark.django_db
ADA = Newcomer("Ada Lovelace", "Ada@Example.org")
MORNINGS = [WorkingHours(day, time(8), time(12)) for day in range(5)]
JANUARY, JUNE, NEXT_YEAR = date(2026, 1, 1), date(2026, 6, 1), date(2027, 1, 1)
SPAN = Interval(TUESDAY_10, TUESDAY_10 + timedelta(hours=4))


def lines(subject: Subject, pk: int) -> list[tuple[str, dict[str, object], dict[str, object]]]:
    found = entries_of(subject, pk).order_by("pk")
    return [(line.action, line.old, line.new) for line in found]


def test_a_site_is_added_changed_and_removed_and_each_is_told() -> None:
    site = services.add_site(Site(name="Wien", country="AT"), by=BY_SYSTEM, now=NOW)
    services.change_site(site.pk, {"name": "Graz", "country": "AT"}, by=BY_SYSTEM, now=NOW)
    services.remove_site(site.pk, by=BY_SYSTEM, now=NOW)

    added, changed, removed = lines(Subject.SITE, site.pk)
    assert (added[0], added[2]["name"]) == ("add", "Wien")
    assert changed == ("change", {"name": "Wien"}, {"name": "Graz"})
    assert removed == ("remove", {}, {})
    assert not Site.objects.exists()


def test_what_is_the_same_changes_neither_version_nor_trail() -> None:
    department = make_department("Sales", "SA")
    before = Entry.objects.count()

    services.change_department(department.pk, {"code": "SA"}, by=BY_SYSTEM, now=NOW)

    department.refresh_from_db()
    assert (department.version, Entry.objects.count()) == (1, before)


def test_a_change_of_an_old_version_is_refused() -> None:
    department = make_department()
    change = {"name": "Law"}
    services.change_department(department.pk, change, by=BY_SYSTEM, now=NOW)

    stale = By(None, Via.PAGE, version=1)

    with pytest.raises(RecordChanged) as refused:
        services.change_department(department.pk, {"name": "Other"}, by=stale, now=NOW)

    assert refused.value.fields == {"version": 2}


@pytest.mark.parametrize(("values", "field"), [(("Sales", "XX"), "name"), (("Law", "SA"), "code")])
def test_a_name_and_a_code_belong_to_one_department(values: tuple[str, str], field: str) -> None:
    make_department("Sales", "SA")

    other = Department(name=values[0], code=values[1])

    with pytest.raises(Taken) as refused:
        services.add_department(other, by=BY_SYSTEM, now=NOW)

    assert refused.value.fields == {"field": field}


def test_a_department_says_what_hangs_on_it() -> None:
    department = make_department("Sales", "SA")
    make_host(department=department)
    make_series(department=department)
    Team.objects.create(name="T", department=department)

    with pytest.raises(StillInUse) as refused:
        services.remove_department(department.pk, by=BY_SYSTEM, now=NOW)

    assert refused.value.fields["uses"] == ["hosts: 1", "meeting series: 1", "teams: 1"]


def test_a_team_with_people_stays_and_an_empty_one_goes() -> None:
    full, empty = make_team("Full"), make_team("Empty")
    make_staff(team=full)

    with pytest.raises(StillInUse):
        services.remove_team(full.pk, by=BY_SYSTEM, now=NOW)
    services.remove_team(empty.pk, by=BY_SYSTEM, now=NOW)

    assert list(Team.objects.all()) == [full]


def test_managers_of_a_team_get_the_role_and_are_told_by_key() -> None:
    first, second = make_user(), make_user(roles=(Role.PLANNER,))
    team = services.add_team(
        Team(name="Netze", department=make_department()),
        manager_ids=[first.pk],
        by=BY_SYSTEM,
        now=NOW,
    )

    services.change_team(team.pk, {}, manager_ids=[second.pk], by=BY_SYSTEM, now=NOW)

    second.refresh_from_db()
    assert (list(team.managers.all()), second.roles) == ([second], ["manager", "planner"])
    assert lines(Subject.TEAM, team.pk)[1:] == [
        ("change", {"managers": [first.pk]}, {"managers": [second.pk]})
    ]


def test_a_person_is_a_new_user_without_a_password() -> None:
    site = make_site("Wien", time_zone="Europe/Vienna")
    staff = staffing.add_staff(ADA, team_id=make_team().pk, site_id=site.pk, by=BY_SYSTEM, now=NOW)

    user = staff.user
    assert (user.email, user.name, user.roles) == ("ada@example.org", "Ada Lovelace", ["staff"])
    assert (staff.time_zone, user.has_usable_password()) == ("Europe/Vienna", False)
    assert authenticate(None, email="ada@example.org", password="") is None
    assert "Ada" not in str(lines(Subject.STAFF, staff.pk) + lines(Subject.USER, user.pk))


def test_a_manager_may_become_an_it_person_too() -> None:
    user = make_user("ada@example.org", name="A. L.", roles=(Role.MANAGER,))

    staff = staffing.add_staff(ADA, team_id=make_team().pk, by=BY_SYSTEM, now=NOW)

    user.refresh_from_db()
    assert (staff.user, user.name, user.roles) == (user, "A. L.", ["manager", "staff"])


def test_nobody_is_the_same_person_twice() -> None:
    team = make_team()
    staffing.add_staff(ADA, team_id=team.pk, by=BY_SYSTEM, now=NOW)

    with pytest.raises(Taken) as refused:
        staffing.add_staff(ADA, team_id=team.pk, by=BY_SYSTEM, now=NOW)

    assert (refused.value.fields, User.objects.count()) == ({"field": "email"}, 1)


def test_a_person_moves_and_gets_another_name_without_the_trail_knowing_it() -> None:
    staff, team = make_staff("Ada"), make_team("Netze")
    old_team = staff.team_id

    changed = staffing.change_staff(
        staff.pk,
        {"name": "Ada King", "email": "king@example.org", "team": team},
        by=By(None, Via.PAGE, version=1),
        now=NOW,
    )

    assert (changed.name, changed.email, changed.team) == ("Ada King", "king@example.org", team)
    told = lines(Subject.STAFF, staff.pk) + lines(Subject.USER, staff.user_id)
    assert ("change", {"team": old_team}, {"team": team.pk}) in told
    assert "King" not in str(told)
    assert "king" not in str(told)


def test_an_address_in_other_letters_is_taken() -> None:
    make_user("king@example.org")

    with pytest.raises(Taken) as refused:
        staffing.change_staff(make_staff().pk, {"email": "KING@example.org"}, by=BY_SYSTEM, now=NOW)

    assert refused.value.fields == {"field": "email"}


def test_a_host_is_known_by_the_address_and_stays_a_user_when_removed() -> None:
    first, second = make_department("Sales", "SA"), make_department("Law", "LA")
    user = make_user("hanna@example.org", roles=(Role.PLANNER,))
    host = services.add_host(
        Newcomer("Hanna", "hanna@example.org"), department_id=first.pk, by=BY_SYSTEM, now=NOW
    )

    services.change_host(host.pk, department_id=second.pk, by=BY_SYSTEM, now=NOW)
    moved = Host.objects.get()
    services.remove_host(host.pk, by=BY_SYSTEM, now=NOW)

    user.refresh_from_db()
    assert (moved.user, moved.department, user.roles) == (user, second, ["planner"])
    assert not Host.objects.exists()


def test_the_last_administrator_stays_one() -> None:
    first, second = make_user(roles=(Role.ADMIN,)), make_user(roles=(Role.ADMIN,))

    users.change_roles(first.pk, [], by=BY_SYSTEM, now=NOW)
    with pytest.raises(LastAdministrator):
        users.change_roles(second.pk, [Role.PLANNER], by=BY_SYSTEM, now=NOW)
    with pytest.raises(LastAdministrator):
        users.set_active(second.pk, is_active=False, by=BY_SYSTEM, now=NOW)

    second.refresh_from_db()
    assert (second.roles, second.is_active) == (["admin"], True)


def test_an_administrator_who_may_not_sign_in_counts_for_nothing() -> None:
    first, second = make_user(roles=(Role.ADMIN,)), make_user(roles=(Role.ADMIN,))
    users.set_active(first.pk, is_active=False, by=BY_SYSTEM, now=NOW)

    with pytest.raises(LastAdministrator):
        users.change_roles(second.pk, [], by=BY_SYSTEM, now=NOW)


def test_nothing_gives_a_role_to_a_pseudonym() -> None:
    user = make_user()
    staffing.erase_user(user.pk, by=BY_SYSTEM, now=NOW)

    with pytest.raises(UnderPseudonym):
        users.take_role(user.pk, Role.ADMIN, by=BY_SYSTEM, now=NOW)


def test_a_new_contract_ends_the_one_without_end() -> None:
    staff = make_staff()

    times.add_contract(staff.pk, Terms(JUNE, MORNINGS), by=BY_SYSTEM, now=NOW)

    spans = Contract.objects.values_list("starts_on", "ends_on")
    assert list(spans) == [(date(2020, 1, 1), JUNE), (JUNE, None)]
    ended, added = lines(Subject.STAFF, staff.pk)
    assert ended == ("change_contract", {"ends_on": None}, {"ends_on": "2026-06-01"})
    assert added[2]["hours"] == [f"{day} 08:00-12:00" for day in range(5)]


@pytest.mark.parametrize(
    ("starts_on", "ends_on"),
    [(JANUARY, None), (date(2025, 6, 1), JUNE), (date(2026, 12, 31), NEXT_YEAR)],
)
def test_contracts_of_a_person_never_overlap(starts_on: date, ends_on: date | None) -> None:
    staff = make_staff(works=False)
    make_contract(staff, JANUARY, NEXT_YEAR)

    terms = Terms(starts_on, MORNINGS, ends_on)

    with pytest.raises(ContractOverlaps) as refused:
        times.add_contract(staff.pk, terms, by=BY_SYSTEM, now=NOW)

    assert refused.value.fields == {"starts_on": JANUARY, "ends_on": NEXT_YEAR}


def test_the_database_refuses_an_overlap_too_and_lets_two_people_be() -> None:
    staff = make_staff(works=False)
    make_contract(staff, JANUARY, JUNE)
    make_contract(staff, JUNE, NEXT_YEAR)
    make_contract(make_staff("Bob", works=False), JANUARY)

    with pytest.raises(IntegrityError, match="contract_overlaps"), transaction.atomic():
        make_contract(staff, date(2026, 5, 31), JUNE)


@pytest.mark.parametrize(
    ("terms", "field"),
    [
        (Terms(JUNE, MORNINGS, JUNE), "ends_on"),
        (Terms(JUNE, [*MORNINGS, WorkingHours(0, time(11), time(13))]), "hours"),
        (Terms(JUNE, [WorkingHours(0, time(12), time(8))]), "hours"),
    ],
)
def test_terms_that_cannot_be_are_refused(terms: Terms, field: str) -> None:
    with pytest.raises(BadTerms) as refused:
        times.add_contract(make_staff(works=False).pk, terms, by=BY_SYSTEM, now=NOW)

    assert refused.value.fields == {"field": field}


def test_a_contract_changes_ends_and_goes() -> None:
    staff = make_staff(works=False)
    contract = make_contract(staff, JANUARY)

    times.change_contract(contract.pk, Terms(JANUARY, MORNINGS), by=BY_SYSTEM, now=NOW)
    times.end_contract(contract.pk, JUNE, by=BY_SYSTEM, now=NOW)
    stored = Contract.objects.get()
    hours = WorkingPattern.objects.count()
    times.remove_contract(contract.pk, by=BY_SYSTEM, now=NOW)

    assert (stored.ends_on, stored.last_on, stored.version) == (JUNE, date(2026, 5, 31), 3)
    assert (hours, Contract.objects.exists()) == (5, False)
    actions = [action for action, _, _ in lines(Subject.STAFF, staff.pk)]
    assert actions == ["change_contract", "change_contract", "remove_contract"]


def test_the_same_absence_and_the_same_duty_twice_are_one() -> None:
    staff = make_staff()

    for _ in range(2):
        times.add_absence(staff.pk, SPAN, by=BY_SYSTEM, now=NOW)
        times.add_duty(staff.pk, Duty.Kind.PRIMARY, SPAN, by=BY_SYSTEM, now=NOW)

    assert (Absence.objects.count(), Duty.objects.count()) == (1, 1)
    actions = [action for action, _, _ in lines(Subject.STAFF, staff.pk)]
    assert actions == ["add_absence", "add_duty"]


def test_an_absence_cannot_become_one_that_is_there() -> None:
    staff = make_staff()
    one, other = make_absence(staff, TUESDAY_10), make_absence(staff, NOW)

    span = Interval(one.starts_at, one.ends_at)

    with pytest.raises(Taken):
        times.change_absence(other.pk, span, by=BY_SYSTEM, now=NOW)


def test_a_duty_changes_its_kind_and_goes() -> None:
    staff = make_staff()
    duty = times.add_duty(staff.pk, Duty.Kind.PRIMARY, SPAN, by=BY_SYSTEM, now=NOW)

    times.change_duty(duty.pk, Duty.Kind.DISPATCH, SPAN, by=BY_SYSTEM, now=NOW)
    kind = Duty.objects.get().kind
    times.remove_duty(duty.pk, by=BY_SYSTEM, now=NOW)

    assert (kind, Duty.objects.exists()) == ("dispatch", False)


def test_who_has_left_had_a_last_day() -> None:
    staff = make_staff()

    with pytest.raises(IntegrityError, match="staff_who_left_had_a_last_day"):
        StaffMember.objects.filter(pk=staff.pk).update(has_left=True)


def test_a_region_without_a_country_is_refused_by_the_database() -> None:
    with pytest.raises(IntegrityError, match="site_region_has_a_country"):
        Site.objects.create(name="Nowhere", subdivision="BY")
