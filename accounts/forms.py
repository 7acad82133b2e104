"""What people set for themselves."""

from django import forms

from accounts.models import User


class SettingsForm(forms.ModelForm[User]):
    """Name, language and theme; the address is the sign-in name and stays."""

    class Meta:
        model = User
        fields = ("name", "language", "theme")
