import pytest

from accounts.models import Role
from rotation.directory.permissions import actor_of
from rotation.meetings.queries import is_offered, meetings_hosted_by, upcoming_meetings
from tests.builders import (
    NOW,
    TUESDAY_10,
    make_department,
    make_host,
    make_meeting,
    make_series,
    make_user,
)

pytestmark = pytest.mark.django_db


def test_what_has_begun_or_is_called_off_is_not_upcoming() -> None:
    ahead, called_off = make_meeting(), make_meeting()
    called_off.cancelled_at = NOW
    called_off.save()

    assert list(upcoming_meetings(NOW)) == [ahead]
    assert list(upcoming_meetings(TUESDAY_10)) == []


def test_a_host_has_the_meetings_of_the_own_department_and_an_admin_all() -> None:
    own = make_meeting(series=make_series(department=make_department("Legal")))
    other = make_meeting()
    host, admin = make_host(department=own.series.department), make_user(roles=(Role.ADMIN,))

    assert list(meetings_hosted_by(actor_of(host.user), NOW)) == [own]
    assert list(meetings_hosted_by(actor_of(admin), NOW)) == [own, other]


def test_a_series_is_offered_until_it_ends() -> None:
    series = make_series()
    assert is_offered(series)

    series.ended_at = NOW
    series.save()
    assert not is_offered(series)
