"""What text and zones of the directory must be."""

import unicodedata
import zoneinfo

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from accounts.validators import DIRECTIONS
from rotation.directory.regions import REGIONS

ALLOWED_CONTROLS = frozenset("\n\r\t")


def validate_plain_text(value: str) -> None:
    """Raise ValidationError for control characters, which calendars and mails cannot carry."""
    for char in value:
        is_control = unicodedata.category(char) in {"Cc", "Cs"} and char not in ALLOWED_CONTROLS
        if is_control or char in DIRECTIONS:
            raise ValidationError(
                _("Remove the invisible control character at position %(position)s."),
                code="control_character",
                params={"position": value.index(char) + 1},
            )


def validate_one_line(value: str) -> None:
    """Raise ValidationError for a line break: the text goes into a mail's subject."""
    if "\n" in value or "\r" in value:
        raise ValidationError(_("Write this in one line."), code="line_break")


def validate_time_zone(value: str) -> None:
    """Raise ValidationError for what is no zone of the tz database."""
    if value not in zoneinfo.available_timezones():
        raise ValidationError(
            _("“%(zone)s” is no time zone. Write one such as Europe/Berlin."),
            code="unknown_zone",
            params={"zone": value[:64]},
        )


def validate_country(value: str) -> None:
    """Raise ValidationError for what is no country whose holidays are known."""
    if value not in REGIONS:
        raise ValidationError(
            _("“%(country)s” is no country. Write two letters such as DE."),
            code="unknown_country",
            params={"country": value[:64]},
        )


def validate_region(country: str, region: str) -> None:
    """Raise ValidationError, for the field `subdivision`, where the country has no such region."""
    known = REGIONS.get(country, frozenset())
    if region and region not in known:
        text = _("“%(region)s” is no holiday region of the country. These are: %(known)s.")
        words = {"region": region[:64], "known": ", ".join(sorted(known)) or "–"}
        error = ValidationError(text, code="unknown_region", params=words)
        raise ValidationError({"subdivision": error})
