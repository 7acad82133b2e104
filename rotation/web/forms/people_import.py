"""The form of a table of people: a file, or what was read of it a moment ago."""

import binascii
from base64 import b64decode, b64encode
from io import BytesIO
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

# What rides along in the page from the check to the import; larger files are chosen once more.
MOST_CARRIED = 1_500_000  # bytes


class ImportForm(forms.Form):
    """A chosen file goes before the one that rides along; on the server neither is kept."""

    file = forms.FileField(
        label=_("File"),
        help_text=_("CSV or Excel (.xlsx). Nothing is written before you have seen what happens."),
        widget=forms.FileInput(attrs={"accept": ".csv,.xlsx"}),
        required=False,
    )
    carried = forms.CharField(widget=forms.HiddenInput, required=False)
    called = forms.CharField(widget=forms.HiddenInput, max_length=200, required=False)

    def __init__(self, *args: Any, **rest: Any) -> None:  # noqa: ANN401 -- Django's own arguments
        super().__init__(*args, **rest)
        self.fields["file"].required = not self.data.get("carried")

    @property
    def table(self) -> BytesIO:
        """The bytes of the file."""
        return BytesIO(self.cleaned_data["raw"])

    @property
    def name(self) -> str:
        """What the file is called."""
        return str(self.cleaned_data["called"])

    def carry(self) -> None:
        """Let the bytes ride along to the next press, where they are not too many."""
        raw = self.cleaned_data["raw"]
        carried = b64encode(raw).decode() if len(raw) <= MOST_CARRIED else ""
        self.data = {"carried": carried, "called": self.name}

    def clean_carried(self) -> bytes:
        """Return the bytes that rode along."""
        try:
            return b64decode(self.cleaned_data["carried"], validate=True)
        except (binascii.Error, ValueError) as error:
            raise ValidationError(_("Choose the file once more."), code="carried") from error

    def clean(self) -> dict[str, Any]:
        """Add `raw`, the bytes of the file."""
        values = super().clean() or {}
        if file := values.get("file"):
            values["raw"], values["called"] = file.read(), file.name
        else:
            values["raw"] = values.get("carried")
        if not values["raw"] and not self.errors:
            self.add_error("file", _("Choose a file."))
        return values
