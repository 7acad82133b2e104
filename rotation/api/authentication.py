"""Who calls: the key of a token in the header, or the session of a page."""

from django.utils import timezone, translation
from django.utils.translation import gettext as _
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from accounts.models import ApiToken, User
from rotation.api.throttles import note_guess

KEYWORD = "Token"


class TokenAuthentication(BaseAuthentication):
    """`Authorization: Token <key>`, looked up by its hash, so that no timing tells of a key."""

    def authenticate(self, request: Request) -> tuple[User, ApiToken] | None:
        """Return user and token; None where the header is not ours. The user's language is set.

        Raises:
            AuthenticationFailed: the key is unknown or expired, or its user may not sign in.
            Throttled: the address has sent too many such keys.
        """
        keyword, _space, key = get_authorization_header(request).strip().partition(b" ")
        if keyword.lower() != KEYWORD.lower().encode():
            return None
        token = (
            ApiToken.objects.select_related("user")
            .filter(
                digest=ApiToken.digest_of(key.strip().decode("latin-1")),
                expires_at__gt=timezone.now(),
                user__is_active=True,
            )
            .first()
        )
        if token is None:
            note_guess(request)
            raise AuthenticationFailed(
                _("This token is unknown or has expired; ask an administrator for a new one.")
            )
        _note_use(token)
        if token.user.language:
            translation.activate(token.user.language)
        return token.user, token

    def authenticate_header(self, request: Request) -> str:
        """Return what WWW-Authenticate asks for."""
        del request
        return KEYWORD


def _note_use(token: ApiToken) -> None:
    """Store the day on which the token was used; written once a day, not with each request."""
    today = timezone.localdate()
    if token.last_used_on != today:
        ApiToken.objects.filter(pk=token.pk).update(last_used_on=today)
