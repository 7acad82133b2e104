from datetime import timedelta

import pytest

from rotation.booking.models import Booking
from rotation.budget.models import TeamBudget
from rotation.meetings.models import Meeting
from rotation.workflows.close_day import close_day
from tests.builders import NOW, TUESDAY_10, make_booking, make_series, make_team

pytestmark = pytest.mark.django_db
AFTER = TUESDAY_10 + timedelta(hours=2)


def test_a_confirmed_visit_that_is_over_stays_for_somebody_to_say_how_it_was() -> None:
    visit = make_booking()

    close_day(AFTER)

    visit.refresh_from_db()
    assert visit.state == Booking.State.CONFIRMED


def test_the_coming_half_year_and_the_budgets_are_made_once() -> None:
    make_team()
    make_series(rrule="FREQ=WEEKLY;BYDAY=TU")

    close_day(NOW)
    made = (Meeting.objects.count(), TeamBudget.objects.count())
    close_day(NOW)

    assert made == (25, 14)
    assert (Meeting.objects.count(), TeamBudget.objects.count()) == made
