import json
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import Role
from rotation.audit.models import Subject
from rotation.audit.queries import entries_of
from rotation.booking.models import Booking
from rotation.directory.models import Host
from rotation.meetings.models import Meeting, MeetingSeries
from rotation.meetings.services import offer_series
from tests.builders import (
    BY_SYSTEM,
    HOUR,
    coming_tuesday,
    make_booking,
    make_department,
    make_host,
    make_staff,
    make_user,
)

if TYPE_CHECKING:
    from django.test.client import _MonkeyPatchedWSGIResponse as Answer

pytestmark = pytest.mark.django_db
API = "/api/v1/"
DAY = timedelta(days=1)


@pytest.fixture
def host(client: Client) -> Host:
    host = make_host("Hanna", department=make_department("Sales"))
    client.force_login(host.user)
    return host


@pytest.fixture
def series(host: Host) -> MeetingSeries:
    new = MeetingSeries(
        department=host.department,
        title="Weekly",
        rrule="FREQ=WEEKLY;BYDAY=TU",
        starts_at=coming_tuesday(),
        duration=HOUR,
        seats=2,
    )
    return offer_series(new, now=timezone.now(), by=BY_SYSTEM)


def send(
    client: Client, method: str, address: str, body: object = None, version: int | None = None
) -> "Answer":
    headers = {"If-Match": f'"{version}"'} if version else {}
    return client.generic(
        method, f"{API}{address}", _json(body), content_type="application/json", headers=headers
    )


def _json(body: object) -> str:
    return json.dumps(body if body is not None else {}, default=str)


def patch(
    client: Client, series: MeetingSeries, version: int | None = None, **body: object
) -> "Answer":
    return send(client, "PATCH", f"meeting-series/{series.pk}/", body, version)


def first_meeting() -> Meeting:
    return Meeting.objects.order_by("starts_at")[0]


def wednesday(series: MeetingSeries) -> dict[str, Any]:
    return {"rrule": "FREQ=WEEKLY;BYDAY=WE", "starts_at": (series.starts_at + DAY).isoformat()}


def test_a_series_is_offered_with_everything(client: Client, host: Host) -> None:
    body = {
        "department": host.department_id, "title": "Weekly", "rrule": "FREQ=WEEKLY;BYDAY=TU",
        "starts_at": coming_tuesday().isoformat(), "seats": 2, "guests_per_month": 3,
        "excluded_on": ["2099-01-06"], "without_guests": [
            {"first_on": f"{coming_tuesday():%Y-%m-%d}", "last_on": f"{coming_tuesday():%Y-%m-%d}"}
        ],
    }  # fmt: skip

    answer = send(client, "POST", "meeting-series/", body)

    assert answer.status_code == 201, answer.content
    assert answer["ETag"] == '"1"'
    assert answer.json()["host"] == host.pk
    assert answer.json()["excluded_on"] == ["2099-01-06"]
    assert [each.seats for each in Meeting.objects.order_by("starts_at")[:2]] == [0, 2]


def test_a_preview_tells_what_a_patch_does(client: Client, series: MeetingSeries) -> None:
    visit = make_booking(staff=make_staff(), meeting=first_meeting())
    address = f"meeting-series/{series.pk}/preview/"

    shown = send(client, "POST", address, wednesday(series)).json()

    assert [row["fate"] for row in shown["guests"]] == ["moved"]
    assert shown["guests"][0]["booking"] == visit.pk
    assert len(shown["moved"]) == Meeting.objects.count()
    visit.refresh_from_db()
    assert visit.sequence == 0

    changed = patch(client, series, **wednesday(series))
    visit.refresh_from_db()
    assert (changed.status_code, changed["ETag"], visit.sequence) == (200, '"2"', 1)
    line = entries_of(Subject.SERIES, series.pk)[0]
    assert (line.via, line.actor) == ("api", Host.objects.get().user)


