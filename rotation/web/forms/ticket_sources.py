"""Forms of ticket sources: a new one, its mapping, the teams of its queues, a file of it."""

import json
from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from rotation.directory.models import Team
from rotation.web.forms.visits import LARGEST_INTEGER
from rotation.workload.models import TicketQueue
from rotation.workload.services import shipped_names

LONGEST_MAPPING = 200_000  # characters
STEPS = (("check", _("Check the file")), ("import", _("Import")))


class SourceForm(forms.Form):
    """What a source is called, and which mapping its own begins as."""

    name = forms.SlugField(
        label=_("Name"),
        max_length=60,
        help_text=_("Letters, digits, hyphens and underscores; scripts name the source by it"),
    )
    based_on = forms.ChoiceField(
        label=_("Begin with the mapping of"),
        choices=lambda: [(name, name) for name in shipped_names()],
    )


class MappingForm(forms.Form):
    """The mapping as JSON, with the version that was seen."""

    mapping = forms.CharField(
        label=_("Mapping (JSON)"),
        max_length=LONGEST_MAPPING,
        widget=forms.Textarea(attrs={"rows": 24, "spellcheck": "false", "class": "r-code"}),
    )
    version = forms.IntegerField(
        widget=forms.HiddenInput, min_value=1, max_value=LARGEST_INTEGER, required=False
    )

    def clean_mapping(self) -> dict[str, Any]:
        """Return the mapping as data.

        Raises:
            ValidationError: it is no JSON, or no object.
        """
        try:
            data = json.loads(self.cleaned_data["mapping"])
        except json.JSONDecodeError as error:
            text = _("This is no JSON: look at line %(line)s, character %(character)s.")
            where = {"line": error.lineno, "character": error.colno}
            raise forms.ValidationError(text, params=where) from error
        except (ValueError, RecursionError) as error:
            raise forms.ValidationError(_("This is no JSON that can be meant.")) from error
        if not isinstance(data, dict):
            raise forms.ValidationError(_("Write an object: { … }."))
        return data


class QueuesForm(forms.Form):
    """A team beside each queue."""

    def __init__(self, *args: Any, queues: Iterable[TicketQueue], **kwargs: Any) -> None:  # noqa: ANN401 -- Django's
        super().__init__(*args, **kwargs)
        teams = [("", _("no team")), *Team.objects.values_list("pk", "name")]
        for queue in queues:
            self.fields[str(queue.pk)] = forms.TypedChoiceField(
                label=queue.key,
                choices=teams,
                coerce=int,
                empty_value=None,
                required=False,
                initial=queue.team_id,
            )

    def teams(self) -> dict[int, int | None]:
        """Return the chosen team by queue."""
        return {int(name): team for name, team in self.cleaned_data.items()}


class FileForm(forms.Form):
    """A file, and whether it is only looked at."""

    file = forms.FileField(
        label=_("File"),
        help_text=_("CSV, JSON or Excel, or a .zip of CSV and JSON; up to 20 MB"),
        widget=forms.ClearableFileInput(attrs={"accept": ".csv,.json,.jsonl,.ndjson,.xlsx,.zip"}),
    )
    step = forms.ChoiceField(choices=STEPS, widget=forms.HiddenInput)
