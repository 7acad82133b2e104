"""Forms of hosts: a series, days without guests, a meeting that moves or is called off."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from rotation.booking.words import error_text
from rotation.directory.models import Department, Host
from rotation.directory.permissions import Actor
from rotation.directory.validators import validate_one_line, validate_plain_text
from rotation.meetings.days import Days, text_of
from rotation.meetings.errors import SeriesRefused
from rotation.meetings.models import (
    LONGEST_MEETING,
    LONGEST_WAY,
    MOST_SEATS,
    Meeting,
    MeetingSeries,
)
from rotation.meetings.queries import closed_periods_of, last_day_of, next_start_of
from rotation.meetings.recurrence import rule_fault
from rotation.meetings.rhythms import Rhythm, rhythm_of, rule_of
from rotation.periods.weeks import midnight
from rotation.web.components import DateInput, TimeInput
from rotation.web.forms.days import DaysField, PeriodsField, days_text
from rotation.web.forms.visits import LARGEST_INTEGER, validate_plannable
from rotation.workflows.change_series import SeriesChange

ZONES = (
    "Europe/Berlin", "Europe/London", "Europe/Paris", "Europe/Warsaw", "Europe/Istanbul",
    "America/New_York", "America/Sao_Paulo", "Asia/Kolkata", "Asia/Shanghai", "UTC",
)  # fmt: skip
BY_RULE = "rule"
RHYTHMS = (
    (Rhythm.WEEKLY.value, _("Every week")),
    (Rhythm.BIWEEKLY.value, _("Every other week")),
    (Rhythm.MONTHLY.value, _("Every month, on the same weekday (such as the second Tuesday)")),
    (Rhythm.ONCE.value, _("Only once")),
    (BY_RULE, _("By a rule of your own (below)")),
)
MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)
# What says when the meetings are: as long as none of it changes, the rule stays as it is.
WHEN = frozenset({"day", "time", "time_zone", "rhythm", "rrule"})
if TYPE_CHECKING:
    _SeriesForm = forms.ModelForm[MeetingSeries]
else:
    _SeriesForm = forms.ModelForm


def moment_in(zone: ZoneInfo, form: forms.BaseForm, now: datetime) -> datetime:
    """Return the moment of the fields `day` and `time` on the clocks of `zone`.

    Raises:
        ValidationError: it is over already.
    """
    day, time = form.cleaned_data["day"], form.cleaned_data["time"]
    at = datetime.combine(day, time, zone)
    if at <= now:
        raise ValidationError({"day": _("This moment is over; choose a later one.")})
    return at


class SeriesForm(_SeriesForm):
    """A series, new or known; the first date says on which weekday the meetings are."""

    day = forms.DateField(
        label=_("First date"),
        help_text=_("The meetings are on the weekday of this date."),
        widget=DateInput,
        validators=[validate_plannable],
    )
    time = forms.TimeField(label=_("Begins at"), widget=TimeInput)
    minutes = forms.IntegerField(
        label=_("Duration in minutes"),
        min_value=5,
        max_value=LONGEST_MEETING // MINUTE,
        initial=60,
    )
    rhythm = forms.ChoiceField(label=_("How often"), choices=RHYTHMS)
    rrule = forms.CharField(
        label=_("Rule of your own"),
        max_length=200,
        required=False,
        help_text=_(
            "RFC 5545, for those who know it, such as FREQ=MONTHLY;BYDAY=-1FR: the last Friday."
        ),
    )
    last_on = forms.DateField(
        label=_("Last date"),
        help_text=_("Empty: it goes on."),
        widget=DateInput,
        validators=[validate_plannable],
        required=False,
    )
    excluded_on = DaysField(
        label=_("Not on these days"), help_text=_("One day a line, such as 24.12.2026.")
    )
    extra_on = DaysField(
        label=_("Also on these days"), help_text=_("At the same time of day, one day a line.")
    )
    closed = PeriodsField(
        label=_("Days without guests"),
        help_text=_(
            "The meeting takes place, guests are not welcome. One day or period a line,"
            " such as 21.12.2026 - 06.01.2027."
        ),
    )
    seats = forms.IntegerField(
        label=_("Guest seats"),
        help_text=_("How many guests of IT may sit in at once."),
        min_value=1,
        max_value=MOST_SEATS,
        initial=1,
    )
    notice_hours = forms.IntegerField(
        label=_("Guests are named at least this many hours ahead"),
        min_value=0,
        max_value=24 * 28,
        initial=24,
    )
    travel_minutes = forms.IntegerField(
        label=_("Way to the meeting in minutes"),
        min_value=0,
        max_value=LONGEST_WAY // MINUTE,
        required=False,
    )
    guests_per_month = forms.IntegerField(
        label=_("Most guests in a month"),
        help_text=_("Empty: as many as there are seats."),
        min_value=1,
        max_value=1000,
        required=False,
    )

    class Meta:
        model = MeetingSeries
        fields = (
            "department", "host", "title", "location", "time_zone", "seats", "needs_approval",
            "confidential", "guests_per_month",
        )  # fmt: skip
        labels = {"host": _("Contact")}
        help_texts = {
            "title": _("As your colleagues call it, such as Sales weekly."),
            "location": _("A room, or a link that begins with https://"),
            "needs_approval": _("You get a mail for each guest and approve or decline."),
        }

    def __init__(
        self,
        data: Any = None,  # noqa: ANN401 -- Django's QueryDict
        *,
        actor: Actor,
        now: datetime,
        series: MeetingSeries | None = None,
    ) -> None:
        known = series.department_id if series else actor.department_id
        department = Department.objects.filter(pk=known or 0).first()
        zone = series.time_zone if series else department.time_zone if department else ZONES[0]
        initial = {"time_zone": zone, **(_known_values(series, now) if series else {})}
        super().__init__(data, instance=series, initial=initial)
        self.department, self.now, self.is_new = department, now, series is None
        zones = sorted({zone, *ZONES})
        self.fields["time_zone"] = forms.ChoiceField(
            label=_("Time zone"), choices=[(name, name.replace("_", " ")) for name in zones]
        )
        self._narrow(department)
        for name in ("title", "location"):
            self.fields[name].validators += (validate_plain_text, validate_one_line)

    def _narrow(self, department: Department | None) -> None:
        """Leave out what cannot be chosen: the own department, the contacts of another one."""
        if department is None:
            del self.fields["host"]
            return
        del self.fields["department"]
        hosts = Host.objects.filter(department=department).select_related("user")
        self.fields["host"].queryset = hosts  # type: ignore[attr-defined]  # a choice of models

    def clean_rrule(self) -> str:
        """Return the rule of one's own where it was chosen; raises ValidationError."""
        rule = str(self.cleaned_data["rrule"]).strip().upper().removeprefix("RRULE:")
        if self.data.get("rhythm") != BY_RULE:
            return rule
        if not rule:
            raise ValidationError(_("Write the rule, or choose above how often the meetings are."))
        if fault := rule_fault(rule):
            raise ValidationError(error_text(SeriesRefused(part=fault)))
        return rule

    def clean(self) -> dict[str, Any]:
        """Add `change`: what is to become of the series, from all fields."""
        values = super().clean() or {}
        if not self.errors:
            values["change"] = SeriesChange(self._columns(values), values["closed"])
        return values

    def _columns(self, values: Mapping[str, Any]) -> dict[str, Any]:
        copied = ("title", "location", "seats", "needs_approval", "confidential")
        return {
            **{name: values[name] for name in (*copied, "excluded_on", "extra_on")},
            **({"host": values["host"]} if "host" in self.fields else {}),
            "duration": timedelta(minutes=values["minutes"]),
            "notice": timedelta(hours=values["notice_hours"]),
            "travel": timedelta(minutes=values["travel_minutes"] or 0),
            "guests_per_month": values["guests_per_month"],
            **self._when(values),
        }

    def _when(self, values: Mapping[str, Any]) -> dict[str, Any]:
        zone = ZoneInfo(values["time_zone"])
        found: dict[str, Any] = {"time_zone": values["time_zone"]}
        if self.is_new or not WHEN.isdisjoint(self.changed_data):
            found["starts_at"] = moment_in(zone, self, self.now)
            found["rrule"] = self._rule(values)
        if self.is_new or {"last_on", "time_zone"} & set(self.changed_data):
            last_on = values["last_on"]
            found["ended_at"] = midnight(last_on + DAY, zone) if last_on else None
        return found

    def _rule(self, values: Mapping[str, Any]) -> str:
        rhythm = values["rhythm"]
        if rhythm == BY_RULE:
            return str(values["rrule"])
        return rule_of(Rhythm(rhythm), values["day"])

    def new_series(self) -> MeetingSeries:
        """Return the series that the valid form describes, not stored."""
        department = self.department or self.cleaned_data["department"]
        series = MeetingSeries(department=department)
        for name, value in self.cleaned_data["change"].values.items():
            setattr(series, name, value)
        return series

    def _post_clean(self) -> None:
        """Leave the instance alone: the workflow changes it, under its lock."""


