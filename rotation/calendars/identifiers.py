"""What names a calendar object and its mails: UID, SEQUENCE, DTSTAMP, Message-ID, bounce address.

Made here and nowhere else, because receivers compare all of them for the life of a booking.
"""

import re
import secrets
from datetime import datetime, timedelta
from email.utils import parseaddr
from functools import cache

from django.conf import settings

_BOUNCE = re.compile(r"bounce\+([0-9a-f]{32})@(.+)", re.IGNORECASE)


def new_uid() -> str:
    """Return a UID nobody can guess, at the organizer's domain: 128 random bits.

    Whoever answers proves with it that the request was read (RFC 5545 section 3.8.4.7).
    """
    return f"{new_token()}@{organizer_domain()}"


def new_token() -> str:
    """Return 128 random bits as 32 hexadecimal digits; it names one mail."""
    return secrets.token_hex(16)


def next_sequence(sequence: int) -> int:
    """Return the SEQUENCE after a change of time or place, and of every CANCEL (RFC 5546 2.1.4)."""
    return sequence + 1


def next_dtstamp(now: datetime, last: datetime | None) -> datetime:
    """Return the DTSTAMP of a new message in whole seconds, later than `last` of the same UID.

    Receivers order messages of one SEQUENCE by it (RFC 5546 section 2.1.5).
    """
    stamp = now.replace(microsecond=0)
    return stamp if last is None else max(stamp, last + timedelta(seconds=1))


def message_id(token: str) -> str:
    """Return the Message-ID of the mail that `token` names; it is the same at every repeat."""
    return f"<{token}@{organizer_domain()}>"


def bounce_address(token: str) -> str:
    """Return the envelope sender of the mail that `token` names (VERP): its bounce names it."""
    return f"bounce+{token}@{organizer_domain()}"


def token_of_bounce(address: str) -> str | None:
    """Return the token in a bounce address of ours; None for any other address."""
    match = _BOUNCE.fullmatch(address.strip())
    if match is None or match[2].lower() != organizer_domain():
        return None
    return match[1].lower()


def organizer_domain() -> str:
    """Return the domain of the organizer's address, in ASCII and lower case.

    Raises:
        ValueError: ROTATION_MAIL_FROM is no mail address, or its domain cannot be written in ASCII.
    """
    return _domain_of(settings.MAIL_FROM)


@cache
def _domain_of(written: str) -> str:
    local, _, domain = parseaddr(written)[1].rpartition("@")
    if not local or not domain:
        raise ValueError(f"ROTATION_MAIL_FROM is no mail address: {written!r}")
    return domain.encode("idna").decode("ascii").lower()