def test_an_old_version_is_a_409(client: Client, series: MeetingSeries) -> None:
    assert patch(client, series, 1, seats=3).status_code == 200

    answer = patch(client, series, 1, seats=4)

    assert (answer.status_code, answer.json()["code"]) == (409, "changed_meanwhile")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("rrule", "FREQ=SECONDLY"), ("seats", 0), ("starts_at", "2026-01-01T10:00:00"),
        ("starts_at", "9999-01-01T00:00:00Z"), ("excluded_on", ["x"]), ("host", 0),
        ("host", 987654), ("title", "a\nb"), ("time_zone", "Mars/Olympus"),
        ("duration_minutes", 100000), ("guests_per_month", 0), ("ended_at", "soon"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_a_400_that_names_the_field(
    client: Client, series: MeetingSeries, field: str, value: object
) -> None:
    answer = patch(client, series, None, **{field: value})

    assert answer.status_code == 400
    assert answer["Content-Type"] == "application/problem+json"
    assert answer.json()["errors"][0]["field"].split(".")[0] == field


def test_a_period_that_runs_backwards_is_a_400(client: Client, series: MeetingSeries) -> None:
    days = [{"first_on": "2027-01-05", "last_on": "2027-01-01"}]

    assert patch(client, series, without_guests=days).status_code == 400


@pytest.mark.parametrize("way", ["end", "destroy"])
def test_an_ended_series_calls_its_meetings_off(
    client: Client, series: MeetingSeries, way: str
) -> None:
    visit = make_booking(staff=make_staff(), meeting=first_meeting())
    ways = {
        "end": ("POST", f"meeting-series/{series.pk}/end/", {"reason": "No more"}),
        "destroy": ("DELETE", f"meeting-series/{series.pk}/", None),
    }

    answer = send(client, *ways[way])

    visit.refresh_from_db()
    assert answer.status_code == {"end": 200, "destroy": 204}[way]
    assert visit.state == Booking.State.CANCELLED
    assert not Meeting.objects.filter(cancelled_at=None).exists()


def test_a_meeting_is_moved_and_called_off(client: Client, series: MeetingSeries) -> None:
    del series
    visit, meeting = make_booking(staff=make_staff(), meeting=first_meeting()), first_meeting()
    later = meeting.starts_at + HOUR

    moved = send(client, "POST", f"meetings/{meeting.pk}/move/", {"starts_at": later}, 9)
    visit.refresh_from_db()
    assert (moved.status_code, visit.starts_at, visit.sequence) == (200, later, 1)

    gone = send(client, "POST", f"meetings/{meeting.pk}/cancel/", {"reason": "Fire drill"})
    visit.refresh_from_db()
    assert gone.json()["cancelled_at"] is not None
    assert visit.state == Booking.State.CANCELLED
    actions = [entry.action for entry in entries_of(Subject.MEETING, meeting.pk)]
    assert actions == ["cancel", "move"]

    past = send(client, "POST", f"meetings/{meeting.pk}/move/", {"starts_at": later})
    assert (past.status_code, past.json()["code"]) == (422, "meeting_past")


def test_a_meeting_does_not_move_to_a_day_without_guests(
    client: Client, series: MeetingSeries
) -> None:
    later = first_meeting().starts_at + DAY
    days = [{"first_on": f"{later:%Y-%m-%d}", "last_on": f"{later:%Y-%m-%d}"}]
    patch(client, series, without_guests=days)

    answer = send(client, "POST", f"meetings/{first_meeting().pk}/move/", {"starts_at": later})

    assert (answer.status_code, answer.json()["code"]) == (422, "day_without_guests")


@pytest.mark.parametrize("role", [Role.MANAGER, Role.STAFF, Role.PLANNER, Role.COUNCIL])
def test_who_hosts_nothing_may_change_nothing(
    client: Client, series: MeetingSeries, role: str
) -> None:
    client.force_login(make_user(roles=(role,)))
    assert_refused(client, series)


def test_a_host_of_another_department_may_change_nothing(
    client: Client, series: MeetingSeries
) -> None:
    client.force_login(make_host("Zoe", department=make_department("HR")).user)
    assert_refused(client, series)


def assert_refused(client: Client, series: MeetingSeries) -> None:
    one, meeting = f"meeting-series/{series.pk}/", f"meetings/{first_meeting().pk}/"
    calls = [
        ("PATCH", one), ("DELETE", one), ("POST", f"{one}preview/"), ("POST", f"{one}end/"),
        ("POST", f"{meeting}move/"), ("POST", f"{meeting}cancel/"),
    ]  # fmt: skip
    assert {send(client, method, address).status_code for method, address in calls} == {403}
    series.refresh_from_db()
    assert (series.version, series.ended_at) == (1, None)
