from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rotation.calendars.parsing import Attendee, CalendarComponent
from rotation.replies.authentication import Sender
from rotation.replies.decision import decide, decide_mail, most_changed
from rotation.replies.outcomes import (
    Answer,
    BookingState,
    Decision,
    Outcome,
    Reason,
    Statement,
    deciding_answer,
)
from rotation.replies.parsing import Mail
from rotation.replies.sentences import OUTCOMES, REASONS

NOW = datetime(2026, 3, 2, 8, tzinfo=UTC)
START = datetime(2026, 3, 10, 9, tzinfo=UTC)
HOUR = timedelta(hours=1)
GUEST = Sender("g@ex.org", is_verified=True)
STATE = BookingState(
    sequence=1,
    organizers=frozenset({"o@ex.org"}),
    guests=frozenset({"g@ex.org", "alias@ex.org"}),
    starts_at=START,
    ends_at=START + HOUR,
    secretaries=frozenset({"s@ex.org"}),
)


def says(
    partstat: str = "ACCEPTED", *, sequence: int = 1, at: datetime = NOW, address: str = "g@ex.org",
    **attendee: str,
) -> Statement:  # fmt: skip
    return Statement(
        "REPLY",
        "REPLY",
        CalendarComponent(
            name="VEVENT",
            uid="u",
            sequence=sequence,
            dtstamp=at,
            attendees=(Attendee(address, partstat, **attendee),),  # type: ignore[arg-type]
        ),
        arrived_at=NOW + HOUR,
    )


def words(decision: Decision) -> tuple[Outcome, Reason | None]:
    return decision.outcome, decision.reason


def test_every_outcome_and_every_reason_has_a_sentence() -> None:
    assert set(OUTCOMES) == set(Outcome)
    assert set(REASONS) == set(Reason)


def test_a_confirmed_alias_is_the_same_person() -> None:
    decision = decide(STATE, says(address="alias@ex.org"), Sender("alias@ex.org", is_verified=True))
    assert words(decision) == (Outcome.APPLIED, Reason.ACCEPTED)


@pytest.mark.parametrize(
    ("sent_by", "sender", "expected"),
    [
        ("s@ex.org", "s@ex.org", (Outcome.APPLIED, Reason.BY_SECRETARY)),
        ("s@ex.org", "g@ex.org", (Outcome.APPLIED, Reason.BY_SECRETARY)),
        ("x@ex.org", "x@ex.org", (Outcome.HELD, Reason.SECRETARY_NOT_LISTED)),
        ("s@ex.org", "x@ex.org", (Outcome.HELD, Reason.SECRETARY_NOT_LISTED)),
        ("g@ex.org", "g@ex.org", (Outcome.APPLIED, Reason.ACCEPTED)),
        ("", "s@ex.org", (Outcome.HELD, Reason.SENDER_IS_NOT_GUEST)),
    ],
)
def test_only_a_listed_secretary_may_answer_for_a_guest(
    sent_by: str, sender: str, expected: tuple[Outcome, Reason]
) -> None:
    decision = decide(STATE, says(sent_by=sent_by), Sender(sender, is_verified=True))
    assert words(decision) == expected


def test_a_cancelled_guest_whose_calendar_shows_the_visit_is_told_again() -> None:
    cancelled = replace(STATE, is_cancelled=True)
    unproven = Sender("g@ex.org", is_verified=False)
    assert decide(cancelled, says(), GUEST).sends_again
    assert not decide(cancelled, says("DECLINED"), GUEST).sends_again
    assert not decide(cancelled, says(), unproven).sends_again


def test_a_stamp_far_ahead_counts_as_its_arrival_and_a_later_answer_wins() -> None:
    ahead = decide(STATE, says("DECLINED", at=NOW + timedelta(days=400)), GUEST)
    assert words(ahead) == (Outcome.APPLIED, Reason.FUTURE_STAMP)
    assert ahead.answer
    later = decide(replace(STATE, answers=(ahead.answer,)), says(at=NOW + 2 * HOUR), GUEST)
    assert words(later) == (Outcome.APPLIED, Reason.ACCEPTED)


def test_a_mail_reports_what_changed_most() -> None:
    decisions = [Decision(each) for each in reversed(Outcome)]
    assert most_changed(decisions).outcome is Outcome.APPLIED
    assert words(most_changed([])) == (Outcome.IGNORED, Reason.NOT_AN_ANSWER)


