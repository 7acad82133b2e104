"""Forms of departments, their hosts, sites and teams; what is unique is for the services to say."""

from datetime import timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import available_timezones

from django import forms
from django.conf import settings
from django.utils.functional import lazy
from django.utils.translation import gettext_lazy as _

from accounts.models import Role, User
from accounts.validators import validate_name
from rotation.directory.models import Department, Site, Team
from rotation.directory.regions import REGIONS
from rotation.web.forms.visits import LARGEST_INTEGER

LONGEST_BUFFER = 4 * 60
if TYPE_CHECKING:
    _DepartmentForm = forms.ModelForm[Department]
    _SiteForm = forms.ModelForm[Site]
    _TeamForm = forms.ModelForm[Team]
else:
    _DepartmentForm = _SiteForm = _TeamForm = forms.ModelForm


class VersionForm(forms.Form):
    """Which version of the record was seen; empty for a new one."""

    version = forms.IntegerField(
        widget=forms.HiddenInput, min_value=1, max_value=LARGEST_INTEGER, required=False
    )


def _zones() -> list[tuple[str, str]]:
    """Return the zones of the tz database that name a place, and UTC."""
    places = (zone for zone in available_timezones() if "/" in zone)
    named = sorted(zone for zone in places if not zone.startswith(("Etc/", "SystemV/")))
    return [(zone, zone.replace("_", " ")) for zone in ("UTC", *named)]


def _countries() -> list[tuple[str, str]]:
    return [("", str(_("No holidays"))), *((code, code) for code in sorted(REGIONS))]


def zone_field() -> forms.ChoiceField:
    """Return a choice among all zones, so that nobody has to know how to spell one."""
    return forms.ChoiceField(label=_("Time zone"), choices=_zones, initial=settings.TIME_ZONE)


class DepartmentForm(VersionForm, _DepartmentForm):
    """What a department is called, what it does, and how often IT should sit in with it."""

    time_zone = zone_field()

    class Meta:
        model = Department
        fields = ("name", "code", "purpose", "cadence_weeks", "site", "time_zone")
        widgets = {"purpose": forms.Textarea(attrs={"rows": 3})}
        labels = {
            "purpose": _("What the department does"),
            "cadence_weeks": _("A visit at least every … weeks"),
        }
        help_texts = {
            "code": _("Up to four letters for narrow columns, such as HR."),
            "purpose": _("Guests read it before their visit."),
        }

    def __init__(self, *args: Any, **rest: Any) -> None:  # noqa: ANN401 -- Django's own arguments
        super().__init__(*args, **rest)
        self.fields["site"].empty_label = _("No site")  # type: ignore[attr-defined]

    def validate_unique(self) -> None:
        """Leave it to the service, which sees a second press of the button too."""


class SiteForm(VersionForm, _SiteForm):
    """A place with its clock and its holidays."""

    time_zone = zone_field()
    country = forms.ChoiceField(
        label=_("Country whose holidays are kept"),
        choices=lazy(_countries, list),
        help_text=_("Two letters of ISO 3166, such as DE."),
        required=False,
    )

    class Meta:
        model = Site
        fields = ("name", "time_zone", "country", "subdivision")
        labels = {"subdivision": _("Holiday region")}
        help_texts = {
            "subdivision": _("The part of the country, such as BY; empty: the whole country's.")
        }

    def validate_unique(self) -> None:
        """Leave it to the service, which sees a second press of the button too."""


class TeamForm(VersionForm, _TeamForm):
    """A team, where it belongs, and who leads it."""

    buffer_minutes = forms.IntegerField(
        label=_("Pause after a visit, in minutes"),
        help_text=_("Free time kept between two visits of one person."),
        min_value=0,
        max_value=LONGEST_BUFFER,
        initial=15,
    )
    managers = forms.ModelMultipleChoiceField(
        label=_("Managers"),
        help_text=_("They book for the team and keep the times of its people."),
        queryset=User.objects.none(),
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )

    class Meta:
        model = Team
        fields = ("name", "department")
        labels = {"department": _("Belongs to")}
        help_texts = {"department": _("Its people do not visit this department: it is their own.")}

    def __init__(self, *args: Any, **rest: Any) -> None:  # noqa: ANN401 -- Django's own arguments
        super().__init__(*args, **rest)
        self.fields["department"].empty_label = _("Choose one")  # type: ignore[attr-defined]
        leads = User.objects.filter(is_active=True, roles__overlap=[Role.MANAGER, Role.ADMIN])
        self.fields["managers"].queryset = leads.order_by("sort_key", "pk")  # type: ignore[attr-defined]
        if self.instance.pk:
            self.initial["managers"] = [user.pk for user in self.instance.managers.all()]
            self.initial["buffer_minutes"] = self.instance.buffer // timedelta(minutes=1)

    def validate_unique(self) -> None:
        """Leave it to the service, which sees a second press of the button too."""


class HostForm(forms.Form):
    """Who speaks for a department: a new user, or one who is known by the address."""

    name = forms.CharField(label=_("Name"), max_length=120, validators=[validate_name])
    email = forms.EmailField(
        label=_("E-mail"),
        help_text=_("Requests and changes go there; it is the name to sign in with, too."),
    )
    sends_mail = forms.BooleanField(
        label=_("Send a mail with a link to sign in"), initial=True, required=False
    )
