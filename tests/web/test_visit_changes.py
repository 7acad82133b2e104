from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries, DjangoCaptureOnCommitCallbacks

from accounts.models import Role
from rotation.audit.models import Entry
from rotation.booking.models import Booking
from rotation.insights.models import Note
from rotation.invites.answer_links import answer_token
from rotation.invites.models import Mail
from rotation.replies.models import InboundMail, TimeProposal
from tests.builders import (
    HOUR,
    coming_tuesday,
    make_absence,
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
State, Partstat = Booking.State, Booking.Partstat


@pytest.fixture
def visit() -> Booking:
    return make_booking(meeting=make_meeting(starts_at=coming_tuesday()))


@pytest.fixture
def request_() -> Booking:
    series = make_series(needs_approval=True)
    meeting = make_meeting(series=series, starts_at=coming_tuesday())
    return make_booking(meeting=meeting, state=State.REQUESTED)


@pytest.fixture
def as_host(client: Client) -> Client:
    client.force_login(make_host(department=make_department()).user)
    return client


def press(client: Client, action: str, booking: Booking, **values: object) -> "Answer":
    values = {"version": booking.version, **values}
    return client.post(reverse(f"visit_{action}", args=[booking.pk]), values)


def text_of(answer: "Answer") -> str:
    return answer.content.decode()


def test_the_host_approves_and_the_invitation_is_queued(
    as_host: Client,
    request_: Booking,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    with django_capture_on_commit_callbacks() as after_commit:
        answer = press(as_host, "confirm", request_, next=reverse("hosting"))

    request_.refresh_from_db()
    assert (answer.status_code, answer["Location"]) == (302, reverse("hosting"))
    assert request_.state == State.CONFIRMED
    assert Mail.objects.filter(booking=request_, purpose="invite").count() == 1
    assert len(after_commit) == 1


def test_a_second_press_changes_nothing(as_host: Client, request_: Booking) -> None:
    press(as_host, "confirm", request_)

    assert press(as_host, "confirm", request_).status_code == 302
    assert Entry.objects.count() == 1


def test_a_foreign_address_is_no_way_back(as_host: Client, request_: Booking) -> None:
    answer = press(as_host, "confirm", request_, next="https://example.com/")

    assert answer["Location"] == reverse("visit", args=[request_.pk])


def test_the_host_declines_with_a_reason(as_host: Client, request_: Booking) -> None:
    press(as_host, "decline", request_, reason="We are full of auditors.")

    request_.refresh_from_db()
    assert (request_.state, request_.declined_by) == (State.DECLINED, "host")
    assert Entry.objects.get().reason == "We are full of auditors."


@pytest.mark.parametrize("action", ["decline", "cancel"])
def test_the_question_can_be_asked_on_a_page_of_its_own(
    as_host: Client, visit: Booking, action: str
) -> None:
    answer = as_host.get(reverse(f"visit_{action}", args=[visit.pk]))

    assert answer.status_code == 200
    assert f'name="version" value="{visit.version}"' in text_of(answer)


@pytest.mark.parametrize("action", ["confirm", "attended", "missed", "answer", "note"])
def test_a_look_at_a_change_is_refused(as_host: Client, visit: Booking, action: str) -> None:
    assert as_host.get(reverse(f"visit_{action}", args=[visit.pk])).status_code == 405


def test_cancelling_frees_the_seat_and_says_so(as_manager: Client, visit: Booking) -> None:
    address = reverse("visit_cancel", args=[visit.pk])
    answer = as_manager.post(address, {"version": 1, "reason": "Ill"}, follow=True)

    visit.refresh_from_db()
    assert (visit.state, visit.sequence) == (State.CANCELLED, 1)
    assert "The visit is cancelled; everybody concerned is told." in text_of(answer)
    assert "mara cancelled the visit." in text_of(answer)


@pytest.mark.parametrize("action", ["cancel", "decline", "confirm", "move", "swap"])
def test_what_others_changed_meanwhile_is_told_and_nothing_typed_is_lost(
    client: Client, request_: Booking, action: str
) -> None:
    client.force_login(make_user(roles=(Role.ADMIN,)))
    Booking.objects.update(version=5)
    other = make_meeting(series=request_.meeting.series, starts_at=coming_tuesday(2))
    chosen = {"meeting": other.pk, "staff": make_staff("Ben").pk}

    answer = press(client, action, request_, reason="Half a novel", **chosen)

    assert answer.status_code == 409
    assert "Somebody else changed this a moment ago" in text_of(answer)
    assert reverse("visit", args=[request_.pk]) in text_of(answer)
    assert ("Half a novel" in text_of(answer)) is (action != "confirm")
    assert 'name="version" value="5"' in text_of(answer)
    assert Booking.objects.get().state == State.REQUESTED


def test_a_state_that_does_not_allow_the_change_is_named(
    as_manager: Client, visit: Booking
) -> None:
    Booking.objects.update(state=State.MISSED)

    answer = press(as_manager, "cancel", visit)

    assert answer.status_code == 409
    assert "The visit is missed, so this can no longer be done: cancel." in text_of(answer)


def test_a_reason_that_mails_cannot_carry_is_refused_and_kept(
    as_manager: Client, visit: Booking
) -> None:
    answer = press(as_manager, "cancel", visit, reason="bell \x07 rings")

    assert answer.status_code == 400
    assert "Remove the invisible control character at position 6." in text_of(answer)
    assert "rings" in text_of(answer)


def test_a_reason_of_ten_thousand_letters_is_refused(as_manager: Client, visit: Booking) -> None:
    assert press(as_manager, "cancel", visit, reason="x" * 10_000).status_code == 400


def test_dates_that_suit_come_first_and_others_below(as_manager: Client, visit: Booking) -> None:
    series = visit.meeting.series
    suits = make_meeting(series=series, starts_at=coming_tuesday(2))
    away = make_meeting(series=series, starts_at=coming_tuesday(3))
    make_absence(visit.staff, away.starts_at)

    answer = as_manager.get(reverse("visit_move", args=[visit.pk]))

    assert answer.context["suiting"] == [suits]
    assert list(answer.context["others"]) == [away]


def test_a_visit_moves_inside_its_series(as_manager: Client, visit: Booking) -> None:
    later = make_meeting(series=visit.meeting.series, starts_at=coming_tuesday(2))

    answer = press(as_manager, "move", visit, meeting=later.pk)

    visit.refresh_from_db()
    assert (answer.status_code, answer["Location"]) == (302, reverse("visit", args=[visit.pk]))
    assert (visit.meeting, visit.sequence, visit.starts_at) == (later, 1, later.starts_at)


def test_a_refused_move_names_every_reason_beside_what_is_possible(
    as_manager: Client, visit: Booking
) -> None:
    series = visit.meeting.series
    full = make_meeting(series=series, starts_at=coming_tuesday(2))
    make_booking(staff=make_staff("Ben"), meeting=full)
    make_absence(visit.staff, full.starts_at)
    free = make_meeting(series=series, starts_at=coming_tuesday(3))

    answer = press(as_manager, "move", visit, meeting=full.pk, reason="Their wish")

    assert answer.status_code == 409
    reasons = answer.context["refusal"].reasons
    assert [reason.split(" (")[0] for reason in reasons] == [
        "Every guest seat of this meeting is taken; choose another meeting.",
        "The person is away",
        *reasons[2:],
    ]
    assert answer.context["suiting"] == [free]
    assert "Their wish" in text_of(answer)


def test_a_move_that_only_a_rule_forbids_is_unprocessable(
    as_manager: Client, visit: Booking
) -> None:
    away = make_meeting(series=visit.meeting.series, starts_at=coming_tuesday(2))
    make_absence(visit.staff, away.starts_at)

    assert press(as_manager, "move", visit, meeting=away.pk).status_code == 422


@pytest.mark.parametrize("meeting", ["", "0", "x", "99999999999999999999"])
def test_a_move_to_nowhere_is_refused(as_manager: Client, visit: Booking, meeting: str) -> None:
    assert press(as_manager, "move", visit, meeting=meeting).status_code == 400


def test_a_second_press_on_a_move_to_another_series_leads_to_the_new_visit(
    as_manager: Client, visit: Booking
) -> None:
    other = make_meeting(series=make_series(title="Other"), starts_at=coming_tuesday(2))

    first = press(as_manager, "move", visit, meeting=other.pk)
    second = press(as_manager, "move", visit, meeting=other.pk)

    new = Booking.objects.get(meeting=other)
    assert first["Location"] == second["Location"] == reverse("visit", args=[new.pk])


def test_who_could_go_instead_is_offered_with_reasons(as_manager: Client, visit: Booking) -> None:
    make_absence(make_staff("Ben"), visit.starts_at)
    cem = make_staff("Cem")

    answer = as_manager.get(reverse("visit_swap", args=[visit.pk]))

    assert [person for person, _ in answer.context["candidates"]] == [cem]
    assert "Has never been with this department" in text_of(answer)


def test_somebody_else_goes_and_a_second_press_leads_there(
    as_manager: Client, visit: Booking
) -> None:
    ben = make_staff("Ben")

    first = press(as_manager, "swap", visit, staff=ben.pk)
    second = press(as_manager, "swap", visit, staff=ben.pk)

    visit.refresh_from_db()
    new = Booking.objects.get(staff=ben)
    assert (visit.state, new.state, new.source) == (State.CANCELLED, State.CONFIRMED, "swap")
    assert first["Location"] == second["Location"] == reverse("visit", args=[new.pk])


def test_a_swap_with_somebody_who_comes_anyway_is_refused(
    as_manager: Client, visit: Booking
) -> None:
    ben = make_staff("Ben")
    make_booking(staff=ben, meeting=visit.meeting, seat=2)

    answer = press(as_manager, "swap", visit, staff=ben.pk)

    assert answer.status_code == 409
    assert Booking.objects.get(pk=visit.pk).state == State.CONFIRMED


def test_only_own_people_can_be_sent(as_manager: Client, visit: Booking) -> None:
    stranger = make_staff("Eva", team=make_team("Networks"))

    assert press(as_manager, "swap", visit, staff=stranger.pk).status_code == 400


@pytest.mark.parametrize(("action", "state"), [("attended", "attended"), ("missed", "missed")])
def test_attendance_is_noted_after_the_meeting(as_manager: Client, action: str, state: str) -> None:
    past = make_booking(meeting=make_meeting(starts_at=timezone.now() - 2 * HOUR))

    press(as_manager, action, past)

    assert Booking.objects.get().state == state


def test_attendance_before_the_meeting_is_refused(as_manager: Client, visit: Booking) -> None:
    answer = press(as_manager, "attended", visit)

    assert answer.status_code == 409
    assert "say afterwards who was there" in text_of(answer)


@pytest.mark.parametrize("partstat", ["ACCEPTED", "TENTATIVE", "DECLINED"])
def test_the_guest_answers_in_the_ledger_of_the_mails(
    client: Client, visit: Booking, partstat: str
) -> None:
    client.force_login(visit.staff.user)

    answer = press(client, "answer", visit, partstat=partstat, token=answer_token(visit))

    visit.refresh_from_db()
    assert (answer.status_code, visit.partstat) == (302, partstat)
    assert (visit.state == State.DECLINED) is (partstat == "DECLINED")
    assert Entry.objects.get().via == "page"


def test_an_answer_to_an_earlier_version_changes_nothing(client: Client, visit: Booking) -> None:
    client.force_login(visit.staff.user)
    token = answer_token(visit)
    Booking.objects.update(sequence=1)

    answer = press(client, "answer", visit, partstat="DECLINED", token=token)

    page = client.get(answer["Location"])
    assert "The visit was changed after this invitation was sent" in text_of(page)
    assert Booking.objects.get().partstat == Partstat.NEEDS_ACTION


@pytest.mark.parametrize("token", ["", "garbage", "other"])
def test_an_answer_needs_the_token_of_this_visit(
    client: Client, visit: Booking, token: str
) -> None:
    client.force_login(visit.staff.user)
    if token == "other":
        later = make_meeting(series=visit.meeting.series, starts_at=coming_tuesday(2))
        token = answer_token(make_booking(staff=visit.staff, meeting=later))

    answer = press(client, "answer", visit, partstat="DECLINED", token=token)

    assert answer.status_code == 400
    assert not Booking.objects.filter(partstat="DECLINED").exists()


def test_a_note_is_kept_and_replaced(client: Client) -> None:
    past = make_booking(meeting=make_meeting(starts_at=timezone.now() - 2 * HOUR))
    client.force_login(past.staff.user)

    press(client, "note", past, text="They print everything.")
    press(client, "note", past, text="They print everything twice.")

    assert Note.objects.get().text == "They print everything twice."
    page = client.get(reverse("visit", args=[past.pk]))
    assert "They print everything twice." in text_of(page)


def test_a_note_with_an_error_is_shown_again(client: Client) -> None:
    past = make_booking(meeting=make_meeting(starts_at=timezone.now() - 2 * HOUR))
    client.force_login(past.staff.user)

    answer = press(client, "note", past, text="x" * 4001)

    assert answer.status_code == 400
    assert "x" * 4001 in text_of(answer)
    assert not Note.objects.exists()


def test_a_note_on_a_visit_ahead_is_refused_and_shown_again(client: Client, visit: Booking) -> None:
    client.force_login(visit.staff.user)

    answer = press(client, "note", visit, text="They will print.")

    assert answer.status_code == 409
    assert "a note can be written once the guest was there" in text_of(answer)


RIGHTS = {
    "confirm": {"host", "admin"},
    "decline": {"host", "admin"},
    "cancel": {"manager", "host", "planner", "admin"},
    "move": {"manager", "planner", "admin"},
    "swap": {"manager", "planner", "admin"},
    "attended": {"manager", "host", "planner", "admin", "guest"},
    "answer": {"guest"},
    "note": {"guest"},
}


@pytest.mark.parametrize("action", RIGHTS)
def test_only_who_may_gets_past_the_door(client: Client, visit: Booking, action: str) -> None:
    manager = make_user(roles=(Role.MANAGER,))
    make_team(managers=(manager,))
    users = {
        "manager": manager,
        "host": make_host(department=visit.meeting.series.department).user,
        "guest": visit.staff.user,
        "planner": make_user(roles=(Role.PLANNER,)),
        "admin": make_user(roles=(Role.ADMIN,)),
        "colleague": make_staff("Ben").user,
        "executive": make_user(roles=(Role.EXECUTIVE,)),
    }
    if action == "confirm":
        Booking.objects.update(state=State.REQUESTED)
    passed = set()
    for name, user in users.items():
        client.force_login(user)
        # a version that nobody can have seen: whoever may is told so, and nothing changes
        answer = press(client, action, visit, version=2**31 - 1)
        assert answer.status_code in {400, 403, 404, 409}
        passed |= {name} if answer.status_code in {400, 409} else set()

    assert passed == RIGHTS[action]


def test_no_password_no_change(client: Client, visit: Booking) -> None:
    assert press(client, "cancel", visit)["Location"].startswith("/accounts/login/")
    assert Booking.objects.get().state == State.CONFIRMED


def test_a_form_from_elsewhere_changes_nothing(visit: Booking) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(make_user(roles=(Role.ADMIN,)))

    assert press(client, "cancel", visit).status_code == 403


def test_the_page_of_a_visit_asks_as_often_with_a_long_history(
    as_manager: Client, visit: Booking, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    address = reverse("visit", args=[visit.pk])
    with django_assert_num_queries(12):
        as_manager.get(address)
    for _ in range(3):
        Entry.objects.create(
            subject="booking", subject_id=visit.pk, at=timezone.now() - timedelta(hours=1),
            via="page", action="cancel", actor=make_user(),
        )  # fmt: skip
    with django_assert_num_queries(12):
        as_manager.get(address)


def test_the_guests_word_is_read_by_the_host(client: Client, visit: Booking) -> None:
    client.force_login(visit.staff.user)
    press(
        client, "answer", visit, partstat="TENTATIVE", token=answer_token(visit),
        comment="The dentist may keep me.",
    )  # fmt: skip
    client.force_login(make_host(department=visit.meeting.series.department).user)

    page = client.get(reverse("visit", args=[visit.pk]))

    assert "<q>The dentist may keep me.</q>" in text_of(page)


def test_another_time_that_the_guest_proposes_is_shown(as_manager: Client, visit: Booking) -> None:
    TimeProposal.objects.create(
        booking=visit, address=visit.staff.email, sequence=0, dtstamp=timezone.now(),
        starts_at=datetime(2099, 1, 13, 9, tzinfo=UTC),
        ends_at=datetime(2099, 1, 13, 10, tzinfo=UTC),
        comment="Rather late", received_at=timezone.now(),
    )  # fmt: skip

    page = text_of(as_manager.get(reverse("visit", args=[visit.pk])))

    assert "The guest proposes another time" in page
    assert "Tue 13 Jan 2099, 10:00–11:00" in page


def test_an_invitation_that_came_back_is_shown(as_manager: Client, visit: Booking) -> None:
    InboundMail.objects.create(
        booking=visit, raw=b"", sha256="0", source="smtp", received_at=timezone.now(),
        handled_at=timezone.now(), outcome="BOUNCE",
    )  # fmt: skip

    page = text_of(as_manager.get(reverse("visit", args=[visit.pk])))

    assert "The invitation could not be delivered." in page
