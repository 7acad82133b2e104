"""Calendar addresses (RFC 5545 §3.3.3) in the one form in which they are compared."""

import unicodedata
from urllib.parse import unquote

MAX_ADDRESS = 320


def normal_address(value: str) -> str:
    """Return the bare, lower-case address of a calendar user or a mail header.

    `MAILTO:` in any case, angle brackets, percent-encoding and international domains are folded
    away; a local part is compared without case, as every mail system in use does.
    """
    address = unicodedata.normalize("NFC", _without_scheme(value.strip()).strip(" \t<>"))
    local, at, domain = address[:MAX_ADDRESS].rpartition("@")
    return f"{local}{at}{_ascii_domain(domain)}".lower()


def _without_scheme(value: str) -> str:
    """Return the address behind `mailto:`; percent-encoding belongs to the URI form alone."""
    scheme, colon, rest = value.partition(":")
    if colon and scheme.strip().lower() == "mailto":
        return unquote(rest.partition("?")[0], errors="replace")
    return value


def _ascii_domain(domain: str) -> str:
    """Return the IDNA form; a domain that has none stays as it is and will match nobody."""
    try:
        return domain.encode("idna").decode("ascii")
    except UnicodeError:
        return domain
