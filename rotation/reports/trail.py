"""The trail in sentences: who did what to which record, and what was there before."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.core.exceptions import FieldDoesNotExist
from django.db.models import Field, Model
from django.utils import timezone
from django.utils.dateparse import parse_date, parse_datetime, parse_duration
from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from accounts.models import ApiToken, User
from rotation.audit.models import Entry, Subject, Via
from rotation.booking.history import change_text
from rotation.booking.models import Booking, Waiting
from rotation.directory.models import Department, Host, Site, StaffMember, Team
from rotation.insights.models import Note
from rotation.invites.models import Mail
from rotation.meetings.models import Meeting, MeetingSeries
from rotation.periods import formats
from rotation.periods.formats import NOTHING
from rotation.replies.models import InboundMail
from rotation.workload.models import TicketSource

Record = tuple[str, int]
Names = Mapping[Record, str]

MODELS: Mapping[str, type[Model]] = {
    Subject.BOOKING: Booking,
    Subject.MEETING: Meeting,
    Subject.SERIES: MeetingSeries,
    Subject.DEPARTMENT: Department,
    Subject.TEAM: Team,
    Subject.STAFF: StaffMember,
    Subject.HOST: Host,
    Subject.USER: User,
    Subject.SITE: Site,
    Subject.TICKET_SOURCE: TicketSource,
    Subject.WAITING: Waiting,
    Subject.NOTE: Note,
    Subject.MAIL: Mail,
    Subject.ANSWER: InboundMail,
    Subject.TOKEN: ApiToken,
}
# What `str` of a row reads of other tables.
READS: Mapping[str, Sequence[str]] = {
    Subject.BOOKING: ("staff__user", "meeting__series"),
    Subject.MEETING: ("series",),
    Subject.STAFF: ("user",),
    Subject.HOST: ("user",),
    Subject.TOKEN: ("user",),
    Subject.WAITING: ("staff__user", "meeting__series"),
    Subject.NOTE: ("booking__staff__user", "booking__meeting__series"),
}
# Values that are keys of other records.
KEYS: Mapping[str, Subject] = {
    "staff": Subject.STAFF,
    "meeting": Subject.MEETING,
    "series": Subject.SERIES,
    "booking": Subject.BOOKING,
    "department": Subject.DEPARTMENT,
    "deputy": Subject.HOST,
    "team": Subject.TEAM,
    "host": Subject.HOST,
    "site": Subject.SITE,
    "user": Subject.USER,
}
SENTENCES: Mapping[str, Promise] = {
    "add": gettext_lazy("%(who)s added: %(kind)s “%(name)s”."),
    "change": gettext_lazy("%(who)s changed: %(kind)s “%(name)s”."),
    "remove": gettext_lazy("%(who)s removed: %(kind)s “%(name)s”."),
    "end": gettext_lazy("%(who)s ended: %(kind)s “%(name)s”."),
    "move": gettext_lazy("%(who)s moved: %(kind)s “%(name)s”."),
    "cancel": gettext_lazy("%(who)s called off: %(kind)s “%(name)s”."),
    "leave": gettext_lazy("%(who)s stored the last day of %(name)s."),
    "come_back": gettext_lazy("%(who)s took back the last day of %(name)s."),
    "erase": gettext_lazy("%(who)s put a user under a pseudonym: %(name)s."),
    "add_contract": gettext_lazy("%(who)s added working hours of %(name)s."),
    "change_contract": gettext_lazy("%(who)s changed working hours of %(name)s."),
    "remove_contract": gettext_lazy("%(who)s removed working hours of %(name)s."),
    "add_absence": gettext_lazy("%(who)s added an absence of %(name)s."),
    "change_absence": gettext_lazy("%(who)s changed an absence of %(name)s."),
    "remove_absence": gettext_lazy("%(who)s removed an absence of %(name)s."),
    "add_duty": gettext_lazy("%(who)s added a duty of %(name)s."),
    "change_duty": gettext_lazy("%(who)s changed a duty of %(name)s."),
    "remove_duty": gettext_lazy("%(who)s removed a duty of %(name)s."),
    "name_deputy": gettext_lazy("%(who)s named a deputy of %(name)s."),
    "remove_deputy": gettext_lazy("%(who)s removed a deputy of %(name)s."),
    "revoke": gettext_lazy("%(who)s revoked: %(kind)s “%(name)s”."),
    "renew_secret": gettext_lazy("%(who)s made a new secret: %(kind)s “%(name)s”."),
    "send_again": gettext_lazy("%(who)s sent a mail once more: “%(name)s”."),
    "drop": gettext_lazy("%(who)s took an answer by mail off the list: “%(name)s”."),
}
QUEUE: Mapping[str, Promise] = {
    "add": gettext_lazy("%(who)s put on the waiting list: %(name)s."),
    "promote": gettext_lazy("A seat became free; the waiting list moved up: %(name)s."),
    "leave": gettext_lazy("%(who)s took off the waiting list: %(name)s."),
    "lapse": gettext_lazy("No seat became free in time: %(name)s."),
    "pass_over": gettext_lazy("A free seat went past: %(name)s."),
}
OTHER = gettext_lazy("%(who)s: %(action)s – %(kind)s “%(name)s”.")
NOBODY: Mapping[str, Promise] = {
    Via.COMMAND: gettext_lazy("The command line"),
    Via.CALENDAR: gettext_lazy("The guest's calendar"),
}


@dataclass(frozen=True, slots=True)
class TrailLine:
    """One change in words.

    Attributes:
        record: What the changed record is called now; "#7" where it is gone.
        values: What differs, such as "seats: 2 → 1".
        people: The ids of the IT people whom the change is about.
    """

    entry: Entry
    text: str
    record: str
    values: Sequence[str]
    people: frozenset[int]


def lines_of(entries: Iterable[Entry]) -> list[TrailLine]:
    """Return the entries in words, in the order given; reads `actor`, one query per kind named."""
    found = list(entries)
    names = _names({record for each in found for record in _records(each)})
    visits = {each.subject_id for each in found if each.subject == Subject.BOOKING}
    guests = dict(Booking.objects.filter(pk__in=visits).values_list("pk", "staff_id"))
    return [_line(each, names, guests) for each in found]


def who_text(entry: Entry) -> str:
    """Return who did it: a person, a door without a person, or the product itself."""
    return str(entry.actor) if entry.actor else str(NOBODY.get(entry.via, "Rundgang"))


def _line(entry: Entry, names: Names, guests: Mapping[int, int]) -> TrailLine:
    name = names.get((entry.subject, entry.subject_id), f"#{entry.subject_id}")
    fields = [*entry.old, *(field for field in entry.new if field not in entry.old)]
    return TrailLine(
        entry=entry,
        text=_sentence(entry, name),
        record=name,
        values=[_value_line(entry, field, names) for field in fields],
        people=_people(entry, guests),
    )


def _people(entry: Entry, guests: Mapping[int, int]) -> frozenset[int]:
    named = {key for subject, key in _records(entry) if subject == Subject.STAFF}
    if entry.subject == Subject.BOOKING and entry.subject_id in guests:
        named.add(guests[entry.subject_id])
    return frozenset(named)


def _sentence(entry: Entry, name: str) -> str:
    if entry.subject == Subject.BOOKING:
        return change_text(entry)
    known = QUEUE if entry.subject == Subject.WAITING else SENTENCES
    return str(known.get(entry.action, OTHER)) % {
        "who": who_text(entry),
        "kind": Subject(entry.subject).label,
        "name": name,
        "action": entry.action.replace("_", " "),
    }


def _records(entry: Entry) -> Iterable[Record]:
    yield entry.subject, entry.subject_id
    for values in (entry.old, entry.new):
        for field, value in values.items():
            if field in KEYS and isinstance(value, int):
                yield KEYS[field], value


def _names(records: Collection[Record]) -> Names:
    wanted: dict[str, set[int]] = defaultdict(set)
    for subject, key in records:
        wanted[subject].add(key)
    names: dict[Record, str] = {}
    for subject in wanted.keys() & MODELS.keys():
        rows = MODELS[subject]._default_manager.filter(pk__in=wanted[subject])  # noqa: SLF001
        label = LABELS.get(subject, str)
        names |= {(subject, row.pk): label(row) for row in rows.select_related(*_reads(subject))}
    return names


def _reads(subject: str) -> Sequence[Any]:
    return READS.get(subject, ()) or (None,)


def _meeting_label(meeting: Any) -> str:  # noqa: ANN401 -- a row of the table that is named
    return _("%(title)s, %(when)s") % {
        "title": meeting.series.title,
        "when": _moment(meeting.starts_at),
    }


def _booking_label(booking: Any) -> str:  # noqa: ANN401 -- a row of the table that is named
    return _("%(guest)s: %(meeting)s") % {
        "guest": booking.staff.name,
        "meeting": _meeting_label(booking.meeting),
    }


LABELS: Mapping[str, Callable[[Any], str]] = {
    Subject.BOOKING: _booking_label,
    Subject.MEETING: _meeting_label,
    Subject.WAITING: _booking_label,
    Subject.NOTE: lambda note: _booking_label(note.booking),
    Subject.MAIL: lambda mail: str(mail.subject),
    Subject.ANSWER: lambda answer: _moment(answer.received_at),
}


def _value_line(entry: Entry, name: str, names: Names) -> str:
    field = _field(entry.subject, name)
    label = capfirst(str(field.verbose_name)) if field else name.replace("_", " ")
    old, new = (_value(name, field, values.get(name), names) for values in (entry.old, entry.new))
    return f"{label}: {old} → {new}"


def _field(subject: str, name: str) -> "Field[Any, Any] | None":
    try:
        found = MODELS[subject]._meta.get_field(name)  # noqa: SLF001
    except (KeyError, FieldDoesNotExist):
        return None
    return found if isinstance(found, Field) else None


def _value(name: str, field: "Field[Any, Any] | None", value: Any, names: Names) -> str:  # noqa: ANN401 -- as JSON holds it
    if value in (None, "", []):
        return NOTHING
    if name in KEYS and isinstance(value, int):
        return names.get((KEYS[name], value), f"#{value}")
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, list):
        return ", ".join(str(each) for each in value)
    labels = {str(key): str(label) for key, label in field.flatchoices} if field else {}
    return labels.get(str(value)) or _written(value)


def _written(value: object) -> str:
    """Return a plain value as people write it; JSON holds dates and lengths as text (ISO 8601)."""
    text = str(value)
    for parse in (_parsed_moment, _parsed_day, _parsed_length):
        if isinstance(value, str) and (found := parse(text)):
            return found
    return text


def _parsed_moment(text: str) -> str:
    at = _or_none(parse_datetime, text)
    return _moment(at) if isinstance(at, datetime) and timezone.is_aware(at) else ""


def _parsed_day(text: str) -> str:
    day = _or_none(parse_date, text)
    return formats.day_text(day, get_language() or "en") if isinstance(day, date) else ""


def _parsed_length(text: str) -> str:
    length = parse_duration(text) if text.startswith("P") else None
    return formats.duration_text(length) if isinstance(length, timedelta) else ""


def _or_none(parse: Callable[[str], object], text: str) -> object:
    try:
        return parse(text)
    except ValueError:
        return None


def _moment(at: datetime) -> str:
    return formats.moment_text(at, get_language() or "en", timezone.get_current_timezone())
