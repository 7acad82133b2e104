"""The commands that look at the outbox from outside."""

from collections.abc import Callable
from datetime import timedelta
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from launcher.processes import Process
from rotation.booking.models import Booking
from rotation.invites.models import Mail
from rotation.invites.services import queue_invites
from rotation.workflows.send_invites import queue_due_invites
from tests.builders import make_booking, make_host, make_meeting
from tests.mail_server import MailServer

DAY = timedelta(days=1)


def make_coming() -> Booking:
    """Make a confirmed visit that lies ahead of the real clock."""
    return make_booking(meeting=make_meeting(starts_at=timezone.now() + DAY))


def audit() -> tuple[int, str]:
    """Return the exit code and what was printed."""
    out = StringIO()
    try:
        call_command("audit_outbox", stdout=out)
    except SystemExit as stop:
        return int(stop.code or 0), out.getvalue()
    return 0, out.getvalue()


def line_about(booking: Booking, finding: str) -> str:
    start = timezone.localtime(booking.starts_at).isoformat(timespec="minutes")
    return f"booking {booking.pk}: {start}: {booking.staff.email}: {finding}\n"


@pytest.mark.django_db
def test_export_invite_writes_the_bytes_of_the_newest_mail(
    capfdbinary: pytest.CaptureFixture[bytes],
) -> None:
    make_host()
    booking = make_coming()
    request, _ = queue_invites([booking], timezone.now())
    call_command("export_invite", str(booking.pk))
    assert capfdbinary.readouterr().out == bytes(request.raw)

    Booking.objects.update(state="cancelled", sequence=1, version=2)
    cancel, _ = queue_invites([booking], timezone.now())
    call_command("export_invite", str(booking.pk))
    assert capfdbinary.readouterr().out == bytes(cancel.raw)


@pytest.mark.django_db
@pytest.mark.parametrize("booking_id", ["1", "999999999999999999999"])
def test_export_invite_says_where_there_is_none(booking_id: str) -> None:
    with pytest.raises(CommandError, match=f"Booking {booking_id} has no invitation yet"):
        call_command("export_invite", booking_id)


@pytest.mark.django_db
def test_export_invite_knows_no_invitation_for_a_request_that_waits_for_the_host() -> None:
    make_host()
    booking = make_booking(state=Booking.State.REQUESTED)
    queue_invites([booking], timezone.now())

    with pytest.raises(CommandError, match="no invitation yet"):
        call_command("export_invite", str(booking.pk))


def test_export_invite_is_a_file_that_can_be_piped(
    start_part: Callable[..., Process], tmp_path: Path
) -> None:
    booking = make_coming()
    (mail,) = queue_invites([booking], timezone.now())

    exported = start_part("export", "manage.py", "export_invite", str(booking.pk))

    assert exported.popen.wait(60) == 0
    assert (tmp_path / "export.log").read_bytes() == bytes(mail.raw)
    missing = start_part("missing", "manage.py", "export_invite", "0")
    assert missing.popen.wait(60) == 1
    assert (tmp_path / "missing.log").read_text() == (
        "CommandError: Booking 0 has no invitation yet.\n"
    )


@pytest.mark.django_db
def test_the_audit_is_content_where_all_is_told() -> None:
    booking = make_coming()
    queue_invites([booking], timezone.now())
    Mail.objects.update(state="sent", sent_at=timezone.now())

    assert audit() == (0, "Every guest was told.\n")


@pytest.mark.django_db
def test_the_audit_lets_a_fresh_mail_be_on_its_way_for_a_while() -> None:
    booking = make_coming()
    queue_invites([booking], timezone.now())
    assert audit()[0] == 0

    Mail.objects.update(created_at=timezone.now() - timedelta(minutes=3), last_error="451 later")
    assert audit() == (1, line_about(booking, "the mail is waiting: 451 later"))


@pytest.mark.django_db
def test_the_audit_names_guests_without_any_mail() -> None:
    booking = make_coming()

    assert audit() == (1, line_about(booking, "no mail was queued"))


@pytest.mark.django_db
def test_the_audit_names_guests_whose_mail_failed() -> None:
    booking = make_coming()
    queue_invites([booking], timezone.now())
    Mail.objects.update(state="failed", last_error="550 no such person")

    assert audit() == (1, line_about(booking, "the mail failed: 550 no such person"))


@pytest.mark.django_db
def test_the_audit_names_guests_who_do_not_know_of_a_cancellation() -> None:
    booking = make_coming()
    queue_invites([booking], timezone.now())
    Mail.objects.update(state="sent", sent_at=timezone.now())
    Booking.objects.update(state="cancelled", sequence=1, version=2)

    assert audit() == (1, line_about(booking, "no mail was queued"))


@pytest.mark.django_db
@pytest.mark.parametrize("state", ["requested", "attended", "declined"])
def test_the_audit_asks_only_about_guests_who_should_know(state: str) -> None:
    make_booking(state=state, meeting=make_meeting(starts_at=timezone.now() + DAY))

    assert audit()[0] == 0


@pytest.mark.django_db
def test_the_audit_lets_past_visits_rest() -> None:
    make_booking(meeting=make_meeting(starts_at=timezone.now() - DAY))

    assert audit()[0] == 0


@pytest.mark.django_db(transaction=True)
def test_send_invites_queues_and_sends(mail_server: MailServer) -> None:
    make_host()
    make_coming()
    out = StringIO()

    call_command("send_invites", stdout=out)

    assert out.getvalue() == "2 queued, 2 sent\n"
    assert len(mail_server.deliveries) == 2
    assert queue_due_invites(timezone.now()) == 0
