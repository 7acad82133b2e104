"""Forms about visits: which to list, why they change, what was learned."""

from collections.abc import Collection
from datetime import date, datetime, timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from rotation.booking.models import Booking
from rotation.directory.models import Department, StaffMember, Team
from rotation.directory.permissions import Action, Actor, may
from rotation.directory.queries import teams_open_to
from rotation.directory.validators import validate_plain_text
from rotation.insights.models import LONGEST_NOTE
from rotation.invites.answer_links import read_answer_token
from rotation.invites.errors import AnswerLinkBroken
from rotation.meetings.models import Meeting
from rotation.periods.weeks import FIRST_YEAR, LAST_YEAR, is_plannable, midnight
from rotation.web.components import DateInput

LARGEST_INTEGER = 2**31 - 1
COMING, PAST = "coming", "past"


def chosen(value: str, choices: Collection[str]) -> str:
    """Return `value` if it is one of `choices`, else nothing: an address may say anything."""
    return value if value in choices else ""


def validate_plannable(day: date) -> None:
    """Raise ValidationError for a day in a year that the product does not deal with."""
    if not is_plannable(day):
        raise ValidationError(
            _("Choose a day between the years %(first)s and %(last)s."),
            code="unplannable",
            params={"first": FIRST_YEAR, "last": LAST_YEAR},
        )


class VisitFilter(forms.Form):
    """Which visits are listed; everything stands in the address and everything is optional."""

    when = forms.ChoiceField(
        label=_("When"), choices=[(COMING, _("Coming")), (PAST, _("Past"))], required=False
    )
    state = forms.ChoiceField(
        label=_("State"),
        choices=[
            ("", _("All states")),
            *((value, capfirst(label)) for value, label in Booking.State.choices),
        ],
        required=False,
    )
    team = forms.ModelChoiceField(
        label=_("Team"), queryset=Team.objects.none(), empty_label=_("All teams"), required=False
    )
    department = forms.ModelChoiceField(
        label=_("Department"),
        queryset=Department.objects.all(),
        empty_label=_("All departments"),
        required=False,
    )
    first = forms.DateField(
        label=_("From"), widget=DateInput, validators=[validate_plannable], required=False
    )
    last = forms.DateField(
        label=_("To"), widget=DateInput, validators=[validate_plannable], required=False
    )
    unanswered = forms.BooleanField(label=_("Without an answer"), required=False)

    def __init__(self, data: Any, *, actor: Actor) -> None:  # noqa: ANN401 -- Django's QueryDict
        super().__init__(data)
        self.fields["team"].queryset = teams_open_to(actor, Action.SEE_LOAD)  # type: ignore[attr-defined]
        if not may(actor, Action.SEE_LOAD):
            del self.fields["team"]

    @property
    def is_past(self) -> bool:
        """Whether visits that are over are asked for; the newest of them come first."""
        return bool(self._value("when") == PAST)

    @property
    def shown_fields(self) -> list[forms.BoundField]:
        """The fields of the filter row; coming or past are tabs above it."""
        return [field for field in self if field.name != "when"]

    @property
    def is_narrowed(self) -> bool:
        """Whether anything but coming or past was chosen."""
        return any(self._value(name) for name in self.fields if name != "when")

    def visits(self, bookings: QuerySet[Booking], now: datetime) -> QuerySet[Booking]:
        """Return those of `bookings` that were asked for; a filter with an error is left out."""
        over = {"ends_at__lte": now} if self.is_past else {"ends_at__gt": now}
        narrowed = bookings.filter(**over, **self._conditions())
        return narrowed.order_by("-starts_at", "pk") if self.is_past else narrowed

    def _conditions(self) -> dict[str, Any]:
        zone = timezone.get_default_timezone()
        first, last = self._value("first"), self._value("last")
        wanted = {
            "state": self._value("state"),
            "staff__team": self._value("team"),
            "meeting__series__department": self._value("department"),
            "starts_at__gte": midnight(first, zone) if first else None,
            "starts_at__lt": midnight(last + timedelta(days=1), zone) if last else None,
            "partstat": Booking.Partstat.NEEDS_ACTION if self._value("unanswered") else None,
        }
        return {name: value for name, value in wanted.items() if value}

    def _value(self, name: str) -> Any:  # noqa: ANN401 -- of any field
        self.is_valid()
        return self.cleaned_data.get(name)


class ReasonForm(forms.Form):
    """Why a visit changes, and which version of it was seen."""

    reason = forms.CharField(
        label=_("Reason"),
        help_text=_("Everybody concerned can read it: in the mail or on the page of the visit."),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 2}),
        validators=[validate_plain_text],
        required=False,
    )
    version = forms.IntegerField(
        widget=forms.HiddenInput, min_value=1, max_value=LARGEST_INTEGER, required=False
    )


class MoveForm(ReasonForm):
    """To which meeting a visit moves; whether it may is for the rules to say."""

    meeting = forms.ModelChoiceField(
        queryset=Meeting.objects.select_related("series__department"),
        error_messages={
            "required": _("Choose a date."),
            "invalid_choice": _("There is no such meeting; choose one of the list."),
        },
    )


class SwapForm(ReasonForm):
    """Who goes instead; whether the person can is for the rules to say."""

    staff = forms.ModelChoiceField(
        queryset=StaffMember.objects.none(),
        error_messages={
            "required": _("Choose a person."),
            "invalid_choice": _("There is no such person; choose one of the list."),
        },
    )

    def __init__(self, data: Any = None, *, staff: QuerySet[StaffMember], **rest: Any) -> None:  # noqa: ANN401 -- Django's own arguments
        super().__init__(data, **rest)
        self.fields["staff"].queryset = staff  # type: ignore[attr-defined]


class AnswerForm(forms.Form):
    """The guest's answer."""

    ANSWERS = (
        Booking.Partstat.ACCEPTED,
        Booking.Partstat.TENTATIVE,
        Booking.Partstat.DECLINED,
    )
    partstat = forms.ChoiceField(
        choices=[(answer.value, answer.label) for answer in ANSWERS],
        error_messages={
            "required": _("Choose an answer."),
            "invalid_choice": _("Choose an answer."),
        },
    )
    comment = forms.CharField(
        label=_("A word to the host"),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 2}),
        validators=[validate_plain_text],
        required=False,
    )


class PageAnswerForm(AnswerForm):
    """An answer given on a page, with the link that stands in the mail: it names the version."""

    token = forms.CharField(max_length=500, widget=forms.HiddenInput)

    def __init__(self, data: Any = None, *, booking_id: int, **rest: Any) -> None:  # noqa: ANN401 -- Django's own arguments
        super().__init__(data, **rest)
        self.booking_id = booking_id

    def clean_token(self) -> str:
        """Return the token, if it is this booking's."""
        token: str = self.cleaned_data["token"]
        try:
            found = read_answer_token(token).booking_id == self.booking_id
        except AnswerLinkBroken:
            found = False
        if not found:
            raise ValidationError(_("Load the page again and answer once more."), code="token")
        return token


class NoteForm(forms.Form):
    """What the guest learned."""

    text = forms.CharField(
        label=_("What I learned"),
        help_text=_("What surprised you? What should IT change? Who ought to know?"),
        max_length=LONGEST_NOTE,
        widget=forms.Textarea(attrs={"rows": 5}),
        validators=[validate_plain_text],
        error_messages={"required": _("Write a sentence or two first.")},
    )
