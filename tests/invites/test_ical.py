"""The iTIP objects we send, line by line of the conformance list; the number names the line."""

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import icalendar
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rotation.calendars.identifiers import new_uid, next_dtstamp, next_sequence
from rotation.invites.ical import (
    Invitation,
    Method,
    Party,
    bare_address,
    calendar_object,
    many_lines,
    one_line,
)

BERLIN = ZoneInfo("Europe/Berlin")
INVITATION = Invitation(
    method=Method.REQUEST,
    uid="0123456789abcdef0123456789abcdef@example.org",
    sequence=0,
    dtstamp=datetime(2026, 11, 24, 9, 0, tzinfo=UTC),
    starts_at=datetime(2027, 3, 30, 14, 0, tzinfo=BERLIN),
    ends_at=datetime(2027, 3, 30, 15, 0, tzinfo=BERLIN),
    time_zone="Europe/Berlin",
    summary="Visit to Purchasing: Weekly round",
    description="Who: Purchasing\nWhere: House A",
    location="House A, room 2.07",
    url="https://rundgang.example.org/visits/7/",
    organizer=Party("rundgang@example.org", "Rundgang"),
    attendee=Party("joerg.gast@example.org", "Jörg Gast"),
)
CANCEL = replace(INVITATION, method=Method.CANCEL, sequence=1, comment="The room burnt down")
COUNTER = replace(INVITATION, method=Method.DECLINECOUNTER, comment="Not at night, please")
NASTY = 'a\r\nX-EVIL:1\nATTENDEE:mailto:x@y\x00\x07\x0b\x0c\x1b\x7f\x85\u2028\u2029\ud800;,\\"🎉'


def lines(invitation: Invitation) -> list[str]:
    """Return the unfolded content lines, without the last empty one."""
    text = calendar_object(invitation).decode()
    return text.replace("\r\n ", "").split("\r\n")[:-1]


def names(invitation: Invitation, start: str = "") -> list[str]:
    """Return the property names, in order, of the lines that begin with `start`."""
    found = [re.split("[;:]", line)[0] for line in lines(invitation)]
    return [name for name in found if name.startswith(start)]


def value(invitation: Invitation, name: str) -> str:
    """Return the event's one line of that property, parameters included."""
    event = lines(invitation)[lines(invitation).index("BEGIN:VEVENT") :]
    (line,) = [line for line in event if re.split("[;:]", line)[0] == name]
    return line.removeprefix(name)


def event_of(invitation: Invitation) -> icalendar.Component:
    (event,) = icalendar.Calendar.from_ical(calendar_object(invitation)).walk("VEVENT")
    return event


@pytest.mark.parametrize("sent", [INVITATION, CANCEL, COUNTER], ids=lambda sent: sent.method)
def test_line_1_one_prodid_version_and_method(sent: Invitation) -> None:
    assert lines(sent)[:4] == [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//Rundgang//Rundgang//EN",
        f"METHOD:{sent.method}",
    ]
    assert names(sent, "METHOD") + names(sent, "PRODID") + names(sent, "VERSION") == [
        "METHOD", "PRODID", "VERSION",
    ]  # fmt: skip


def test_line_2_there_is_one_event_and_one_uid_and_none_on_the_calendar() -> None:
    assert names(INVITATION, "UID") == ["UID"]
    assert lines(INVITATION).count("BEGIN:VEVENT") == 1


@given(st.text(max_size=300))
def test_line_3_lines_end_in_crlf_and_hold_75_octets(text: str) -> None:
    sent = replace(INVITATION, summary=text, description=text, location=text)
    data = calendar_object(sent)

    assert data.count(b"\n") == data.count(b"\r") == data.count(b"\r\n")
    assert max(len(line) for line in data.split(b"\r\n")) <= 75
    assert [line.decode() for line in data.split(b"\r\n")]


