"""Forms about IT people: whom to list, who somebody is, and when the person is there."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from accounts.validators import validate_name
from rotation.directory.models import Absence, Contract, Duty, Site, StaffMember, Team
from rotation.directory.times import Terms, terms_of
from rotation.periods.intervals import Interval
from rotation.periods.weeks import midnight
from rotation.periods.working_time import WorkingHours
from rotation.web.components import DateInput, TimeInput
from rotation.web.forms.directory import VersionForm, zone_field
from rotation.web.forms.visits import validate_plannable

LONGEST_NAME = 120
HERE, LEAVING, LEFT = "", "leaving", "left"
DAY = timedelta(days=1)
WEEKDAYS = (
    _("Monday"), _("Tuesday"), _("Wednesday"), _("Thursday"), _("Friday"), _("Saturday"),
    _("Sunday"),
)  # fmt: skip
SPANS = ("morning", "afternoon")
CELL_LABELS = {
    "morning": (_("%(weekday)s, from"), _("%(weekday)s, to")),
    "afternoon": (_("%(weekday)s after the break, from"), _("%(weekday)s after the break, to")),
}
Hours = Sequence[tuple[time, time]]
_MORNING, _AFTERNOON = (time(8), time(12)), (time(12, 45), time(16, 45))
# What most contracts are; a press fills the grid, and every cell can still be changed.
PATTERNS: Mapping[str, tuple[object, range, Hours]] = {
    "full": (_("Full time"), range(5), (_MORNING, _AFTERNOON)),
    "four_days": (_("Four days"), range(4), (_MORNING, _AFTERNOON)),
    "three_days": (_("Three days"), range(1, 4), (_MORNING, _AFTERNOON)),
    "mornings": (_("Mornings"), range(5), ((time(8), time(13)),)),
}


class PeopleFilter(forms.Form):
    """Which people are listed; everything stands in the address and everything is optional."""

    q = forms.CharField(label=_("Name"), max_length=LONGEST_NAME, required=False)
    team = forms.ModelChoiceField(
        label=_("Team"), queryset=Team.objects.all(), empty_label=_("All teams"), required=False
    )
    state = forms.ChoiceField(
        label=_("State"),
        choices=[(HERE, _("Here")), (LEAVING, _("Leaving")), (LEFT, _("Left"))],
        widget=forms.Select(attrs={"data-submits": ""}),
        required=False,
    )

    @property
    def is_narrowed(self) -> bool:
        """Whether the list may be shorter than all who are here."""
        return any(self._value(name) for name in self.fields)

    def people(self, people: QuerySet[StaffMember]) -> QuerySet[StaffMember]:
        """Return those of `people` who were asked for; a filter with an error is left out."""
        name, team, state = (self._value(field) for field in ("q", "team", "state"))
        found = people.filter(has_left=state == LEFT)
        if state == LEAVING:
            found = found.exclude(left_on=None)
        if name:
            found = found.filter(Q(user__name__icontains=name) | Q(user__email__icontains=name))
        return found.filter(team=team) if team else found

    def _value(self, name: str) -> Any:  # noqa: ANN401 -- of any field
        self.is_valid()
        return self.cleaned_data.get(name)


class PersonForm(VersionForm):
    """Who an IT person is and where the person works."""

    name = forms.CharField(
        label=_("Name"),
        max_length=LONGEST_NAME,
        validators=[validate_name],
    )
    email = forms.EmailField(
        label=_("E-mail"),
        help_text=_("Invitations go there; it is the name to sign in with, too."),
    )
    team = forms.ModelChoiceField(
        label=_("Team"), queryset=Team.objects.none(), empty_label=_("Choose one")
    )
    site = forms.ModelChoiceField(
        label=_("Site"),
        queryset=Site.objects.all(),
        empty_label=_("No site"),
        help_text=_("Its holidays are kept."),
        required=False,
    )
    time_zone = zone_field()
    field_order = ("name", "email", "team", "site", "time_zone", "version")

    def __init__(self, *args: Any, teams: QuerySet[Team], **rest: Any) -> None:  # noqa: ANN401 -- Django's own arguments
        super().__init__(*args, **rest)
        self.fields["team"].queryset = teams  # type: ignore[attr-defined]


class NewPersonForm(PersonForm):
    """A new IT person, and whether the person is told how to sign in."""

    sends_mail = forms.BooleanField(
        label=_("Send a mail with a link to sign in"), initial=True, required=False
    )


class DayRow:
    """One weekday of the grid with its cells: from, to, and the same once more after a pause."""

    def __init__(self, form: forms.BaseForm, day: int) -> None:
        self.label = WEEKDAYS[day]
        names = [cell for span in SPANS for cell in cell_names(day, span)]
        self.cells = [form[name] for name in names]

    @property
    def errors(self) -> list[str]:
        """What is wrong in this row, each once."""
        return list(dict.fromkeys(str(error) for cell in self.cells for error in cell.errors))


def cell_names(day: int, span: str) -> tuple[str, str]:
    """Return the names of the two fields in which hours begin and end."""
    return f"{span}_{day}_from", f"{span}_{day}_to"


def grid_of(pattern: Iterable[WorkingHours]) -> dict[str, time]:
    """Return the values of the grid's cells; of a day the first and the last hours are shown."""
    by_day: dict[int, list[WorkingHours]] = {}
    for hours in pattern:
        by_day.setdefault(hours.weekday, []).append(hours)
    cells: dict[str, time] = {}
    for day, parts in by_day.items():
        for span, hours in zip(SPANS, sorted(parts, key=lambda each: each.starts), strict=False):
            starts, ends = cell_names(day, span)
            cells |= {starts: hours.starts, ends: hours.ends}
    return cells


