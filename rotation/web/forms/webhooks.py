"""Where a webhook tells what."""

from django import forms
from django.utils.translation import gettext_lazy as _

from rotation.directory.validators import validate_one_line, validate_plain_text
from rotation.web.forms.directory import VersionForm
from rotation.webhooks.addresses import validate_outside_address
from rotation.webhooks.events import SUBSCRIBABLE
from rotation.webhooks.models import Webhook

EVENTS = [(event.value, event.value) for event in SUBSCRIBABLE]
STATES = [(state, state.label) for state in (Webhook.State.ACTIVE, Webhook.State.PAUSED)]


class NewWebhookForm(VersionForm):
    """A new webhook is active at once."""

    name = forms.CharField(
        label=_("Name"), max_length=80, validators=[validate_plain_text, validate_one_line]
    )
    url = forms.CharField(
        label=_("Address"),
        max_length=500,
        validators=[validate_outside_address],
        help_text=_("Such as https://example.org/hook"),
    )
    events = forms.MultipleChoiceField(
        label=_("Events"), choices=EVENTS, widget=forms.CheckboxSelectMultiple
    )


class WebhookForm(NewWebhookForm):
    """One that there is can be paused, and go on."""

    state = forms.ChoiceField(
        label=_("State"),
        choices=STATES,
        help_text=_("What happens while it is paused is not told later."),
    )