@given(st.text(alphabet=st.characters(exclude_categories=["Cc", "Cs"]), max_size=80))
def test_line_4_text_is_escaped_and_comes_back(text: str) -> None:
    event = event_of(replace(INVITATION, summary=text, description=f"a\n{text}\nb"))

    assert str(event.get("SUMMARY", "")) == one_line(text)
    assert str(event["DESCRIPTION"]) == many_lines(f"a\n{text}\nb")


@pytest.mark.parametrize("text", ['a;b,c\\d"e', "🎉 Köln", "שלום עולם", "e\u0301"])
def test_line_4_named_texts_come_back(text: str) -> None:
    assert str(event_of(replace(INVITATION, summary=text))["SUMMARY"]) == text


@pytest.mark.parametrize("code", [*range(9), 11, 12, *range(14, 32), *range(127, 160), 8232, 8233])
def test_line_5_control_characters_are_taken_out(code: int) -> None:
    sent = replace(INVITATION, summary=f"a{chr(code)}b", description=f"a{chr(code)}b")

    assert chr(code) not in calendar_object(sent).decode()
    assert value(sent, "SUMMARY") == ":a b"


def test_line_5_a_tab_becomes_a_space() -> None:
    assert value(replace(INVITATION, summary="a\tb", description="a\tb"), "DESCRIPTION") == ":a b"


@pytest.mark.parametrize("field", ["summary", "description", "location", "url", "uid", "comment"])
def test_line_6_no_text_makes_a_new_content_line(field: str) -> None:
    changed: dict[str, Any] = {field: NASTY}
    sent = replace(INVITATION, **changed)
    usual = set(names(INVITATION)) | {"COMMENT"}

    assert set(names(sent)) <= usual
    assert names(sent).count("ATTENDEE") == 1


def test_line_6_no_name_makes_a_new_content_line() -> None:
    sent = replace(
        INVITATION,
        attendee=Party("joerg.gast@example.org", NASTY),
        organizer=Party("rundgang@example.org", NASTY),
    )

    assert names(sent) == names(INVITATION)


@pytest.mark.parametrize(
    "address", ["a@b\r\nX-EVIL:1", "a b@c", "<a@b>", "a@b,c@d", 'a"@b', "a@b@c", "a", "@b", "ä@b.c"]
)
def test_line_6_an_address_that_is_none_is_refused(address: str) -> None:
    with pytest.raises(ValueError, match="no mail address"):
        replace(INVITATION, attendee=Party(address))


def test_line_7_a_name_is_free_of_what_peers_cut_or_show_escaped() -> None:
    sent = replace(INVITATION, attendee=Party("joerg@example.org", 'Gast, "Jörg"; IT: 2nd ^\''))

    assert value(sent, "ATTENDEE").startswith(';CN="Gast Jörg IT 2nd \'";')


def test_line_7_a_party_without_a_name_has_no_cn() -> None:
    sent = replace(INVITATION, attendee=Party("joerg@example.org", ' ";:'))

    assert "CN=" not in value(sent, "ATTENDEE")


def test_line_8_the_uid_is_the_bookings() -> None:
    uid = new_uid()

    assert value(replace(INVITATION, uid=uid), "UID") == f":{uid}"
    assert len(uid) <= 255


def test_line_9_dtstamp_is_utc_and_later_than_the_message_before() -> None:
    later = next_dtstamp(INVITATION.dtstamp, INVITATION.dtstamp)

    assert value(INVITATION, "DTSTAMP") == ":20261124T090000Z"
    assert value(replace(INVITATION, dtstamp=later), "DTSTAMP") == ":20261124T090001Z"


def test_line_10_sequence_starts_at_zero_and_rises_with_a_cancel() -> None:
    assert value(INVITATION, "SEQUENCE") == ":0"
    assert value(replace(CANCEL, sequence=next_sequence(0)), "SEQUENCE") == ":1"


