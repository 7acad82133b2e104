from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries, Settings

from rotation.booking.models import Booking
from rotation.invites.models import Mail
from rotation.invites.services import queue_invites
from rotation.replies.models import DemoMail, Source
from rotation.replies.services import store_demo_mail
from rotation.workflows.receive_replies import receive
from tests.builders import coming_tuesday, make_booking, make_meeting, make_user
from tests.mail_server import MailServer

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _signed_in(client: Client, settings: Settings) -> None:
    settings.ROTATION_DEMO = True
    client.force_login(make_user())


def delivered(weeks: int = 1) -> tuple[Booking, DemoMail]:
    """Return a visit and its invitation, as the demo keeps it."""
    visit = make_booking(meeting=make_meeting(starts_at=coming_tuesday(weeks)))
    queue_invites([visit], timezone.now())
    mail = Mail.objects.get(booking=visit, purpose="invite")
    kept = store_demo_mail(
        bytes(mail.raw), recipient=mail.recipient, sender=mail.envelope_sender, now=timezone.now()
    )
    return visit, kept


def address(mail: DemoMail) -> str:
    return reverse("mailbox_mail", args=[mail.pk])


def test_outside_of_a_demo_there_is_no_mailbox(client: Client, settings: Settings) -> None:
    _, mail = delivered()
    settings.ROTATION_DEMO = False

    assert client.get(reverse("mailbox")).status_code == 404
    assert client.get(address(mail)).status_code == 404
    assert client.post(address(mail), {"partstat": "ACCEPTED"}).status_code == 404


def test_all_mails_are_listed_newest_first_or_those_to_one(client: Client) -> None:
    (_, first), (_, second) = delivered(1), delivered(2)

    everybody = client.get(reverse("mailbox"))
    one = client.get(reverse("mailbox"), {"to": first.recipient})

    assert list(everybody.context["page"]) == [second, first]
    assert list(one.context["page"]) == [first]
    assert "everybody who is signed in sees all mails" in everybody.content.decode()


@pytest.mark.parametrize("query", ["", "?to=nobody@example.org", "?to=%00&page=x"])
def test_an_empty_mailbox_says_what_to_do(client: Client, query: str) -> None:
    assert "No mail yet" in client.get(reverse("mailbox") + query).content.decode()


def test_three_mails_ask_as_often_as_one(
    client: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    delivered()
    with django_assert_num_queries(5):
        client.get(reverse("mailbox"))
    delivered(2)
    delivered(3)
    with django_assert_num_queries(5):
        client.get(reverse("mailbox"))


def test_an_opened_mail_shows_text_facts_source_and_the_visit(client: Client) -> None:
    visit, mail = delivered()

    answer = client.get(address(mail))

    page = answer.content.decode()
    assert answer.context["booking"] == visit
    assert visit.uid in page
    assert "METHOD:REQUEST" in page or "text/calendar" in page
    assert "Accept" in page
    mail.refresh_from_db()
    assert mail.read_at is not None


def test_markup_in_a_mail_stays_text(client: Client) -> None:
    raw = b"From: a@example.org\r\nTo: b@example.org\r\nSubject: <b>x</b>\r\n\r\n<script>1</script>"
    mail = store_demo_mail(raw, recipient="b@example.org", sender="", now=timezone.now())

    page = client.get(address(mail)).content.decode()

    assert "<script>1" not in page
    assert "<b>x" not in page


@pytest.mark.parametrize("partstat", ["ACCEPTED", "TENTATIVE", "DECLINED"])
def test_an_answer_leaves_as_a_true_reply_and_arrives_at_the_visit(
    client: Client, inbox: MailServer, partstat: str
) -> None:
    visit, mail = delivered()

    answer = client.post(address(mail), {"partstat": partstat, "comment": "Looking forward"})

    [delivery] = inbox.deliveries
    assert answer["Location"] == address(mail)
    assert delivery.recipients == ("rundgang@example.org",)
    receive(delivery.content, source=Source.SMTP, now=timezone.now() + timedelta(seconds=1))
    visit.refresh_from_db()
    assert visit.partstat == partstat


def test_a_receiver_that_is_away_is_named_and_the_comment_kept(
    client: Client, settings: Settings
) -> None:
    settings.INBOUND_SMTP_PORT = 9
    _, mail = delivered()

    answer = client.post(address(mail), {"partstat": "ACCEPTED", "comment": "Looking forward"})

    assert answer.status_code == 409
    assert "The answer was not sent" in answer.content.decode()
    assert "Looking forward" in answer.content.decode()


def test_a_mail_without_an_invitation_cannot_be_answered(client: Client) -> None:
    raw = b"From: a@example.org\r\nTo: b@example.org\r\nSubject: Hello\r\n\r\nHow are you?"
    mail = store_demo_mail(raw, recipient="b@example.org", sender="", now=timezone.now())

    assert 'name="partstat"' not in client.get(address(mail)).content.decode()
    assert client.post(address(mail), {"partstat": "ACCEPTED"}).status_code == 409


@pytest.mark.parametrize("partstat", ["", "DELEGATED"])
def test_what_is_no_answer_is_not_sent(client: Client, partstat: str) -> None:
    _, mail = delivered()

    assert client.post(address(mail), {"partstat": partstat}).status_code == 400
