import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import TYPE_CHECKING, Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import Settings

from accounts.models import Role
from rotation.audit.models import Entry
from rotation.directory.models import Host
from rotation.meetings.models import CalendarFeed, Meeting, MeetingSeries
from tests.builders import (
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
CALENDAR = b"""BEGIN:VCALENDAR
VERSION:2.0
BEGIN:VEVENT
UID:weekly
SUMMARY:Sales <b>weekly</b>
DTSTART;TZID=Europe/Berlin:20260106T100000
DTEND;TZID=Europe/Berlin:20260106T110000
RRULE:FREQ=WEEKLY;BYDAY=TU
ATTENDEE:mailto:ada@example.org
END:VEVENT
BEGIN:VEVENT
UID:yearly
SUMMARY:Party
DTSTART;TZID=Europe/Berlin:20260106T100000
DURATION:PT1H
RRULE:FREQ=YEARLY
END:VEVENT
END:VCALENDAR
"""
TABLE = "department;title;starts_on;time;seats\nSA;Weekly;{day};10:00;{seats}\n"


@pytest.fixture
def host(client: Client) -> Host:
    host = make_host("Hanna", department=make_department("Sales", "SA"))
    client.force_login(host.user)
    return host


@pytest.fixture
def server(settings: Settings) -> Iterator[str]:
    """A calendar server on loopback, which the operator named as one inside the house."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            found = self.path == "/secret.ics"
            self.send_response(200 if found else 404)
            self.end_headers()
            self.wfile.write(CALENDAR if found else b"")

        def log_message(self, *args: object) -> None:
            """Say nothing."""

    settings.PRIVATE_HOSTS = ["127.0.0.1"]
    httpd = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=httpd.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{httpd.server_port}"
    httpd.shutdown()
    httpd.server_close()
    thread.join()


def upload(client: Client, data: bytes = CALENDAR, **values: object) -> "Answer":
    file = SimpleUploadedFile("mine.ics", data)
    return client.post(reverse("calendar_new"), {"step": "check", "file": file, **values})


def test_a_file_is_looked_at_before_anything_is_offered(client: Client, host: Host) -> None:
    del host
    answer = upload(client)

    text = answer.content.decode()
    assert [row.can_be_offered for row in answer.context["found"]] == [True, False]
    assert "This part of its rule is not supported: FREQ." in text
    assert "<b>weekly" not in text
    assert "ada@example.org" not in text
    assert not MeetingSeries.objects.exists()


def test_what_is_ticked_is_offered_and_a_second_press_offers_nothing(
    client: Client, host: Host
) -> None:
    form = upload(client).context["form"]
    carried = {name: form[name].value() for name in ("carried", "called", "seats")}

    for _ in range(2):
        answer = client.post(
            reverse("calendar_new"),
            {**carried, "step": "offer", "uid": ["weekly", "yearly"], "needs_approval": "on"},
        )
        assert answer.status_code == 302

    series = MeetingSeries.objects.get()
    assert (series.host, series.seats, series.needs_approval, series.feed) == (host, 1, True, None)


@pytest.mark.parametrize(
    ("values", "status"),
    [
        ({"file": ""}, 400),
        ({"file": SimpleUploadedFile("x.ics", b"<html>")}, 422),
        ({"file": "", "address": "http://example.org/a.ics"}, 400),
        ({"file": "", "address": "https://127.0.0.1/a.ics"}, 400),
        ({"file": "", "address": "https://localhost/a.ics"}, 422),
        ({"file": "", "address": "x" * 600}, 400),
        ({"file": "", "carried": "no base64"}, 400),
        ({"seats": "0"}, 400),
    ],
)
def test_what_cannot_be_read_says_why(
    client: Client, host: Host, values: dict[str, Any], status: int
) -> None:
    del host
    answer = upload(client, **values)

    assert answer.status_code == status
    assert answer.context["form"].errors


def test_an_address_is_followed_and_shown_to_nobody(
    client: Client, host: Host, server: str
) -> None:
    address = f"{server}/secret.ics"
    client.post(reverse("calendar_new"), {"step": "check", "address": address})
    client.post(
        reverse("calendar_new"),
        {"step": "offer", "address": address, "uid": "weekly", "seats": "2"},
    )

    feed = CalendarFeed.objects.get()
    assert (feed.department, feed.address, feed.name) == (host.department, address, "127.0.0.1")
    assert MeetingSeries.objects.get().feed == feed
    page = client.get(reverse("series_list")).content.decode()
    assert "Last read" in page
    assert "secret.ics" not in page
    assert "secret.ics" not in str(list(Entry.objects.values()))

    feed.address = f"{server}/gone.ics"
    feed.save()
    client.post(reverse("calendar_read", args=[feed.pk]))
    page = client.get(reverse("series_list")).content.decode()
    assert "refuses to give it" in page

    client.post(reverse("calendar_forget", args=[feed.pk]))
    assert MeetingSeries.objects.get().feed is None


def test_a_series_that_its_calendar_lost_waits_for_a_word(client: Client, host: Host) -> None:
    series = make_series(department=host.department, missing_since=timezone.now())
    assert "is no longer in its calendar" in client.get(reverse("series_list")).content.decode()

    client.post(reverse("series_keep", args=[series.pk]))

    series.refresh_from_db()
    assert series.missing_since is None


def test_calendars_of_others_are_not_for_this_host(client: Client, host: Host) -> None:
    del host
    other = make_department("People", "HR")
    feed = CalendarFeed.objects.create(department=other, name="x", address="https://x")
    series = make_series(department=other)

    for name, key in (
        ("calendar_read", feed.pk), ("calendar_forget", feed.pk), ("series_keep", series.pk),
    ):  # fmt: skip
        assert client.post(reverse(name, args=[key])).status_code == 403
    assert CalendarFeed.objects.exists()


def test_an_administrator_names_the_department(client: Client) -> None:
    client.force_login(make_user(roles=(Role.ADMIN,)))
    department = make_department("People", "HR")

    assert upload(client).status_code == 400
    assert upload(client, department=department.pk).status_code == 200


def send_table(client: Client, seats: int, step: str) -> "Answer":
    table = TABLE.format(day=f"{coming_tuesday():%Y-%m-%d}", seats=seats).encode()
    file = SimpleUploadedFile("meetings.csv", table)
    return client.post(reverse("series_import"), {"step": step, "file": file})


def test_a_table_is_looked_at_and_then_imported(client: Client, host: Host) -> None:
    checked = send_table(client, 2, "check")
    assert (checked.status_code, checked.context["counts"]) == (200, [1, 0, 0])
    assert not MeetingSeries.objects.exists()

    form = checked.context["form"]
    carried = {name: form[name].value() for name in ("carried", "called")}
    client.post(reverse("series_import"), {**carried, "step": "import"})
    assert MeetingSeries.objects.get().department == host.department

    meeting = Meeting.objects.order_by("starts_at")[0]
    for number, name in ((1, "Ada"), (2, "Ben")):
        make_booking(staff=make_staff(name), meeting=meeting, seat=number)
    assert "loses the seat" in send_table(client, 1, "check").content.decode()


def test_a_table_with_faults_names_its_cells(client: Client, host: Host) -> None:
    del host
    answer = send_table(client, 0, "import")

    assert answer.status_code == 422
    assert [(fault.row, fault.column) for fault, _ in answer.context["faults"]] == [(2, "seats")]
    file = SimpleUploadedFile("x.csv", b"")
    empty = client.post(reverse("series_import"), {"step": "check", "file": file})
    assert empty.status_code == 400
