"""Values as the API reads and writes them."""

from datetime import UTC, date, datetime
from typing import Any

from django.utils import timezone
from django.utils.dateparse import parse_date, parse_datetime
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from rotation.periods.weeks import FIRST_YEAR, LAST_YEAR, is_plannable, midnight

LARGEST_ID = 2**63 - 1
YEARS = {"first": FIRST_YEAR, "last": LAST_YEAR}


class Id(serializers.IntegerField):
    """The id of something; whether it exists is another question."""

    def __init__(self, **options: Any) -> None:  # noqa: ANN401 -- DRF's options
        super().__init__(**{"min_value": 1, "max_value": LARGEST_ID, **options})


class Moment(serializers.DateTimeField):
    """A moment with its offset (ISO 8601); written in UTC."""

    default_error_messages = {
        "no_offset": _("Write the time with its offset, such as 2026-03-10T09:00:00+01:00."),
        "year": _("Name a year from {first} to {last}."),
    }

    def __init__(self, **options: Any) -> None:  # noqa: ANN401 -- DRF's options
        super().__init__(**{"default_timezone": UTC, **options})

    def enforce_timezone(self, value: datetime) -> datetime:
        """Return the moment in UTC; a time without an offset is refused, not guessed."""
        if timezone.is_naive(value):
            self.fail("no_offset")
        if not is_plannable(value.date()):  # the first and the last year have no UTC
            self.fail("year", **YEARS)
        return super().enforce_timezone(value)

    def to_internal_value(self, value: Any) -> datetime:  # noqa: ANN401 -- what came in
        """Return the moment that was written.

        Raises:
            ValidationError: it is none, has no offset, or lies in a year nobody plans.
        """
        moment = super().to_internal_value(value)
        if not is_plannable(moment.date()):
            self.fail("year", **YEARS)
        return moment


class Day(serializers.DateField):
    """A day (YYYY-MM-DD) of a year that can be planned."""

    default_error_messages = {"year": _("Name a year from {first} to {last}.")}

    def to_internal_value(self, value: Any) -> date:  # noqa: ANN401 -- what came in
        """Return the day that was written.

        Raises:
            ValidationError: it is none, or lies in a year nobody plans.
        """
        day = super().to_internal_value(value)
        if not is_plannable(day):
            self.fail("year", **YEARS)
        return day


@extend_schema_field(
    {"type": "string", "pattern": r"^\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)?$", "example": "08:00"}
)
class Clock(serializers.TimeField):
    """A time of the day by the local clock; the `time` of OpenAPI would have an offset."""

    def __init__(self, **options: Any) -> None:  # noqa: ANN401 -- DRF's options
        super().__init__(**{"format": "%H:%M", **options})


@extend_schema_field({"type": "string", "example": "2026-03-10"})
class DayOrMoment(serializers.Field[datetime, Any, datetime, Any]):
    """A border of a period: a moment with its offset, or a day's first in the house's zone."""

    default_error_messages = {
        "invalid": _("Write a day such as 2026-03-10, or a moment such as 2026-03-10T09:00:00Z."),
        "year": _("Name a year from {first} to {last}."),
    }

    def to_internal_value(self, data: Any) -> datetime:  # noqa: ANN401 -- what came in
        """Return the moment.

        Raises:
            ValidationError: it is neither, or lies in a year nobody plans.
        """
        value = self._parsed(str(data))
        if value is None or (isinstance(value, datetime) and timezone.is_naive(value)):
            self.fail("invalid")
        if not is_plannable(value):
            self.fail("year", **YEARS)
        if isinstance(value, datetime):
            return value.astimezone(UTC)  # PostgreSQL knows fewer offsets than ISO 8601
        return midnight(value, timezone.get_default_timezone())

    def _parsed(self, text: str) -> date | None:
        try:
            return parse_date(text) or parse_datetime(text)
        except ValueError:  # a day or an hour that no calendar has
            return None

    def to_representation(self, value: datetime) -> datetime:
        """Return the moment as it is; no answer holds this field."""
        return value


def hours_of(minutes: int | None) -> float | None:
    """Return minutes as hours to four places; None where they are not known or not shown."""
    return None if minutes is None else round(minutes / 60, 4)


class Period(serializers.Serializer[Any]):
    """The part of time a list is narrowed to: [from, to)."""

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        """Return the fields with `from` and `to`: the first is a word of the language."""
        return {
            **super().get_fields(),
            "from": DayOrMoment(required=False, help_text=_("first moment")),
            "to": DayOrMoment(required=False, help_text=_("the first moment after the period")),
        }


class Weeks(serializers.Serializer[Any]):
    """Some ISO weeks from the one of the day `from`; without it from the present one."""

    weeks = serializers.IntegerField(required=False, default=1, min_value=1, max_value=53)

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        """Return the fields with `from`, which is a word of the language."""
        return {**super().get_fields(), "from": Day(required=False)}
