import random
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import transaction

from rotation.audit.models import Subject
from rotation.audit.queries import entries_of
from rotation.audit.services import By
from rotation.booking.errors import BookingRefused, ChangedMeanwhile, Code
from rotation.booking.following import Fate
from rotation.booking.models import Booking
from rotation.booking.rules import blocked_by, cost_of
from rotation.directory.models import StaffMember
from rotation.invites.models import Mail
from rotation.invites.queries import bookings_to_tell
from rotation.meetings.errors import SeriesRefused
from rotation.meetings.models import Meeting, MeetingSeries
from rotation.meetings.queries import closed_days_of, local_day
from rotation.meetings.services import offer_series
from rotation.periods.intervals import Interval
from rotation.workflows.change_booking import book, call_off_meeting, put_meeting
from rotation.workflows.change_series import (
    SeriesChange,
    change_series,
    close_department,
    end_series,
    preview_closing,
    preview_series,
)
from tests.booking.test_locks import in_thread, wait_for_its_lock
from tests.builders import (
    BY_SYSTEM,
    HOUR,
    NOW,
    TUESDAY_10,
    make_booking,
    make_department,
    make_host,
    make_meeting,
    make_staff,
)

DAY = timedelta(days=1)
BERLIN = ZoneInfo("Europe/Berlin")
WEDNESDAYS = SeriesChange({"rrule": "FREQ=WEEKLY;BYDAY=WE", "starts_at": TUESDAY_10 + DAY})


def make_offer(title: str = "Weekly", **fields: object) -> MeetingSeries:
    values: dict[str, object] = {
        "rrule": "FREQ=WEEKLY;BYDAY=TU",
        "starts_at": TUESDAY_10,
        "duration": HOUR,
        "seats": 2,
        **fields,
    }
    series = MeetingSeries(department=make_department(), title=title, **values)
    return offer_series(series, now=NOW, by=BY_SYSTEM)


def meeting_at(number: int, series: MeetingSeries | None = None) -> Meeting:
    meetings = Meeting.objects.filter(series=series) if series else Meeting.objects.all()
    return meetings.order_by("original_starts_at")[number]


def seat(meeting: Meeting, staff: StaffMember | None = None) -> Booking:
    return book(staff_id=(staff or make_staff()).pk, meeting_id=meeting.pk, by=BY_SYSTEM, now=NOW)


def change(series: MeetingSeries, **values: object) -> dict[int, Fate]:
    effects = change_series(series.pk, SeriesChange(values), by=BY_SYSTEM, now=NOW)
    return {each.booking.pk: each.fate for each in effects.guests}


def purposes(booking: Booking) -> list[str]:
    mails = Mail.objects.filter(booking=booking, recipient=booking.staff.email)
    return list(mails.order_by("pk").values_list("purpose", flat=True))


@pytest.mark.django_db
def test_a_moved_series_takes_its_guests_along_with_the_same_uid() -> None:
    series = make_offer()
    visit = seat(meeting_at(3))  # after the clocks have changed

    effects = change_series(series.pk, WEDNESDAYS, by=BY_SYSTEM, now=NOW)

    uid = visit.uid
    visit.refresh_from_db()
    assert (visit.uid, visit.sequence, visit.partstat) == (uid, 1, "NEEDS-ACTION")
    assert visit.starts_at == datetime(2026, 4, 1, 8, tzinfo=UTC)
    assert purposes(visit) == ["invite", "invite_update"]
    assert [(each.booking.pk, each.fate) for each in effects.told] == [(visit.pk, Fate.MOVED)]
    assert len(effects.moved) == 25


@pytest.mark.django_db
def test_a_preview_says_what_happens_and_does_nothing() -> None:
    series = make_offer()
    visit = seat(meeting_at(3))

    shown = preview_series(series.pk, WEDNESDAYS, by=BY_SYSTEM, now=NOW)

    assert [each.fate for each in shown.told] == [Fate.MOVED]
    visit.refresh_from_db()
    series.refresh_from_db()
    assert (visit.sequence, series.version, series.rrule) == (0, 1, "FREQ=WEEKLY;BYDAY=TU")
    assert purposes(visit) == ["invite"]


