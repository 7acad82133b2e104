import time
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rotation.calendars.errors import CalendarTooLarge, UnreadableCalendar
from rotation.calendars.parsing import MAX_BYTES, CalendarComponent, parse_calendars
from tests.replies.mails import FIXTURES, Event, ics

ZONE = """BEGIN:VTIMEZONE
TZID:Customized Time Zone
BEGIN:STANDARD
DTSTART:16010101T000000
TZOFFSETFROM:{0}
TZOFFSETTO:{0}
END:STANDARD
END:VTIMEZONE"""


def event_of(data: str | bytes) -> CalendarComponent:
    raw = data.encode() if isinstance(data, str) else data
    (calendar,) = parse_calendars(raw)
    return calendar.components[-1]


def rid(value: str, zone: str = "") -> CalendarComponent:
    return event_of(ics("u", Event(lines=(f"RECURRENCE-ID{value}",)), zone=zone))


def test_a_reply_is_read_into_plain_values() -> None:
    event = event_of(ics("u", Event(lines=("COMMENT:Komme\\n später", "LOCATION:Raum 1"))))
    assert (event.uid, event.sequence, event.comment) == ("u", 1, "Komme\n später")
    assert event.dtstamp == datetime(2026, 3, 2, 8, tzinfo=UTC)
    assert event.organizer == "rundgang@example.org"
    assert [(each.address, each.partstat) for each in event.attendees] == [("g@ex.org", "ACCEPTED")]


@pytest.mark.parametrize("name", sorted(path.name for path in FIXTURES.glob("*_reply*.ics")))
def test_answers_of_real_programs_are_read(name: str) -> None:
    (calendar,) = parse_calendars((FIXTURES / name).read_bytes())
    first = calendar.components[0]
    assert calendar.method == "REPLY"
    assert first.attendees[0].address == "joerg.gast@example.org"
    assert first.attendees[0].partstat == "ACCEPTED"
    assert first.organizer == "bookings+bk7f3c@guestbook.example.org"


@pytest.mark.parametrize(
    ("value", "instant"),
    [
        (":20260310T090000Z", datetime(2026, 3, 10, 9, tzinfo=UTC)),
        (";TZID=Europe/Berlin:20260310T100000", datetime(2026, 3, 10, 9, tzinfo=UTC)),
        (";TZID=W. Europe Standard Time:20260310T100000", datetime(2026, 3, 10, 9, tzinfo=UTC)),
        (";TZID=Europe/Berlin:20260310T090000Z", datetime(2026, 3, 10, 9, tzinfo=UTC)),
        (';TZID="Europe/Berlin":20260310T090000Z', datetime(2026, 3, 10, 9, tzinfo=UTC)),
        (";TZID=Customized Time Zone:20260310T100000", None),
        (":20260310T100000", None),
        (":20260310T240000", None),
    ],
)
def test_an_occurrence_is_an_instant_or_unknown_never_guessed(
    value: str, instant: datetime | None
) -> None:
    event = rid(value)
    assert (event.has_recurrence_id, event.recurrence_id) == (True, instant)


def test_one_senders_time_zone_never_colours_the_next_ones_times() -> None:
    value = ";TZID=Customized Time Zone:20260310T100000"
    tokyo = rid(value, ZONE.format("+0900"))
    berlin = rid(value, ZONE.format("+0100"))
    unknown = rid(value)
    assert tokyo.recurrence_id == datetime(2026, 3, 10, 1, tzinfo=UTC)
    assert berlin.recurrence_id == datetime(2026, 3, 10, 9, tzinfo=UTC)
    assert unknown.recurrence_id is None


@pytest.mark.parametrize(
    "rule",
    [
        "RRULE:FREQ=SECONDLY",
        "RRULE:FREQ=YEARLY;INTERVAL=0",
        "RRULE:FREQ=YEARLY;FREQ=SECONDLY",
        "RRULE:FREQ=YEARLY;BYHOUR=0,1,2;BYSECOND=0,1,2",
        "EXRULE:FREQ=MINUTELY",
        "RDATE:" + ",".join(["20260101T000000"] * 2000),
    ],
)
def test_a_time_zone_that_would_hang_the_parser_counts_as_unknown(rule: str) -> None:
    zone = ZONE.format("+0900").replace("TZOFFSETFROM", f"{rule}\nTZOFFSETFROM")
    assert rid(";TZID=Customized Time Zone:20260310T100000", zone).recurrence_id is None


def test_a_broken_time_zone_does_not_cost_the_answer() -> None:
    event = event_of(ics("u", Event(), zone="BEGIN:VTIMEZONE\nTZID:x\nEND:VTIMEZONE"))
    assert event.attendees[0].partstat == "ACCEPTED"


