"""What people set for themselves."""

from typing import TYPE_CHECKING

from django import forms

from accounts.models import User

if TYPE_CHECKING:
    _UserForm = forms.ModelForm[User]
else:
    _UserForm = forms.ModelForm  # Django's forms take no type arguments at run time


class SettingsForm(_UserForm):
    """Name, language and theme; the address is the sign-in name and stays."""

    class Meta:
        model = User
        fields = ("name", "language", "theme")
