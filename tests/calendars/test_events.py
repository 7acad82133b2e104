from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rotation.calendars.errors import CalendarTooLarge, UnreadableCalendar
from rotation.calendars.events import LIMITS, CalendarEvent, EventProblem, read_events
from rotation.periods.intervals import Interval

START = "DTSTART;TZID=Europe/Berlin:20260310T100000"
END = "DTEND;TZID=Europe/Berlin:20260310T110000"


def calendar(*events: tuple[str, ...]) -> bytes:
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0"]
    for event in events:
        lines += ["BEGIN:VEVENT", *event, "END:VEVENT"]
    return "\r\n".join([*lines, "END:VCALENDAR", ""]).encode()


def event(*lines: str) -> CalendarEvent:
    [found] = read_events(calendar(("UID:u", "SUMMARY:Weekly", *lines)))
    return found


def test_an_event_becomes_plain_values_without_anybody_s_name() -> None:
    found = event(
        START, END, "RRULE:FREQ=WEEKLY;BYDAY=TU", "LOCATION:Room 4", "CLASS:PRIVATE",
        "ORGANIZER;CN=Ada:mailto:ada@example.org", "ATTENDEE:mailto:ben@example.org",
        "DESCRIPTION:secret",
    )  # fmt: skip

    assert found == CalendarEvent(
        uid="u",
        title="Weekly",
        location="Room 4",
        starts_at=datetime(2026, 3, 10, 9, tzinfo=UTC),
        duration=timedelta(hours=1),
        time_zone="Europe/Berlin",
        rrule="FREQ=WEEKLY;BYDAY=TU",
        is_confidential=True,
    )


def test_exceptions_are_days_and_moves() -> None:
    master = (
        "UID:u", "SUMMARY:Weekly", START, END, "RRULE:FREQ=WEEKLY",
        "EXDATE;TZID=Europe/Berlin:20260317T100000,20260324T100000",
        "RDATE;TZID=Europe/Berlin:20260312T100000,20260313T140000",
    )  # fmt: skip
    gone = ("UID:u", START, END, "RECURRENCE-ID:20260331T080000Z", "STATUS:CANCELLED")
    moved = (
        "UID:u", "RECURRENCE-ID;TZID=Europe/Berlin:20260407T100000",
        "DTSTART;TZID=Europe/Berlin:20260408T140000", "DURATION:PT2H",
    )  # fmt: skip

    [found] = read_events(calendar(gone, master, moved))

    assert found.excluded_on == tuple(date(2026, 3, day) for day in (17, 24, 31))
    assert found.extra_on == (date(2026, 3, 12), date(2026, 3, 13))
    at = datetime(2026, 4, 8, 12, tzinfo=UTC)
    assert found.moves[date(2026, 4, 7)] == Interval(at, at + timedelta(hours=2))
    assert found.moves[date(2026, 3, 13)].starts_at == datetime(2026, 3, 13, 13, tzinfo=UTC)


def test_a_zone_that_windows_names_is_known() -> None:
    found = event(
        "DTSTART;TZID=W. Europe Standard Time:20260310T100000", "DURATION:PT1H", "RRULE:FREQ=DAILY"
    )

    assert (found.problem, found.time_zone) == (EventProblem.NONE, "Europe/Berlin")


@pytest.mark.parametrize(
    ("lines", "problem"),
    [
        (("DTSTART;VALUE=DATE:20260310", "DTEND;VALUE=DATE:20260311"), EventProblem.ALL_DAY),
        (("DTSTART:20260310T100000", "DURATION:PT1H"), EventProblem.UNKNOWN_ZONE),
        (("DTSTART;TZID=My own:20260310T100000", "DURATION:PT1H"), EventProblem.UNKNOWN_ZONE),
        ((START,), EventProblem.NO_DURATION),
        ((START, START.replace("DTSTART", "DTEND")), EventProblem.NO_DURATION),
        ((START, END, "STATUS:CANCELLED"), EventProblem.CANCELLED),
        ((START, END, "RRULE:FREQ=DAILY", "RRULE:FREQ=WEEKLY"), EventProblem.SEVERAL_RULES),
        ((START, END, "EXRULE:FREQ=DAILY"), EventProblem.SEVERAL_RULES),
        ((START, END, "RRULE:nonsense"), EventProblem.RULE),
        (("SUMMARY-:x", "DTSTART:nonsense", END), EventProblem.UNREADABLE),
    ],
)
def test_what_cannot_become_a_series_says_why(
    lines: tuple[str, ...], problem: EventProblem
) -> None:
    assert event(*lines).problem == problem


def test_a_change_from_one_date_on_is_not_guessed() -> None:
    master = ("UID:u", "SUMMARY:Weekly", START, END, "RRULE:FREQ=WEEKLY")
    later = ("UID:u", START, END, "RECURRENCE-ID;RANGE=THISANDFUTURE:20260331T080000Z")

    [found] = read_events(calendar(master, later))

    assert found.problem == EventProblem.THIS_AND_FUTURE


def test_too_many_single_dates_are_refused() -> None:
    days = ",".join(["20260317T100000"] * 900)
    found = event(START, END, *[f"EXDATE;TZID=Europe/Berlin:{days}"] * 2)

    assert found.problem == EventProblem.TOO_MANY_DATES


def test_what_is_too_large_or_no_calendar_is_refused() -> None:
    with pytest.raises(CalendarTooLarge):
        read_events(b"x" * (LIMITS.size + 1))
    with pytest.raises(CalendarTooLarge):
        read_events(calendar(*[("UID:u",)] * (LIMITS.components + 1)))
    with pytest.raises(UnreadableCalendar):
        read_events(b"<html>Sign in</html>")


@given(st.text(max_size=200))
def test_any_text_in_an_event_is_read_or_refused(text: str) -> None:
    try:
        read_events(calendar(("UID:u", f"SUMMARY:{text}", text, START, END)))
    except (UnreadableCalendar, CalendarTooLarge):
        return