def contract_values(contract: Contract) -> dict[str, Any]:
    """Return the form's values for a contract that is there."""
    terms = terms_of(contract)
    days = {"starts_on": terms.starts_on, "last_on": contract.last_on}
    return {**days, "version": contract.version, **grid_of(terms.hours)}


def pattern_named(name: str) -> list[WorkingHours]:
    """Return the hours of one of `PATTERNS`; of another name the full week's."""
    _label, days, spans = PATTERNS.get(name) or PATTERNS["full"]
    return [WorkingHours(day, starts, ends) for day in days for starts, ends in spans]


class ContractForm(VersionForm):
    """What a person works from one day on, weekday by weekday."""

    starts_on = forms.DateField(
        label=_("From"),
        help_text=_("Hours without an end that were there before end the day before."),
        widget=DateInput,
        validators=[validate_plannable],
    )
    last_on = forms.DateField(
        label=_("Last day"),
        help_text=_("Leave it empty for hours without an end."),
        widget=DateInput,
        validators=[validate_plannable],
        required=False,
    )

    def __init__(self, *args: Any, **rest: Any) -> None:  # noqa: ANN401 -- Django's own arguments
        super().__init__(*args, **rest)
        for day, weekday in enumerate(WEEKDAYS):
            for span in SPANS:
                for name, label in zip(cell_names(day, span), CELL_LABELS[span], strict=True):
                    widget = TimeInput(attrs={"aria-label": label % {"weekday": weekday}})
                    self.fields[name] = forms.TimeField(widget=widget, required=False)

    @property
    def rows(self) -> list[DayRow]:
        """The seven days of the grid."""
        return [DayRow(self, day) for day in range(len(WEEKDAYS))]

    def clean(self) -> dict[str, Any]:
        """Add `terms`: the days of the contract and the hours of all weekdays."""
        values = super().clean() or {}
        for day in range(len(WEEKDAYS)):
            self._check_day(day)
        if self.errors:
            return values
        last_on, pattern = values["last_on"], self._pattern()
        if last_on and last_on < values["starts_on"]:
            self.add_error("last_on", _("The end must be after the start."))
        if not pattern:
            raise ValidationError(_("Write the hours of at least one day."), code="no_hours")
        values["terms"] = Terms(values["starts_on"], pattern, last_on + DAY if last_on else None)
        return values

    def _pattern(self) -> list[WorkingHours]:
        spans = [(day, *self._span(day, span)) for day in range(len(WEEKDAYS)) for span in SPANS]
        return [WorkingHours(day, starts, ends) for day, starts, ends in spans if starts and ends]

    def _span(self, day: int, span: str) -> tuple[time | None, time | None]:
        starts, ends = (self.cleaned_data.get(name) for name in cell_names(day, span))
        return starts, ends

    def _check_day(self, day: int) -> None:
        """Say what stops a day's hours: half a pair, an end before the start, a touching pair."""
        pairs = [self._span(day, span) for span in SPANS]
        for span, (starts, ends) in zip(SPANS, pairs, strict=True):
            name = cell_names(day, span)[1]
            if self.errors.keys() & set(cell_names(day, span)):
                continue
            if (starts is None) != (ends is None):
                self.add_error(name, _("Write both, from and to, or neither."))
            elif starts and ends and ends <= starts:
                self.add_error(name, _("The end must be after the start."))
        (_first, first_end), (second_start, _second) = pairs
        if first_end and second_start and second_start < first_end:
            self.add_error(
                cell_names(day, SPANS[1])[0], _("Begin the second part after the first has ended.")
            )


