"""What sign-in does differently here from allauth's ways."""

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]  # allauth has no types
    """People are added by an administrator or by import."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Return False: nobody signs up by themselves."""
        del request
        return False
