from datetime import timedelta
from importlib import import_module
from pathlib import Path

import pytest
from django.utils import translation
from django.utils.functional import Promise

import rotation
from rotation.booking.errors import (
    BookingRefused,
    ChangedMeanwhile,
    Code,
    NotYetHeld,
    Reason,
    WrongState,
)
from rotation.booking.states import Step
from rotation.booking.words import ERRORS, REASONS, STEPS, error_text, fact_text, reason_text
from rotation.meetings.errors import SeriesRefused
from rotation.periods.errors import RotationError
from rotation.planning.suggestions import Fact
from rotation.workload.errors import UnknownSource, UnreadableFile
from rotation.workload.words import DELIVERY_ERRORS
from tests.builders import TUESDAY_10

# What rotation/booking/rules.py says with each code.
FACTS: dict[Code, dict[str, object]] = {
    Code.ABSENT: {"starts_at": TUESDAY_10, "ends_at": TUESDAY_10 + timedelta(hours=2)},
    Code.ON_DUTY: {"starts_at": TUESDAY_10, "ends_at": TUESDAY_10 + timedelta(days=7)},
    Code.OVER_BUDGET: {"cost_minutes": 90, "left_minutes": 40},
    Code.OUTSIDE_WORKING_HOURS: {"time_zone": "Europe/Berlin"},
    Code.NOTICE_TOO_SHORT: {"notice_hours": 24},
    Code.HOST_LIMIT: {"limit": 2},
}


@pytest.fixture(autouse=True)
def _english() -> None:
    translation.activate("en")


@pytest.mark.parametrize("code", Code)
def test_every_reason_is_one_whole_sentence(code: Code) -> None:
    text = reason_text(Reason(code, FACTS.get(code, {})))

    assert text.endswith(".")
    assert "%(" not in text


def test_reasons_name_their_facts() -> None:
    over, absent, short = (
        reason_text(Reason(code, FACTS[code]))
        for code in (Code.OVER_BUDGET, Code.ABSENT, Code.NOTICE_TOO_SHORT)
    )

    assert "takes 1.5\u00a0h, and 0.7\u00a0h of" in over
    assert "(Tue 10 Mar 2026, 10:00–12:00)" in absent
    assert "at least 24\u00a0h ahead" in short


def test_an_overlap_that_the_database_found_needs_no_times() -> None:
    assert reason_text(Reason(Code.OVERLAP)) == reason_text(
        Reason(Code.OVERLAP, {"starts_at": TUESDAY_10, "ends_at": TUESDAY_10})
    )


@pytest.mark.parametrize(
    ("fact", "value", "text"),
    [
        (Fact.NEVER_VISITED, 0, "Has never been with this department"),
        (Fact.WEEKS_SINCE, 0, "Was with this department less than a week ago"),
        (Fact.WEEKS_SINCE, 1, "Was last with this department 1 week ago"),
        (Fact.WEEKS_SINCE, 11, "Was last with this department 11 weeks ago"),
        (Fact.VISITS_LATELY, 0, "No visit in the last 13 weeks and none ahead"),
        (Fact.VISITS_LATELY, 1, "1 visit in the last 13 weeks and ahead"),
        (Fact.VISITS_LATELY, 4, "4 visits in the last 13 weeks and ahead"),
        (Fact.BUDGET_LEFT, 90, "1.5\u00a0h of the budget for that week left"),
    ],
)
def test_facts_in_words(fact: Fact, value: int, text: str) -> None:
    assert fact_text(fact, value) == text


def test_errors_name_state_action_and_time() -> None:
    wrong = error_text(WrongState(state="cancelled", action="confirm"))
    early = error_text(NotYetHeld(starts_at=TUESDAY_10))
    rule = error_text(SeriesRefused(part="BYSECOND"))

    assert "is cancelled, so this can no longer be done: approve the guest." in wrong
    assert "only on Tue 10 Mar 2026, 10:00" in early
    assert "not supported: BYSECOND." in rule


def test_an_error_without_words_of_its_own_still_says_what_to_do() -> None:
    class UnheardError(RotationError):
        code = "unheard"

    assert error_text(UnheardError(what="ever")) == str(ERRORS["refused"])


def test_file_problems_and_lists_are_words_too() -> None:
    locked = error_text(UnreadableFile(file="a.zip", problem="locked"))
    unknown = error_text(UnknownSource(name="x", known=["servicenow-incidents", "csv"]))

    assert locked == "a.zip is protected by a password: unpack it first."
    assert unknown == "No source is called “x”; known: servicenow-incidents, csv."


def test_errors_with_no_fields_are_sentences_too() -> None:
    for error in (BookingRefused([]), ChangedMeanwhile(version=2)):
        assert error_text(error).endswith(".")


def every_error() -> set[str]:
    for errors in Path(rotation.__path__[0]).glob("*/errors.py"):
        import_module(f"rotation.{errors.parent.name}.errors")
    found, waiting = set(), [RotationError]
    while waiting:
        kind = waiting.pop()
        waiting += kind.__subclasses__()
        if kind.__module__.startswith("rotation."):
            found.add(kind.code)
    return found


def test_every_error_of_the_house_has_its_sentence() -> None:
    assert every_error() - set(ERRORS) - DELIVERY_ERRORS == set()


def test_every_step_has_its_words() -> None:
    assert set(STEPS) == set(Step)


@pytest.mark.parametrize("sentence", [*REASONS.values(), *ERRORS.values(), *STEPS.values()])
def test_every_sentence_is_said_in_german(sentence: Promise) -> None:
    english = str(sentence)

    with translation.override("de"):
        assert str(sentence) != english


@pytest.mark.parametrize(
    ("waiting", "words"),
    [(1, "promised to the 1 person who waits for one"), (3, "one of the 3 people who wait")],
)
def test_a_seat_that_others_wait_for_says_how_many_they_are(waiting: int, words: str) -> None:
    text = reason_text(Reason(Code.NO_SEAT, {"waiting": waiting}))

    assert words in text
    assert "put the person on the waiting list" in text
