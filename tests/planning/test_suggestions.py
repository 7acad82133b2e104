from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from rotation.planning.suggestions import Fact, Standing, suggestions

ADA = Standing(1, "ada", None, 0, 2400, 200)
standings = st.builds(
    Standing,
    staff_id=st.integers(1, 10_000),
    sort_key=st.text(max_size=5),
    weeks_since_department=st.none() | st.integers(0, 200),
    visits_lately=st.integers(0, 20),
    weekly_minutes=st.integers(0, 2400),
    left_minutes=st.integers(-100, 500),
    conflicts=st.just(()) | st.just(("absent",)),
)


def order(*people: Standing) -> list[int]:
    return [suggestion.staff_id for suggestion in suggestions(people)]


def test_who_can_go_comes_first() -> None:
    busy = replace(ADA, staff_id=2, conflicts=("absent",))

    assert order(busy, replace(ADA, visits_lately=9)) == [1, 2]


def test_who_had_fewest_visits_for_the_hours_worked_comes_first() -> None:
    part_timer = replace(ADA, staff_id=2, weekly_minutes=1200, visits_lately=1)

    assert order(part_timer, replace(ADA, visits_lately=1)) == [1, 2]
    assert order(replace(ADA, visits_lately=3), part_timer) == [2, 1]


def test_who_never_saw_the_department_comes_before_who_saw_it_long_ago() -> None:
    long_ago = replace(ADA, staff_id=2, weeks_since_department=40)
    lately = replace(ADA, staff_id=3, weeks_since_department=2)

    assert order(lately, long_ago, ADA) == [1, 2, 3]


def test_then_more_budget_then_the_name() -> None:
    richer = replace(ADA, staff_id=2, sort_key="zoe", left_minutes=300)

    assert order(replace(ADA, staff_id=3, sort_key="bo"), ADA, richer) == [2, 1, 3]


def test_each_suggestion_says_what_decided() -> None:
    [suggestion] = suggestions([replace(ADA, weeks_since_department=5, left_minutes=-3)])

    assert suggestion.facts == (
        (Fact.WEEKS_SINCE, 5),
        (Fact.VISITS_LATELY, 0),
        (Fact.BUDGET_LEFT, 0),
    )


@given(st.lists(standings, max_size=8, unique_by=lambda one: one.staff_id), st.randoms())
def test_the_order_does_not_depend_on_the_input_s_order(
    people: list[Standing], random: object
) -> None:
    shuffled = list(people)
    random.shuffle(shuffled)  # type: ignore[attr-defined]

    assert order(*people) == order(*shuffled)
