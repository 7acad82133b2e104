from datetime import timedelta

import pytest

from rotation.audit.services import BY_RUNDGANG
from rotation.booking.models import Booking
from rotation.calendars.errors import NoAnswer
from rotation.calendars.outside import Answer, Question
from rotation.directory.models import Department
from rotation.meetings.models import CalendarFeed, Meeting, MeetingSeries
from rotation.workflows import read_series_feed
from rotation.workflows.change_booking import book
from rotation.workflows.read_series_feed import (
    Offer,
    forget_feed,
    found_in,
    offer_events,
    read_due_feeds,
    read_feed,
)
from tests.builders import BY_SYSTEM, HOUR, NOW, TUESDAY_10, make_department, make_staff

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
WEEKLY = (
    "UID:weekly", "SUMMARY:Sales weekly", "DTSTART;TZID=Europe/Berlin:20260106T100000",
    "DTEND;TZID=Europe/Berlin:20260106T110000", "RRULE:FREQ=WEEKLY;BYDAY=TU",
)  # fmt: skip
MOVED = (
    "UID:weekly", "RECURRENCE-ID;TZID=Europe/Berlin:20260317T100000",
    "DTSTART;TZID=Europe/Berlin:20260318T140000", "DTEND;TZID=Europe/Berlin:20260318T150000",
)  # fmt: skip
EMPTY: tuple[tuple[str, ...], ...] = ()


def calendar(*events: tuple[str, ...]) -> bytes:
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0"]
    for event in events:
        lines += ["BEGIN:VEVENT", *event, "END:VEVENT"]
    return "\r\n".join([*lines, "END:VCALENDAR", ""]).encode()


def answers(data: bytes, status: int = 200) -> object:
    def ask(url: str, question: Question) -> Answer:
        del url, question
        return Answer(status, {"etag": '"2"'}, data)

    return ask


def away(url: str, question: Question) -> Answer:
    del url, question
    raise NoAnswer(reply="away")


def read(feed: CalendarFeed, ask: object) -> CalendarFeed:
    return read_feed(feed.pk, by=BY_RUNDGANG, now=NOW, ask=ask)  # type: ignore[arg-type]


@pytest.fixture
def department() -> Department:
    return make_department()


@pytest.fixture
def feed(department: Department) -> CalendarFeed:
    return CalendarFeed.objects.create(
        department=department, name="example.org", address="https://example.org/secret.ics"
    )


@pytest.fixture
def series(feed: CalendarFeed) -> MeetingSeries:
    return offer(feed.department, calendar(WEEKLY, MOVED), feed)[0]


def offer(
    department: Department, data: bytes, feed: CalendarFeed | None = None
) -> list[MeetingSeries]:
    found = found_in(data, department.pk, NOW)
    return offer_events(found, Offer(department.pk, feed=feed), by=BY_SYSTEM, now=NOW)


def first() -> Meeting:
    return Meeting.objects.order_by("original_starts_at")[0]


def book_first() -> Booking:
    return book(staff_id=make_staff().pk, meeting_id=first_tuesday().pk, by=BY_SYSTEM, now=NOW)


def first_tuesday() -> Meeting:
    return Meeting.objects.get(original_starts_at=TUESDAY_10, left_out=False)


def test_a_picked_event_is_a_series_with_its_exceptions(series: MeetingSeries) -> None:
    assert (series.title, series.rrule, series.feed_uid) == (
        "Sales weekly", "FREQ=WEEKLY;BYDAY=TU", "weekly",
    )  # fmt: skip
    moved = Meeting.objects.get(original_starts_at=TUESDAY_10 + 7 * DAY)
    assert moved.starts_at == TUESDAY_10 + 8 * DAY + 4 * HOUR


def test_what_is_offered_already_is_not_offered_twice(
    series: MeetingSeries, department: Department
) -> None:
    del series
    assert found_in(calendar(WEEKLY), department.pk, NOW)[0].is_offered
    assert offer(department, calendar(WEEKLY)) == []


@pytest.mark.parametrize(
    ("changes", "problem", "detail"),
    [
        ({4: "RRULE:FREQ=YEARLY"}, "rule", "FREQ"),
        ({4: "RRULE:FREQ=WEEKLY;BYMONTH=1"}, "rule", "BYMONTH"),
        ({4: "RRULE:FREQ=WEEKLY;UNTIL=20260201T000000Z"}, "over", ""),
        ({4: "X-NONE:1"}, "over", ""),
        ({3: "DURATION:PT20H"}, "too_long", ""),
    ],
)
def test_what_cannot_be_offered_says_why(
    department: Department, changes: dict[int, str], problem: str, detail: str
) -> None:
    event = tuple(changes.get(number, line) for number, line in enumerate(WEEKLY))

    [found] = found_in(calendar(event), department.pk, NOW)

    assert (found.problem.value, found.detail) == (problem, detail)
    assert offer(department, calendar(event)) == []


