"""invite: queue what nobody was told of, and hand waiting mails to the mail server."""

import logging
import secrets
import time
from collections.abc import Generator
from contextlib import closing
from datetime import datetime

from django.db import InterfaceError, OperationalError, connections
from django.utils import timezone

from rotation.invites.errors import MailServerUnreachable
from rotation.invites.models import Mail
from rotation.invites.queries import bookings_to_tell, due_mails_of
from rotation.invites.services import Handed, note, queue_invites, relay
from rotation.invites.shares import SHARES, held_share
from rotation.invites.transport import SmtpConnection

# Well below the time limit of a task; the next call goes on with the rest.
PATIENCE_SECONDS = 60.0
BATCH = 100
# Mails of a share that are read in one go.
AT_ONCE = 100
DATABASE_AWAY = (OperationalError, InterfaceError)
# More than the minute that a restart or failover may take; both together below the time limit.
NOTE_SECONDS, LOOK_AGAIN_SECONDS = 75.0, 0.05
CHANCE = secrets.SystemRandom()

log = logging.getLogger(__name__)


def queue_due_invites(now: datetime) -> int:
    """Queue the mails that a change should have queued and did not; return how many."""
    queued = 0
    untold = list(bookings_to_tell(now))
    for start in range(0, len(untold), BATCH):
        queued += len(queue_invites(untold[start : start + BATCH], now))
    return queued


def relay_due_mails(seconds: float = PATIENCE_SECONDS) -> int:
    """Hand due mails over until none is due that no other relay holds, or `seconds` are over.

    Any number may run at once: each mail goes to one of them. Returns how many were sent. Where
    the server cannot be reached the rest waits for the next call.
    """
    until, handed = time.monotonic() + seconds, []
    with SmtpConnection() as server, closing(_mails_in_turn()) as mails:
        try:
            for mail in mails:
                handed.append(_relay(mail, server))
                if time.monotonic() > until:
                    break
        except MailServerUnreachable as error:
            log.warning("mail server unreachable: %s", error.fields["reply"])
    return handed.count(Handed.SENT)


def _relay(mail: Mail, server: SmtpConnection) -> Handed:
    """Relay the mail; one that the server took leaves no second time because the database left."""
    try:
        return relay(mail, server, now=timezone.now(), chance=CHANCE.random())
    except DATABASE_AWAY:
        if mail.state == Mail.State.SENT:
            _note_once_it_is_back(mail)
        raise


def _note_once_it_is_back(mail: Mail) -> None:
    """Look for the database so often that hardly another relay finds the mail first."""
    until = time.monotonic() + NOTE_SECONDS
    while time.monotonic() < until:
        connections.close_all()
        try:
            note(mail)
        except DATABASE_AWAY:
            time.sleep(LOOK_AGAIN_SECONDS)
        else:
            return


def _mails_in_turn() -> Generator[Mail]:
    """Yield due mails, a handful of each share in turn, while their share is held.

    Ends after a turn without any. Relays that start together begin with different shares.
    """
    shares = CHANCE.sample(range(SHARES), SHARES)
    while True:
        found = 0
        for share in shares:
            with closing(_mails_of(share)) as mails:
                for mail in mails:
                    found += 1
                    yield mail
        if not found:
            return


def _mails_of(share: int) -> Generator[Mail]:
    with held_share(share) as is_held:
        if is_held:
            yield from due_mails_of(share, timezone.now())[:AT_ONCE]