@pytest.mark.parametrize("sent", [INVITATION, CANCEL, COUNTER], ids=lambda sent: sent.method)
def test_line_12_there_is_one_organizer_in_lower_case(sent: Invitation) -> None:
    upper = replace(sent, organizer=Party("RUNDGANG@Example.ORG", "Rundgang"))

    assert value(upper, "ORGANIZER") == ";CN=Rundgang:mailto:rundgang@example.org"


def test_line_12_the_organizer_is_never_the_guest() -> None:
    with pytest.raises(ValueError, match="cannot be the guest"):
        replace(INVITATION, attendee=Party("Rundgang@example.org"))


def test_line_13_nobody_is_sent_by() -> None:
    assert b"SENT-BY" not in calendar_object(INVITATION)


def test_line_14_the_guest_alone_is_asked() -> None:
    assert value(INVITATION, "ATTENDEE") == (
        ';CN="Jörg Gast";CUTYPE=INDIVIDUAL;PARTSTAT=NEEDS-ACTION;ROLE=REQ-PARTICIPANT;RSVP=TRUE'
        ":mailto:joerg.gast@example.org"
    )


@pytest.mark.parametrize(
    ("address", "uri"),
    [
        ("g+it@example.org", "mailto:g+it@example.org"),
        ("100%@example.org", "mailto:100%25@example.org"),
        ("g@Bücher.example", "mailto:g@xn--bcher-kva.example"),
    ],
)
def test_line_14_addresses_are_uris(address: str, uri: str) -> None:
    sent = replace(INVITATION, attendee=Party(address))

    assert value(sent, "ATTENDEE").partition(":")[2] == uri


def test_line_15_a_known_answer_is_repeated() -> None:
    assert "PARTSTAT=ACCEPTED;" in value(replace(INVITATION, partstat="ACCEPTED"), "ATTENDEE")


def test_line_16_start_and_end_are_written_in_one_zone() -> None:
    sent = replace(INVITATION, ends_at=INVITATION.ends_at.astimezone(UTC))

    assert value(sent, "DTSTART") == ";TZID=Europe/Berlin:20270330T140000"
    assert value(sent, "DTEND") == ";TZID=Europe/Berlin:20270330T150000"
    assert names(sent, "DURATION") == []


def test_line_16_an_event_ends_after_it_starts() -> None:
    with pytest.raises(ValueError, match="end after it starts"):
        replace(INVITATION, ends_at=INVITATION.starts_at)


def test_line_16_times_without_a_zone_are_refused() -> None:
    with pytest.raises(ValueError, match="aware times"):
        replace(INVITATION, starts_at=datetime(2027, 3, 30, 14))  # noqa: DTZ001  the point


def test_line_17_the_zone_is_described_once_before_the_event_by_rules_alone() -> None:
    found = lines(INVITATION)

    assert found.count("TZID:Europe/Berlin") == found.count("BEGIN:VTIMEZONE") == 1
    assert found.index("END:VTIMEZONE") < found.index("BEGIN:VEVENT")
    assert names(INVITATION, "RRULE") == ["RRULE", "RRULE"]
    assert names(INVITATION, "RDATE") == []
    assert b"UNTIL" not in calendar_object(INVITATION)


@pytest.mark.parametrize("zone", ["Africa/Cairo", "Asia/Jerusalem", "UTC", "Customized Time Zone"])
def test_line_17_a_zone_without_plain_rules_is_written_in_utc(zone: str) -> None:
    sent = replace(INVITATION, time_zone=zone)

    assert value(sent, "DTSTART") == ":20270330T120000Z"
    assert value(sent, "DTEND") == ":20270330T130000Z"
    assert "BEGIN:VTIMEZONE" not in lines(sent)


def test_line_17_the_second_of_a_repeated_hour_is_written_in_utc() -> None:
    first = datetime(2027, 10, 31, 2, 15, tzinfo=BERLIN)
    second = first.replace(fold=1)
    half_hour = timedelta(minutes=30)

    early = replace(INVITATION, starts_at=first, ends_at=first.astimezone(UTC) + half_hour)
    late = replace(INVITATION, starts_at=second, ends_at=second.astimezone(UTC) + half_hour)

    assert value(early, "DTSTART") == ";TZID=Europe/Berlin:20271031T021500"
    assert value(late, "DTSTART") == ":20271031T011500Z"
    assert value(late, "DTEND") == ":20271031T014500Z"


