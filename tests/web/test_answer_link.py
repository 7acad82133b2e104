from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import Settings

from rotation.audit.models import Entry
from rotation.booking.models import Booking
from rotation.invites.answer_links import answer_token
from rotation.replies.models import GuestAnswer
from tests.builders import HOUR, coming_tuesday, make_booking, make_meeting, make_series

if TYPE_CHECKING:
    from django.test.client import _MonkeyPatchedWSGIResponse as Answer

pytestmark = pytest.mark.django_db
State, Partstat = Booking.State, Booking.Partstat


@pytest.fixture
def visit() -> Booking:
    return make_booking(meeting=make_meeting(starts_at=coming_tuesday()))


def address(visit: Booking, query: str = "") -> str:
    return reverse("answer", args=[answer_token(visit)]) + query


def answer(client: Client, visit: Booking, partstat: str, **values: str) -> "Answer":
    return client.post(address(visit), {"partstat": partstat, **values})


def state(visit: Booking) -> tuple[str, str]:
    visit.refresh_from_db()
    return visit.state, visit.partstat


@pytest.mark.parametrize("query", ["", "?a=yes", "?a=no", "?a=maybe", "?partstat=DECLINED"])
def test_looking_never_changes_anything(client: Client, visit: Booking, query: str) -> None:
    for look in (client.get, client.head, client.get):
        assert look(address(visit, query)).status_code == 200

    assert state(visit) == (State.CONFIRMED, Partstat.NEEDS_ACTION)
    assert not Entry.objects.exists()
    assert not GuestAnswer.objects.exists()


@pytest.mark.parametrize(
    ("query", "chosen"),
    [("?a=no", "DECLINED"), ("?a=maybe", "TENTATIVE"), ("?a=x", "NEEDS-ACTION")],
)
def test_the_answer_of_the_mails_button_is_chosen_but_not_sent(
    client: Client, visit: Booking, query: str, chosen: str
) -> None:
    assert client.get(address(visit, query)).context["chosen"] == chosen


@pytest.mark.parametrize("partstat", ["ACCEPTED", "TENTATIVE", "DECLINED"])
def test_the_guest_answers_without_signing_in(
    client: Client, visit: Booking, partstat: str
) -> None:
    response = answer(client, visit, partstat, comment="See you")

    assert (response.status_code, response["Location"]) == (302, address(visit))
    assert state(visit)[1] == partstat
    line = GuestAnswer.objects.get()
    assert (line.partstat, line.source, line.comment) == (partstat, "link", "See you")
    assert "Thank you" in client.get(address(visit)).content.decode()


def test_an_answer_can_be_changed_until_the_visit(client: Client, visit: Booking) -> None:
    answer(client, visit, "DECLINED")
    assert state(visit) == (State.DECLINED, Partstat.DECLINED)

    answer(client, visit, "ACCEPTED")

    assert state(visit) == (State.CONFIRMED, Partstat.ACCEPTED)


def test_the_same_answer_twice_is_one(client: Client, visit: Booking) -> None:
    answer(client, visit, "ACCEPTED")

    assert answer(client, visit, "ACCEPTED").status_code == 302
    assert GuestAnswer.objects.count() == 1


def test_a_seat_given_away_meanwhile_is_told(client: Client, visit: Booking) -> None:
    answer(client, visit, "DECLINED")
    make_booking(meeting=visit.meeting)

    response = answer(client, visit, "ACCEPTED")

    assert response.status_code == 409
    assert "has been given away since" in response.content.decode()
    assert state(visit) == (State.DECLINED, Partstat.DECLINED)


def test_a_link_to_an_earlier_version_says_so_and_changes_nothing(
    client: Client, visit: Booking
) -> None:
    old = address(visit)
    Booking.objects.update(sequence=1)

    look, press = client.get(old), client.post(old, {"partstat": "DECLINED"})

    assert (look.status_code, press.status_code) == (410, 409)
    assert "answer with the newest mail" in look.content.decode()
    assert "answer the newest invitation" in press.content.decode()
    assert state(visit) == (State.CONFIRMED, Partstat.NEEDS_ACTION)


