"""Forms about users: whom to list, who is new, and what somebody may do."""

from collections.abc import Mapping
from typing import Any
from zlib import crc32

from django import forms
from django.db.models import Q, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.models import Role, User
from accounts.validators import validate_name
from rotation.web.forms.directory import VersionForm
from rotation.web.forms.visits import LARGEST_INTEGER

LONGEST_NAME = 120
# What each role is for, beside its name.
PURPOSES: Mapping[str, str | Promise] = {
    Role.ADMIN: _("keeps people, teams, departments and users; may book and offer meetings"),
    Role.MANAGER: _("books visits for the own teams and sees their load and budget"),
    Role.PLANNER: _("books visits for all teams"),
    Role.STAFF: _("is booked, answers invitations, writes what was learned"),
    Role.HOST: _("offers meetings of a department and approves guests"),
    Role.EXECUTIVE: _("sees figures of the house, nobody's calendar"),
    Role.COUNCIL: _("sees what is kept about people and who looked at it"),
}


class UserFilter(forms.Form):
    """Which users are listed; everything stands in the address and everything is optional."""

    q = forms.CharField(label=_("Name"), max_length=LONGEST_NAME, required=False)
    role = forms.ChoiceField(
        label=_("Role"), choices=[("", _("All roles")), *Role.choices], required=False
    )
    state = forms.ChoiceField(
        label=_("State"),
        choices=[
            ("", _("May sign in")),
            ("new", _("Never signed in")),
            ("closed", _("May not sign in")),
        ],
        widget=forms.Select(attrs={"data-submits": ""}),
        required=False,
    )

    @property
    def is_narrowed(self) -> bool:
        """Whether the list may be shorter than all who may sign in."""
        return any(self._value(name) for name in self.fields)

    @property
    def wants_new(self) -> bool:
        """Whether those are asked for who never signed in."""
        return self._value("state") == "new"

    def users(self) -> QuerySet[User]:
        """Return the users who were asked for, by name; a filter with an error is left out."""
        name, role = self._value("q"), self._value("role")
        found = User.objects.filter(is_active=self._value("state") != "closed", erased_at=None)
        if self.wants_new:
            found = found.filter(last_login=None)
        if name:
            found = found.filter(Q(name__icontains=name) | Q(email__icontains=name))
        if role:
            found = found.filter(roles__contains=[role])
        return found.order_by("sort_key", "pk")

    def _value(self, name: str) -> str:
        self.is_valid()
        return str(self.cleaned_data.get(name, ""))


class RoleSelect(forms.CheckboxSelectMultiple):
    """Roles as boxes, each with what it is for."""

    def create_option(self, name: str, value: Any, *args: Any, **rest: Any) -> dict[str, Any]:  # noqa: ANN401 -- Django's own
        """Return one box with its words."""
        option: dict[str, Any] = super().create_option(name, value, *args, **rest)
        words = {"role": option["label"], "purpose": PURPOSES[str(value)]}
        return {**option, "label": _("%(role)s: %(purpose)s") % words}


def version_of(user: User) -> int:
    """Return a number for what the user may do, by which a stale form is known."""
    return max(1, crc32(f"{sorted(user.roles)} {user.is_active}".encode()) & LARGEST_INTEGER)


class RolesForm(VersionForm):
    """What a user may do, and whether the user may sign in at all."""

    roles = forms.MultipleChoiceField(
        label=_("Roles"), choices=Role.choices, widget=RoleSelect, required=False
    )
    is_active = forms.BooleanField(
        label=_("May sign in"),
        help_text=_("Without it the user is signed out everywhere and gets no mail to sign in."),
        required=False,
    )


class NewUserForm(forms.Form):
    """Somebody who signs in and is neither an IT person nor a host."""

    name = forms.CharField(
        label=_("Name"),
        max_length=LONGEST_NAME,
        validators=[validate_name],
    )
    email = forms.EmailField(label=_("E-mail"), help_text=_("It is the name to sign in with."))
    roles = forms.MultipleChoiceField(
        label=_("Roles"),
        choices=[choice for choice in Role.choices if choice[0] not in {Role.STAFF, Role.HOST}],
        widget=RoleSelect,
        help_text=_("IT people are added on the page People, hosts on the page of a department."),
    )
    sends_mail = forms.BooleanField(
        label=_("Send a mail with a link to sign in"), initial=True, required=False
    )