@given(
    st.sampled_from(["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Africa/Cairo"]),
    st.datetimes(datetime(2027, 1, 1), datetime(2029, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001
    st.integers(1, 12 * 60),
)
def test_line_17_a_peer_reads_the_same_instants(
    zone: str, starts_at: datetime, minutes: int
) -> None:
    starts_at = starts_at.replace(microsecond=0)
    ends_at = starts_at + timedelta(minutes=minutes)
    event = event_of(replace(INVITATION, starts_at=starts_at, ends_at=ends_at, time_zone=zone))

    assert event.decoded("DTSTART").astimezone(UTC) == starts_at
    assert event.decoded("DTEND").astimezone(UTC) == ends_at


def test_lines_18_to_21_a_guests_occurrence_is_a_single_event() -> None:
    (event,) = icalendar.Calendar.from_ical(calendar_object(INVITATION)).walk("VEVENT")

    assert {"RRULE", "RDATE", "EXDATE", "RECURRENCE-ID"}.isdisjoint(event)


def test_lines_22_and_26_a_request_is_confirmed_and_blocks_the_time() -> None:
    assert value(INVITATION, "STATUS") == ":CONFIRMED"
    assert value(INVITATION, "TRANSP") == ":OPAQUE"


def test_line_23_a_cancel_repeats_what_it_takes_back() -> None:
    assert lines(CANCEL)[lines(CANCEL).index("BEGIN:VEVENT") :] == [
        "BEGIN:VEVENT",
        "SUMMARY:Visit to Purchasing: Weekly round",
        "DTSTART;TZID=Europe/Berlin:20270330T140000",
        "DTEND;TZID=Europe/Berlin:20270330T150000",
        "DTSTAMP:20261124T090000Z",
        "UID:0123456789abcdef0123456789abcdef@example.org",
        "SEQUENCE:1",
        (
            'ATTENDEE;CN="Jörg Gast";CUTYPE=INDIVIDUAL;PARTSTAT=NEEDS-ACTION;'
            "ROLE=REQ-PARTICIPANT:mailto:joerg.gast@example.org"
        ),
        "COMMENT:The room burnt down",
        "DESCRIPTION:Who: Purchasing\\nWhere: House A",
        "LOCATION:House A\\, room 2.07",
        "ORGANIZER;CN=Rundgang:mailto:rundgang@example.org",
        "STATUS:CANCELLED",
        "URL:https://rundgang.example.org/visits/7/",
        "END:VEVENT",
        "END:VCALENDAR",
    ]


@pytest.mark.parametrize("sent", [INVITATION, CANCEL, COUNTER], ids=lambda sent: sent.method)
def test_lines_25_and_28_no_alarm_no_request_status_no_scheduling_parameters(
    sent: Invitation,
) -> None:
    data = calendar_object(sent)

    assert [word for word in (b"VALARM", b"REQUEST-STATUS", b"SCHEDULE-") if word in data] == []


def test_line_48_a_refused_counter_keeps_the_sequence_and_says_why() -> None:
    assert value(COUNTER, "SEQUENCE") == ":0"
    assert value(COUNTER, "COMMENT") == ":Not at night\\, please"
    assert names(COUNTER, "STATUS") == []


def test_a_confidential_meeting_says_so() -> None:
    assert value(replace(INVITATION, confidential=True), "CLASS") == ":CONFIDENTIAL"
    assert names(INVITATION, "CLASS") == []


def test_an_address_is_compared_in_lower_case_ascii() -> None:
    assert bare_address(" Jörg".replace("ö", "oe") + "@Bücher.Example ") == (
        "joerg@xn--bcher-kva.example"
    )
