"""What a token must be made for: each action's scope, in one table."""

from collections.abc import Mapping

from rest_framework.permissions import SAFE_METHODS

from accounts.models import TokenScope
from rotation.directory.permissions import Action

EVERYTHING = frozenset(TokenScope)
# Of these the reading, too, has a scope of its own.
APART: Mapping[Action, TokenScope] = {
    Action.SEE_AUDIT: TokenScope.AUDIT,
    Action.MANAGE_WEBHOOKS: TokenScope.WEBHOOKS,
}
WRITES: Mapping[Action, TokenScope] = {
    Action.BOOK_VISIT: TokenScope.BOOK,
    Action.LEAVE_QUEUE: TokenScope.BOOK,
    Action.MOVE_VISIT: TokenScope.BOOK,
    Action.CANCEL_VISIT: TokenScope.BOOK,
    Action.APPROVE_GUEST: TokenScope.BOOK,
    Action.RECORD_ATTENDANCE: TokenScope.BOOK,
    Action.WRITE_NOTE: TokenScope.BOOK,
    **dict.fromkeys(
        (
            Action.ADD_STAFF,
            Action.CHANGE_STAFF,
            Action.KEEP_ABSENCES,
            Action.KEEP_CONTRACTS,
            Action.KEEP_DEPARTMENTS,
            Action.KEEP_DUTIES,
            Action.KEEP_SITES,
            Action.KEEP_TEAMS,
        ),
        TokenScope.PEOPLE,
    ),
    Action.OFFER_MEETING: TokenScope.MEETINGS,
    Action.PUSH_TICKETS: TokenScope.TICKETS,
}


def scopes_needed(method: str, action: Action | None) -> frozenset[TokenScope]:
    """Return what a token needs for `action` by `method`: everything where no table names it."""
    if action and action in APART:
        return frozenset({APART[action]})
    if method in SAFE_METHODS:
        return frozenset({TokenScope.READ})
    return frozenset({WRITES[action]}) if action and action in WRITES else EVERYTHING
