"""Writes of sign-ins: another address, and nothing left of somebody who is gone."""

import secrets
from datetime import datetime

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.contrib.sessions.models import Session

from accounts.models import ApiToken, User

# No vowels: nothing to be read as a word. No 0, 1 and nothing that looks like them.
_LETTERS = "BCDFGHJKLMNPQRSTVWXZ23456789"
_LENGTH = 6


def change_address(user: User) -> None:
    """Forget what sign-in knew of the user's former addresses; links sent there die."""
    EmailAddress.objects.filter(user=user).delete()


def end_sessions(user: User) -> int:
    """Sign the user out everywhere and return how often that was."""
    mine = [
        session.pk
        for session in Session.objects.iterator()
        if session.get_decoded().get("_auth_user_id") == str(user.pk)
    ]
    count, _ = Session.objects.filter(pk__in=mine).delete()
    return count


def put_under_pseudonym(user: User, now: datetime) -> User:
    """Replace who the user was by a random pseudonym; every way to sign in goes. Return it."""
    word = _unused_word()
    user.name, user.email = f"Pseudonym {word}", f"{word.lower()}@pseudonym.invalid"
    user.set_unusable_password()
    user.is_active, user.roles, user.erased_at = False, [], now
    user.language, user.theme = User.Language.BROWSER, User.Theme.SYSTEM
    user.last_login = None
    user.save()
    EmailAddress.objects.filter(user=user).delete()
    Authenticator.objects.filter(user=user).delete()
    ApiToken.objects.filter(user=user).delete()
    end_sessions(user)
    return user


def _unused_word() -> str:
    while True:
        word = "".join(secrets.choice(_LETTERS) for _ in range(_LENGTH))
        if not User.objects.filter(email=f"{word.lower()}@pseudonym.invalid").exists():
            return word
