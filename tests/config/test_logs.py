import logging

import pytest

from config.logs import SecretsFilter, without_secrets


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
