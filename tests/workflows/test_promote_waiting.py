"""Queues move up with their mails; a lost nudge is a minute late, a second one does nothing."""

import pytest
from pytest_django import DjangoCaptureOnCommitCallbacks

from rotation.booking.models import Booking, Waiting
from rotation.invites.models import Mail
from rotation.meetings.models import Meeting
from rotation.workflows import change_booking
from rotation.workflows.promote_waiting import leave, promote_all, wait
from tests.builders import BY_SYSTEM, NOW, make_booking, make_meeting, make_series, make_staff

pytestmark = pytest.mark.django_db


@pytest.fixture
def full() -> Meeting:
    meeting = make_meeting(series=make_series())
    make_booking(staff=make_staff("Holder"), meeting=meeting)
    return meeting


def join(name: str, meeting: Meeting) -> Waiting:
    return wait(staff_id=make_staff(name).pk, meeting_id=meeting.pk, by=BY_SYSTEM, now=NOW)


def test_a_freed_seat_is_given_to_the_first_with_an_invitation_that_says_so(
    full: Meeting, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    place = join("Ada", full)
    with django_capture_on_commit_callbacks() as nudges:
        change_booking.cancel(Booking.objects.get().pk, by=BY_SYSTEM, now=NOW)

    assert (promote_all(NOW), promote_all(NOW)) == (1, 0)

    place.refresh_from_db()
    [mail] = Mail.objects.filter(booking=place.booking)
    assert len(nudges) == 1
    assert (place.state, mail.purpose, mail.recipient) == (
        "promoted",
        "invite",
        place.staff.email,
    )
    assert b"a seat has become" in bytes(mail.raw)


def test_nobody_is_nudged_where_nobody_waits(
    full: Meeting, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    with django_capture_on_commit_callbacks() as nudges:
        change_booking.cancel(Booking.objects.get(meeting=full).pk, by=BY_SYSTEM, now=NOW)

    assert nudges == []


def test_who_leaves_makes_way(full: Meeting) -> None:
    first, second = join("Ada", full), join("Bob", full)
    leave(first.pk, by=BY_SYSTEM, now=NOW)
    change_booking.cancel(Booking.objects.get().pk, by=BY_SYSTEM, now=NOW)

    promote_all(NOW)

    second.refresh_from_db()
    assert second.state == "promoted"


def test_a_meeting_that_is_over_ends_its_queue(full: Meeting) -> None:
    place = join("Ada", full)

    assert promote_all(full.starts_at) == 0

    place.refresh_from_db()
    assert place.state == "lapsed"
