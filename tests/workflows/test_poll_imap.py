"""The poll against a real Dovecot."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError
from pytest_django import Settings

from rotation.booking.models import Booking
from rotation.replies.errors import MailServerAway
from rotation.replies.models import InboundMail
from rotation.workflows import poll_imap as workflow
from rotation.workflows.poll_imap import PROCESSED, poll_imap
from tests.builders import NOW, make_booking, make_staff
from tests.imap_server import MISSING, ImapServer, find_dovecot, imap_server
from tests.replies.mails import AUTHSERV, GUEST, Event, mail, reply, text

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(find_dovecot() is None, reason=MISSING),
]


@pytest.fixture(scope="module")
def dovecot() -> Iterator[ImapServer]:
    """One server for the module; its folder has a short path, as Unix sockets need."""
    folder = Path(tempfile.mkdtemp(prefix="rundgang-imap-"))
    with imap_server(folder) as server:
        yield server
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def server(dovecot: ImapServer, settings: Settings) -> ImapServer:
    """The server with an empty mailbox."""
    settings.AUTHSERV_ID = AUTHSERV
    for name in ("INBOX", PROCESSED):
        with dovecot.inbox() as inbox:
            if inbox.folder.exists(name):
                inbox.folder.set(name)
                inbox.delete(inbox.uids())
    return dovecot


def put(server: ImapServer, *mails: bytes) -> None:
    with server.inbox() as inbox:
        for raw in mails:
            inbox.append(raw, "INBOX")


def counts(server: ImapServer) -> tuple[int, int]:
    with server.inbox() as inbox:
        return (
            inbox.folder.status("INBOX")["MESSAGES"],
            inbox.folder.status(PROCESSED)["MESSAGES"] if inbox.folder.exists(PROCESSED) else 0,
        )


def booking() -> Booking:
    return make_booking(staff=make_staff(email=GUEST), uid="u@example.org", sequence=1)


def test_an_answer_in_the_mailbox_is_applied_and_put_away(server: ImapServer) -> None:
    asked = booking()
    raw = reply(asked.uid, Event(lines=("COMMENT:\xe4",)))
    put(server, raw, mail(text()))
    assert poll_imap(server.url, now=NOW) == 2
    asked.refresh_from_db()
    assert asked.partstat == "ACCEPTED"
    assert bytes(InboundMail.objects.get(booking=asked).raw) == raw
    assert counts(server) == (0, 2)
    assert poll_imap(server.url, now=NOW) == 0


def test_a_crash_before_the_move_makes_nothing_count_twice(
    server: ImapServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = booking()
    put(server, reply(asked.uid))

    def taken_and_killed(*_: object, **__: object) -> None:
        raise ConnectionResetError

    with monkeypatch.context() as patched:
        patched.setattr("imap_tools.MailBoxUnencrypted.move", taken_and_killed)
        with pytest.raises(MailServerAway):
            poll_imap(server.url, now=NOW)
    assert counts(server) == (1, 0)
    assert poll_imap(server.url, now=NOW) == 1
    assert InboundMail.objects.count() == 1


def test_a_mail_that_could_not_be_stored_stays_in_the_mailbox(
    server: ImapServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_: object, **__: object) -> None:
        raise DatabaseError("away")

    put(server, mail(text()))
    with monkeypatch.context() as patched:
        patched.setattr(workflow, "receive", away)
        with pytest.raises(DatabaseError):
            poll_imap(server.url, now=NOW)
    assert counts(server) == (1, 0)


def test_a_new_uidvalidity_loses_and_doubles_nothing(server: ImapServer) -> None:
    """The mailbox is made anew from a backup: the same mails under other numbers."""
    asked = booking()
    raw = reply(asked.uid)
    put(server, raw)
    poll_imap(server.url, now=NOW)
    with server.inbox() as inbox:
        before = inbox.folder.status(PROCESSED)["UIDVALIDITY"]
        inbox.folder.delete(PROCESSED)
        inbox.folder.create(PROCESSED)
        assert inbox.folder.status(PROCESSED)["UIDVALIDITY"] != before
    put(server, raw, reply(asked.uid, Event("TENTATIVE", dtstamp="20260302T090000Z")))
    assert poll_imap(server.url, now=NOW) == 2
    asked.refresh_from_db()
    assert (asked.partstat, InboundMail.objects.count()) == ("TENTATIVE", 2)


def test_the_command_says_how_many_and_never_the_password(
    server: ImapServer, settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    settings.INBOUND_IMAP_URL = server.url
    put(server, mail(text()))
    call_command("poll_imap")
    assert capsys.readouterr().out == "1 mails taken in\n"
    settings.INBOUND_IMAP_URL = server.url.replace("secret", "wrong-word")
    with pytest.raises(CommandError) as refused:
        call_command("poll_imap")
    assert "wrong-word" not in str(refused.value)
