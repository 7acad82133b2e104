import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from accounts.models import Role
from rotation.invites.models import Mail
from rotation.invites.services import queue_invites
from tests.builders import coming_tuesday, make_booking, make_meeting, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def as_admin(client: Client) -> Client:
    client.force_login(make_user(roles=(Role.ADMIN,)))
    return client


def queued(weeks: int = 1, **fields: object) -> Mail:
    visit = make_booking(meeting=make_meeting(starts_at=coming_tuesday(weeks)))
    queue_invites([visit], timezone.now())
    Mail.objects.filter(booking=visit).update(**fields)
    return Mail.objects.get(booking=visit)


def listed(client: Client, query: str = "") -> list[Mail]:
    return list(client.get(reverse("outbox") + query).context["page"])


def test_mails_are_listed_newest_first_and_by_state(as_admin: Client) -> None:
    waiting, failed = queued(1), queued(2, state="failed", last_error="550 nobody here")

    assert listed(as_admin) == [failed, waiting]
    assert listed(as_admin, "?state=failed") == [failed]
    assert listed(as_admin, "?state=nonsense&page=x") == [failed, waiting]
    assert "550 nobody here" in as_admin.get(reverse("outbox")).content.decode()


def test_a_failed_mail_is_tried_again(as_admin: Client) -> None:
    mail = queued(state="failed", attempts=8)

    answer = as_admin.post(reverse("outbox_again", args=[mail.pk]), follow=True)

    mail.refresh_from_db()
    assert (mail.state, mail.attempts) == ("queued", 0)
    assert "waits for its next attempt" in answer.content.decode()


def test_a_sent_mail_is_not_sent_twice(as_admin: Client) -> None:
    mail = queued(state="sent", sent_at=timezone.now())

    answer = as_admin.post(reverse("outbox_again", args=[mail.pk]), follow=True)

    mail.refresh_from_db()
    assert mail.state == "sent"
    assert "cannot be sent again" in answer.content.decode()


def test_an_empty_outbox_says_why(as_admin: Client) -> None:
    assert (
        "No mail has failed." in as_admin.get(reverse("outbox") + "?state=failed").content.decode()
    )


@pytest.mark.parametrize("role", sorted(set(Role) - {Role.ADMIN}))
def test_only_administrators_look_into_the_outbox(client: Client, role: str) -> None:
    client.force_login(make_user(roles=(role,)))

    assert client.get(reverse("outbox")).status_code == 403
    assert client.post(reverse("outbox_again", args=[1])).status_code == 403


def test_three_mails_ask_as_often_as_one(
    as_admin: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    queued()
    with django_assert_num_queries(7):
        listed(as_admin)
    queued(2)
    queued(3)
    with django_assert_num_queries(7):
        listed(as_admin)
