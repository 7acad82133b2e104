"""user -> trail: make and revoke the keys by which programs call the API."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import transaction

from accounts.models import ApiToken, User
from rotation.audit.models import Subject
from rotation.audit.services import By, record

LONGEST_DAYS = 3650


@transaction.atomic
def make_token(
    user: User, *, name: str, scopes: Sequence[str], days: int, by: By, now: datetime
) -> tuple[str, ApiToken]:
    """Make a token of `user` for `days` and return its key, which nobody sees again, and it."""
    expires_at = now + timedelta(days=days)
    key, token = ApiToken.make(
        user, now=now, expires_at=expires_at, name=name, scopes=sorted(set(scopes))
    )
    facts = {"user": user.pk, "name": name, "scopes": token.scopes, "expires_at": expires_at}
    record(by, now, about=(Subject.TOKEN, token.pk), action="add", new=facts)
    return key, token


@transaction.atomic
def revoke_token(token_id: int, *, by: By, now: datetime) -> ApiToken:
    """End a token at once and return it; one that has ended stays as it is."""
    token = ApiToken.objects.select_for_update().get(pk=token_id)
    if token.expires_at > now:
        old, token.expires_at = token.expires_at, now
        token.save(update_fields=("expires_at",))
        about, before, after = (Subject.TOKEN, token.pk), {"expires_at": old}, {"expires_at": now}
        record(by, now, about=about, action="revoke", old=before, new=after)
    return token
