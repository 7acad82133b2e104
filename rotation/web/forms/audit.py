"""What the trail is narrowed to."""

from datetime import timedelta
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from rotation.audit.models import Entry, Look, Subject, Via
from rotation.periods.weeks import midnight
from rotation.web.components import DateInput
from rotation.web.forms.visits import validate_plannable


class PeriodFilter(forms.Form):
    """From which day to which; everything stands in the address and everything is optional."""

    first = forms.DateField(
        label=_("From"), widget=DateInput, validators=[validate_plannable], required=False
    )
    last = forms.DateField(
        label=_("To"), widget=DateInput, validators=[validate_plannable], required=False
    )
    who = forms.CharField(label=_("Who"), max_length=120, required=False)

    @property
    def is_narrowed(self) -> bool:
        """Whether anything was asked for."""
        return any(self.conditions().values())

    def conditions(self) -> dict[str, Any]:
        """Return the look-ups asked for; a field with an error is left out."""
        self.is_valid()
        found, zone = self.cleaned_data, timezone.get_default_timezone()
        first, last = found.get("first"), found.get("last")
        wanted = {
            "at__gte": midnight(first, zone) if first else None,
            "at__lt": midnight(last + timedelta(days=1), zone) if last else None,
            "actor__name__icontains": found.get("who"),
            "subject": found.get("subject"),
            "via": found.get("via"),
        }
        return {name: value for name, value in wanted.items() if value}


class LookFilter(PeriodFilter):
    """Which looks are listed."""

    def looks(self, looks: QuerySet[Look]) -> QuerySet[Look]:
        """Return those of `looks` that were asked for."""
        return looks.filter(**self.conditions())


class EntryFilter(PeriodFilter):
    """Which changes are listed."""

    subject = forms.ChoiceField(
        label=_("Record"),
        choices=[
            ("", _("All records")),
            *((value, capfirst(label)) for value, label in Subject.choices),
        ],
        required=False,
    )
    via = forms.ChoiceField(
        label=_("How"),
        choices=[
            ("", _("All ways")),
            *((value, capfirst(label)) for value, label in Via.choices),
        ],
        required=False,
    )

    def entries(self, entries: QuerySet[Entry]) -> QuerySet[Entry]:
        """Return those of `entries` that were asked for."""
        return entries.filter(**self.conditions())