@pytest.mark.django_db
def test_the_guest_of_a_day_that_vanishes_is_told() -> None:
    series = make_offer()
    gone, stays = seat(meeting_at(1), make_staff("Ada")), seat(meeting_at(2), make_staff("Ben"))

    fates = change(series, rrule="FREQ=WEEKLY;INTERVAL=2;BYDAY=TU")

    gone.refresh_from_db()
    assert fates == {gone.pk: Fate.CALLED_OFF, stays.pk: Fate.KEPT}
    assert (gone.state, gone.sequence) == (Booking.State.CANCELLED, 1)
    assert purposes(gone) == ["invite", "invite_cancel"]
    assert purposes(stays) == ["invite"]


@pytest.mark.django_db
def test_seats_are_lost_by_the_requested_first_and_then_by_who_came_last() -> None:
    series = make_offer(seats=4)
    meeting = meeting_at(0)
    asked, late, early = (
        make_booking(
            staff=make_staff(name), meeting=meeting, seat=number, created_at=at, state=state
        )
        for name, number, at, state in (
            ("Cem", 2, NOW - 9 * DAY, "requested"),
            ("Ben", 1, NOW - 2 * DAY, "confirmed"),
            ("Ada", 3, NOW - 3 * DAY, "confirmed"),
        )
    )

    fates = change(series, seats=1)

    early.refresh_from_db()
    assert fates == {early.pk: Fate.KEPT, late.pk: Fate.NO_SEAT, asked.pk: Fate.NO_SEAT}
    assert (early.seat, early.sequence) == (1, 0)


@pytest.mark.django_db
def test_a_longer_way_blocks_more_time_without_a_mail() -> None:
    series = make_offer()
    visit = seat(meeting_at(0))

    assert change(series, travel=HOUR / 2) == {visit.pk: Fate.KEPT}

    visit.refresh_from_db()
    assert (visit.cost_minutes, visit.sequence) == (150, 0)
    assert visit.blocked.lower == TUESDAY_10 - HOUR / 2
    assert purposes(visit) == ["invite"]


@pytest.mark.django_db
def test_who_has_another_visit_at_the_new_time_is_told_that_this_one_is_off() -> None:
    series, ada = make_offer(), make_staff()
    visit = seat(meeting_at(0), ada)
    other = seat(make_meeting(starts_at=TUESDAY_10 + DAY), ada)

    assert change(series, **WEDNESDAYS.values) == {visit.pk: Fate.OVERLAP}

    other.refresh_from_db()
    visit.refresh_from_db()
    assert (other.state, visit.state) == (Booking.State.CONFIRMED, Booking.State.CANCELLED)
    assert visit.blocked.lower == TUESDAY_10


@pytest.mark.django_db
def test_two_visits_of_one_person_may_change_places() -> None:
    series, ada = make_offer(rrule="FREQ=DAILY"), make_staff()
    visits = [seat(meeting_at(number), ada) for number in (0, 1)]

    # From one side of the date line to the other: each day takes the next one's time.
    moved = {"time_zone": "Pacific/Kiritimati", "starts_at": TUESDAY_10}
    change(series, **moved)
    fates = change(series, time_zone="Pacific/Honolulu", starts_at=TUESDAY_10 + 24 * HOUR)

    assert set(fates.values()) == {Fate.MOVED}
    assert [visit.pk for visit in visits] == list(fates)


@pytest.mark.django_db
@pytest.mark.parametrize("field", ["title", "location", "confidential"])
def test_what_the_invitation_says_goes_out_anew(field: str) -> None:
    series = make_offer()
    visit = seat(meeting_at(0))

    assert change(series, **{field: True if field == "confidential" else "Anew"}) == {
        visit.pk: Fate.TOLD
    }

    visit.refresh_from_db()
    assert (visit.sequence, purposes(visit)) == (1, ["invite", "invite_update"])


