from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
import redis
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries, DjangoCaptureOnCommitCallbacks

from accounts.models import Role
from rotation.audit.models import Subject
from rotation.audit.queries import entries_of
from rotation.booking.models import Booking
from rotation.invites.models import Mail
from rotation.meetings.models import Meeting
from tests.builders import (
    HOUR,
    coming_tuesday,
    make_absence,
    make_booking,
    make_department,
    make_meeting,
    make_series,
    make_staff,
    make_team,
    make_user,
)

if TYPE_CHECKING:
    from django.test.client import _MonkeyPatchedWSGIResponse as Answer

pytestmark = pytest.mark.django_db


@pytest.fixture
def meeting() -> Meeting:
    return make_meeting(starts_at=coming_tuesday())


def show(client: Client, meeting: Meeting) -> "Answer":
    return client.get(reverse("meeting", args=[meeting.pk]))


def book(client: Client, meeting: Meeting, staff: object) -> "Answer":
    return client.post(reverse("meeting_book", args=[meeting.pk]), {"staff": staff})


def test_the_manager_sees_who_could_go_best_first_with_reasons(
    as_manager: Client, meeting: Meeting
) -> None:
    make_booking(staff=make_staff("Ada"), meeting=make_meeting(starts_at=coming_tuesday(3)))
    make_staff("Ben")

    candidates = show(as_manager, meeting).context["candidates"]

    assert [row.person.name for row in candidates.free] == ["Ben", "Ada"]
    assert candidates.free[0].facts[:2] == [
        "Has never been with this department",
        "No visit in the last 13 weeks and none ahead",
    ]


def test_who_cannot_go_is_listed_with_every_reason(as_manager: Client, meeting: Meeting) -> None:
    make_absence(make_staff("Ada", works=False), meeting.starts_at)
    make_staff("Ben")

    answer = show(as_manager, meeting)

    [ada] = answer.context["candidates"].others
    assert [reason.split(" ")[1] for reason in ada.conflicts] == ["person", "meeting", "visit"]
    assert ada.conflicts[0] in answer.content.decode()
    assert answer.context["candidates"].obstacles == []


def test_a_cancelled_meeting_says_so_and_offers_nobody(
    as_manager: Client, meeting: Meeting
) -> None:
    make_staff("Ada")
    Meeting.objects.update(cancelled_at=meeting.starts_at - timedelta(days=9))

    text = show(as_manager, meeting).content.decode()

    assert "This meeting was cancelled" in text
    assert "Who could go" not in text


def test_a_full_meeting_names_what_stops_everybody(as_manager: Client, meeting: Meeting) -> None:
    make_booking(staff=make_staff("Ada", team=make_team("Network")), meeting=meeting)
    make_staff("Ben")
    make_staff("Cem")

    candidates = show(as_manager, meeting).context["candidates"]

    assert candidates.obstacles == [
        "Every guest seat of this meeting is taken; choose another meeting."
    ]


def test_booking_leads_to_the_visit_and_queues_the_invitation(
    as_manager: Client,
    meeting: Meeting,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
    broker: redis.Redis,
) -> None:
    ada = make_staff("Ada")

    with django_capture_on_commit_callbacks(execute=True):
        answer = book(as_manager, meeting, ada.pk)

    booking = Booking.objects.get()
    assert (answer.status_code, answer["Location"]) == (302, reverse("visit", args=[booking.pk]))
    assert (booking.staff, booking.state) == (ada, Booking.State.CONFIRMED)
    assert str(entries_of(Subject.BOOKING, booking.pk).get().actor) == "mara"
    assert Mail.objects.get().purpose == Mail.Purpose.INVITE
    assert broker.llen("rundgang:mail") == 1


def test_a_meeting_with_approval_is_requested(as_manager: Client) -> None:
    series = make_series(needs_approval=True)
    meeting = make_meeting(series=series, starts_at=coming_tuesday())

    book(as_manager, meeting, make_staff().pk)

    assert Booking.objects.get().state == Booking.State.REQUESTED


def test_a_second_press_leads_to_the_same_visit(as_manager: Client, meeting: Meeting) -> None:
    ada = make_staff("Ada")

    first, second = book(as_manager, meeting, ada.pk), book(as_manager, meeting, ada.pk)

    assert first["Location"] == second["Location"]
    assert Booking.objects.count() == 1


def test_a_rule_against_it_is_a_422_with_all_reasons_and_what_is_possible(
    as_manager: Client,
) -> None:
    series = make_series()
    meeting = make_meeting(series=series, starts_at=coming_tuesday())
    later = make_meeting(series=series, starts_at=coming_tuesday(2))
    ada, ben = make_staff("Ada"), make_staff("Ben")
    make_absence(ada, meeting.starts_at - timedelta(days=1), timedelta(days=3))

    answer = book(as_manager, meeting, ada.pk)

    refusal = answer.context["refusal"]
    assert answer.status_code == 422
    assert (refusal.guest, list(refusal.people), list(refusal.meetings)) == (ada, [ben], [later])
    assert all(reason in answer.content.decode() for reason in refusal.reasons)
    assert answer.context["form"]["staff"].value() == str(ada.pk)
    assert not Booking.objects.exists()


