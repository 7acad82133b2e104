from rotation.audit.models import Subject
from rotation.booking.states import Step
from rotation.webhooks.events import EVENTS, SUBSCRIBABLE, TOLD, Event, data_of, events_of


def test_every_step_of_a_booking_is_an_event() -> None:
    assert {action for subject, action in EVENTS if subject == "booking"} == set(Step)


def test_what_is_told_of_is_a_record_of_the_trail() -> None:
    assert set(TOLD) <= set(Subject)
    assert {subject for subject, _action in EVENTS} == set(TOLD)


def test_every_event_but_the_test_can_come() -> None:
    assert set(EVENTS.values()) == set(SUBSCRIBABLE)


def test_a_guests_no_is_an_answer_that_declines() -> None:
    by_guest, by_host = {"declined_by": "guest"}, {"declined_by": "host"}
    assert events_of("booking", "decline", by_guest) == (Event.ANSWERED, Event.DECLINED)
    assert events_of("booking", "decline", by_host) == (Event.DECLINED,)


def test_a_yes_after_a_no_confirms_again() -> None:
    assert events_of("booking", "reaccept", {"state": "confirmed"}) == (
        Event.ANSWERED,
        Event.CONFIRMED,
    )
    assert events_of("booking", "reaccept", {"state": "requested"}) == (Event.ANSWERED,)


def test_of_other_lines_nobody_is_told() -> None:
    assert events_of("staff", "change", {}) == ()


def test_a_message_holds_keys_states_and_times_and_what_was_before() -> None:
    facts = {"state": "confirmed", "staff": 3, "meeting": 4, "remark": "private"}
    told = data_of("booking", 7, facts, {"state": "requested", "remark": "x"})
    assert told == {
        "booking": 7, "state": "confirmed", "declined_by": None, "partstat": None, "staff": 3,
        "meeting": 4, "starts_at": None, "ends_at": None, "before": {"state": "requested"},
    }  # fmt: skip
