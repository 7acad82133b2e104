"""Logs without secrets: answer links, feeds and passwords in URLs are blotted out."""

import logging
import re

SECRETS = (
    (re.compile(r"(/r/|/feeds/|/accounts/password/reset/key/)[^/\s?'\"]+"), r"\1***"),
    (re.compile(r"(\w+://[^:/@\s]*:)[^@/\s]+@"), r"\1***@"),
    (re.compile(r"(Token )[\w-]{8,}"), r"\1***"),
)


def without_secrets(text: str) -> str:
    """Return `text` with every secret of a URL or a header replaced by ***."""
    for pattern, replacement in SECRETS:
        text = pattern.sub(replacement, text)
    return text


class SecretsFilter(logging.Filter):
    """Blots secrets out of each record before a handler writes it."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Return True; the record's message is changed in place."""
        record.msg = without_secrets(record.getMessage())
        record.args = ()
        return True
