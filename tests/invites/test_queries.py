"""Which bookings owe somebody a mail, and which mails are due."""

from datetime import timedelta

import pytest

from rotation.booking.models import Booking
from rotation.invites.models import Mail
from rotation.invites.queries import bookings_to_tell, due_mails, oldest_waiting
from rotation.invites.services import queue_invites
from tests.builders import NOW, make_booking, make_host

pytestmark = pytest.mark.django_db

LATER = NOW + timedelta(hours=2)


def test_an_answer_needs_no_mail() -> None:
    make_host()
    booking = make_booking()
    queue_invites([booking], NOW)
    Booking.objects.filter(pk=booking.pk).update(partstat="ACCEPTED", version=2)

    assert list(bookings_to_tell(LATER)) == []


def test_a_department_without_hosts_leaves_nothing_open() -> None:
    booking = make_booking(state=Booking.State.REQUESTED)

    assert queue_invites([booking], NOW) == []
    assert list(bookings_to_tell(NOW)) == []


def test_past_visits_are_left_alone() -> None:
    booking = make_booking()

    assert list(bookings_to_tell(booking.ends_at)) == []
    assert list(bookings_to_tell(booking.ends_at - timedelta(seconds=1))) == [booking]


def test_the_longest_waiting_mail_is_due_first() -> None:
    make_host()
    to_guest, to_host = queue_invites([make_booking()], NOW)
    Mail.objects.filter(pk=to_guest.pk).update(not_before=LATER)

    assert list(due_mails(NOW)) == [to_host]
    assert list(due_mails(LATER)) == [to_host, to_guest]


@pytest.mark.parametrize(("state", "sent_at"), [("sent", LATER), ("failed", None)])
def test_a_mail_that_is_done_with_is_not_due(state: str, sent_at: object) -> None:
    queue_invites([make_booking()], NOW)
    Mail.objects.update(state=state, sent_at=sent_at)

    assert list(due_mails(LATER)) == []


def test_the_age_of_the_outbox_is_that_of_its_longest_due_mail() -> None:
    assert oldest_waiting(NOW) == timedelta()

    queue_invites([make_booking()], NOW)

    assert oldest_waiting(LATER) == LATER - NOW