def test_a_mail_of_our_own_is_a_loop_even_with_an_answer_in_it() -> None:
    own = frozenset({"o@ex.org"})
    assert decide_mail(Mail(senders=("o@ex.org",)), own) == Decision(Outcome.IGNORED, Reason.LOOP)
    assert decide_mail(Mail(loop_mark="invite"), own) == Decision(Outcome.IGNORED, Reason.LOOP)


STATEMENTS = st.builds(
    says,
    st.sampled_from(["ACCEPTED", "DECLINED", "TENTATIVE", "NEEDS-ACTION", "X-FOO"]),
    sequence=st.integers(0, 2),
    at=st.integers(0, 4).map(lambda seconds: NOW + timedelta(seconds=seconds)),
)


def ledger_after(statements: list[Statement]) -> tuple[set[Answer], str]:
    """Fold statements as the service does; the last APPLIED is what the booking shows."""
    state, shown = STATE, ""
    for statement in statements:
        decision = decide(state, statement, GUEST)
        if decision.answer:
            state = replace(state, answers=(*state.answers, decision.answer))
        if decision.outcome is Outcome.APPLIED:
            shown = decision.partstat
    return set(state.answers), shown


@given(st.lists(STATEMENTS, max_size=8), st.data())
def test_any_order_and_repetition_ends_in_the_same_ledger_and_answer(
    statements: list[Statement], data: st.DataObject
) -> None:
    others = data.draw(
        st.permutations(
            statements + data.draw(st.lists(st.sampled_from(statements), max_size=4))
            if statements
            else []
        )
    )
    ledger, shown = ledger_after(statements)
    assert ledger_after(others) == (ledger, shown)
    latest = deciding_answer(ledger, STATE.sequence)
    assert shown == (latest.partstat if latest else "")


ADDRESSES = st.sampled_from(["g@ex.org", "alias@ex.org", "s@ex.org", "x@ex.org", ""])
ANY_STATEMENT = st.builds(
    Statement,
    st.sampled_from(["", "REPLY", "COUNTER", "REFRESH", "CANCEL", "X"]),
    st.sampled_from(["", "REPLY", "COUNTER", "REFRESH", "REQUEST"]),
    st.builds(
        CalendarComponent,
        name=st.sampled_from(["VEVENT", "VTODO"]),
        uid=st.just("u"),
        sequence=st.none() | st.integers(0, 3),
        dtstamp=st.none() | st.datetimes(timezones=st.just(UTC)),
        recurrence_id=st.none() | st.just(START),
        has_recurrence_id=st.booleans(),
        organizer=ADDRESSES,
        attendees=st.lists(
            st.builds(
                Attendee,
                ADDRESSES,
                st.sampled_from(["ACCEPTED", "DECLINED", "DELEGATED", "NEEDS-ACTION", "?"]),
                ADDRESSES,
            ),
            max_size=3,
        ).map(tuple),
        request_status=st.lists(st.sampled_from(["2.0", "3.1;x", ""])).map(tuple),
    ),
    st.integers(-9, 9).map(lambda days: NOW + timedelta(days=days)),
)  # fmt: skip


@given(
    st.none() | st.builds(replace, st.just(STATE), is_cancelled=st.booleans()),
    ANY_STATEMENT,
    st.builds(Sender, ADDRESSES, st.booleans()),
)
def test_every_statement_gets_a_decision_and_none_counts_without_proof(
    state: BookingState | None, statement: Statement, sender: Sender
) -> None:
    decision = decide(state, statement, sender)
    if decision.outcome in {Outcome.APPLIED, Outcome.COUNTER, Outcome.REFRESH}:
        assert state is not None
        assert sender.is_verified
        assert sender.address in state.guests | state.secretaries
    assert (decision.answer is not None) == (
        decision.outcome in {Outcome.APPLIED, Outcome.STALE, Outcome.OLD_VERSION}
        and (statement.method or statement.mime_method) == "REPLY"
    )


def test_the_documented_list_of_reasons_is_the_list() -> None:
    page = Path(__file__).parents[2] / "docs" / "inbound-mail.md"
    _, _, table = page.read_text(encoding="utf-8").partition("## Reasons")
    names = [cell for line in table.splitlines() for cell in line.split("|")[1:2]]
    documented = [name.strip(" `") for cell in names for name in cell.split(",")]
    assert sorted(each for each in documented if each not in {"reason", "---"}) == sorted(Reason)