def test_a_taken_seat_is_a_409(as_manager: Client, meeting: Meeting) -> None:
    make_booking(staff=make_staff("Ada"), meeting=meeting)

    assert book(as_manager, meeting, make_staff("Ben").pk).status_code == 409


def test_three_alternatives_are_offered_and_no_more(as_manager: Client) -> None:
    series = make_series()
    meeting = make_meeting(series=series, starts_at=coming_tuesday())
    for weeks in range(2, 6):
        make_meeting(series=series, starts_at=coming_tuesday(weeks))
    ada, *_ = (make_staff(name) for name in ("Ada", "Ben", "Cem", "Dora", "Eva"))
    make_absence(ada, meeting.starts_at)

    refusal = book(as_manager, meeting, ada.pk).context["refusal"]

    assert [person.name for person in refusal.people] == ["Ben"]
    assert len(refusal.meetings) == 2


@pytest.mark.parametrize("staff", ["", "abc", "0", "-1", "9" * 30, "1 OR 1=1"])
def test_what_is_no_person_is_refused_at_the_field(
    as_manager: Client, meeting: Meeting, staff: str
) -> None:
    make_staff("Ada")

    answer = book(as_manager, meeting, staff)

    assert answer.status_code == 400
    assert list(answer.context["form"].errors) == ["staff"]


def test_nobody_of_another_team_can_be_chosen(as_manager: Client, meeting: Meeting) -> None:
    stranger = make_staff("Zoe", team=make_team("Network"))

    assert book(as_manager, meeting, stranger.pk).status_code == 400
    assert not Booking.objects.exists()


@pytest.mark.parametrize("role", [Role.STAFF, Role.HOST, Role.EXECUTIVE, Role.COUNCIL])
def test_who_may_not_book_sees_the_facts_only(client: Client, meeting: Meeting, role: Role) -> None:
    client.force_login(make_user(roles=(role,)))
    ada = make_staff("Ada")

    page = show(client, meeting)

    assert page.status_code == 200
    assert "Who could go" not in page.content.decode()
    assert "Ada" not in page.content.decode()
    assert book(client, meeting, ada.pk).status_code == 403


@pytest.mark.parametrize("role", [Role.PLANNER, Role.ADMIN])
def test_planners_and_administrators_book_anybody(
    client: Client, meeting: Meeting, role: Role
) -> None:
    client.force_login(make_user(roles=(role,)))

    assert book(client, meeting, make_staff().pk).status_code == 302


def test_a_stranger_signs_in_first(client: Client, meeting: Meeting) -> None:
    assert show(client, meeting)["Location"].startswith(reverse("account_login"))
    assert book(client, meeting, 1)["Location"].startswith(reverse("account_login"))


@pytest.mark.parametrize("number", [0, 404, 10**30])
def test_an_unknown_meeting_is_a_404(as_manager: Client, number: int) -> None:
    assert as_manager.get(f"/meetings/{number}/").status_code == 404
    assert as_manager.post(f"/meetings/{number}/book/", {"staff": 1}).status_code == 404


def test_booking_by_address_alone_leads_to_the_meeting(
    as_manager: Client, meeting: Meeting
) -> None:
    answer = as_manager.get(reverse("meeting_book", args=[meeting.pk]))

    assert answer["Location"] == reverse("meeting", args=[meeting.pk])
    assert not Booking.objects.exists()


def test_names_are_text_and_never_markup(as_manager: Client) -> None:
    department = make_department("<b>Sales & Co</b>", "SC")
    meeting = make_meeting(
        series=make_series(department=department, title="<script>alert(1)</script>"),
        starts_at=coming_tuesday(),
    )
    make_staff("<img src=x>")

    text = show(as_manager, meeting).content.decode()

    assert "<script>alert" not in text
    assert "<img" not in text
    assert "<b>Sales" not in text


@pytest.mark.parametrize("people", [1, 3])
def test_the_number_of_queries_does_not_depend_on_the_people(
    as_manager: Client,
    meeting: Meeting,
    django_assert_num_queries: DjangoAssertNumQueries,
    people: int,
) -> None:
    for number in range(people):
        make_staff(f"Person {number}")

    with django_assert_num_queries(18):
        show(as_manager, meeting)


def test_the_guests_are_shown_to_who_may_see_them(as_manager: Client, meeting: Meeting) -> None:
    Meeting.objects.update(seats=2)
    mine = make_booking(staff=make_staff("Ada"), meeting=meeting)
    make_booking(staff=make_staff("Zoe", team=make_team("Network")), meeting=meeting, seat=2)

    assert list(show(as_manager, meeting).context["bookings"]) == [mine]


def test_a_meeting_an_hour_long_names_its_zone_to_who_lives_elsewhere(as_manager: Client) -> None:
    series = make_series(time_zone="America/New_York")
    meeting = make_meeting(series=series, starts_at=coming_tuesday(), length=HOUR)

    assert "(New York)" in show(as_manager, meeting).content.decode()
