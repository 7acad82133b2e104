from datetime import date, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import transaction

from rotation.meetings.models import Blackout, Meeting, MeetingSeries
from rotation.meetings.revision import Revision, Shape, meetings_to_come, revise_meetings
from rotation.meetings.services import (
    cancel_meeting,
    extend_all_series,
    move_meeting,
    offer_series,
)
from rotation.periods.intervals import Interval
from tests.builders import BY_SYSTEM, HOUR, NOW, TUESDAY_10, make_department

pytestmark = pytest.mark.django_db
BERLIN = ZoneInfo("Europe/Berlin")
DAY = timedelta(days=1)


@pytest.fixture
def series() -> MeetingSeries:
    new = MeetingSeries(
        department=make_department(),
        title="Weekly",
        rrule="FREQ=WEEKLY;BYDAY=TU",
        starts_at=TUESDAY_10,
        duration=HOUR,
        seats=2,
    )
    return offer_series(new, now=NOW, by=BY_SYSTEM)


def revise(series: MeetingSeries, **values: object) -> Revision:
    before = Shape(series.time_zone, series.duration)
    moves = values.pop("moves", None)
    MeetingSeries.objects.filter(pk=series.pk).update(**values)
    with transaction.atomic():
        return revise_meetings(
            MeetingSeries.objects.select_for_update().get(pk=series.pk),
            meetings_to_come(series.pk, NOW),
            before=before,
            now=NOW,
            moves=moves,  # type: ignore[arg-type]
        )


def local_starts() -> list[str]:
    meetings = Meeting.objects.filter(cancelled_at=None).order_by("starts_at")
    return [f"{each.starts_at.astimezone(BERLIN):%m-%d %H:%M}" for each in meetings]


def test_another_weekday_moves_each_meeting_inside_its_week(series: MeetingSeries) -> None:
    keys = list(Meeting.objects.order_by("starts_at").values_list("pk", flat=True))

    found = revise(series, rrule="FREQ=WEEKLY;BYDAY=WE", starts_at=TUESDAY_10 + DAY)

    assert (len(found.moved), found.left_out, found.added) == (25, [], [])
    assert list(Meeting.objects.order_by("starts_at").values_list("pk", flat=True)) == keys
    # The clocks change on 29 March, the meeting's hour does not.
    assert local_starts()[:4] == ["03-11 10:00", "03-18 10:00", "03-25 10:00", "04-01 10:00"]


def test_every_other_week_leaves_out_half_and_weekly_makes_them_anew(
    series: MeetingSeries,
) -> None:
    found = revise(series, rrule="FREQ=WEEKLY;INTERVAL=2;BYDAY=TU")
    assert (len(found.left_out), found.moved) == (12, [])
    assert local_starts()[:2] == ["03-10 10:00", "03-24 10:00"]

    again = revise(series, rrule="FREQ=WEEKLY;BYDAY=TU")

    assert len(again.added) == 12
    assert local_starts()[:3] == ["03-10 10:00", "03-17 10:00", "03-24 10:00"]
    assert extend_all_series(NOW) == 0


def test_a_meeting_moved_by_itself_stays_and_goes_with_its_day(series: MeetingSeries) -> None:
    first, second = Meeting.objects.order_by("starts_at")[:2]
    move_meeting(first.pk, starts_at=TUESDAY_10 + 2 * DAY, now=NOW)
    move_meeting(second.pk, starts_at=TUESDAY_10 + 9 * DAY, now=NOW)

    revise(series, starts_at=TUESDAY_10 + HOUR, duration=2 * HOUR)
    first.refresh_from_db()
    assert (first.starts_at, first.original_starts_at) == (
        TUESDAY_10 + 2 * DAY,
        TUESDAY_10 + HOUR,
    )
    assert first.ends_at - first.starts_at == 2 * HOUR

    series.refresh_from_db()
    revise(series, excluded_on=[date(2026, 3, 17)])
    second.refresh_from_db()
    assert (second.cancelled_at, second.left_out) == (NOW, True)


def test_a_meeting_called_off_stays_so_and_is_not_made_again(series: MeetingSeries) -> None:
    first = Meeting.objects.order_by("starts_at")[0]
    cancel_meeting(first.pk, now=NOW)

    found = revise(series, starts_at=TUESDAY_10 + HOUR)

    assert first.pk not in [meeting.pk for meeting in found.changed]
    assert Meeting.objects.filter(cancelled_at=None).count() == 24
    assert extend_all_series(NOW) == 0


def test_single_days_less_and_more(series: MeetingSeries) -> None:
    found = revise(series, excluded_on=[date(2026, 3, 17)], extra_on=[date(2026, 3, 12)])

    assert (len(found.left_out), len(found.added), found.moved) == (1, 1, [])
    assert local_starts()[:3] == ["03-10 10:00", "03-12 10:00", "03-24 10:00"]


def test_the_end_takes_what_begins_later(series: MeetingSeries) -> None:
    late = Meeting.objects.order_by("starts_at")[1]
    move_meeting(late.pk, starts_at=TUESDAY_10 + 30 * DAY, now=NOW)

    found = revise(series, ended_at=TUESDAY_10 + 8 * DAY)

    assert len(found.left_out) == 23
    assert local_starts() == ["03-10 10:00", "04-09 11:00"]
    assert extend_all_series(NOW) == 0


def test_days_without_guests_take_the_seats_and_give_them_back(series: MeetingSeries) -> None:
    days = {"first_on": date(2026, 3, 16), "last_on": date(2026, 3, 24)}
    Blackout.objects.create(department=series.department, **days)

    found = revise(series)
    assert [meeting.seats for meeting in Meeting.objects.order_by("starts_at")[:4]] == [2, 0, 0, 2]
    assert len(found.closed) == 2

    Blackout.objects.all().delete()
    revise(series, seats=3)
    assert {meeting.seats for meeting in Meeting.objects.all()} == {3}


def test_a_calendar_moves_single_days_and_puts_back_the_others(series: MeetingSeries) -> None:
    first, second = Meeting.objects.order_by("starts_at")[:2]
    move_meeting(first.pk, starts_at=TUESDAY_10 + DAY, now=NOW)
    there = Interval(TUESDAY_10 + 8 * DAY, TUESDAY_10 + 8 * DAY + 2 * HOUR)

    revise(series, moves={date(2026, 3, 17): there})

    first.refresh_from_db()
    second.refresh_from_db()
    assert first.starts_at == first.original_starts_at == TUESDAY_10
    assert (second.starts_at, second.ends_at) == (there.starts_at, there.ends_at)


def test_what_has_begun_never_changes(series: MeetingSeries) -> None:
    first = Meeting.objects.order_by("starts_at")[0]
    Meeting.objects.filter(pk=first.pk).update(starts_at=NOW - HOUR, ends_at=NOW)

    found = revise(series, starts_at=TUESDAY_10 + HOUR, seats=5)

    first.refresh_from_db()
    assert (first.starts_at, first.ends_at, first.seats) == (NOW - HOUR, NOW, 2)
    assert (len(found.moved), found.added, found.left_out) == (24, [], [])
