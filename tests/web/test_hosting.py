from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from accounts.models import Role
from rotation.booking.models import Booking
from rotation.directory.models import Host
from rotation.invites.models import Mail
from rotation.meetings.models import Meeting, MeetingSeries
from tests.builders import (
    HOUR,
    coming_tuesday,
    make_booking,
    make_department,
    make_host,
    make_meeting,
    make_series,
    make_staff,
    make_user,
)

if TYPE_CHECKING:
    from django.test.client import _MonkeyPatchedWSGIResponse as Answer

pytestmark = pytest.mark.django_db
BERLIN = ZoneInfo("Europe/Berlin")
State = Booking.State


@pytest.fixture
def host(client: Client) -> Host:
    host = make_host("Hanna", department=make_department("Sales"))
    client.force_login(host.user)
    return host


def meeting_of(host: Host, weeks: int = 1, seats: int = 2) -> Meeting:
    series = make_series(department=host.department)
    return make_meeting(series=series, starts_at=coming_tuesday(weeks), seats=seats)


def change(client: Client, name: str, meeting: Meeting, **values: object) -> "Answer":
    return client.post(reverse(name, args=[meeting.pk]), values)


def test_the_host_sees_requests_and_meetings_of_the_own_department(
    client: Client, host: Host
) -> None:
    meeting = meeting_of(host)
    request = make_booking(meeting=meeting, state=State.REQUESTED)
    guest = make_booking(staff=make_staff("Ben"), meeting=meeting, seat=2)
    other = make_series(department=make_department("HR"))
    foreign = make_meeting(series=other, starts_at=coming_tuesday(2))
    make_booking(staff=make_staff("Cem"), meeting=foreign, state=State.REQUESTED)

    context = client.get(reverse("hosting")).context

    assert list(context["pending"]) == [request]
    assert context["meetings"] == [(meeting, [request, guest])]
    assert context["meetings"][0][0].seats_free == 0


def test_an_administrator_sees_all_departments(client: Client, host: Host) -> None:
    meetings = [meeting_of(host), meeting_of(make_host(department=make_department("HR")))]
    client.force_login(make_user(roles=(Role.ADMIN,)))

    shown = client.get(reverse("hosting")).context["meetings"]

    assert [meeting for meeting, _ in shown] == meetings


@pytest.mark.parametrize("role", [Role.MANAGER, Role.STAFF, Role.EXECUTIVE, Role.COUNCIL])
@pytest.mark.parametrize("name", ["hosting", "series_new"])
def test_who_hosts_nothing_may_not_open_the_page(client: Client, role: str, name: str) -> None:
    client.force_login(make_user(roles=(role,)))

    assert client.get(reverse(name)).status_code == 403


def test_without_meetings_the_page_says_what_to_do(client: Client, host: Host) -> None:
    del host
    assert "No meetings ahead" in client.get(reverse("hosting")).content.decode()


