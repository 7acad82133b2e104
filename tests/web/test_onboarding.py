"""The first steps of a new installation, on the overview."""

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import Role
from rotation.web.onboarding import HIDDEN, HIDING_COOKIE
from tests.builders import (
    coming_tuesday,
    make_booking,
    make_department,
    make_host,
    make_meeting,
    make_series,
    make_staff,
    make_team,
    make_user,
)

if TYPE_CHECKING:
    from rotation.web.onboarding import Onboarding

pytestmark = pytest.mark.django_db


@pytest.fixture
def as_admin(client: Client) -> Client:
    client.force_login(make_user("root@example.org", name="Root", roles=(Role.ADMIN,)))
    return client


def first_steps(client: Client) -> "Onboarding | None":
    found: Onboarding | None = client.get(reverse("overview")).context["onboarding"]
    return found


def next_step(client: Client) -> tuple[int, str]:
    found = first_steps(client)
    assert found
    [step] = [step for step in found.steps if step.is_next]
    return found.done, step.url


def test_each_step_leads_to_the_next(as_admin: Client) -> None:
    assert next_step(as_admin) == (0, reverse("department_new"))
    home, sales = make_department("IT", "IT"), make_department("Sales")
    assert next_step(as_admin) == (1, reverse("team_new"))
    make_team()
    assert next_step(as_admin) == (2, reverse("person_new"))
    ada = make_staff("Ada", works=False)
    assert next_step(as_admin) == (2, reverse("contract_new", args=[ada.pk]))
    make_staff("Ben")
    assert next_step(as_admin) == (3, reverse("host_new", args=[sales.pk]))
    make_host(department=sales)
    assert next_step(as_admin) == (4, reverse("series_new"))
    meeting = make_meeting(series=make_series(department=sales), starts_at=coming_tuesday())
    assert next_step(as_admin) == (5, reverse("meeting", args=[meeting.pk]))
    assert home.teams.count() == 1

    make_booking(meeting=meeting)

    assert first_steps(as_admin) is None


def test_every_step_can_be_opened_by_an_administrator_alone(as_admin: Client) -> None:
    sales = make_department("Sales")
    make_team(), make_staff("Ada")
    make_meeting(series=make_series(department=sales), starts_at=coming_tuesday())
    found = first_steps(as_admin)
    assert found
    assert [as_admin.get(step.url).status_code for step in found.steps] == [200] * 6


@pytest.mark.parametrize("role", [role for role in Role if role != Role.ADMIN])
def test_nobody_else_sees_them(client: Client, role: Role) -> None:
    client.force_login(make_user(roles=(role,)))
    assert first_steps(client) is None
    assert client.post(reverse("onboarding_hide")).status_code == 403


def test_they_are_put_away_and_fetched_again(as_admin: Client) -> None:
    as_admin.post(reverse("onboarding_hide"))
    answer = as_admin.get(reverse("overview"))
    assert (as_admin.cookies[HIDING_COOKIE].value, answer.context["onboarding"]) == (HIDDEN, None)
    assert reverse("onboarding_show") in answer.content.decode()

    as_admin.post(reverse("onboarding_show"))

    assert first_steps(as_admin)


def test_a_past_booking_ends_them_too(as_admin: Client) -> None:
    make_booking(meeting=make_meeting(starts_at=coming_tuesday() - timedelta(weeks=9)))
    assert first_steps(as_admin) is None


def test_the_settings_that_matter_before_the_first_mail_are_shown(as_admin: Client) -> None:
    found = first_steps(as_admin)
    assert found
    assert (found.mail_from, found.public_url, found.time_zone, found.is_local) == (
        "rundgang@example.org", "http://testserver", "Europe/Berlin", False,
    )  # fmt: skip
    page = as_admin.get(reverse("overview")).content.decode()
    assert ("example address" in page, "Europe/Berlin" in page) == (True, True)