@pytest.mark.parametrize(
    "change",
    [
        lambda raw: raw.replace(b"\r\n", b"\n"),
        lambda raw: raw.replace(b"\r\n", b"\r"),
        lambda raw: b"\xef\xbb\xbf" + raw,
        lambda raw: raw.decode().encode("utf-16"),
        lambda raw: b"Hello,\r\n" + raw + b"-- \r\nEND of list\r\n",
        lambda raw: raw.replace(b"SEQUENCE:1", b"SEQU\r\n ENCE:1"),
        lambda raw: raw.replace(b"UID:u", b"UID:u\r\nLOCATION:\xe4\xf6"),
        lambda raw: raw.replace(b"UID:u", b"UID:u\r\nDTSTART:never\r\nRRULE:x\r\nno colon here"),
        lambda raw: raw.replace(b"UID:u", b"UID:u\r\nBEGIN:VALARM\r\nTRIGGER:x\r\nEND:VALARM"),
    ],
)
def test_the_answer_is_the_same_however_it_is_written(change) -> None:  # type: ignore[no-untyped-def]  # noqa: ANN001
    event = event_of(change(ics("u", Event()).encode()))
    assert (event.uid, event.sequence, event.attendees[0].partstat) == ("u", 1, "ACCEPTED")


def test_several_calendars_in_one_part_are_all_read() -> None:
    raw = (ics("a", Event()) + ics("b", Event(), method="COUNTER")).encode()
    found = parse_calendars(raw)
    assert [(each.method, each.components[0].uid) for each in found] == [
        ("REPLY", "a"),
        ("COUNTER", "b"),
    ]


@pytest.mark.parametrize(
    "raw",
    [b"", b"hello", b"BEGIN:VCALENDAR", b"END:VCALENDAR BEGIN:VCALENDAR", b"\xff\xfe\x00"],
)
def test_what_is_no_calendar_is_unreadable(raw: bytes) -> None:
    with pytest.raises(UnreadableCalendar):
        parse_calendars(raw)


@pytest.mark.parametrize(
    "raw",
    [
        b"x" * (MAX_BYTES + 1),
        ("BEGIN:VCALENDAR\n" + "\n" * 30_000 + "END:VCALENDAR").encode(),
        ("BEGIN:VCALENDAR\n" * 20 + "END:VCALENDAR\n" * 20).encode(),
        ics("u", *[Event()] * 200).encode(),
    ],
    ids=["bytes", "lines", "nesting", "components"],
)
def test_more_than_an_answer_needs_is_refused_before_it_is_parsed(raw: bytes) -> None:
    with pytest.raises(CalendarTooLarge):
        parse_calendars(raw)


@pytest.mark.parametrize(
    "line",
    [
        "DTSTART" + ";TZID=" * 2_700,
        "ATTENDEE" + ';X="' * 4_000,
        "COMMENT:" + "\\" * 16_000,
        "DTSTART;TZID=" + "a:" * 8_000 + "Z",
    ],
)
def test_a_hostile_line_costs_little_time(line: str) -> None:
    started = time.monotonic()
    event_of(ics("u", Event(lines=(line,) * 20)))
    assert time.monotonic() - started < 2


LINES = st.sampled_from(
    [
        "BEGIN:VCALENDAR", "END:VCALENDAR", "BEGIN:VEVENT", "END:VEVENT", "BEGIN:VTIMEZONE",
        "END:VTIMEZONE", "TZID:Europe/Berlin", "TZID:x", "BEGIN:STANDARD", "END:STANDARD",
        "DTSTART;TZID=x:20260310T100000", "DTSTART:00010101T000000Z", "DTSTART;TZID=x:99991231",
        "RECURRENCE-ID;VALUE=DATE:20260310", "RECURRENCE-ID;TZID=/a/Europe/Berlin:00010101T000000",
        "ATTENDEE;PARTSTAT=:mailto:", "ATTENDEE;PARTSTAT=A,B;SENT-BY=x;DELEGATED-TO=a,b:x", ":",
        "SEQUENCE:-1", "SEQUENCE:99999999999", "SEQUENCE:x", "DTSTAMP:20260230T000000Z", "METHOD;",
        "REQUEST-STATUS:", "UID:", 'COMMENT;ALTREP=":x', "RRULE:FREQ=YEARLY", "TZOFFSETTO:+01",
        "TZOFFSETFROM:+9900", "RDATE:x", 'ORGANIZER;CN="a":MAILTO:x@y',
    ]
)  # fmt: skip


@given(st.one_of(st.binary(), st.lists(LINES | st.text(max_size=20)).map("\r\n".join)))
def test_any_bytes_are_read_or_refused(content: bytes | str) -> None:
    raw = content if isinstance(content, bytes) else content.encode("utf-8", "surrogatepass")
    whole = b"BEGIN:VCALENDAR\r\n" + raw + b"\r\nEND:VCALENDAR\r\n"
    for data in (raw, whole):
        try:
            found = parse_calendars(data)
        except (UnreadableCalendar, CalendarTooLarge):
            continue
        assert all(each.method == each.method.upper() for each in found)
