"""Outboxes to relay, and what a mail server took of them."""

import time
from collections.abc import Callable, Sequence
from datetime import timedelta
from email import message_from_bytes, policy

import icalendar
from django.utils import timezone

from rotation.invites.models import Mail
from rotation.invites.services import queue_invites
from tests.builders import make_booking, make_meeting, make_series, make_staff
from tests.mail_server import Delivery, MailServer

DAY = timedelta(days=1)


def make_queued(count: int = 1) -> list[Mail]:
    """Queue the invitations of `count` visits that lie ahead of the real clock."""
    now = timezone.now()
    series = make_series()
    guests = [make_staff(f"Guest {number}", works=False) for number in range(min(count, 10))]
    bookings = [
        make_booking(
            staff=guests[number % 10],
            meeting=make_meeting(series=series, starts_at=now + DAY * (number + 1)),
        )
        for number in range(count)
    ]
    return queue_invites(bookings, now)


def wait_until(is_so: Callable[[], bool], seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < deadline, "waited too long"
        time.sleep(0.005)


def calendar_of(delivery: Delivery) -> bytes:
    """Return the calendar part of what the server took."""
    message = message_from_bytes(delivery.content, policy=policy.SMTP)
    (part,) = [part for part in message.walk() if part.get_content_type() == "text/calendar"]
    payload = part.get_payload(decode=True)
    assert isinstance(payload, bytes)
    return payload


def names_of(delivery: Delivery) -> tuple[str, str, int]:
    """Return Message-ID, UID and SEQUENCE of what the server took."""
    message = message_from_bytes(delivery.content, policy=policy.SMTP)
    (event,) = icalendar.Calendar.from_ical(calendar_of(delivery)).walk("VEVENT")
    return str(message["Message-ID"]), str(event["UID"]), int(event.decoded("SEQUENCE"))


def assert_nothing_lost(server: MailServer, mails: Sequence[Mail], *, most_repeats: int) -> None:
    """Every mail arrived; a repeat is byte for byte what came before, and none was charged."""
    expected = {(mail.message_id, mail.uid, mail.sequence) for mail in mails}
    assert {names_of(delivery) for delivery in server.deliveries} == expected
    assert len({delivery.content for delivery in server.deliveries}) == len(mails)
    assert 0 <= len(server.deliveries) - len(mails) <= most_repeats
    outcomes = Mail.objects.order_by().values_list("state", "attempts", "last_error").distinct()
    assert list(outcomes) == [("sent", 1, "")]
