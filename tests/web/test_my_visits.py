from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from accounts.models import Role
from rotation.booking.models import Booking
from rotation.directory.models import StaffMember
from rotation.insights.models import Note
from rotation.invites.answer_links import answer_token
from tests.builders import (
    HOUR,
    coming_tuesday,
    make_booking,
    make_host,
    make_meeting,
    make_series,
    make_staff,
    make_user,
)

pytestmark = pytest.mark.django_db
State = Booking.State


@pytest.fixture
def ada(client: Client) -> StaffMember:
    person = make_staff("Ada")
    client.force_login(person.user)
    return person


def visit(person: StaffMember, weeks: int = 1, state: str = State.CONFIRMED) -> Booking:
    meeting = make_meeting(series=make_series(), starts_at=coming_tuesday(weeks))
    return make_booking(staff=person, meeting=meeting, state=state)


def page(client: Client) -> str:
    answer = client.get(reverse("my_visits"))
    assert answer.status_code == 200
    return answer.content.decode()


def test_the_next_visit_comes_first_and_the_others_by_week(
    client: Client, ada: StaffMember
) -> None:
    first, second, third = visit(ada, 1), visit(ada, 2), visit(ada, 3, state=State.REQUESTED)
    visit(ada, 4, state=State.CANCELLED)
    visit(make_staff("Ben"), 1)

    context = client.get(reverse("my_visits")).context

    assert context["nearest"] == first
    assert [visits for _, visits in context["weeks"]] == [[second], [third]]


def test_the_next_visit_is_answered_on_the_spot(client: Client, ada: StaffMember) -> None:
    nearest = visit(ada)
    answer = client.get(reverse("my_visits"))
    token = answer.context["answer_token"]

    back = client.post(
        reverse("visit_answer", args=[nearest.pk]),
        {"partstat": "ACCEPTED", "token": token, "next": reverse("my_visits")},
    )

    assert back["Location"] == reverse("my_visits")
    assert Booking.objects.get().partstat == "ACCEPTED"


@pytest.mark.parametrize(
    "strange", ["nowhere", "visits", "https://evil.example/", "//evil.example"]
)
def test_an_answer_leads_to_the_visit_where_the_way_back_is_none_of_ours(
    client: Client, ada: StaffMember, strange: str
) -> None:
    nearest = visit(ada)

    back = client.post(
        reverse("visit_answer", args=[nearest.pk]),
        {"partstat": "ACCEPTED", "token": answer_token(nearest), "next": strange},
    )

    assert back["Location"] == reverse("visit", args=[nearest.pk])


def test_a_request_has_no_buttons_yet(client: Client, ada: StaffMember) -> None:
    visit(ada, state=State.REQUESTED)

    assert "The host still has to approve" in page(client)
    assert 'name="partstat"' not in page(client)


def test_place_and_contact_are_named(client: Client, ada: StaffMember) -> None:
    host = make_host("Hanna")
    series = make_series(location="https://meet.example.org/sales", host=host)
    make_booking(staff=ada, meeting=make_meeting(series=series, starts_at=coming_tuesday()))

    assert '<a href="https://meet.example.org/sales" rel="noreferrer">' in page(client)
    assert f'<a href="mailto:{host.user.email}">Hanna</a>' in page(client)


def test_a_place_that_is_no_link_stays_text(client: Client, ada: StaffMember) -> None:
    series = make_series(location="javascript:alert(1)")
    make_booking(staff=ada, meeting=make_meeting(series=series, starts_at=coming_tuesday()))

    assert 'href="javascript' not in page(client)


def test_visits_that_are_over_wait_for_a_note(client: Client, ada: StaffMember) -> None:
    days = [timezone.now() - timedelta(days=each) for each in (1, 2, 3)]
    untold, told, _missed = (
        make_booking(staff=ada, meeting=make_meeting(starts_at=at), state=state)
        for at, state in zip(days, (State.CONFIRMED, State.ATTENDED, State.MISSED), strict=True)
    )
    Note.objects.create(booking=told, text="They print.", written_at=timezone.now())

    assert list(client.get(reverse("my_visits")).context["to_tell"]) == [untold]


def test_the_week_says_what_is_booked_of_the_budget(client: Client, ada: StaffMember) -> None:
    make_booking(staff=ada, meeting=make_meeting(starts_at=timezone.now()))

    budget = client.get(reverse("my_visits")).context["budget"]

    assert budget["booked"] == 1.5 * HOUR
    assert budget["left"] == budget["granted"] - budget["booked"]
    assert budget["percent"] == 100 * budget["booked"] // budget["granted"]


def test_without_visits_the_page_says_what_to_do(client: Client, ada: StaffMember) -> None:
    del ada
    assert "No visit ahead" in page(client)


def test_who_is_no_guest_is_led_to_the_visits(client: Client) -> None:
    client.force_login(make_user(roles=(Role.MANAGER,)))

    assert client.get(reverse("my_visits"))["Location"] == reverse("visits")


def test_three_visits_ask_as_often_as_two(
    client: Client, ada: StaffMember, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    visit(ada, 1)
    visit(ada, 2)
    with django_assert_num_queries(12):
        page(client)
    visit(ada, 3)
    visit(ada, 4)
    with django_assert_num_queries(12):
        page(client)
