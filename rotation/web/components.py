"""What the parts of a page are made of: chips, capacity bars, heat steps, date fields."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from math import ceil

from django import forms
from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from rotation.booking.models import Booking
from rotation.periods.formats import Number, hours_of

HEAT_STEPS = 4


@dataclass(frozen=True)
class Chip:
    """A state as people see it: colour and border by `kind`, an icon, a word."""

    kind: str
    icon: str
    label: str | Promise


# Kind and icon of each state and answer; the words are the models' own.
STATE_LOOKS: Mapping[str, tuple[str, str]] = {
    Booking.State.REQUESTED: ("proposed", "circle-question-mark"),
    Booking.State.CONFIRMED: ("ok", "check"),
    Booking.State.ATTENDED: ("ok", "check-check"),
    Booking.State.MISSED: ("warn", "triangle-alert"),
    Booking.State.DECLINED: ("bad", "x"),
    Booking.State.CANCELLED: ("off", "ban"),
}
PARTSTAT_LOOKS: Mapping[str, tuple[str, str]] = {
    Booking.Partstat.NEEDS_ACTION: ("proposed", "hourglass"),
    Booking.Partstat.ACCEPTED: ("ok", "check"),
    Booking.Partstat.TENTATIVE: ("warn", "circle-question-mark"),
    Booking.Partstat.DECLINED: ("bad", "x"),
}
TRAFFIC_LIGHTS: Mapping[str, Chip] = {
    "green": Chip("ok", "circle-check", _("Load is fine")),
    "amber": Chip("warn", "triangle-alert", _("Load is high")),
    "red": Chip("bad", "octagon-alert", _("Overloaded")),
    "unknown": Chip("quiet", "circle-question-mark", _("Load is not known")),
}


def state_chip(state: str) -> Chip:
    """Return the chip of a booking's state."""
    return Chip(*STATE_LOOKS[state], capfirst(Booking.State(state).label))


def partstat_chip(partstat: str) -> Chip:
    """Return the chip of a guest's answer (RFC 5545 section 3.2.12)."""
    return Chip(*PARTSTAT_LOOKS[partstat], capfirst(Booking.Partstat(partstat).label))


def traffic_light(light: str) -> Chip:
    """Return the chip of "green", "amber", "red" or "unknown": all that a team under five shows."""
    return TRAFFIC_LIGHTS[light]


@dataclass(frozen=True)
class Segment:
    """A part of a capacity bar: its kind, its hours and its width in per cent of the bar."""

    kind: str
    label: str | Promise
    hours: float
    width: str


@dataclass(frozen=True, kw_only=True)
class CapacityBar:
    """How the hours of one week are taken; all amounts are hours or lengths of time."""

    reactive: timedelta | Number
    proactive: timedelta | Number
    capacity: timedelta | Number
    absent: timedelta | Number = 0

    @property
    def taken_hours(self) -> float:
        """Hours that are not free any more."""
        return sum(float(hours_of(part)) for part in (self.reactive, self.proactive, self.absent))

    @property
    def free_hours(self) -> float:
        """Hours left, never below nothing."""
        return max(0.0, float(hours_of(self.capacity)) - self.taken_hours)

    @property
    def over_hours(self) -> float:
        """Hours beyond the capacity."""
        return max(0.0, self.taken_hours - float(hours_of(self.capacity)))

    @property
    def segments(self) -> list[Segment]:
        """The parts that have hours, from the left; their widths add up to the whole bar."""
        whole = max(self.taken_hours, float(hours_of(self.capacity))) or 1.0
        parts = (
            ("reactive", _("reactive"), self.reactive),
            ("proactive", _("proactive"), self.proactive),
            ("absent", _("absent"), self.absent),
            ("free", _("free"), self.free_hours),
        )
        amounts = [(kind, label, float(hours_of(amount))) for kind, label, amount in parts]
        return [
            Segment(kind, label, hours, f"{100 * hours / whole:.1f}")
            for kind, label, hours in amounts
            if hours > 0
        ]


def heat_step(value: Number, full: Number) -> int:
    """Return the shade of a heat cell: 0 for nothing, 4 from `full` on."""
    if value <= 0 or full <= 0:
        return 0
    return min(HEAT_STEPS, ceil(HEAT_STEPS * float(value) / float(full)))


class DateInput(forms.DateInput):
    """The browser's own date field; a script writes the chosen day out below it."""

    input_type = "date"

    def __init__(self, attrs: dict[str, object] | None = None) -> None:
        super().__init__(attrs, format="%Y-%m-%d")


class TimeInput(forms.TimeInput):
    """The browser's own time field."""

    input_type = "time"

    def __init__(self, attrs: dict[str, object] | None = None) -> None:
        super().__init__(attrs, format="%H:%M")


class DateTimeInput(forms.DateTimeInput):
    """The browser's own field for a day and a time."""

    input_type = "datetime-local"

    def __init__(self, attrs: dict[str, object] | None = None) -> None:
        super().__init__(attrs, format="%Y-%m-%dT%H:%M")
