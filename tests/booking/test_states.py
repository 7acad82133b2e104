import pytest

from rotation.booking.models import Booking
from rotation.booking.states import TRANSITIONS, Step, is_done_already, next_state

ALLOWED = {
    ("requested", Step.CONFIRM): "confirmed",
    ("requested", Step.DECLINE): "declined",
    ("confirmed", Step.DECLINE): "declined",
    ("requested", Step.CANCEL): "cancelled",
    ("confirmed", Step.CANCEL): "cancelled",
    ("requested", Step.LAPSE): "cancelled",
    ("requested", Step.MOVE): "requested",
    ("confirmed", Step.MOVE): "confirmed",
    ("confirmed", Step.ATTEND): "attended",
    ("missed", Step.ATTEND): "attended",
    ("confirmed", Step.MISS): "missed",
    ("attended", Step.MISS): "missed",
}


@pytest.mark.parametrize("state", Booking.State.values)
@pytest.mark.parametrize("step", list(TRANSITIONS))
def test_a_step_leads_where_the_table_says_and_nowhere_else(state: str, step: Step) -> None:
    assert next_state(state, step) == ALLOWED.get((state, step))


def test_a_step_taken_twice_is_done_already() -> None:
    assert is_done_already("cancelled", Step.CANCEL)
    assert is_done_already("confirmed", Step.CONFIRM)
    assert not is_done_already("declined", Step.CANCEL)
    assert not is_done_already("requested", Step.MOVE)
