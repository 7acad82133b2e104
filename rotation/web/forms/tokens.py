"""What a new API token is for."""

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import TokenScope
from accounts.validators import validate_name

DAYS = [
    (7, _("a week")),
    (30, _("30 days")),
    (90, _("90 days")),
    (365, _("a year")),
]


class TokenForm(forms.Form):
    """For what, and for how long."""

    name = forms.CharField(
        label=_("Name"),
        max_length=80,
        validators=[validate_name],
        help_text=_("What it is for, such as: nightly export"),
    )
    scopes = forms.MultipleChoiceField(
        label=_("What it may be used for"),
        choices=TokenScope.choices,
        widget=forms.CheckboxSelectMultiple,
        initial=[TokenScope.READ],
        help_text=_("It never may more than you."),
    )
    days = forms.TypedChoiceField(label=_("Valid for"), choices=DAYS, coerce=int, initial=90)
