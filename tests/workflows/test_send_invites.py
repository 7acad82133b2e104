"""Relaying over real SMTP: refusals, drops, two relays at once, and relays that are killed."""

from asyncio import Transport
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import psycopg
import pytest
from aiosmtpd.smtp import SMTP, Envelope, Session
from django.db import connection, connections
from django.utils import timezone
from pytest_django import Settings

from launcher.processes import Process
from rotation.booking.models import Booking
from rotation.invites.models import Mail
from rotation.invites.shares import SHARES, held_share
from rotation.invites.transport import SmtpConnection
from rotation.workflows.send_invites import DATABASE_AWAY, queue_due_invites, relay_due_mails
from tests.api.servers import database_url
from tests.builders import make_booking, make_host, make_meeting
from tests.mail_server import MailServer
from tests.workflows.outboxes import (
    DAY,
    assert_nothing_lost,
    calendar_of,
    make_queued,
    names_of,
    wait_until,
)

pytestmark = pytest.mark.django_db(transaction=True)


def state_of(mail: Mail) -> tuple[str, int, str]:
    mail.refresh_from_db()
    return mail.state, mail.attempts, mail.last_error


def make_due(mail: Mail) -> None:
    Mail.objects.filter(pk=mail.pk).update(not_before=timezone.now())


def wait_of(mail: Mail) -> timedelta:
    mail.refresh_from_db()
    return mail.not_before - timezone.now()


def test_a_mail_arrives_as_the_bytes_that_were_queued(mail_server: MailServer) -> None:
    (mail,) = make_queued()

    assert relay_due_mails() == 1

    (delivery,) = mail_server.deliveries
    assert delivery.content == bytes(mail.raw)
    assert delivery.sender == mail.envelope_sender == f"bounce+{mail.token}@example.org"
    assert delivery.recipients == (mail.recipient,)
    mail.refresh_from_db()
    assert (mail.state, mail.attempts, mail.last_error) == ("sent", 1, "")
    assert mail.sent_at is not None


def test_a_second_call_sends_nothing(mail_server: MailServer) -> None:
    make_queued()

    assert [relay_due_mails(), relay_due_mails()] == [1, 0]
    assert len(mail_server.deliveries) == 1


def test_without_a_due_mail_nobody_is_called(mail_server: MailServer) -> None:
    assert relay_due_mails() == 0
    assert mail_server.connections == 0


def test_one_connection_carries_all_mails(mail_server: MailServer) -> None:
    make_queued(20)

    assert relay_due_mails() == 20
    assert mail_server.connections == 1


def test_a_mail_that_cannot_be_taken_now_is_sent_later(mail_server: MailServer) -> None:
    mail, other = make_queued(2)
    mail_server.answers[mail.recipient] = "451 greylisted"

    assert relay_due_mails() == 1
    assert state_of(mail) == ("queued", 1, "451 greylisted")
    assert state_of(other)[0] == "sent"
    assert timedelta(seconds=45) < wait_of(mail) < timedelta(seconds=73)

    assert relay_due_mails() == 0
    mail_server.answers.clear()
    make_due(mail)
    assert relay_due_mails() == 1
    assert state_of(mail) == ("sent", 2, "")


def test_a_refused_recipient_fails_with_the_servers_words(mail_server: MailServer) -> None:
    mail, other = make_queued(2)
    mail_server.answers[mail.recipient] = "550 no such person"

    assert relay_due_mails() == 1
    assert state_of(mail) == ("failed", 1, "550 no such person")
    assert state_of(other)[0] == "sent"


def test_after_three_days_a_mail_is_given_up(mail_server: MailServer) -> None:
    (mail,) = make_queued()
    Mail.objects.filter(pk=mail.pk).update(created_at=timezone.now() - timedelta(days=3, hours=1))
    mail_server.answers[mail.recipient] = "451 mailbox full"

    assert relay_due_mails() == 0
    assert state_of(mail) == ("failed", 1, "451 mailbox full")


def test_a_refused_sender_is_not_the_mails_fault(mail_server: MailServer) -> None:
    (mail,) = make_queued()

    async def refuse(*_: object) -> str:
        return "530 sign in first"

    mail_server.handle_MAIL = refuse  # type: ignore[attr-defined]  # a hook the class lacks

    assert relay_due_mails() == 0
    assert state_of(mail) == ("queued", 1, "530 sign in first")


def test_a_connection_lost_in_the_middle_is_tried_again_at_once(mail_server: MailServer) -> None:
    mails = {mail.recipient: mail for mail in make_queued(2)}
    take = mail_server.handle_DATA
    lost: list[str] = []

    async def lose_once(server: SMTP, session: Session, envelope: Envelope) -> str:
        if not lost:
            lost.append(envelope.rcpt_tos[0])
            assert isinstance(server.transport, Transport)
            server.transport.abort()
            return "250 never read"
        return await take(server, session, envelope)

    mail_server.handle_DATA = lose_once  # type: ignore[method-assign]  # the fault of this test

    assert relay_due_mails() == 1
    mail = mails.pop(lost[0])
    (other,) = mails.values()
    assert state_of(mail)[:2] == ("queued", 1)
    assert timedelta(seconds=2) < wait_of(mail) < timedelta(seconds=7)
    assert state_of(other)[0] == "sent"

    make_due(mail)
    assert relay_due_mails() == 1
    assert state_of(mail) == ("sent", 2, "")


