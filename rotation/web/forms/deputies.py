"""Who answers for a host, and on which days."""

from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from rotation.directory.models import Host
from rotation.directory.queries import active_hosts
from rotation.web.components import DateInput
from rotation.web.forms.visits import validate_plannable


class DeputyForm(forms.Form):
    """Another host, and the days; without days from now on until further notice."""

    deputy = forms.TypedChoiceField(
        label=_("Deputy"),
        coerce=int,
        error_messages={
            "required": _("Choose who answers for you."),
            "invalid_choice": _("This is no host; choose somebody of the list."),
        },
    )
    from_on = forms.DateField(
        label=_("First day"),
        help_text=_("Empty: from now on."),
        widget=DateInput,
        validators=[validate_plannable],
        required=False,
    )
    until_on = forms.DateField(
        label=_("Last day"),
        help_text=_("Empty: until further notice."),
        widget=DateInput,
        validators=[validate_plannable],
        required=False,
    )

    def __init__(self, data: Any = None, *, host: Host) -> None:  # noqa: ANN401 -- Django's own
        super().__init__(data)
        hosts = active_hosts().exclude(pk=host.pk).select_related("department")
        own = [other for other in hosts if other.department_id == host.department_id]
        strangers = [other for other in hosts if other.department_id != host.department_id]
        self.hosts = {other.pk: other for other in [*own, *strangers]}
        choices = [
            (pk, f"{other.user.name} ({other.department})") for pk, other in self.hosts.items()
        ]
        self.fields["deputy"].choices = [("", _("Choose a host")), *choices]  # type: ignore[attr-defined]

    def clean_until_on(self) -> date | None:
        """Return the last day; it is not over, and not before the first."""
        first, last = self.cleaned_data.get("from_on"), self.cleaned_data["until_on"]
        if last and last < (first or timezone.localdate()):
            raise ValidationError(_("Choose a last day that is not over and not before the first."))
        return last  # type: ignore[no-any-return]

    @property
    def deputy_host(self) -> Host:
        """Who was chosen; only after `is_valid()`."""
        return self.hosts[self.cleaned_data["deputy"]]

    @property
    def days(self) -> tuple[date | None, date | None]:
        """First and last day; only after `is_valid()`."""
        return self.cleaned_data["from_on"], self.cleaned_data["until_on"]