def test_a_visit_called_off_is_gone(client: Client, visit: Booking) -> None:
    Booking.objects.update(state=State.CANCELLED)

    look, press = client.get(address(visit)), answer(client, visit, "ACCEPTED")

    assert (look.status_code, press.status_code) == (410, 409)
    assert "was called off" in look.content.decode()
    assert state(visit) == (State.CANCELLED, Partstat.NEEDS_ACTION)


def test_a_visit_that_is_over_is_gone(client: Client) -> None:
    visit = make_booking(meeting=make_meeting(starts_at=timezone.now() - 2 * HOUR))

    look, press = client.get(address(visit)), answer(client, visit, "DECLINED")

    assert (look.status_code, press.status_code) == (410, 409)
    assert "This meeting is over" in look.content.decode()
    assert state(visit)[0] == State.CONFIRMED


@pytest.mark.parametrize("token", ["x", "a:b:c", "ünknown", "%00", "x" * 5000])
def test_a_garbled_link_gets_a_clear_page(client: Client, token: str) -> None:
    for ask in (client.get, client.post):
        response = ask(f"/r/{token}/")
        assert response.status_code == 404
        assert "This link does not work" in response.content.decode()
        assert response["Cache-Control"] == "no-store"


def test_a_token_that_was_tampered_with_is_no_link(client: Client, visit: Booking) -> None:
    token = answer_token(visit)
    mirrored = token[:-1] + ("A" if token[-1] != "A" else "B")

    assert client.get(reverse("answer", args=[mirrored])).status_code == 404


def test_the_visit_of_a_token_may_be_gone(client: Client, visit: Booking) -> None:
    link = address(visit)
    visit.delete()

    assert client.get(link).status_code == 404


def test_the_page_leaves_no_trace(client: Client, visit: Booking) -> None:
    response = client.get(address(visit))

    assert response["Referrer-Policy"] == "no-referrer"
    assert response["Cache-Control"] == "no-store"
    assert response["X-Robots-Tag"] == "noindex"


def test_a_confidential_title_stays_unsaid(client: Client) -> None:
    series = make_series(title="Project Falcon", confidential=True)
    visit = make_booking(meeting=make_meeting(series=series, starts_at=coming_tuesday()))

    assert "Falcon" not in client.get(address(visit)).content.decode()


@pytest.mark.parametrize("values", [{}, {"partstat": "DELEGATED"}, {"comment": "x" * 501}])
def test_no_answer_is_no_answer(client: Client, visit: Booking, values: dict[str, str]) -> None:
    assert client.post(address(visit), values).status_code == 400
    assert state(visit)[1] == Partstat.NEEDS_ACTION


def test_a_form_without_its_token_field_changes_nothing(visit: Booking) -> None:
    client = Client(enforce_csrf_checks=True)
    client.get(address(visit))

    assert client.post(address(visit), {"partstat": "DECLINED"}).status_code == 403
    assert state(visit)[1] == Partstat.NEEDS_ACTION


@pytest.mark.parametrize(("origin", "status"), [("null", 302), ("https://example.com", 403)])
def test_a_browser_that_hides_the_referrer_may_answer(
    visit: Booking, origin: str, status: int
) -> None:
    client = Client(enforce_csrf_checks=True)
    client.get(address(visit))
    values = {"partstat": "ACCEPTED", "csrfmiddlewaretoken": client.cookies["csrftoken"].value}

    response = client.post(address(visit), values, headers={"Origin": origin})

    assert response.status_code == status


def test_a_link_that_is_pressed_all_the_time_has_to_wait(client: Client, visit: Booking) -> None:
    statuses = [answer(client, visit, "ACCEPTED").status_code for _ in range(21)]

    assert statuses == [302] * 20 + [429]


def test_without_a_cache_answers_still_count(
    client: Client, visit: Booking, settings: Settings
) -> None:
    away = {**settings.CACHES["default"], "LOCATION": "redis://127.0.0.1:1/0"}
    settings.CACHES = {"default": away}

    assert answer(client, visit, "ACCEPTED").status_code == 302
    assert state(visit)[1] == Partstat.ACCEPTED


def test_a_meeting_under_way_can_still_be_answered(client: Client) -> None:
    begun = make_meeting(starts_at=timezone.now() - timedelta(minutes=10))

    assert answer(client, make_booking(meeting=begun), "ACCEPTED").status_code == 302
