from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from rotation.meetings.errors import SeriesRefused
from rotation.meetings.models import Meeting, MeetingSeries
from rotation.meetings.services import move_meeting, offer_series
from tests.builders import HOUR, NOW, make_department, make_meeting

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
    offer_series(series(starts_at=local), now=start - timedelta(days=1))

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
        offer_series(series(rrule=rrule), now=NOW)

    assert not MeetingSeries.objects.exists()
