import re
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django.utils.timezone import get_default_timezone
from pytest_django import DjangoAssertNumQueries

from accounts.models import Role
from rotation.booking.models import Booking
from rotation.periods.formats import span_text
from rotation.web.visit_list import VisitRow
from tests.builders import (
    HOUR,
    coming_tuesday,
    make_booking,
    make_department,
    make_host,
    make_meeting,
    make_series,
    make_staff,
    make_user,
)

pytestmark = pytest.mark.django_db
State, Partstat = Booking.State, Booking.Partstat


def coming(
    name: str = "Ada",
    *,
    department: str = "Sales",
    state: str = State.CONFIRMED,
    partstat: str = Partstat.NEEDS_ACTION,
) -> Booking:
    series = make_series(department=make_department(department))
    meeting = make_meeting(series=series, starts_at=coming_tuesday())
    return make_booking(staff=make_staff(name), meeting=meeting, state=state, partstat=partstat)


def rows(client: Client, query: str = "") -> list[VisitRow]:
    answer = client.get(reverse("visits") + query)
    assert answer.status_code == 200
    found: list[VisitRow] = answer.context["visits"]
    return found


def listed(client: Client, query: str = "") -> list[int]:
    return [row.visit_id for row in rows(client, query)]


def test_the_list_holds_what_is_ahead_by_time_and_what_is_over_newest_first(
    as_manager: Client,
) -> None:
    ahead = coming()
    over = [
        make_booking(staff=ahead.staff, meeting=make_meeting(starts_at=timezone.now() - days))
        for days in (timedelta(days=2), timedelta(days=1))
    ]

    assert listed(as_manager) == [ahead.pk]
    assert listed(as_manager, "?when=past") == [booking.pk for booking in over[::-1]]


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("", ["Ada", "Ben", "Cem"]),
        ("?state=requested", ["Ben"]),
        ("?unanswered=on", ["Ada", "Ben"]),
        ("?state=nonsense&first=31.02.&page=99", ["Ada", "Ben", "Cem"]),
        ("?first=9999-12-31", ["Ada", "Ben", "Cem"]),
        ("?last=1900-01-01", ["Ada", "Ben", "Cem"]),
        ("?last=2001-01-01", []),
        ("?first=2001-01-01", ["Ada", "Ben", "Cem"]),
        ("?team=999999999999999999999", ["Ada", "Ben", "Cem"]),
    ],
)
def test_filters_stand_in_the_address(as_manager: Client, query: str, names: list[str]) -> None:
    coming("Ada")
    coming("Ben", state=State.REQUESTED)
    coming("Cem", partstat=Partstat.ACCEPTED)

    assert [row.guest for row in rows(as_manager, query)] == names


def test_a_line_says_who_goes_where_when_and_what_was_answered(as_manager: Client) -> None:
    visit = coming("Ada <b>", department="Sales & Co", partstat=Partstat.ACCEPTED)

    page = as_manager.get(reverse("visits")).content.decode()
    line = page.partition("<tbody>")[2].partition("</tbody>")[0]

    assert f'href="{reverse("visit", args=[visit.pk])}"' in line
    assert [text for text in map(str.strip, re.split(r"<[^>]+>", line)) if text] == [
        span_text(visit.starts_at, visit.ends_at, "en", get_default_timezone()),
        "Ada &lt;b&gt;",
        "· Service Desk",
        "Sales &amp; Co",
        visit.meeting.series.title,
        "Confirmed",
        "Accepted",
    ]


@pytest.mark.parametrize("state", Booking.State)
def test_an_answer_is_shown_where_one_is_wanted(as_manager: Client, state: Booking.State) -> None:
    coming(state=state)

    is_wanted = state not in {State.REQUESTED, State.CANCELLED}
    assert [row.has_answer for row in rows(as_manager)] == [is_wanted]


def test_a_department_and_a_team_can_be_chosen(as_manager: Client) -> None:
    coming("Ada", department="HR")
    sales = coming("Ben", department="Sales")
    series = sales.meeting.series

    assert listed(as_manager, f"?department={series.department_id}") == [sales.pk]
    assert len(listed(as_manager, f"?team={sales.staff.team_id}")) == 2


def test_a_filter_that_cannot_be_read_says_so(as_manager: Client) -> None:
    answer = as_manager.get(reverse("visits") + "?first=9999-12-31")

    assert "Choose a day between the years 2000 and 2100." in answer.content.decode()


@pytest.mark.parametrize(
    ("query", "title"),
    [
        ("", "No visits ahead"),
        ("?when=past", "No visit is over yet"),
        ("?state=missed", "No visit matches the filters"),
    ],
)
def test_an_empty_list_says_what_to_do(as_manager: Client, query: str, title: str) -> None:
    assert title in as_manager.get(reverse("visits") + query).content.decode()


def test_the_list_asks_the_database_as_often_for_three_visits_as_for_one(
    as_manager: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    coming("Ada")
    with django_assert_num_queries(9):
        listed(as_manager)
    coming("Ben", department="HR")
    coming("Cem", department="Legal")
    with django_assert_num_queries(9):
        listed(as_manager)


def test_each_role_sees_its_own(client: Client) -> None:
    ada, ben = coming("Ada", department="HR"), coming("Ben", department="Sales")
    host = make_host(department=ada.meeting.series.department)
    planner, council = make_user(roles=(Role.PLANNER,)), make_user(roles=(Role.COUNCIL,))
    expected = [(host.user, [ada]), (ben.staff.user, [ben]), (planner, [ada, ben]), (council, [])]

    for user, visits in expected:
        client.force_login(user)
        assert listed(client) == [visit.pk for visit in visits]


def test_a_visit_of_others_is_not_found(client: Client) -> None:
    visit = coming()
    client.force_login(make_staff("Ben").user)

    assert client.get(reverse("visit", args=[visit.pk])).status_code == 404
    assert client.get(reverse("visit", args=[10**30])).status_code == 404


def test_who_is_not_signed_in_is_led_to_the_sign_in_and_back(client: Client) -> None:
    address = reverse("visit", args=[7])

    answer = client.get(address)

    assert (answer.status_code, answer["Location"]) == (302, f"/accounts/login/?next={address}")


def offered(client: Client, booking: Booking) -> frozenset[str]:
    answer = client.get(reverse("visit", args=[booking.pk]))
    assert answer.status_code == 200
    offers: frozenset[str] = answer.context["offers"]
    return offers


def test_the_manager_may_move_swap_and_cancel_what_is_ahead(as_manager: Client) -> None:
    assert offered(as_manager, coming()) == {"move", "swap", "cancel"}


def test_the_host_approves_or_declines_a_request_and_cancels_what_is_confirmed(
    client: Client,
) -> None:
    request, visit = coming("Ada", state=State.REQUESTED), coming("Ben")
    client.force_login(make_host(department=visit.meeting.series.department).user)

    assert offered(client, request) == {"confirm", "decline"}
    assert offered(client, visit) == {"cancel"}


def test_the_guest_answers_before_and_tells_afterwards(client: Client) -> None:
    visit = coming()
    client.force_login(visit.staff.user)
    assert offered(client, visit) == {"answer"}

    over = make_meeting(starts_at=timezone.now() - 2 * HOUR)
    past = make_booking(staff=visit.staff, meeting=over)

    assert offered(client, past) == {"attended", "missed", "note"}


def test_nothing_is_offered_on_a_visit_given_up(as_manager: Client) -> None:
    assert offered(as_manager, coming(state=State.CANCELLED)) == frozenset()
