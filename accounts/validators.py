"""What a person's name must be: mails, calendars and pages put it into their sentences."""

import unicodedata

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

# They turn round what stands behind them (Unicode UAX 9, explicit directional formatting).
DIRECTIONS = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
LINES_AND_CONTROLS = frozenset({"Cc", "Cs", "Zl", "Zp"})


def validate_name(value: str) -> None:
    """Raise ValidationError for line breaks, control characters, and for nothing to be seen."""
    kinds = [unicodedata.category(char) for char in value]
    for position, (char, kind) in enumerate(zip(value, kinds, strict=True), start=1):
        if kind in LINES_AND_CONTROLS or char in DIRECTIONS:
            raise ValidationError(
                _("Remove the invisible control character at position %(position)s."),
                code="control_character",
                params={"position": position},
            )
    if all(kind[0] in "CZ" for kind in kinds):
        raise ValidationError(_("Write a name that others can see."), code="invisible")