@pytest.mark.django_db
def test_an_ended_series_calls_off_what_would_come() -> None:
    series = make_offer()
    first, second = seat(meeting_at(0), make_staff("Ada")), seat(meeting_at(1), make_staff("Ben"))

    end_series(series.pk, ended_at=TUESDAY_10 + DAY, by=BY_SYSTEM, now=NOW)

    states = [Booking.objects.get(pk=visit.pk).state for visit in (first, second)]
    assert states == ["confirmed", "cancelled"]
    assert entries_of(Subject.SERIES, series.pk)[0].action == "end"


@pytest.mark.django_db
def test_days_without_guests_of_a_department_reach_every_series() -> None:
    series, other = make_offer(), make_offer("Other")
    visit = seat(meeting_at(0, series))
    closed = [(date(2026, 3, 9), date(2026, 3, 11))]

    shown = preview_closing(series.department, closed, by=BY_SYSTEM, now=NOW)
    assert [len(each.closed) for each in shown] == [1, 1]
    assert meeting_at(0, other).seats == 2

    close_department(series.department, closed, by=BY_SYSTEM, now=NOW)

    visit.refresh_from_db()
    assert visit.state == Booking.State.CANCELLED
    assert [meeting_at(0, each).seats for each in (series, other)] == [0, 0]
    with pytest.raises(BookingRefused) as refused:
        seat(meeting_at(0, other), make_staff("Ben"))
    assert refused.value.reasons[0].code == Code.NO_SEAT


@pytest.mark.django_db
def test_a_change_is_in_the_trail_with_what_differs() -> None:
    series = make_offer()
    change(series, seats=3)

    line = entries_of(Subject.SERIES, series.pk)[0]
    assert (line.action, line.old, line.new) == ("change", {"seats": 2}, {"seats": 3})


@pytest.mark.django_db
def test_an_old_version_and_an_unknown_rule_are_refused() -> None:
    series = make_offer()
    seen = By(None, BY_SYSTEM.via, version=1)
    change_series(series.pk, SeriesChange({"seats": 3}), by=seen, now=NOW)

    with pytest.raises(ChangedMeanwhile):
        change_series(series.pk, SeriesChange({"seats": 4}), by=seen, now=NOW)
    with pytest.raises(SeriesRefused):
        change(series, rrule="FREQ=HOURLY")
    series.refresh_from_db()
    assert (series.seats, series.rrule) == (3, "FREQ=WEEKLY;BYDAY=TU")


RULES = (
    "FREQ=WEEKLY;BYDAY=TU", "FREQ=WEEKLY;BYDAY=WE", "FREQ=WEEKLY;INTERVAL=2;BYDAY=TU",
    "FREQ=MONTHLY;BYDAY=2TU", "FREQ=DAILY", "FREQ=WEEKLY;BYDAY=MO,TH",
)  # fmt: skip


def edit_at_random(series: MeetingSeries, chance: random.Random) -> None:
    """Make one of everything that a host can do to a series."""
    ahead = Meeting.objects.filter(series=series, cancelled_at=None, starts_at__gt=NOW)
    meeting = chance.choice(list(ahead.order_by("pk")[:8]) or [None])
    day = date(2026, 3, 9) + chance.randrange(30) * DAY
    values: dict[str, object] = {
        "rrule": chance.choice(RULES),
        "starts_at": TUESDAY_10 + chance.randrange(-1, 8) * DAY + chance.randrange(5) * HOUR,
        "duration": chance.choice([HOUR, 2 * HOUR, HOUR / 2]),
        "travel": chance.choice([timedelta(), HOUR / 2, 2 * HOUR]),
        "seats": chance.randrange(1, 4),
        "title": chance.choice(["Weekly", "Anew"]),
        "excluded_on": [day],
        "extra_on": [day + DAY],
        "time_zone": chance.choice(["Europe/Berlin", "America/New_York", "Pacific/Kiritimati"]),
        "ended_at": chance.choice([None, None, TUESDAY_10 + 20 * DAY]),
    }
    picked = chance.sample(sorted(values), chance.randrange(1, 4))
    closed = [(day, day + 3 * DAY)] if chance.random() < 0.3 else None
    wish = SeriesChange({name: values[name] for name in picked}, closed)
    kind = chance.random()
    if meeting and kind < 0.1:
        call_off_meeting(meeting.pk, by=BY_SYSTEM, now=NOW)
    elif meeting and kind < 0.3:
        if not closed_on(series, to := meeting.starts_at + chance.randrange(1, 60) * HOUR):
            put_meeting(meeting.pk, starts_at=to, by=BY_SYSTEM, now=NOW)
    else:
        change_series(series.pk, wish, by=BY_SYSTEM, now=NOW)


