"""The form of a host's calendar: a file, or an address that is read again and again."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from rotation.booking.words import error_text
from rotation.calendars.errors import AddressRefused
from rotation.calendars.fetching import calendar_address
from rotation.directory.models import Department
from rotation.directory.permissions import Actor
from rotation.meetings.models import MOST_SEATS
from rotation.web.forms.people_import import ImportForm

LONGEST_ADDRESS = 500


class CalendarForm(ImportForm):
    """Where the calendar is, and how the picked meetings take guests."""

    department = forms.ModelChoiceField(
        label=_("Department"), queryset=Department.objects.order_by("sort_key", "pk")
    )
    address = forms.CharField(
        label=_("Address of the calendar"),
        help_text=_(
            "The secret address in iCal format that your calendar program gives; it is read again"
            " every 15 minutes. It is kept, and shown to nobody."
        ),
        max_length=LONGEST_ADDRESS,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
        required=False,
    )
    seats = forms.IntegerField(
        label=_("Guest seats"), min_value=1, max_value=MOST_SEATS, initial=1, required=False
    )
    needs_approval = forms.BooleanField(
        label=_("The host approves each guest"), initial=True, required=False
    )

    def __init__(self, data: Any = None, files: Any = None, *, actor: Actor) -> None:  # noqa: ANN401 -- Django's
        super().__init__(data, files)
        self.fields["file"].required = False  # an address does as well
        self.fields["file"].label = _("Calendar file")
        self.fields["file"].help_text = _("An .ics file, as every calendar program exports it.")
        self.fields["file"].widget.attrs["accept"] = ".ics,text/calendar"
        self.own = Department.objects.filter(pk=actor.department_id or 0).first()
        if self.own:
            del self.fields["department"]

    def clean_address(self) -> str:
        """Return the address as it is asked, empty without one; raises ValidationError."""
        written = self.cleaned_data["address"]
        try:
            return calendar_address(written) if written else ""
        except AddressRefused as error:
            raise forms.ValidationError(error_text(error)) from error

    def clean(self) -> dict[str, Any]:
        """Take a file or an address, the address where both are there."""
        if self.cleaned_data.get("address") or "address" in self.errors:
            return dict(self.cleaned_data, raw=b"", called="")
        return super().clean()

    @property
    def chosen(self) -> Department:
        """The department that offers the meetings."""
        return self.own or self.cleaned_data["department"]

    def keep(self) -> None:
        """Let what was chosen ride along to the next press."""
        values, is_first = self.cleaned_data, "seats" not in self.data
        kept = {
            "address": values["address"],
            "department": self.chosen.pk,
            "seats": values["seats"] or 1,
            "needs_approval": is_first or values["needs_approval"],
        }
        self.carry()
        self.data = {**self.data, **{name: value for name, value in kept.items() if value}}
