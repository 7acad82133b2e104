from datetime import date, timedelta
from typing import TYPE_CHECKING

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from accounts.models import Role
from rotation.booking.models import Booking
from rotation.directory.models import Department
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
    from django.test.client import _MonkeyPatchedWSGIResponse as Answer

pytestmark = pytest.mark.django_db


def visited(name: str, *weeks: int, cadence: int = 8) -> Department:
    """Make a department with a visit in each of the `weeks` (ahead, or back when negative)."""
    department = make_department(name, name[:2].upper(), cadence_weeks=cadence)
    series = make_series(department=department, title=f"{name} round")
    for week in weeks:
        starts_at = coming_tuesday() + timedelta(weeks=week)
        meeting = make_meeting(series=series, starts_at=starts_at)
        state = Booking.State.ATTENDED if starts_at < timezone.now() else Booking.State.CONFIRMED
        make_booking(staff=make_staff(f"{name} {week}"), meeting=meeting, state=state)
    return department


def listed(client: Client, **query: str) -> list[str]:
    answer = client.get(reverse("departments"), query)
    return [row.name for row in answer.context["rows"]]


def show(client: Client, department: Department) -> "Answer":
    return client.get(reverse("department", args=[department.pk]))


def test_the_longest_unvisited_comes_first(as_manager: Client) -> None:
    visited("Sales", -3)
    visited("Legal")
    visited("Audit", -6)

    assert listed(as_manager) == ["Legal", "Audit", "Sales"]


@pytest.mark.parametrize(
    ("sort", "names"),
    [
        ("name", ["Audit", "Legal", "Sales"]),
        ("-name", ["Sales", "Legal", "Audit"]),
        ("-visits", ["Sales", "Audit", "Legal"]),
        ("next", ["Audit", "Legal", "Sales"]),
        ("unvisited", ["Legal", "Sales", "Audit"]),
        ("nonsense; DROP TABLE", ["Legal", "Sales", "Audit"]),
    ],
)
def test_the_list_is_sorted_as_asked(as_manager: Client, sort: str, names: list[str]) -> None:
    visited("Sales", -4, -5)
    visited("Audit", -3, 1)
    visited("Legal", 2)

    assert listed(as_manager, sort=sort) == names


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ({"q": "al"}, ["Legal", "Sales"]),
        ({"q": "LEG"}, ["Legal"]),
        ({"q": "zzz"}, []),
        ({"only": "overdue"}, ["Legal"]),
        ({"only": "unplanned"}, ["Legal", "Sales"]),
        ({"only": "unknown"}, ["Legal", "Audit", "Sales"]),
        ({"q": "x" * 5000}, ["Legal", "Audit", "Sales"]),
        ({"q": "\x00"}, ["Legal", "Audit", "Sales"]),
    ],
)
def test_the_list_is_filtered(as_manager: Client, query: dict[str, str], names: list[str]) -> None:
    visited("Sales", -3)
    visited("Audit", -4, 1)
    visited("Legal")

    assert listed(as_manager, **query) == names


def test_an_empty_house_says_what_is_missing(as_manager: Client) -> None:
    text = as_manager.get(reverse("departments")).content.decode()

    assert "No department offers meetings yet" in text


def test_a_filter_that_fits_nothing_offers_the_way_back(as_manager: Client) -> None:
    visited("Sales")

    text = as_manager.get(reverse("departments"), {"q": "zzz"}).content.decode()

    assert "No department fits this filter" in text


def test_only_who_books_is_offered_to_find_a_guest(as_manager: Client) -> None:
    visited("Sales")
    assert "Find a guest" in as_manager.get(reverse("departments")).content.decode()

    as_manager.force_login(make_user(roles=(Role.EXECUTIVE,)))
    assert "Find a guest" not in as_manager.get(reverse("departments")).content.decode()


@pytest.mark.parametrize("count", [1, 3])
def test_the_queries_of_the_list_do_not_grow(
    as_manager: Client, django_assert_num_queries: DjangoAssertNumQueries, count: int
) -> None:
    for number in range(count):
        visited(f"{number} department", -3, 2)

    with django_assert_num_queries(5):
        as_manager.get(reverse("departments"))


def test_a_department_shows_meetings_hosts_and_coverage(as_manager: Client) -> None:
    sales = visited("Sales", -3, 1)
    host = make_host("Hanna", department=sales)

    answer = show(as_manager, sales)

    assert [meeting.seats_free for meeting in answer.context["meetings"]] == [0]
    assert list(answer.context["hosts"]) == [host]
    assert answer.context["coverage"].visits == 1
    assert isinstance(answer.context["coverage"].last_visit_on, date)


def test_the_way_to_the_next_free_seat_is_for_who_books(as_manager: Client) -> None:
    sales = visited("Sales", 1)
    free = make_meeting(series=make_series(department=sales), starts_at=coming_tuesday(3))

    assert show(as_manager, sales).context["next_bookable"] == free.pk

    as_manager.force_login(make_user(roles=(Role.COUNCIL,)))
    assert show(as_manager, sales).context["next_bookable"] is None


def test_guests_of_other_teams_stay_nameless(as_manager: Client) -> None:
    sales = visited("Sales", -3)
    stranger = make_staff("Zoe Fremd", team=make_team("Network"))
    meeting = make_meeting(
        series=make_series(department=sales), starts_at=coming_tuesday() - timedelta(weeks=5)
    )
    make_booking(staff=stranger, meeting=meeting, state=Booking.State.ATTENDED)

    text = show(as_manager, sales).content.decode()

    assert "Sales -3" in text
    assert "Zoe Fremd" not in text
    assert "Network" in text


@pytest.mark.parametrize("number", [0, 404, 10**30])
def test_an_unknown_department_is_a_404(as_manager: Client, number: int) -> None:
    assert as_manager.get(f"/departments/{number}/").status_code == 404


@pytest.mark.parametrize("number", ["0", "999", "x", "-1", "9" * 40])
def test_a_page_of_meetings_that_is_not_there_shows_a_near_one(
    as_manager: Client, number: str
) -> None:
    sales = visited("Sales", 1)

    answer = as_manager.get(reverse("department", args=[sales.pk]), {"page": number})

    assert answer.status_code == 200


@pytest.mark.parametrize("count", [1, 3])
def test_the_queries_of_a_department_do_not_grow(
    as_manager: Client, django_assert_num_queries: DjangoAssertNumQueries, count: int
) -> None:
    sales = visited("Sales", *range(-count - 1, -1), *range(1, count + 1))

    with django_assert_num_queries(13):
        show(as_manager, sales)


@pytest.mark.parametrize("name", ["departments", "overview"])
def test_a_stranger_signs_in_first(client: Client, name: str) -> None:
    assert client.get(reverse(name))["Location"].startswith(reverse("account_login"))
