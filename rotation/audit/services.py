"""Writes of the trail: beside each change and each look, in the same transaction."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from rotation.audit.models import Entry, Look, Subject, Via

LONGEST_REASON = 500
LOOKS_KEPT = timedelta(days=366)  # the database refuses to delete any younger than a year


@dataclass(frozen=True, slots=True)
class By:
    """Who changes something, through which door, and why.

    Attributes:
        user_id: The acting user; None for a calendar's answer and for the product itself.
        version: The record's version that was seen; None where it does not matter.
        token: The name of the API token that was used; empty without one.
    """

    user_id: int | None
    via: Via
    reason: str = ""
    version: int | None = None
    token: str = ""


BY_RUNDGANG = By(None, Via.SYSTEM)


def entry(
    by: By,
    now: datetime,
    *,
    about: tuple[Subject, int],
    action: str,
    old: Mapping[str, Any] | None = None,
    new: Mapping[str, Any] | None = None,
) -> Entry:
    """Return the unsaved line of one change; values that did not change are left out."""
    before, after = old or {}, new or {}
    subject, subject_id = about
    return Entry(
        at=now,
        actor_id=by.user_id,
        token=by.token,
        via=by.via,
        subject=subject,
        subject_id=subject_id,
        action=action,
        old={name: value for name, value in before.items() if after.get(name) != value},
        new={name: value for name, value in after.items() if before.get(name) != value},
        reason=by.reason[:LONGEST_REASON],
    )


def record(
    by: By,
    now: datetime,
    *,
    about: tuple[Subject, int],
    action: str,
    old: Mapping[str, Any] | None = None,
    new: Mapping[str, Any] | None = None,
) -> Entry:
    """Store and return the line of one change; arguments as those of `entry`."""
    line = entry(by, now, about=about, action=action, old=old, new=new)
    line.save(force_insert=True)
    return line


def record_look(
    user_id: int, via: Via, page: str, *, staff_ids: Collection[int], now: datetime
) -> None:
    """Store that a user looked at what is told about these people; about oneself or nobody: no.

    The caller leaves out the user's own person.
    """
    if staff_ids:
        Look.objects.create(
            at=now, actor_id=user_id, via=via, page=page, staff_ids=sorted(set(staff_ids))
        )


def forget_looks(now: datetime) -> int:
    """Delete the looks that are older than `LOOKS_KEPT`; return how many."""
    return Look.objects.filter(at__lt=now - LOOKS_KEPT).delete()[0]
