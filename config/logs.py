"""Logs without secrets, and without alarm about what a caller did wrong."""

import logging
import re
from http import HTTPStatus
from typing import Any

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


class ExpectedFilter(logging.Filter):
    """Makes one line for information of an answer of the class 4xx: the caller was told why."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Return True; level and traceback of the record are changed in place."""
        status = getattr(record, "status_code", HTTPStatus.OK)
        if HTTPStatus.BAD_REQUEST <= status < HTTPStatus.INTERNAL_SERVER_ERROR:
            record.levelno, record.levelname = logging.INFO, "INFO"
            record.exc_info = record.exc_text = None
        return True


LOGGING: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {
        "expected": {"()": "config.logs.ExpectedFilter"},
        "no_secrets": {"()": "config.logs.SecretsFilter"},
    },
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {
        "stderr": {
            "class": "logging.StreamHandler",
            "filters": ["expected", "no_secrets"],
            "formatter": "line",
        }
    },
    "root": {"handlers": ["stderr"], "level": "INFO"},
    "loggers": {"django": {"handlers": [], "propagate": True}},
}