def closed_on(series: MeetingSeries, at: datetime) -> bool:
    series.refresh_from_db()
    return local_day(series, at) in closed_days_of(series)


def book_at_random(series: MeetingSeries, people: list[StaffMember], chance: random.Random) -> None:
    meetings = Meeting.objects.filter(series=series, cancelled_at=None, starts_at__gt=NOW + DAY)
    for meeting in chance.sample(list(meetings), min(6, len(meetings))):
        try:
            seat(meeting, chance.choice(people))
        except BookingRefused:
            continue


def assert_all_is_right(people: list[StaffMember]) -> None:
    for visit in Booking.objects.filter(state__in=Booking.HOLDING).select_related(
        "meeting__series", "staff__team"
    ):
        meeting, travel = visit.meeting, visit.meeting.series.travel
        time = Interval(meeting.starts_at, meeting.ends_at)
        blocked = blocked_by(time, travel, visit.staff.team.buffer)
        assert meeting.cancelled_at is None
        assert visit.seat <= meeting.seats
        assert (visit.starts_at, visit.ends_at) == (meeting.starts_at, meeting.ends_at)
        assert (visit.blocked.lower, visit.blocked.upper) == (blocked.starts_at, blocked.ends_at)
        assert visit.cost_minutes == cost_of(time, travel)
    assert not bookings_to_tell(NOW).exists()
    for visit in Booking.objects.all():
        told = Mail.objects.filter(booking=visit, recipient__in=[p.email for p in people])
        sequences = list(told.order_by("pk").values_list("sequence", flat=True))
        assert sequences == list(range(visit.sequence + 1))


@pytest.mark.django_db
@pytest.mark.parametrize("seed", range(12))
def test_after_any_edits_every_visit_sits_where_its_meeting_is_and_all_are_told_once(
    seed: int,
) -> None:
    chance = random.Random(seed)  # noqa: S311 -- repeatable
    people = [make_staff(name) for name in ("Ada", "Ben", "Cem", "Dora")]
    make_host(department=make_department())
    series = [make_offer(), make_offer("Other", rrule="FREQ=DAILY", seats=1)]

    for _ in range(8):
        each = chance.choice(series)
        book_at_random(each, people, chance)
        edit_at_random(each, chance)
        assert_all_is_right(people)


@pytest.mark.django_db(transaction=True)
def test_who_books_while_the_series_moves_gets_the_new_time_and_way() -> None:
    series, ada = make_offer(), make_staff()
    meeting = meeting_at(1)

    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            change(series, travel=HOUR / 2, **WEDNESDAYS.values)
            late = pool.submit(in_thread, lambda: seat(meeting, ada))
            wait_for_its_lock(late)
        late.result(timeout=20)

    visit = Booking.objects.get()
    assert visit.starts_at == TUESDAY_10 + 8 * DAY
    assert visit.blocked.lower == visit.starts_at - HOUR / 2


@pytest.mark.django_db(transaction=True)
def test_who_was_booked_a_moment_before_the_series_moves_moves_along() -> None:
    series, ada = make_offer(), make_staff()
    meeting = meeting_at(1)

    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            seat(meeting, ada)
            late = pool.submit(in_thread, lambda: change(series, **WEDNESDAYS.values))
            wait_for_its_lock(late)
        fates = late.result(timeout=20)

    assert list(fates.values()) == [Fate.MOVED]  # type: ignore[attr-defined]
    assert Booking.objects.get().starts_at == TUESDAY_10 + 8 * DAY
