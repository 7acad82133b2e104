from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from rotation.meetings.errors import MeetingOver, SeriesRefused
from rotation.meetings.models import Meeting, MeetingSeries
from rotation.meetings.services import (
    AHEAD,
    cancel_meeting,
    extend_all_series,
    extend_series,
    move_meeting,
    offer_series,
)
from tests.builders import BY_SYSTEM, HOUR, NOW, TUESDAY_10, make_department, make_meeting

pytestmark = pytest.mark.django_db
BERLIN = ZoneInfo("Europe/Berlin")
# Local times of the nights in which Berlin's clocks change, as a form gives them.
MISSING_HOUR = datetime(2026, 3, 29, 2, 30, tzinfo=BERLIN)
DOUBLED_HOUR = datetime(2026, 10, 25, 2, 30, tzinfo=BERLIN)
CHANGES = [
    (MISSING_HOUR, datetime(2026, 3, 29, 1, 30, tzinfo=UTC)),
    (DOUBLED_HOUR, datetime(2026, 10, 25, 0, 30, tzinfo=UTC)),
]


def series(**fields: object) -> MeetingSeries:
    values: dict[str, object] = {"title": "Night shift", "starts_at": NOW, "duration": HOUR}
    return MeetingSeries(department=make_department(), **{**values, **fields})


@pytest.mark.parametrize(("local", "start"), CHANGES)
def test_a_single_meeting_keeps_its_length_through_the_change(
    local: datetime, start: datetime
) -> None:
    offer_series(series(starts_at=local), now=start - timedelta(days=1), by=BY_SYSTEM)

    meeting = Meeting.objects.get()
    assert (meeting.starts_at, meeting.ends_at) == (start, start + HOUR)


@pytest.mark.parametrize(("local", "start"), CHANGES)
def test_a_moved_meeting_keeps_its_length_through_the_change(
    local: datetime, start: datetime
) -> None:
    meeting = make_meeting()

    move_meeting(meeting.pk, starts_at=local, now=NOW)

    meeting.refresh_from_db()
    assert (meeting.starts_at, meeting.ends_at) == (start, start + HOUR)


@pytest.mark.parametrize(
    "rrule",
    ["FREQ=WEEKLY;;", "FREQ=WEEKLY;UNTIL=99991231T235959Z", "FREQ=WEEKLY;UNTIL=00010101T000000Z"],
)
def test_a_rule_that_cannot_be_expanded_is_refused(rrule: str) -> None:
    with pytest.raises(SeriesRefused):
        offer_series(series(rrule=rrule), now=NOW, by=BY_SYSTEM)

    assert not MeetingSeries.objects.exists()


def test_a_series_is_made_for_half_a_year_and_each_day_adds_what_is_missing() -> None:
    offer_series(series(rrule="FREQ=WEEKLY", starts_at=TUESDAY_10), now=NOW, by=BY_SYSTEM)
    made = Meeting.objects.count()

    later = [extend_all_series(NOW + timedelta(days=days)) for days in (0, 7, 7)]

    assert (made, later) == (25, [0, 1, 0])
    assert Meeting.objects.latest("starts_at").starts_at < NOW + AHEAD + timedelta(days=7)


def test_what_was_moved_or_called_off_is_not_made_again() -> None:
    offered = offer_series(series(rrule="FREQ=WEEKLY", starts_at=TUESDAY_10), now=NOW, by=BY_SYSTEM)
    first, second = Meeting.objects.order_by("starts_at")[:2]
    move_meeting(first.pk, starts_at=TUESDAY_10 + HOUR, now=NOW)
    cancel_meeting(second.pk, now=NOW)

    assert extend_series(offered, since=NOW, until=NOW + AHEAD) == 0


def test_a_meeting_is_called_off_once_and_only_ahead() -> None:
    meeting = make_meeting()

    cancelled = [cancel_meeting(meeting.pk, now=at).cancelled_at for at in (NOW, TUESDAY_10)]

    assert cancelled == [NOW, NOW]
    with pytest.raises(MeetingOver):
        cancel_meeting(make_meeting().pk, now=TUESDAY_10)
    with pytest.raises(Meeting.DoesNotExist):
        cancel_meeting(0, now=NOW)
