"""Departments, hosts, teams and sites: added, changed, removed by administrators."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.mail import EmailMultiAlternatives
from django.test import Client
from django.urls import reverse

from accounts.models import Role
from rotation.directory.models import Department, Host, Site, Team
from tests.builders import (
    make_department,
    make_host,
    make_series,
    make_site,
    make_staff,
    make_team,
    make_user,
)

pytestmark = pytest.mark.django_db
DEPARTMENT = {"name": "Sales", "code": "SA", "cadence_weeks": 6, "time_zone": "Europe/Vienna"}
MODELS: dict[str, Any] = {"department": Department, "team": Team, "site": Site}
SITE = {"name": "Wien", "time_zone": "Europe/Vienna", "country": "AT", "subdivision": "9"}


@pytest.fixture
def as_admin(client: Client) -> Client:
    client.force_login(make_user("root@example.org", name="Root", roles=(Role.ADMIN,)))
    return client


def team_values(**changes: object) -> dict[str, object]:
    home = make_department("IT", "IT")
    return {"name": "Network", "department": home.pk, "buffer_minutes": 20, **changes}


def test_a_department_is_added_and_shown(as_admin: Client) -> None:
    site = make_site("Wien")
    answer = as_admin.post(
        reverse("department_new"), {**DEPARTMENT, "purpose": "Sells.", "site": site.pk}
    )

    found = Department.objects.get()
    assert answer["Location"] == reverse("department", args=[found.pk])
    assert (found.name, found.code, found.cadence_weeks, found.time_zone, found.site) == (
        "Sales", "SA", 6, "Europe/Vienna", site,
    )  # fmt: skip
    page = as_admin.get(reverse("department", args=[found.pk])).content.decode()
    assert reverse("host_new", args=[found.pk]) in page


def test_a_department_without_meetings_is_listed_for_who_keeps_it(as_admin: Client) -> None:
    department = make_department("Sales")
    address = reverse("department", args=[department.pk])
    assert address in as_admin.get(reverse("departments")).content.decode()
    as_admin.force_login(make_user(roles=(Role.PLANNER,)))
    page = as_admin.get(reverse("departments")).content.decode()
    assert (address in page, reverse("department_new") in page) == (False, False)


def test_a_second_press_adds_nothing_twice(as_admin: Client) -> None:
    presses = [
        ("department_new", DEPARTMENT), ("site_new", SITE), ("team_new", team_values()),
    ]  # fmt: skip
    for name, values in presses:
        answers = [as_admin.post(reverse(name), values) for _ in range(2)]
        assert [answer.status_code for answer in answers] == [302, 302], name
    assert (Department.objects.count(), Site.objects.count(), Team.objects.count()) == (2, 1, 1)


@pytest.mark.parametrize(
    ("field", "value", "status"),
    [
        ("name", "", 400), ("name", "Sa\x07les", 400), ("code", "", 400), ("code", "SALES", 400),
        ("cadence_weeks", 0, 400), ("cadence_weeks", 53, 400), ("cadence_weeks", "x", 400),
        ("time_zone", "Mars", 400), ("site", 99, 400), ("name", "Legal", 409), ("code", "LE", 409),
    ],
)  # fmt: skip
def test_a_wrong_field_of_a_department_is_named(
    as_admin: Client, field: str, value: object, status: int
) -> None:
    make_department("Legal", "LE")
    answer = as_admin.post(reverse("department_new"), {**DEPARTMENT, field: value})
    assert (answer.status_code, list(answer.context["form"].errors)) == (status, [field])


def test_a_team_is_added_with_its_managers(as_admin: Client) -> None:
    lead = make_user("mara@example.org", roles=(Role.ADMIN,))

    as_admin.post(reverse("team_new"), team_values(managers=[lead.pk]))

    team = Team.objects.get()
    assert (team.name, team.buffer, list(team.managers.all())) == (
        "Network", timedelta(minutes=20), [lead],
    )  # fmt: skip
    lead.refresh_from_db()
    assert lead.roles == ["admin", "manager"]


def test_a_team_is_changed_and_a_second_press_is_harmless(as_admin: Client) -> None:
    lead = make_user("mara@example.org", roles=(Role.MANAGER,))
    team = make_team("Netwrk", managers=(lead,))
    values = team_values(version=team.version, managers=[])

    answers = [as_admin.post(reverse("team_edit", args=[team.pk]), values) for _ in range(2)]

    assert [answer["Location"] for answer in answers] == [reverse("teams")] * 2
    team.refresh_from_db()
    assert (team.name, list(team.managers.all())) == ("Network", [])


def test_teams_are_listed_with_managers_and_size(as_admin: Client) -> None:
    lead = make_user("mara@example.org", name="Mara Berg", roles=(Role.MANAGER,))
    team = make_team(managers=(lead,))
    make_staff("Ada", team=team), make_staff("Ben", team=team)
    page = as_admin.get(reverse("teams"))
    assert [(row.name, row.people) for row in page.context["teams"]] == [("Service Desk", 2)]
    assert "Mara Berg" in page.content.decode()


def test_the_form_of_a_team_says_that_a_department_comes_first(as_admin: Client) -> None:
    assert "There is no department yet" in as_admin.get(reverse("team_new")).content.decode()


def test_a_site_keeps_holidays_of_a_known_region(as_admin: Client) -> None:
    answer = as_admin.post(reverse("site_new"), {**SITE, "subdivision": "BY"})
    assert (answer.status_code, list(answer.context["form"].errors)) == (400, ["subdivision"])
    assert as_admin.post(reverse("site_new"), SITE)["Location"] == reverse("sites")
    site = Site.objects.get()
    assert (site.name, site.country, site.subdivision) == ("Wien", "AT", "9")
    assert "Wien" in as_admin.get(reverse("sites")).content.decode()


@pytest.mark.parametrize("name", ["department", "team", "site"])
def test_a_stale_form_is_told(as_admin: Client, name: str) -> None:
    model = MODELS[name]
    make_department(), make_team(), make_site()
    row = model.objects.first()
    values = {**DEPARTMENT, **SITE, **team_values(), "name": "Other", "version": row.version}
    model.objects.update(version=9)

    answer = as_admin.post(reverse(f"{name}_edit", args=[row.pk]), values)

    assert (answer.status_code, answer.context["form"]["version"].value()) == (409, 9)
    assert answer.context["form"]["name"].value() == "Other"
    assert "Somebody else changed this" in answer.content.decode()


@pytest.mark.parametrize("name", ["department", "team", "site"])
def test_what_nothing_hangs_on_is_removed(as_admin: Client, name: str) -> None:
    made = {"department": make_department, "team": make_team, "site": make_site}
    empty = made[name]("Empty")  # type: ignore[operator]
    address = reverse(f"{name}_remove", args=[empty.pk])
    answers = [as_admin.post(address, {"version": 1}) for _ in range(2)]
    assert [answer["Location"] for answer in answers] == [reverse(f"{name}s")] * 2
    assert not MODELS[name].objects.filter(name="Empty").exists()


def test_a_department_with_something_below_it_stays_and_says_why(as_admin: Client) -> None:
    department = make_series().department
    answer = as_admin.post(reverse("department_remove", args=[department.pk]), follow=True)
    assert "cannot be removed while something hangs on it" in answer.content.decode()
    assert Department.objects.filter(pk=department.pk).exists()


def test_a_host_is_added_by_name_and_address_and_told_how_to_sign_in(
    as_admin: Client, mailoutbox: list[EmailMultiAlternatives]
) -> None:
    department = make_department("Sales")
    values = {"name": "Hanna Voss", "email": "Hanna@example.org", "sends_mail": "on"}
    address = reverse("host_new", args=[department.pk])

    answers = [as_admin.post(address, values) for _ in range(2)]

    there = reverse("department", args=[department.pk])
    assert [answer["Location"] for answer in answers] == [there] * 2
    host = Host.objects.get()
    assert (host.user.name, host.user.email, host.department) == (
        "Hanna Voss", "hanna@example.org", department,
    )  # fmt: skip
    assert [mail.to for mail in mailoutbox] == [["hanna@example.org"]]
    assert "Hanna Voss" in as_admin.get(there).content.decode()


def test_the_host_of_another_department_is_refused_at_the_address(as_admin: Client) -> None:
    host = make_host(department=make_department("Legal"))
    address = reverse("host_new", args=[make_department("Sales").pk])
    answer = as_admin.post(address, {"name": "Hanna", "email": host.user.email})
    assert (answer.status_code, list(answer.context["form"].errors)) == (409, ["email"])


def test_a_host_is_removed_and_a_second_press_is_harmless(as_admin: Client) -> None:
    host = make_host(department=make_department("Sales"))
    address = reverse("host_remove", args=[host.department_id, host.pk])
    assert [as_admin.post(address).status_code for _ in range(2)] == [302, 302]
    assert not Host.objects.exists()


PAGES: tuple[tuple[str, list[int]], ...] = (
    ("department_new", []), ("teams", []), ("team_new", []), ("sites", []), ("site_new", []),
    ("users", []), ("user_new", []), ("people_import", []), ("department_edit", [1]),
    ("host_new", [1]), ("team_edit", [1]), ("site_edit", [1]), ("user", [1]),
)  # fmt: skip


@pytest.mark.parametrize(("name", "keys"), PAGES)
def test_everybody_else_is_kept_out(as_manager: Client, name: str, keys: list[int]) -> None:
    assert as_manager.get(reverse(name, args=keys)).status_code == 403


@pytest.mark.parametrize(("name", "keys"), PAGES)
def test_signed_out_leads_to_the_sign_in(client: Client, name: str, keys: list[int]) -> None:
    answer = client.get(reverse(name, args=keys))
    assert (answer.status_code, "/accounts/login/" in answer["Location"]) == (302, True)
