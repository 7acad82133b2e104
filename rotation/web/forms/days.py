"""Fields that list days and periods of days."""

from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import MaxLengthValidator
from django.utils.translation import gettext_lazy as _

from rotation.meetings.days import days_in, periods_in, text_of
from rotation.meetings.models import MOST_EXCEPTIONS

LONGEST_LIST = 8000


class PeriodsField(forms.CharField):
    """Days and periods of days, one a line; as a list of (first, last)."""

    widget = forms.Textarea(attrs={"rows": 3})

    def __init__(self, **options: Any) -> None:  # noqa: ANN401 -- Django's options
        super().__init__(required=False, max_length=LONGEST_LIST, **options)

    def clean(self, value: Any) -> Any:  # noqa: ANN401 -- what came in
        """Return what the text lists; raises ValidationError with the piece that is none."""
        text = super().clean(value)
        try:
            return self.listed(text)
        except ValueError as error:
            sentence = _("“%(piece)s” is no day. Write days such as 24.12.2026, one a line.")
            raise ValidationError(sentence, params={"piece": str(error)}) from error

    def listed(self, text: str) -> Any:  # noqa: ANN401 -- periods here, days below
        """Return the periods in `text`."""
        return periods_in(text)


class DaysField(PeriodsField):
    """Single days, one a line."""

    def listed(self, text: str) -> Any:  # noqa: ANN401 -- as above
        """Return the days in `text`."""
        days = days_in(text)
        MaxLengthValidator(MOST_EXCEPTIONS)(days)
        return days


def days_text(days: list[date]) -> str:
    """Return days as a `DaysField` reads them."""
    return text_of([(day, day) for day in sorted(days)])
