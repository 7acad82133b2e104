from datetime import date, timedelta
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
from rotation.meetings.models import Blackout, Meeting, MeetingSeries
from rotation.meetings.services import offer_series
from tests.builders import (
    BY_SYSTEM,
    HOUR,
    coming_tuesday,
    make_booking,
    make_department,
    make_host,
    make_series,
    make_staff,
    make_user,
)

if TYPE_CHECKING:
    from django.test.client import _MonkeyPatchedWSGIResponse as Answer

pytestmark = pytest.mark.django_db
BERLIN = ZoneInfo("Europe/Berlin")


@pytest.fixture
def host(client: Client) -> Host:
    host = make_host("Hanna", department=make_department("Sales"))
    client.force_login(host.user)
    return host


@pytest.fixture
def series(host: Host) -> MeetingSeries:
    new = MeetingSeries(
        department=host.department,
        host=host,
        title="Weekly",
        rrule="FREQ=WEEKLY;BYDAY=TU",
        starts_at=coming_tuesday(),
        duration=HOUR,
        seats=2,
    )
    return offer_series(new, now=timezone.now(), by=BY_SYSTEM)


def fields_of(series: MeetingSeries, **changes: object) -> dict[str, object]:
    first = timezone.localtime(series.starts_at, BERLIN)
    return {
        "title": series.title, "location": series.location, "day": first.date().isoformat(),
        "time": f"{first:%H:%M}", "minutes": "60", "rhythm": "weekly",
        "time_zone": "Europe/Berlin", "seats": "2", "notice_hours": "24", "travel_minutes": "0",
        "host": series.host_id or "", "version": series.version, **changes,
    }  # fmt: skip


def edit(client: Client, series: MeetingSeries, **changes: object) -> "Answer":
    return client.post(reverse("series_edit", args=[series.pk]), fields_of(series, **changes))


def first_meeting() -> Meeting:
    return Meeting.objects.order_by("starts_at")[0]


def test_the_form_shows_the_series_as_it_is(client: Client, series: MeetingSeries) -> None:
    form = client.get(reverse("series_edit", args=[series.pk])).context["form"]

    assert (form["rhythm"].value(), form["time"].value().hour) == ("weekly", 10)
    assert form["day"].value() == coming_tuesday().astimezone(BERLIN).date()
    assert form["title"].value() == "Weekly"


def test_a_change_is_shown_first_and_done_when_it_was_seen(
    client: Client, series: MeetingSeries
) -> None:
    visit = make_booking(staff=make_staff("Ada"), meeting=first_meeting())
    wednesday = (coming_tuesday() + timedelta(days=1)).date().isoformat()

    shown = edit(client, series, day=wednesday, time="11:00").content.decode()
    assert "move from Tue 10:00 to Wed 11:00" in shown
    assert "Ada" in shown
    assert "1 guest is told." in shown
    visit.refresh_from_db()
    assert visit.sequence == 0

    done = edit(client, series, day=wednesday, time="11:00", confirm="yes", reason="A new room")

    visit.refresh_from_db()
    assert done["Location"] == reverse("series_list")
    assert (visit.sequence, visit.starts_at.astimezone(BERLIN).hour) == (1, 11)
    assert Mail.objects.filter(booking=visit, purpose="invite").exists()


def test_what_touches_nobody_is_done_at_once(client: Client, series: MeetingSeries) -> None:
    assert edit(client, series, seats="5").status_code == 302

    series.refresh_from_db()
    assert (series.seats, first_meeting().seats, series.version) == (5, 5, 2)


def test_nothing_but_the_seats_leaves_the_rule_alone(client: Client, series: MeetingSeries) -> None:
    MeetingSeries.objects.update(rrule="FREQ=WEEKLY;INTERVAL=3;BYDAY=TU")
    series.refresh_from_db()
    edit(client, series, rhythm="rule", rrule=series.rrule, seats="3", confirm="yes")

    series.refresh_from_db()
    assert (series.rrule, series.seats) == ("FREQ=WEEKLY;INTERVAL=3;BYDAY=TU", 3)


def test_a_rule_of_ones_own_and_exceptions(client: Client, series: MeetingSeries) -> None:
    day = coming_tuesday().date() + timedelta(days=7)
    changes = {
        "rhythm": "rule", "rrule": "rrule:freq=weekly;byday=tu,th", "excluded_on": f"{day}",
        "extra_on": f"{day + timedelta(days=1):%d.%m.%Y}", "last_on": f"{day + timedelta(days=9)}",
        "confirm": "yes",
    }  # fmt: skip

    assert edit(client, series, **changes).status_code == 302

    starts = Meeting.objects.filter(cancelled_at=None).order_by("starts_at")
    days = [each.starts_at.astimezone(BERLIN).date() - day for each in starts]
    assert [each.days for each in days] == [-7, -5, 1, 2, 7, 9]


def test_seats_that_are_lost_are_named_with_their_guest(
    client: Client, series: MeetingSeries
) -> None:
    for number, name in ((1, "Ada"), (2, "Ben")):
        created_at = timezone.now() + number * HOUR
        make_booking(
            staff=make_staff(name), meeting=first_meeting(), seat=number, created_at=created_at
        )

    shown = edit(client, series, seats="1").content.decode()

    assert "Ben" in shown
    assert "Ada" not in shown
    assert "loses the seat and is told" in shown


