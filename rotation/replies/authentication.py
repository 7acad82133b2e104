"""Who really wrote a mail: the verdict of the own mail server about the From address."""

import re
from dataclasses import dataclass

from rotation.calendars.addresses import normal_address
from rotation.replies.parsing import Mail

_COMMENT = re.compile(r"\([^()]*\)")


@dataclass(frozen=True, slots=True)
class TrustPolicy:
    """Whose word counts; without a mail server's, only a demo believes the From header."""

    authserv_id: str = ""
    is_demo: bool = False


@dataclass(frozen=True, slots=True)
class Sender:
    """The address a mail claims to come from, and whether that is proven."""

    address: str
    is_verified: bool


def authenticate(mail: Mail, policy: TrustPolicy) -> Sender:
    """Return the sender; two From addresses are nobody's, no verdict is no proof.

    Only the topmost Authentication-Results header of the own mail server counts (RFC 8601 §5):
    everything below it may have been written by the sender.
    """
    if len(mail.senders) != 1:
        return Sender("", is_verified=False)
    address = mail.senders[0]
    if not policy.authserv_id:
        return Sender(address, is_verified=policy.is_demo)
    verdicts = (_statements(header) for header in mail.authentication_results)
    own = next((rest for name, rest in verdicts if name == policy.authserv_id.strip().lower()), [])
    domain = address.rpartition("@")[2]
    return Sender(address, is_verified=any(_is_dmarc_pass(each, domain) for each in own))


def _statements(header: str) -> tuple[str, list[str]]:
    """Return the server's id and its method results, comments removed."""
    text, count = header, 1
    while count:
        text, count = _COMMENT.subn(" ", text)
    first, *rest = text.split(";")
    return (first.split() or [""])[0].strip('"').lower(), rest


def _is_dmarc_pass(statement: str, domain: str) -> bool:
    """Return whether DMARC passed for exactly the domain of the From header (RFC 7489 §3.1)."""
    words = dict(word.lower().partition("=")[::2] for word in statement.split())
    return words.get("dmarc") == "pass" and _domain(words.get("header.from", "")) == domain


def _domain(value: str) -> str:
    return normal_address(f"x@{value.strip(chr(34))}").rpartition("@")[2]
