import pytest
from django.test import Client

from accounts.models import Role
from tests.builders import make_booking, make_site, make_staff, make_user

pytestmark = pytest.mark.django_db


def client_of(role: str) -> Client:
    client = Client()
    client.force_login(make_user(roles=(role,)))
    return client


@pytest.mark.parametrize("model", ["staffmember", "contract", "department", "team", "site"])
def test_people_and_places_are_shown_and_changed_elsewhere(model: str) -> None:
    make_site()
    staff = make_staff()
    record = {"staffmember": staff, "contract": staff.contracts.get(), "team": staff.team}.get(
        model, make_site() if model == "site" else staff.team.department
    )
    address = f"/admin/rotation/{model}/{record.pk}/change/"
    client = client_of(Role.ADMIN)

    page, answer = client.get(address), client.post(address, {"name": "other"})

    assert (page.status_code, b'name="_save"' in page.content) == (200, False)
    assert answer.status_code == 403


def test_nothing_goes_round_the_services() -> None:
    booking = make_booking()
    client = client_of(Role.ADMIN)

    page = client.get(f"/admin/rotation/booking/{booking.pk}/change/")
    answer = client.post(f"/admin/rotation/booking/{booking.pk}/change/", {"state": "missed"})

    assert (page.status_code, b'name="_save"' in page.content) == (200, False)
    assert answer.status_code == 403


@pytest.mark.parametrize("role", [role for role in Role.values if role != Role.ADMIN])
def test_nobody_else_gets_in(role: str) -> None:
    assert client_of(role).get("/admin/rotation/staffmember/").status_code == 302