def test_an_old_version_is_a_409_and_keeps_what_was_written(
    client: Client, series: MeetingSeries
) -> None:
    MeetingSeries.objects.update(version=7)

    answer = edit(client, series, title="Anew", version=1)

    assert answer.status_code == 409
    assert 'value="Anew"' in answer.content.decode()


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("rrule", "FREQ=HOURLY"), ("rrule", ""), ("excluded_on", "tomorrow"),
        ("extra_on", "2026-01-01 - 2026-01-05"), ("closed", "2026-05-01 - 2024-01-01"),
        ("closed", "2026-01-01 - 2028-01-01"), ("last_on", "9999-12-31"), ("seats", "0"),
        ("travel_minutes", "9999"), ("guests_per_month", "0"), ("host", "999999"),
        ("title", "bell\x07"), ("day", "2001-01-01"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_named_at_its_field(
    client: Client, series: MeetingSeries, field: str, value: str
) -> None:
    answer = edit(client, series, **{"rhythm": "rule", "rrule": "FREQ=DAILY", field: value})

    assert answer.status_code == 400
    assert list(answer.context["form"].errors) == [field]


def test_the_contact_is_one_of_the_department(client: Client, series: MeetingSeries) -> None:
    stranger = make_host("Zoe", department=make_department("HR"))

    assert edit(client, series, host=stranger.pk).status_code == 400


def test_a_series_ends_after_its_last_day(client: Client, series: MeetingSeries) -> None:
    address = reverse("series_end", args=[series.pk])
    last_on = coming_tuesday().date().isoformat()
    assert client.get(address).status_code == 200

    shown = client.post(address, {"last_on": last_on})
    assert "disappear" in shown.content.decode()
    client.post(address, {"last_on": last_on, "confirm": "yes"})

    assert Meeting.objects.filter(cancelled_at=None).count() == 1
    assert "Weekly" in client.get(reverse("series_list")).content.decode()


def test_days_without_guests_cost_visits_only_after_a_look(
    client: Client, series: MeetingSeries
) -> None:
    visit = make_booking(staff=make_staff("Ada"), meeting=first_meeting())
    address = reverse("closed_days", args=[series.department_id])
    days = {"closed": f"{coming_tuesday():%d.%m.%Y}"}

    shown = client.post(address, days).content.decode()
    assert "is told that guests are not welcome that day" in shown
    assert not Blackout.objects.exists()

    client.post(address, {**days, "confirm": "yes"})
    visit.refresh_from_db()
    assert visit.state == Booking.State.CANCELLED
    assert first_meeting().seats == 0
    assert f"{coming_tuesday():%Y-%m-%d}" in client.get(address).content.decode()


@pytest.mark.parametrize("name", ["series_edit", "series_end"])
def test_series_of_others_are_not_for_this_host(client: Client, host: Host, name: str) -> None:
    del host
    foreign = make_series(department=make_department("HR"))
    address = reverse(name, args=[foreign.pk])

    assert client.get(address).status_code == 403
    assert client.post(address, {"last_on": "2099-01-01", "confirm": "yes"}).status_code == 403
    closed = reverse("closed_days", args=[foreign.department_id])
    assert client.post(closed, {"closed": "2099-01-01"}).status_code == 403


@pytest.mark.parametrize("role", [Role.MANAGER, Role.STAFF, Role.EXECUTIVE, Role.COUNCIL])
@pytest.mark.parametrize("name", ["series_list", "series_import", "calendar_new"])
def test_who_hosts_nothing_may_not_open_the_page(client: Client, role: str, name: str) -> None:
    client.force_login(make_user(roles=(role,)))

    assert client.get(reverse(name)).status_code == 403


def test_a_host_sees_the_own_series_an_administrator_all(
    client: Client, series: MeetingSeries
) -> None:
    other = make_series(department=make_department("HR"), title="Other")

    own = client.get(reverse("series_list")).context["running"]
    client.force_login(make_user(roles=(Role.ADMIN,)))
    all_of_them = client.get(reverse("series_list")).context["running"]

    assert [row[0] for row in own] == [series]
    assert [row[0].pk for row in all_of_them] == [other.pk, series.pk]


@pytest.mark.parametrize("number", [1, 3])
def test_the_number_of_queries_does_not_depend_on_the_series(
    client: Client, host: Host, django_assert_num_queries: DjangoAssertNumQueries, number: int
) -> None:
    for each in range(number):
        make_series(department=host.department, title=f"Series {each}")

    with django_assert_num_queries(6):
        client.get(reverse("series_list"))


def test_an_empty_list_says_what_can_be_done(client: Client, host: Host) -> None:
    del host
    assert "Nothing is offered yet" in client.get(reverse("series_list")).content.decode()


def test_a_long_period_of_days_is_stored_once(client: Client, series: MeetingSeries) -> None:
    edit(client, series, closed="2099-12-21 - 2100-01-06\n21.12.2099 - 06.01.2100")

    assert list(Blackout.objects.values_list("first_on", "last_on")) == [
        (date(2099, 12, 21), date(2100, 1, 6))
    ]
