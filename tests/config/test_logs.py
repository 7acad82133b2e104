import logging

import pytest

from config import logs
from config.logs import LOGGING, SecretsFilter, without_secrets


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Not Found: /r/abc:def-1/", "Not Found: /r/***/"),
        ("GET /feeds/0f9a.ics?x=1", "GET /feeds/***?x=1"),
        ("/accounts/password/reset/key/1-abc/", "/accounts/password/reset/key/***/"),
        ("redis://:hunter2@localhost:6379/0", "redis://:***@localhost:6379/0"),
        ("Authorization: Token abcdefgh12345", "Authorization: Token ***"),
        ("/visits/12/ was seen", "/visits/12/ was seen"),
    ],
)
def test_secrets_of_urls_are_blotted_out(text: str, expected: str) -> None:
    assert without_secrets(text) == expected


def test_a_record_is_written_without_the_secret_in_its_arguments() -> None:
    record = logging.LogRecord("x", 20, "f", 1, "Not Found: %s", ("/r/secret/",), None)

    SecretsFilter().filter(record)

    assert record.getMessage() == "Not Found: /r/***/"


def refused(caplog: pytest.LogCaptureFixture, status: int) -> logging.LogRecord:
    """Return what the handlers get of an answer with a traceback behind it."""
    logging.getLogger("django.request").warning(
        "Forbidden (Permission denied): %s",
        "/r/secret/",
        exc_info=PermissionError(),
        extra={"status_code": status},
    )
    record = caplog.records[-1]
    for name in LOGGING["handlers"]["stderr"]["filters"]:
        kind = LOGGING["filters"][name]["()"].rpartition(".")[2]
        assert getattr(logs, kind)().filter(record)
    return record


def test_what_a_caller_did_wrong_is_one_line_for_information(
    caplog: pytest.LogCaptureFixture,
) -> None:
    record = refused(caplog, 403)
    assert (record.levelname, record.exc_info) == ("INFO", None)
    assert logging.Formatter().format(record) == "Forbidden (Permission denied): /r/***/"


def test_what_we_did_wrong_keeps_its_traceback(caplog: pytest.LogCaptureFixture) -> None:
    record = refused(caplog, 500)
    assert (record.levelname, bool(record.exc_info)) == ("WARNING", True)