def _known_values(series: MeetingSeries, now: datetime) -> dict[str, Any]:
    """Return what the fields say of a series that there is."""
    local = series.starts_at.astimezone(ZoneInfo(series.time_zone))
    coming = next_start_of(series, now)
    day = coming.astimezone(local.tzinfo).date() if coming else local.date()
    rhythm = rhythm_of(series.rrule, day)
    return {
        "day": day,
        "time": local.time().replace(second=0, microsecond=0),
        "minutes": series.duration // MINUTE,
        "rhythm": rhythm.value if rhythm else BY_RULE,
        "rrule": "" if rhythm else series.rrule,
        "last_on": last_day_of(series),
        "excluded_on": days_text(series.excluded_on),
        "extra_on": days_text(series.extra_on),
        "closed": text_of(closed_periods_of(series)),
        "notice_hours": series.notice // timedelta(hours=1),
        "travel_minutes": series.travel // MINUTE,
    }


class ClosedDaysForm(forms.Form):
    """The days on which a whole department takes no guests."""

    closed = PeriodsField(
        label=_("Days without guests"),
        help_text=_(
            "One day or period a line, such as 21.12.2026 - 06.01.2027. The meetings take place;"
            " nobody can be booked into them."
        ),
    )

    def __init__(self, data: Any = None, *, closed: list[Days]) -> None:  # noqa: ANN401 -- Django's QueryDict
        super().__init__(data, initial={"closed": text_of(closed)})


