"""invite: queue what nobody was told of, and hand waiting mails to the mail server."""

import logging
import secrets
import time
from datetime import datetime

from django.utils import timezone

from rotation.invites.errors import MailServerUnreachable
from rotation.invites.queries import bookings_to_tell
from rotation.invites.services import Handed, queue_invites, relay_next
from rotation.invites.transport import SmtpConnection

# Well below the time limit of a task; the next call goes on with the rest.
PATIENCE_SECONDS = 60.0
BATCH = 100

log = logging.getLogger(__name__)


def queue_due_invites(now: datetime) -> int:
    """Queue the mails that a change should have queued and did not; return how many."""
    queued = 0
    untold = list(bookings_to_tell(now))
    for start in range(0, len(untold), BATCH):
        queued += len(queue_invites(untold[start : start + BATCH], now))
    return queued


def relay_due_mails(seconds: float = PATIENCE_SECONDS) -> int:
    """Hand due mails over, one transaction each, until none is due or `seconds` are over.

    Any number may run at once: each mail goes to one of them. Returns how many were sent. Where
    the server cannot be reached the rest waits for the next call.
    """
    sent, until = 0, time.monotonic() + seconds
    chance = secrets.SystemRandom().random
    with SmtpConnection() as connection:
        while time.monotonic() < until:
            try:
                handed = relay_next(connection, now=timezone.now(), chance=chance())
            except MailServerUnreachable as error:
                log.warning("mail server unreachable: %s", error.fields["reply"])
                break
            if handed is None:
                break
            sent += handed is Handed.SENT
    return sent
