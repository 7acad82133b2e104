"""Forms of hosts: a new series, a meeting that moves or is called off."""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from rotation.directory.models import Department
from rotation.directory.permissions import Actor
from rotation.directory.validators import validate_plain_text
from rotation.meetings.models import LONGEST_MEETING, Meeting, MeetingSeries
from rotation.meetings.rhythms import Rhythm, rule_of
from rotation.web.components import DateInput, TimeInput
from rotation.web.forms.visits import validate_plannable

ZONES = (
    "Europe/Berlin", "Europe/London", "Europe/Paris", "Europe/Warsaw", "Europe/Istanbul",
    "America/New_York", "America/Sao_Paulo", "Asia/Kolkata", "Asia/Shanghai", "UTC",
)  # fmt: skip
RHYTHMS = (
    (Rhythm.WEEKLY.value, _("Every week")),
    (Rhythm.BIWEEKLY.value, _("Every other week")),
    (Rhythm.MONTHLY.value, _("Every month, on the same weekday (such as the second Tuesday)")),
    (Rhythm.ONCE.value, _("Only once")),
)
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
    """A new series; the first date says on which weekday the meetings are."""

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
        max_value=LONGEST_MEETING // timedelta(minutes=1),
        initial=60,
    )
    rhythm = forms.ChoiceField(label=_("How often"), choices=RHYTHMS)
    notice_hours = forms.IntegerField(
        label=_("Guests are named at least this many hours ahead"),
        min_value=0,
        max_value=24 * 28,
        initial=24,
    )

    class Meta:
        model = MeetingSeries
        fields = (
            "department", "title", "location", "time_zone", "seats", "needs_approval",
            "confidential",
        )  # fmt: skip
        help_texts = {
            "title": _("As your colleagues call it, such as Sales weekly."),
            "location": _("A room, or a link that begins with https://"),
            "seats": _("How many guests of IT may sit in at once."),
            "needs_approval": _("You get a mail for each guest and approve or decline."),
        }

    field_order = (
        "department", "title", "location", "day", "time", "minutes", "time_zone", "rhythm",
        "seats", "notice_hours", "needs_approval", "confidential",
    )  # fmt: skip

    def __init__(self, data: Any = None, *, actor: Actor, now: datetime) -> None:  # noqa: ANN401 -- Django's QueryDict
        department = Department.objects.filter(pk=actor.department_id or 0).first()
        zone = department.time_zone if department else ZONES[0]
        super().__init__(data, initial={"time_zone": zone})
        self.department, self.now = department, now
        zones = sorted({zone, *ZONES})
        self.fields["time_zone"] = forms.ChoiceField(
            label=_("Time zone"), choices=[(name, name.replace("_", " ")) for name in zones]
        )
        self.order_fields(self.field_order)
        if department:
            del self.fields["department"]

    def clean(self) -> dict[str, Any]:
        """Give the series what stands in more than one field."""
        values = super().clean() or {}
        if self.errors:
            return values
        series = self.instance
        if self.department:
            series.department = self.department
        series.starts_at = moment_in(ZoneInfo(values["time_zone"]), self, self.now)
        series.rrule = rule_of(Rhythm(values["rhythm"]), values["day"])
        series.duration = timedelta(minutes=values["minutes"])
        series.notice = timedelta(hours=values["notice_hours"])
        return values


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
