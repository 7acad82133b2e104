from datetime import timedelta

import pytest

from accounts.models import Role
from rotation.booking.models import Booking
from rotation.directory.permissions import actor_of
from rotation.insights.queries import notes_seen_by, visits_to_tell_of
from rotation.insights.services import write_note
from tests.builders import (
    BY_SYSTEM,
    NOW,
    make_booking,
    make_meeting,
    make_staff,
    make_team,
    make_user,
)

pytestmark = pytest.mark.django_db
WEEK = timedelta(weeks=1)


def test_a_note_is_read_by_who_wrote_it_and_the_team_s_manager() -> None:
    manager = make_user(roles=(Role.MANAGER,))
    author = make_staff(team=make_team(managers=(manager,)))
    colleague = make_staff("Bo", team=author.team)
    planner = make_user(roles=(Role.PLANNER,))
    visit = make_booking(staff=author, meeting=make_meeting(starts_at=NOW - WEEK))
    note = write_note(visit.pk, text="They retype every order.", by=BY_SYSTEM, now=NOW)

    seen = [
        list(notes_seen_by(actor_of(user)))
        for user in (author.user, manager, colleague.user, planner)
    ]

    assert seen == [[note], [note], [], []]


def test_what_is_over_and_not_told_yet_comes_newest_first() -> None:
    guest = make_staff()

    def visit(weeks_ago: int, state: str = Booking.State.CONFIRMED) -> Booking:
        meeting = make_meeting(starts_at=NOW - weeks_ago * WEEK)
        return make_booking(staff=guest, meeting=meeting, state=state)

    told, older, newer = visit(4), visit(3, Booking.State.ATTENDED), visit(2)
    visit(1, Booking.State.MISSED)
    visit(-1)
    write_note(told.pk, text="x", by=BY_SYSTEM, now=NOW)

    assert list(visits_to_tell_of(guest.pk, NOW)) == [newer, older]