class SpanForm(VersionForm):
    """From when to when, on the clocks of a person; without times it is whole days."""

    first = forms.DateField(label=_("First day"), widget=DateInput, validators=[validate_plannable])
    last = forms.DateField(
        label=_("Last day"),
        help_text=_("Leave it empty for a single day."),
        widget=DateInput,
        validators=[validate_plannable],
        required=False,
    )
    begins = forms.TimeField(label=_("From"), widget=TimeInput, required=False)
    ends = forms.TimeField(label=_("To"), widget=TimeInput, required=False)

    def __init__(self, *args: Any, zone: ZoneInfo, **rest: Any) -> None:  # noqa: ANN401 -- Django's own arguments
        super().__init__(*args, **rest)
        self.zone = zone

    def clean(self) -> dict[str, Any]:
        """Add `span`; without times it lasts from midnight to midnight."""
        values = super().clean() or {}
        if self.errors:
            return values
        first, last = values["first"], values["last"] or values["first"]
        starts_at = self._at(first, values["begins"]).astimezone(UTC)
        ends_at = self._end(last, values["ends"]).astimezone(UTC)
        if ends_at > starts_at:
            values["span"] = Interval(starts_at, ends_at)
        else:
            name = "ends" if last == first and values["ends"] else "last"
            self.add_error(name, _("The end must be after the start."))
        return values

    def _at(self, day: date, clock: time | None) -> datetime:
        return datetime.combine(day, clock or time.min, self.zone)

    def _end(self, day: date, clock: time | None) -> datetime:
        return self._at(day, clock) if clock else midnight(day + DAY, self.zone)


def span_values(span: Absence | Duty, zone: ZoneInfo) -> dict[str, Any]:
    """Return the form's values for a span that is there, on the clocks of `zone`."""
    starts, ends = span.starts_at.astimezone(zone), span.ends_at.astimezone(zone)
    is_whole_days = starts.time() == ends.time() == time.min
    return {
        "first": starts.date(),
        "last": ends.date() - DAY if ends.time() == time.min else ends.date(),
        "begins": None if is_whole_days or starts.time() == time.min else starts.time(),
        "ends": None if ends.time() == time.min else ends.time(),
        "version": span.version,
    }


class AbsenceForm(SpanForm):
    """When a person is away; why is never asked."""


class DutyForm(SpanForm):
    """When a person is on duty, and of which kind."""

    kind = forms.ChoiceField(label=_("Kind"), choices=Duty.Kind.choices)
    field_order = ("kind", "first", "last", "begins", "ends", "version")


class LeaveForm(VersionForm):
    """The last day of an IT person, and the day for which the consequences were shown."""

    left_on = forms.DateField(
        label=_("Last day"),
        help_text=_("Until its end nothing changes."),
        widget=DateInput,
        validators=[validate_plannable],
    )
    shown = forms.DateField(widget=forms.HiddenInput, required=False)

    @property
    def was_shown(self) -> bool:
        """Whether the consequences of this very day were seen."""
        return bool(self.cleaned_data["left_on"] == self.cleaned_data["shown"])
