"""Which action leads from which state to which; pure."""

from enum import StrEnum


class Step(StrEnum):
    """What can be done to a booking."""

    BOOK = "book"
    CONFIRM = "confirm"
    DECLINE = "decline"
    CANCEL = "cancel"
    LAPSE = "lapse"
    MOVE = "move"
    FOLLOW = "follow"
    ATTEND = "attend"
    MISS = "miss"
    ANSWER = "answer"
    REACCEPT = "reaccept"


# From each state, where each step leads; FOLLOW and ANSWER keep it, REACCEPT takes back a DECLINE.
TRANSITIONS: dict[Step, dict[str, str]] = {
    Step.CONFIRM: {"requested": "confirmed"},
    Step.DECLINE: {"requested": "declined", "confirmed": "declined"},
    Step.CANCEL: {"requested": "cancelled", "confirmed": "cancelled"},
    Step.LAPSE: {"requested": "cancelled"},
    Step.MOVE: {"requested": "requested", "confirmed": "confirmed"},
    Step.ATTEND: {"confirmed": "attended", "missed": "attended"},
    Step.MISS: {"confirmed": "missed", "attended": "missed"},
}


def next_state(state: str, step: Step) -> str | None:
    """Return where `step` leads from `state`; None where it is not allowed."""
    return TRANSITIONS[step].get(state)


def is_done_already(state: str, step: Step) -> bool:
    """Return whether `step` was taken before: doing it again changes nothing."""
    return state in TRANSITIONS[step].values() and state not in TRANSITIONS[step]
