"""One booking as an iTIP message: values in, the bytes of a calendar object out (RFC 5545, 5546).

A guest's occurrence is its own event with its own UID: no RECURRENCE-ID, no RRULE, ever.
"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from urllib.parse import quote
from zoneinfo import ZoneInfo

from icalendar import Calendar, Event, Timezone, vCalAddress

from rotation.calendars.timezones import vtimezone

PRODID = "-//Rundgang//Rundgang//EN"

# What no content line may hold (RFC 5545 section 3.1, CONTROL), what some readers take for a line
# end (NEL, LS, PS), and halves of surrogate pairs, which UTF-8 cannot say.
_UNWRITABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
# RFC 6868 escapes these, and peers cut or show the escapes.
_UNSAFE_IN_NAME = re.compile('["^;:,]')
_ADDRESS = re.compile(r"[^\s@<>\"(),:;\\\[\]]+@[^\s@<>\"(),:;\\\[\]/]+")
_MAILTO_SAFE = "!$&'*+-=_~."


class Method(StrEnum):
    """What we send: never ADD or PUBLISH (RFC 5546 section 3.2)."""

    REQUEST = "REQUEST"
    CANCEL = "CANCEL"
    DECLINECOUNTER = "DECLINECOUNTER"


@dataclass(frozen=True)
class Party:
    """An organizer or attendee: an address and the name shown beside it."""

    address: str
    name: str = ""


@dataclass(frozen=True, kw_only=True)
class Invitation:
    """Everything one message about one booking says.

    `dtstamp` is the creation of this message, whole seconds; `time_zone` a name of the tz
    database; `partstat` the answer known for this sequence; `comment` is said once, for example
    why it was cancelled.

    Raises:
        ValueError: a time without zone, an end before the start, an address that no mail can
            carry, or an organizer who would invite himself.
    """

    method: Method
    uid: str
    sequence: int
    dtstamp: datetime
    starts_at: datetime
    ends_at: datetime
    time_zone: str
    summary: str
    organizer: Party
    attendee: Party
    partstat: str = "NEEDS-ACTION"
    description: str = ""
    location: str = ""
    url: str = ""
    comment: str = ""
    confidential: bool = False

    def __post_init__(self) -> None:
        times = (self.dtstamp, self.starts_at, self.ends_at)
        if any(at.tzinfo is None for at in times):
            raise ValueError("an invitation needs aware times")
        if self.ends_at <= self.starts_at:
            raise ValueError("an invitation must end after it starts")
        if bare_address(self.organizer.address) == bare_address(self.attendee.address):
            raise ValueError("the organizer cannot be the guest")


def one_line(text: str) -> str:
    """Return `text` without control characters and line breaks; those become spaces."""
    return " ".join(_UNWRITABLE.sub(" ", text).split())


def many_lines(text: str) -> str:
    """Return `text` without control characters; every line end becomes a line feed."""
    broken = re.sub("\r\n?|[\x0b\x0c\x85\u2028\u2029]", "\n", text).replace("\t", " ")
    return _UNWRITABLE.sub("", broken).strip()


def bare_address(address: str) -> str:
    """Return the address in ASCII and lower case, the form that two answers are compared in.

    Raises:
        ValueError: it is no single mail address, or its local part is not ASCII.
    """
    bare = address.strip()
    if not _ADDRESS.fullmatch(bare) or not one_line(bare) == bare:
        raise ValueError("no mail address that an invitation can be sent to")
    local, _, domain = bare.rpartition("@")
    if not local.isascii():
        raise ValueError("no mail address that an invitation can be sent to")
    return f"{local}@{domain.encode('idna').decode('ascii')}".lower()


def calendar_object(invitation: Invitation) -> bytes:
    """Return the iTIP object: one VEVENT, the VTIMEZONE it needs, CRLF line ends, UTF-8."""
    calendar = Calendar()
    calendar.add("PRODID", PRODID)
    calendar.add("VERSION", "2.0")
    calendar.add("METHOD", invitation.method.value)
    zone = _zone_of(invitation)
    if zone is not None:
        calendar.add_component(zone)
    calendar.add_component(_event(invitation, in_zone=zone is not None))
    return bytes(calendar.to_ical())


def _zone_of(invitation: Invitation) -> Timezone | None:
    """Return the VTIMEZONE; None where UTC says it better: no plain rules, or a repeated hour.

    A local time that the clocks show twice means the first of both (RFC 5545 section 3.3.5).
    """
    component = vtimezone(invitation.time_zone, since=invitation.starts_at)
    if component is None:
        return None
    zone = ZoneInfo(invitation.time_zone)
    times = (invitation.starts_at, invitation.ends_at)
    return None if any(at.astimezone(zone).fold for at in times) else component


def _event(invitation: Invitation, *, in_zone: bool) -> Event:
    zone = ZoneInfo(invitation.time_zone) if in_zone else UTC
    event = Event()
    event.add("UID", one_line(invitation.uid))
    event.add("SEQUENCE", invitation.sequence)
    event.add("DTSTAMP", invitation.dtstamp.astimezone(UTC))
    event.add("DTSTART", invitation.starts_at.astimezone(zone))
    event.add("DTEND", invitation.ends_at.astimezone(zone))
    event.add("SUMMARY", one_line(invitation.summary))
    event.add("ORGANIZER", _address(invitation.organizer))
    event.add("ATTENDEE", _attendee(invitation))
    _add_texts(event, invitation)
    _add_state(event, invitation)
    return event


def _add_texts(event: Event, invitation: Invitation) -> None:
    texts = {
        "DESCRIPTION": many_lines(invitation.description),
        "LOCATION": one_line(invitation.location),
        "COMMENT": many_lines(invitation.comment),
        "URL": "".join(one_line(invitation.url).split()),
    }
    for name, text in texts.items():
        if text:
            event.add(name, text)


def _add_state(event: Event, invitation: Invitation) -> None:
    """Add what a program shows the event as; a refused counter-proposal says nothing of it."""
    if invitation.confidential:
        event.add("CLASS", "CONFIDENTIAL")
    if invitation.method is Method.REQUEST:
        event.add("STATUS", "CONFIRMED")
        event.add("TRANSP", "OPAQUE")
    elif invitation.method is Method.CANCEL:
        event.add("STATUS", "CANCELLED")


def _address(party: Party) -> vCalAddress:
    local, _, domain = bare_address(party.address).rpartition("@")
    address = vCalAddress(f"mailto:{quote(local, safe=_MAILTO_SAFE)}@{domain}")
    name = one_line(_UNSAFE_IN_NAME.sub(" ", party.name))
    if name:
        address.params["CN"] = name
    return address


def _attendee(invitation: Invitation) -> vCalAddress:
    attendee = _address(invitation.attendee)
    attendee.params["CUTYPE"] = "INDIVIDUAL"
    attendee.params["ROLE"] = "REQ-PARTICIPANT"
    attendee.params["PARTSTAT"] = invitation.partstat
    if invitation.method is Method.REQUEST:
        attendee.params["RSVP"] = "TRUE"
    return attendee
