"""The closed list of what a webhook can tell, and which line of the trail each event is; pure."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any


class Event(StrEnum):
    """What happened; the `type` of a message."""

    BOOKED = "booking.booked"
    CONFIRMED = "booking.confirmed"
    DECLINED = "booking.declined"
    CANCELLED = "booking.cancelled"
    MOVED = "booking.moved"
    ATTENDED = "booking.attended"
    MISSED = "booking.missed"
    ANSWERED = "answer.received"
    WAITING = "waiting.added"
    PROMOTED = "waiting.promoted"
    LEFT = "waiting.left"
    TEST = "webhook.test"


# A test is asked for, not subscribed to.
SUBSCRIBABLE = tuple(event for event in Event if event is not Event.TEST)
# By the record and the action of a line of the trail.
EVENTS: Mapping[tuple[str, str], Event] = {
    ("booking", "book"): Event.BOOKED,
    ("booking", "confirm"): Event.CONFIRMED,
    ("booking", "decline"): Event.DECLINED,
    ("booking", "cancel"): Event.CANCELLED,
    ("booking", "lapse"): Event.CANCELLED,
    ("booking", "move"): Event.MOVED,
    ("booking", "follow"): Event.MOVED,
    ("booking", "attend"): Event.ATTENDED,
    ("booking", "miss"): Event.MISSED,
    ("booking", "answer"): Event.ANSWERED,
    ("booking", "reaccept"): Event.ANSWERED,
    ("waiting", "add"): Event.WAITING,
    ("waiting", "promote"): Event.PROMOTED,
    ("waiting", "leave"): Event.LEFT,
    ("waiting", "lapse"): Event.LEFT,
}
# Keys, states and times; who a person is, and what anybody wrote, stays here.
TOLD: Mapping[str, tuple[str, ...]] = {
    "booking": (
        "state", "declined_by", "partstat", "staff", "meeting", "starts_at", "ends_at",
    ),
    "waiting": ("state", "staff", "meeting", "booking"),
}  # fmt: skip


def events_of(subject: str, action: str, new: Mapping[str, Any]) -> tuple[Event, ...]:
    """Return what a line of the trail tells; nothing where nobody is told of it.

    A guest's no is an answer that declines the visit, a later yes one that confirms it again.
    """
    event = EVENTS.get((subject, action))
    if event is Event.DECLINED and new.get("declined_by") == "guest":
        return Event.ANSWERED, Event.DECLINED
    if action == "reaccept" and new.get("state") == "confirmed":
        return Event.ANSWERED, Event.CONFIRMED
    return (event,) if event else ()


def data_of(
    subject: str, subject_id: int, facts: Mapping[str, Any], before: Mapping[str, Any]
) -> dict[str, Any]:
    """Return the `data` of a message: what holds after the change, and what was otherwise."""
    told = TOLD[subject]
    return {
        subject: subject_id,
        **{name: facts.get(name) for name in told},
        "before": {name: value for name, value in before.items() if name in told},
    }
