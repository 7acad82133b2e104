"""Whatever is sent to a page, the answer is a page: never a fault."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import Settings

from accounts.models import Role
from rotation.booking.models import Booking
from rotation.directory.models import Host
from rotation.invites.services import queue_invites
from rotation.meetings.models import MeetingSeries
from rotation.replies.services import store_demo_mail
from tests.builders import coming_tuesday, make_booking, make_meeting

pytestmark = pytest.mark.django_db
VISIT = (
    "confirm", "decline", "cancel", "move", "swap", "attended", "missed", "answer", "note",
)  # fmt: skip
FIELDS = (
    "reason", "version", "meeting", "staff", "partstat", "token", "comment", "text", "next",
    "title", "location", "day", "time", "minutes", "rhythm", "time_zone", "seats",
    "notice_hours", "department", "page", "state", "team", "first", "last", "when", "to", "a",
)  # fmt: skip
GARBAGE = (
    "\x00", "9" * 40, "-1e9", "'; DROP TABLE x; --\r\nBcc: x@example.org",
    "<script>1</script>\U0001f600", "x" * 20_000, "9999-12-31",
)  # fmt: skip


@pytest.fixture
def everything(client: Client, settings: Settings) -> dict[str, list[int]]:
    """Make a user who may do all, one of each thing, and return the arguments of the addresses."""
    settings.ROTATION_DEMO = True
    visit = make_booking(meeting=make_meeting(starts_at=coming_tuesday()))
    [mail] = queue_invites([visit], timezone.now())
    kept = store_demo_mail(bytes(mail.raw), recipient="a@b.c", sender="", now=timezone.now())
    user = visit.staff.user
    user.roles = list(Role)
    user.save()
    Host.objects.create(user=user, department=visit.meeting.series.department)
    client.force_login(user)
    return {
        "visits": [], "my_visits": [], "hosting": [], "series_new": [], "mailbox": [],
        "held_answers": [], "outbox": [], "health": [], "readyz": [], "visit": [visit.pk],
        **{f"visit_{action}": [visit.pk] for action in VISIT},
        "meeting_cancel": [visit.meeting_id], "meeting_move": [visit.meeting_id],
        "mailbox_mail": [kept.pk], "outbox_again": [mail.pk],
        "held_answer_apply": [mail.pk], "held_answer_drop": [mail.pk],
    }  # fmt: skip


@pytest.mark.parametrize("value", GARBAGE, ids=range(len(GARBAGE)))
def test_garbage_in_every_field_of_every_page_is_answered(
    client: Client, everything: dict[str, list[int]], value: str
) -> None:
    fields = dict.fromkeys(FIELDS, value)
    statuses = {
        name: (client.get(address, fields).status_code, client.post(address, fields).status_code)
        for name, arguments in everything.items()
        for address in [reverse(name, args=arguments)]
    }

    faults = [name for name, both in statuses.items() if max(both) >= 500 and name != "readyz"]
    assert faults == []
    assert MeetingSeries.objects.count() == 1
    assert set(Booking.objects.values_list("partstat", flat=True)) == {"NEEDS-ACTION"}


def test_a_body_of_ten_megabytes_is_turned_away(
    client: Client, everything: dict[str, list[int]]
) -> None:
    address = reverse("visit_note", args=everything["visit"])
    whole = SimpleUploadedFile("note.txt", b"x" * 10_000_000)

    assert client.post(address, {"text": "x" * 10_000_000}).status_code == 413
    assert client.post(address, {"text": whole}).status_code == 400