class EndSeriesForm(forms.Form):
    """After which day a series ends."""

    last_on = forms.DateField(
        label=_("Last day"),
        help_text=_("Meetings after this day are called off and their guests told."),
        widget=DateInput,
        validators=[validate_plannable],
    )


class CallOffForm(forms.Form):
    """Why one meeting does not take place."""

    reason = forms.CharField(
        label=_("Reason"),
        help_text=_("Goes into the mail to the guests."),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 2}),
        validators=[validate_plain_text],
        required=False,
    )


class PutMeetingForm(CallOffForm):
    """To when one meeting moves, on the clocks of its series."""

    day = forms.DateField(label=_("New date"), widget=DateInput, validators=[validate_plannable])
    time = forms.TimeField(label=_("Begins at"), widget=TimeInput)
    field_order = ("day", "time", "reason")

    def __init__(self, data: Any = None, *, meeting: Meeting, now: datetime) -> None:  # noqa: ANN401 -- Django's QueryDict
        self.zone, self.now = ZoneInfo(meeting.series.time_zone), now
        local = meeting.starts_at.astimezone(self.zone)
        super().__init__(data, initial={"day": local.date(), "time": local.time()})

    def clean(self) -> dict[str, Any]:
        """Add `starts_at`, the moment that day and time name."""
        values = super().clean() or {}
        if not self.errors:
            values["starts_at"] = moment_in(self.zone, self, self.now)
        return values


class SaveForm(CallOffForm):
    """What goes with a change whose effects were seen: why, and which version was seen."""

    version = forms.IntegerField(required=False, min_value=1, max_value=LARGEST_INTEGER)
