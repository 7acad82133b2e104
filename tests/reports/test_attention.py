from datetime import timedelta

import pytest
from pytest_django import DjangoAssertNumQueries

from accounts.models import Role
from rotation.booking.models import Booking
from rotation.directory.permissions import actor_of
from rotation.replies.models import InboundMail
from rotation.reports.attention import Attention, attention_for
from tests.builders import (
    NOW,
    TUESDAY_10,
    make_booking,
    make_meeting,
    make_staff,
    make_team,
    make_user,
)

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def test_nothing_waits_in_an_empty_house() -> None:
    planner = actor_of(make_user(roles=(Role.PLANNER,)))

    assert attention_for(planner, NOW) == Attention(0, 0, 0, 0, 0, None, 0)


def test_what_waits_is_counted_by_its_age() -> None:
    planner = actor_of(make_user(roles=(Role.PLANNER,)))
    for days in (1, 3):
        make_booking(
            staff=make_staff(), meeting=make_meeting(), state=Booking.State.REQUESTED,
            created_at=NOW - days * DAY,
        )  # fmt: skip
    for days in (4, 6):
        make_booking(staff=make_staff(), meeting=make_meeting(), created_at=NOW - days * DAY)
    answered = make_booking(staff=make_staff(), meeting=make_meeting(), created_at=NOW - 9 * DAY)
    Booking.objects.filter(pk=answered.pk).update(partstat=Booking.Partstat.ACCEPTED)
    make_booking(staff=make_staff(), meeting=make_meeting(starts_at=NOW - DAY))
    make_booking(staff=make_staff(), meeting=make_meeting(starts_at=TUESDAY_10 + 60 * DAY))

    found = attention_for(planner, NOW)

    assert (found.requests, found.late_requests) == (2, 1)
    assert (found.unanswered, found.unrecorded) == (1, 1)
    assert found.coming == 5


def test_mails_and_held_answers_count_only_for_who_looks_after_them(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    staff, admin = actor_of(make_user()), actor_of(make_user(roles=(Role.ADMIN,)))

    with django_assert_num_queries(1):
        assert attention_for(staff, NOW).failed_mails is None
    with django_assert_num_queries(3):
        assert attention_for(admin, NOW).failed_mails == 0


def test_a_manager_counts_the_held_answers_that_the_list_shows() -> None:
    manager = make_user(roles=(Role.MANAGER,))
    own = make_booking(staff=make_staff(team=make_team(managers=(manager,))))
    other = make_booking(staff=make_staff(team=make_team("Network")), meeting=make_meeting())
    for number, booking in enumerate((own, other, None)):
        InboundMail.objects.create(
            raw=b"", sha256=str(number), source="smtp", received_at=NOW, handled_at=NOW,
            outcome="HELD", booking=booking,
        )  # fmt: skip

    assert attention_for(actor_of(manager), NOW).held_answers == 1