def test_a_server_that_says_goodbye_is_called_again(mail_server: MailServer) -> None:
    mails = make_queued(2)
    for mail in mails:
        mail_server.answers[mail.recipient] = "421 going down"

    assert relay_due_mails() == 0
    assert [state_of(mail) for mail in mails] == [("queued", 1, "421 going down")] * 2
    assert mail_server.connections == 2


def test_a_dead_server_charges_no_mail(settings: Settings) -> None:
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 9
    (mail,) = make_queued()

    assert relay_due_mails() == 0
    assert state_of(mail) == ("queued", 0, "")


def test_a_mail_that_was_taken_while_the_database_left_leaves_once(
    mail_server: MailServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    (mail,) = make_queued()
    send, sent_in = SmtpConnection.send, database_session()

    def send_and_lose_the_database(server: SmtpConnection, **values: Any) -> None:  # noqa: ANN401
        send(server, **values)
        end_database_session(sent_in)

    monkeypatch.setattr(SmtpConnection, "send", send_and_lose_the_database)
    with pytest.raises(DATABASE_AWAY):
        relay_due_mails()
    monkeypatch.undo()

    assert state_of(mail) == ("sent", 1, "")
    assert relay_due_mails() == 0
    assert len(mail_server.deliveries) == 1


def database_session() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        return int(cursor.fetchone()[0])


def end_database_session(session: int) -> None:
    with psycopg.connect(database_url()) as other:
        other.execute("SELECT pg_terminate_backend(%s, 5000)", (session,))


def test_one_person_hears_of_one_visit_in_order(mail_server: MailServer) -> None:
    (request,) = make_queued()
    Booking.objects.update(state="cancelled", sequence=1, version=2)
    assert queue_due_invites(timezone.now()) == 1
    mail_server.answers[request.recipient] = "451 not now"

    assert relay_due_mails() == 0
    mail_server.answers.clear()
    assert relay_due_mails() == 0
    make_due(request)
    assert relay_due_mails() == 2

    assert [b"METHOD:CANCEL" in part for part in map(calendar_of, mail_server.deliveries)] == [
        False,
        True,
    ]


def test_what_a_crash_left_untold_is_queued_once() -> None:
    make_host()
    make_booking(meeting=make_meeting(starts_at=timezone.now() + DAY))

    assert [queue_due_invites(timezone.now()) for _ in range(2)] == [2, 0]


def test_two_relays_at_once_send_each_mail_once(mail_server: MailServer) -> None:
    mails = make_queued(60)

    with ThreadPoolExecutor(2) as pool:
        sent = sum(pool.map(lambda _: relay_and_hang_up(), range(2)))

    assert sent == 60
    assert Counter(ids_of(mail_server)) == Counter(mail.message_id for mail in mails)


def test_a_relay_does_not_wait_for_what_another_one_holds(mail_server: MailServer) -> None:
    held, other = make_queued(2)

    with ThreadPoolExecutor(1) as pool, held_share(held.booking_id % SHARES):
        assert pool.submit(relay_and_hang_up).result(timeout=20) == 1

    assert ids_of(mail_server) == [other.message_id]
    assert relay_due_mails() == 1


def test_a_relay_out_of_time_leaves_the_rest_to_the_next(mail_server: MailServer) -> None:
    make_queued(3)

    assert [relay_due_mails(0) for _ in range(4)] == [1, 1, 1, 0]
    assert len(mail_server.deliveries) == 3


def relay_and_hang_up() -> int:
    """Relay in a thread, which must give its database connection back."""
    try:
        return relay_due_mails()
    finally:
        connections.close_all()


def test_killed_relays_lose_nothing_and_repeat_one_mail_each_at_most(
    mail_server: MailServer, start_part: Callable[..., Process]
) -> None:
    mails = make_queued(500)
    relays = [start_part(f"relay{n}", "manage.py", "send_invites") for n in range(2)]
    wait_until(lambda: len(mail_server.deliveries) >= 167)
    for relay in relays:
        relay.popen.kill()
    wait_until(lambda: all(relay.has_ended() for relay in relays))
    assert len(mail_server.deliveries) < 500

    restarted = [start_part(f"again{n}", "manage.py", "send_invites") for n in range(2)]
    wait_until(lambda: all(relay.has_ended() for relay in restarted))
    wait_until(is_outbox_empty)

    assert_nothing_lost(mail_server, mails, most_repeats=2)


def is_outbox_empty() -> bool:
    """Relay once more, as the beat does: a database lets go of a dead relay's mail in its time."""
    relay_due_mails()
    return not Mail.objects.exclude(state="sent").exists()


def ids_of(server: MailServer) -> list[str]:
    return [names_of(delivery)[0] for delivery in server.deliveries]