def test_three_meetings_ask_as_often_as_one(
    client: Client, host: Host, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    make_booking(meeting=meeting_of(host))
    with django_assert_num_queries(9):
        client.get(reverse("hosting"))
    for weeks in (2, 3):
        make_booking(staff=make_staff(f"B{weeks}"), meeting=meeting_of(host, weeks))
    with django_assert_num_queries(9):
        client.get(reverse("hosting"))


def test_a_meeting_is_called_off_and_its_guests_are_told(client: Client, host: Host) -> None:
    visit = make_booking(meeting=meeting_of(host))
    Mail.objects.all().delete()

    answer = change(client, "meeting_cancel", visit.meeting, reason="Trade fair")

    visit.refresh_from_db()
    assert answer["Location"] == reverse("hosting")
    assert Meeting.objects.get().cancelled_at is not None
    assert visit.state == State.CANCELLED


def test_a_meeting_moves_on_the_clocks_of_its_series(client: Client, host: Host) -> None:
    visit = make_booking(meeting=meeting_of(host))
    day = timezone.localdate(visit.starts_at, BERLIN)

    change(client, "meeting_move", visit.meeting, day=day.isoformat(), time="14:30")

    visit.refresh_from_db()
    assert visit.starts_at == datetime.combine(day, time(14, 30), BERLIN)
    assert visit.sequence == 1


@pytest.mark.parametrize(
    ("values", "status"),
    [
        ({}, 400),
        ({"day": "2001-01-01", "time": "10:00"}, 400),
        ({"day": "9999-12-31", "time": "10:00"}, 400),
        ({"day": "tomorrow", "time": "25:00"}, 400),
        ({"day": "2099-01-01", "time": "10:00", "reason": "x\x00y"}, 400),
    ],
)
def test_a_time_that_cannot_be_is_refused(
    client: Client, host: Host, values: dict[str, str], status: int
) -> None:
    meeting = meeting_of(host)

    assert change(client, "meeting_move", meeting, **values).status_code == status
    assert Meeting.objects.get().starts_at == meeting.starts_at


@pytest.mark.parametrize("name", ["meeting_cancel", "meeting_move"])
def test_a_meeting_that_is_over_stays_as_it_was(client: Client, host: Host, name: str) -> None:
    series = make_series(department=host.department)
    meeting = make_meeting(series=series, starts_at=timezone.now() - HOUR)

    answer = change(client, name, meeting, day="2099-01-01", time="10:00")

    assert answer.status_code == 409
    assert "The meeting has begun" in answer.content.decode()


@pytest.mark.parametrize("name", ["meeting_cancel", "meeting_move"])
def test_meetings_of_others_are_not_for_this_host(client: Client, host: Host, name: str) -> None:
    del host
    foreign = make_meeting(
        series=make_series(department=make_department("HR")), starts_at=coming_tuesday()
    )

    assert client.get(reverse(name, args=[foreign.pk])).status_code == 403
    assert change(client, name, foreign, day="2099-01-01", time="10:00").status_code == 403


def offer(client: Client, **changes: object) -> "Answer":
    values = {
        "title": "Sales weekly", "location": "Room 4", "day": "2099-01-13", "time": "10:00",
        "minutes": "45", "rhythm": "weekly", "time_zone": "Europe/Berlin", "seats": "2",
        "notice_hours": "48", "needs_approval": "on", **changes,
    }  # fmt: skip
    return client.post(reverse("series_new"), values)


def test_a_new_series_makes_its_meetings_and_says_its_dates(client: Client, host: Host) -> None:
    first = timezone.localdate(coming_tuesday(), BERLIN)

    answer = offer(client, day=first.isoformat())

    series = MeetingSeries.objects.get()
    assert (series.department, series.host, series.rrule) == (
        host.department, host, "FREQ=WEEKLY;BYDAY=TU",
    )  # fmt: skip
    assert (series.duration, series.notice) == (timedelta(minutes=45), timedelta(hours=48))
    assert (series.seats, series.needs_approval, series.confidential) == (2, True, False)
    assert Meeting.objects.order_by("starts_at").first() is not None
    assert Meeting.objects.order_by("starts_at")[0].starts_at == coming_tuesday()
    page = client.get(answer["Location"]).content.decode()
    assert "Sales weekly is offered every week; the first time Tue " in page


def test_a_second_press_offers_nothing_twice(client: Client, host: Host) -> None:
    del host
    offer(client)

    assert offer(client).status_code == 302
    assert MeetingSeries.objects.count() == 1


@pytest.mark.parametrize(
    ("rhythm", "rule"),
    [
        ("once", ""),
        ("weekly", "FREQ=WEEKLY;BYDAY=TU"),
        ("biweekly", "FREQ=WEEKLY;INTERVAL=2;BYDAY=TU"),
        ("monthly", "FREQ=MONTHLY;BYDAY=TU;BYSETPOS=2"),
    ],
)
def test_each_rhythm_becomes_its_rule(client: Client, host: Host, rhythm: str, rule: str) -> None:
    del host
    assert date(2099, 1, 13).weekday() == 1

    offer(client, rhythm=rhythm)

    assert MeetingSeries.objects.get().rrule == rule


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("title", ""), ("title", "x" * 161), ("title", "two\nlines"), ("title", "bell\x07"),
        ("location", "x" * 301), ("day", "2001-01-01"), ("day", "31.31."), ("day", "9999-12-31"),
        ("time", "25:61"), ("minutes", "0"), ("minutes", "99999"), ("minutes", "x"),
        ("rhythm", "hourly"), ("time_zone", "Mars/Olympus"), ("seats", "0"), ("seats", "51"),
        ("seats", "-1"), ("notice_hours", "-1"), ("notice_hours", "99999999999999999999"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_named_at_its_field_and_nothing_is_lost(
    client: Client, host: Host, field: str, value: str
) -> None:
    del host

    answer = offer(client, **{"location": "By the lift", field: value})

    assert answer.status_code == 400
    assert list(answer.context["form"].errors) == [field]
    assert not MeetingSeries.objects.exists()
    assert field == "location" or "By the lift" in answer.content.decode()


def test_an_administrator_says_for_which_department(client: Client) -> None:
    client.force_login(make_user(roles=(Role.ADMIN,)))
    department = make_department("HR")

    assert list(offer(client).context["form"].errors) == ["department"]
    offer(client, department=department.pk)

    assert MeetingSeries.objects.get().department == department


def test_a_host_cannot_offer_for_another_department(client: Client, host: Host) -> None:
    offer(client, department=make_department("HR").pk)

    assert MeetingSeries.objects.get().department == host.department