def test_a_change_in_the_calendar_takes_the_guests_along(
    series: MeetingSeries, feed: CalendarFeed
) -> None:
    visit = book_first()
    later = tuple(line.replace("T10", "T12").replace("T11", "T13") for line in WEEKLY)

    found = read(feed, answers(calendar(later)))

    visit.refresh_from_db()
    assert (visit.starts_at, visit.sequence) == (TUESDAY_10 + 2 * HOUR, 1)
    assert (found.fault, found.read_at, found.etag) == ("", NOW, '"2"')
    series.refresh_from_db()
    assert series.version > 1


def test_the_same_calendar_again_changes_nothing(series: MeetingSeries, feed: CalendarFeed) -> None:
    series.refresh_from_db()
    version = series.version
    Meeting.objects.filter(pk=first_tuesday().pk).update(starts_at=TUESDAY_10 + HOUR / 2)

    read(feed, answers(calendar(WEEKLY, MOVED)))

    series.refresh_from_db()
    assert series.version == version
    assert first_tuesday().starts_at == TUESDAY_10 + HOUR / 2


@pytest.mark.parametrize(
    ("ask", "fault"),
    [
        (away, "unreachable"),
        (answers(b"", 503), "refused"),
        (answers(b"<html>Sign in</html>"), "unreadable"),
        (answers(b"x" * (6 * 1024 * 1024)), "too_large"),
        (answers(b"", 302), "not_allowed"),
    ],
)
def test_a_calendar_that_is_away_or_broken_changes_nothing(
    series: MeetingSeries, feed: CalendarFeed, ask: object, fault: str
) -> None:
    visit = book_first()
    feed.read_at = NOW - DAY
    feed.save()

    found = read(feed, ask)

    visit.refresh_from_db()
    series.refresh_from_db()
    assert (found.fault, found.read_at, found.tried_at) == (fault, NOW - DAY, NOW)
    assert (visit.state, series.missing_since) == (Booking.State.CONFIRMED, None)


@pytest.mark.parametrize(
    "events",
    [
        EMPTY,
        ((*WEEKLY, "STATUS:CANCELLED"),),
        ((*WEEKLY[:4], "RRULE:FREQ=WEEKLY;UNTIL=20260201T000000Z"),),
        ((*WEEKLY[:4], "RRULE:FREQ=SECONDLY"),),
    ],
)
def test_a_calendar_that_is_suddenly_empty_waits_for_the_host(
    series: MeetingSeries, feed: CalendarFeed, events: tuple[tuple[str, ...], ...]
) -> None:
    visit = book_first()

    for _ in range(2):
        read(feed, answers(calendar(*events)))

    visit.refresh_from_db()
    series.refresh_from_db()
    assert (visit.state, series.missing_since) == (Booking.State.CONFIRMED, NOW)

    read(feed, answers(calendar(WEEKLY)))
    series.refresh_from_db()
    assert series.missing_since is None


def test_a_forgotten_calendar_leaves_its_series(series: MeetingSeries, feed: CalendarFeed) -> None:
    forget_feed(feed.pk, by=BY_SYSTEM, now=NOW)

    series.refresh_from_db()
    assert (series.feed, CalendarFeed.objects.count()) == (None, 0)
    assert Meeting.objects.filter(cancelled_at=None).exists()


def test_only_what_is_due_is_read_the_longest_waiting_first(
    feed: CalendarFeed, monkeypatch: pytest.MonkeyPatch
) -> None:
    others = [
        CalendarFeed.objects.create(
            department=feed.department, name="x", address=f"https://x/{age}", tried_at=NOW - age
        )
        for age in (5 * HOUR / 60, 2 * HOUR, HOUR)
    ]
    read: list[int] = []
    monkeypatch.setattr(read_series_feed, "read_feed", lambda key, **_: read.append(key))

    assert read_due_feeds(NOW) == 3
    assert read == [feed.pk, others[1].pk, others[2].pk]


def test_the_address_stands_in_no_text_of_the_feed(feed: CalendarFeed) -> None:
    assert "secret" not in str(feed) + repr(feed)
