"""mailbox -> reply: fetch answers by IMAP; a mail leaves the inbox after its transaction only."""

import imaplib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from urllib.parse import SplitResult, unquote, urlsplit

from imap_tools import BaseMailBox, MailBox, MailBoxUnencrypted
from imap_tools.errors import ImapToolsError

from rotation.replies.errors import MailServerAway
from rotation.replies.models import Source
from rotation.workflows.receive_replies import receive

PROCESSED = "Processed"
TIMEOUT_SECONDS = 20
BATCH = 200
FAULTS = (imaplib.IMAP4.error, ImapToolsError, OSError)


def poll_imap(url: str, *, now: datetime) -> int:
    """Take in every mail of the inbox and move it to "Processed"; return how many were taken.

    The bytes decide whether a mail is known, so that neither a crash before the move nor a new
    UIDVALIDITY makes it count twice.

    Args:
        url: `imaps://user:password@host/FOLDER`, or `imap://` on a private network.
        now: When the mails count as received.

    Raises:
        MailServerAway: the server refused or broke off; what was taken stays taken.
    """
    count = 0
    try:
        with _inbox(urlsplit(url)) as inbox:
            for uid in inbox.uids()[:BATCH]:
                receive(_raw(inbox, uid), source=Source.IMAP, now=now)
                inbox.move([uid], PROCESSED)
                count += 1
    except FAULTS as fault:
        raise MailServerAway(problem=type(fault).__name__) from fault
    return count


@contextmanager
def _inbox(url: SplitResult) -> Iterator[BaseMailBox]:
    """Yield the opened folder, with the folder for what was processed beside it."""
    box = MailBox if url.scheme == "imaps" else MailBoxUnencrypted
    port = url.port or (993 if url.scheme == "imaps" else 143)
    folder = unquote(url.path.strip("/")) or "INBOX"
    with box(url.hostname or "", port, timeout=TIMEOUT_SECONDS).login(
        unquote(url.username or ""), unquote(url.password or ""), folder
    ) as inbox:
        if not inbox.folder.exists(PROCESSED):
            inbox.folder.create(PROCESSED)
        yield inbox


def _raw(inbox: BaseMailBox, uid: str) -> bytes:
    """Return the exact bytes of a mail without marking it as read.

    Raises:
        imaplib.IMAP4.error: the server did not send it.
    """
    status, data = inbox.client.uid("FETCH", uid, "(BODY.PEEK[])")
    for piece in data:
        if status == "OK" and isinstance(piece, tuple):
            return bytes(piece[1])
    raise imaplib.IMAP4.error("no such mail")
