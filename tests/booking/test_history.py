"""What the queue and the deadlines of hosts leave in a visit's history."""

import pytest

from rotation.audit.models import Entry, Via
from rotation.booking.history import change_text
from rotation.booking.states import Step

DATES = {"starts_at": "2026-03-10T09:00:00+00:00"}, {"starts_at": "2026-03-11T09:00:00+00:00"}


@pytest.mark.parametrize(
    ("action", "new", "sentence"),
    [
        (
            Step.BOOK,
            {"state": "confirmed"},
            "A seat became free, and the waiting list moved up.",
        ),
        (
            Step.BOOK,
            {"state": "requested"},
            "A seat became free, and the waiting list moved up; the host decides.",
        ),
        (
            Step.LAPSE,
            {"state": "cancelled"},
            "No host answered the request in time, so it lapsed.",
        ),
    ],
)
def test_what_rundgang_did_by_itself_is_said(
    action: str, new: dict[str, str], sentence: str
) -> None:
    assert change_text(Entry(action=action, new=new, via=Via.SYSTEM)) == sentence


def test_a_move_that_has_to_be_approved_says_so() -> None:
    old, new = DATES
    moved = Entry(action=Step.MOVE, old=old, new={**new, "state": "requested"}, via=Via.PAGE)

    assert change_text(moved) == (
        "Rundgang moved the visit from Tue 10 Mar 2026, 10:00 to Wed 11 Mar 2026, 10:00;"
        " the host decides anew."
    )
