"""The receiver as a process of its own: real SMTP in, rows in a real database."""

import signal
import smtplib
import time
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from django.db import connection
from pytest_django import Settings

from launcher.ports import LOOPBACK, free_port
from launcher.processes import Process
from rotation.booking.models import Booking
from rotation.invites.services import queue_invites
from rotation.replies.models import DemoMail, InboundMail
from rotation.replies.parsing import MAX_MAIL_BYTES
from rotation.workflows.demo_mailbox import (
    answer_demo_mail,
    open_demo_mail,
    propose_in_demo_mail,
)
from tests.builders import HOUR, NOW, make_booking, make_meeting, make_staff
from tests.replies.mails import GUEST, ORGANIZER, Event, mail, reply, text

pytestmark = pytest.mark.django_db(transaction=True)
IN_2090 = datetime(2090, 3, 10, 9, tzinfo=UTC)  # the receiver reads the clock
START_SECONDS = 30
Start = Callable[..., Process]


def wait_for(port: int) -> None:
    """Return once something answers on `port`.

    Raises:
        AssertionError: nothing did in time.
    """
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        try:
            smtplib.SMTP(LOOPBACK, port, timeout=5).quit()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise AssertionError(f"nothing answers on {port}")


def serve(start_part: Start, **env: str) -> tuple[Process, int]:
    port = free_port()
    process = start_part("mail", "manage.py", "serve_mail", "--port", str(port), **env)
    wait_for(port)
    return process, port


def send(port: int, raw: bytes, *recipients: str, sender: str = GUEST) -> None:
    with smtplib.SMTP(LOOPBACK, port, timeout=20) as client:
        client.sendmail(sender, list(recipients) or [ORGANIZER], raw)


def booking_of_guest() -> Booking:
    return make_booking(
        staff=make_staff(email=GUEST), meeting=make_meeting(starts_at=IN_2090), uid="u@example.org"
    )


def test_an_invitation_is_answered_from_the_mailbox_by_real_mail(
    start_part: Start, settings: Settings
) -> None:
    _, settings.INBOUND_SMTP_PORT = serve(start_part, ROTATION_DEMO="1")
    booking = booking_of_guest()
    (sent,) = queue_invites([booking], NOW)
    send(settings.INBOUND_SMTP_PORT, bytes(sent.raw), GUEST, sender=sent.envelope_sender)

    arrived = DemoMail.objects.get()
    assert (bytes(arrived.raw), arrived.recipient) == (bytes(sent.raw), GUEST)
    opened = open_demo_mail(arrived, now=NOW)
    assert opened.can_be_answered
    assert opened.calendars[0].components[0].uid == booking.uid

    for partstat in ("TENTATIVE", "DECLINED", "ACCEPTED"):
        arrived.refresh_from_db()
        answer_demo_mail(arrived, partstat=partstat, comment="", now=NOW)
        booking.refresh_from_db()
        assert booking.partstat == partstat
    assert booking.state == Booking.State.CONFIRMED
    arrived.refresh_from_db()
    assert (arrived.answer, arrived.read_at) == ("ACCEPTED", NOW)

    propose_in_demo_mail(
        arrived, starts_at=IN_2090 + HOUR, ends_at=IN_2090 + 2 * HOUR, comment="later?", now=NOW
    )
    assert InboundMail.objects.filter(booking=booking, outcome="COUNTER").count() == 1


def test_mail_to_us_goes_inbound_and_other_mail_to_each_mailbox(start_part: Start) -> None:
    _, port = serve(start_part, ROTATION_DEMO="1")
    inbound = "Rundgang+x@example.org", f"bounce+{'0' * 32}@EXAMPLE.org"
    send(port, mail(text("hello \xe4")), *inbound, "a@ex.org", "a@ex.org", "rundgang@ex.org")
    assert [each.envelope_to for each in InboundMail.objects.all()] == [" ".join(inbound)]
    recipients = DemoMail.objects.order_by("recipient").values_list("recipient", flat=True)
    assert list(recipients) == ["a@ex.org", "rundgang@ex.org"]


def test_outside_a_demo_only_our_own_addresses_are_known(start_part: Start) -> None:
    _, port = serve(start_part, ROTATION_DEMO="0")
    with pytest.raises(smtplib.SMTPRecipientsRefused):
        send(port, mail(text()), "a@ex.org")
    send(port, mail(text()))
    assert (InboundMail.objects.count(), DemoMail.objects.count()) == (1, 0)


def test_the_bytes_are_stored_as_they_came_and_once(start_part: Start) -> None:
    _, port = serve(start_part, ROTATION_DEMO="1")
    raw = mail(text(".\r\n..dots \xe4\xf6 \u20ac\r\n.")).replace("\u20ac".encode(), b"\x80\xff")
    raw += b"\r\n"
    send(port, raw)
    send(port, raw)
    assert [bytes(each.raw) for each in InboundMail.objects.all()] == [raw]


def test_more_than_the_limit_is_refused(start_part: Start) -> None:
    _, port = serve(start_part, ROTATION_DEMO="1")
    with pytest.raises(smtplib.SMTPException):
        send(port, b"x" * 70 + b"\r\n" + (b"y" * 70 + b"\r\n") * (MAX_MAIL_BYTES // 72))
    assert InboundMail.objects.count() == 0


def test_a_database_that_restarts_loses_no_mail(start_part: Start) -> None:
    _, port = serve(start_part, ROTATION_DEMO="1")
    booking = booking_of_guest()
    send(port, mail(text("one")))
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
    send(port, reply(booking.uid, Event(sequence=0), dmarc=""))
    booking.refresh_from_db()
    assert (booking.partstat, InboundMail.objects.count()) == ("ACCEPTED", 2)


def test_while_the_database_is_away_the_sender_keeps_the_mail(start_part: Start) -> None:
    _, port = serve(start_part, DATABASE_URL=f"postgres://a:b@{LOOPBACK}:{free_port()}/x")
    with pytest.raises(smtplib.SMTPDataError) as refused:
        send(port, mail(text()))
    assert refused.value.smtp_code == 451


def test_it_stops_when_it_is_told_to(start_part: Start) -> None:
    process, port = serve(start_part)
    process.popen.send_signal(signal.SIGTERM)
    assert process.popen.wait(timeout=10) == 0
    with pytest.raises(OSError, match="refused"):
        smtplib.SMTP(LOOPBACK, port, timeout=2)
