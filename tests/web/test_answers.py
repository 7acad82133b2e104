from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from accounts.models import Role
from rotation.audit.models import Entry
from rotation.booking.models import Booking
from rotation.invites.models import Mail
from rotation.invites.services import queue_invites
from rotation.replies import peer
from rotation.replies.models import InboundMail, Source
from rotation.workflows.receive_replies import receive
from tests.builders import coming_tuesday, make_booking, make_meeting, make_team, make_user

pytestmark = pytest.mark.django_db


def held(weeks: int = 1, partstat: str = "DECLINED") -> tuple[Booking, InboundMail]:
    """Return a visit and an answer from its guest that nobody has verified."""
    visit = make_booking(meeting=make_meeting(starts_at=coming_tuesday(weeks)))
    queue_invites([visit], timezone.now())
    invitation = bytes(Mail.objects.get(booking=visit, purpose="invite").raw)
    later = timezone.now() + timedelta(seconds=1)
    receive(
        peer.reply_mail(invitation, partstat=partstat, now=later), source=Source.SMTP, now=later
    )
    return visit, InboundMail.objects.get(booking=visit)


def press(client: Client, action: str, mail: InboundMail) -> str:
    address = reverse(f"held_answer_{action}", args=[mail.pk])
    return client.post(address, follow=True).content.decode()


def test_a_held_answer_is_listed_with_its_reason(as_manager: Client) -> None:
    _, mail = held()

    answer = as_manager.get(reverse("held_answers"))

    assert list(answer.context["page"]) == [mail]
    assert "It is not proven that the sender" in answer.content.decode()


def test_the_manager_vouches_for_the_guest(as_manager: Client) -> None:
    visit, mail = held()

    page = press(as_manager, "apply", mail)

    visit.refresh_from_db()
    assert (visit.state, visit.partstat) == ("declined", "DECLINED")
    assert str(Entry.objects.get().actor) == "mara"
    assert "The guest declined." in page
    assert "Nothing is held" in page


def test_a_mail_taken_off_the_list_changes_nothing(as_manager: Client) -> None:
    visit, mail = held()

    page = press(as_manager, "drop", mail)

    visit.refresh_from_db()
    assert visit.partstat == "NEEDS-ACTION"
    assert "Nothing is held" in page


def test_a_second_press_finds_nothing_to_do(as_manager: Client) -> None:
    _, mail = held()
    press(as_manager, "apply", mail)

    again = as_manager.post(reverse("held_answer_apply", args=[mail.pk]))

    assert again.status_code == 404
    assert Entry.objects.count() == 1


def test_a_mail_that_still_cannot_be_applied_stays_with_its_reason(as_manager: Client) -> None:
    raw = b"From: a@example.org\r\nTo: rundgang@example.org\r\nSubject: Yes\r\n\r\nI come!"
    receive(raw, source=Source.SMTP, now=timezone.now())
    mail = InboundMail.objects.get()
    as_manager.force_login(make_user(roles=(Role.PLANNER,)))

    assert "a calendar's answer is not in it" in press(as_manager, "apply", mail).replace(
        "&#x27;", "'"
    )
    assert InboundMail.objects.get().settled_at is None


def test_mails_about_other_teams_are_not_seen(client: Client) -> None:
    _, mail = held()
    user = make_user(roles=(Role.MANAGER,))
    make_team("Networks", managers=(user,))
    client.force_login(user)

    assert list(client.get(reverse("held_answers")).context["page"]) == []
    assert client.post(reverse("held_answer_drop", args=[mail.pk])).status_code == 404


@pytest.mark.parametrize("role", [Role.STAFF, Role.HOST, Role.EXECUTIVE, Role.COUNCIL])
def test_only_who_may_looks_at_held_answers(client: Client, role: str) -> None:
    client.force_login(make_user(roles=(role,)))

    assert client.get(reverse("held_answers")).status_code == 403


def test_three_mails_ask_as_often_as_one(
    as_manager: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    held()
    with django_assert_num_queries(7):
        as_manager.get(reverse("held_answers"))
    held(2)
    held(3)
    with django_assert_num_queries(7):
        as_manager.get(reverse("held_answers"))
