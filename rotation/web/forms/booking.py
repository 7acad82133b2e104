"""The choice of a guest."""

from collections.abc import Collection
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from rotation.directory.models import StaffMember


class GuestForm(forms.Form):
    """One person out of those whom the user may book."""

    staff = forms.TypedChoiceField(
        label=_("Person"),
        coerce=int,
        error_messages={
            "required": _("Choose the person who goes."),
            "invalid_choice": _("This is nobody whom you may book; choose a person of the list."),
        },
    )

    def __init__(
        self,
        *args: Any,  # noqa: ANN401 -- as Django's own form
        people: Collection[StaffMember],
        **kwargs: Any,  # noqa: ANN401
    ) -> None:
        super().__init__(*args, **kwargs)
        self.people = {person.pk: person for person in people}
        choices = [(person.pk, f"{person.name} ({person.team})") for person in people]
        self.fields["staff"].choices = [("", _("Choose a person")), *choices]  # type: ignore[attr-defined]

    @property
    def guest(self) -> StaffMember:
        """The chosen person; only after `is_valid()`."""
        return self.people[self.cleaned_data["staff"]]
