"""What a mail server's answers become."""

from collections.abc import Callable

import pytest
from pytest_django import Settings

from rotation.invites.errors import MailDelayed, MailRefused, MailServerUnreachable
from rotation.invites.transport import SmtpConnection
from tests.mail_server import MailServer

TO = "guest@example.org"
RAW = b"Subject: x\r\n\r\n.a line that begins with a dot\r\n..two\r\n"


def send(raw: bytes = RAW, *, recipient: str = TO) -> None:
    with SmtpConnection() as connection:
        connection.send(sender="bounce@example.org", recipient=recipient, raw=raw)


def test_every_byte_arrives(mail_server: MailServer) -> None:
    send()

    assert [delivery.content for delivery in mail_server.deliveries] == [RAW]


def test_a_connection_is_not_opened_before_it_is_needed(mail_server: MailServer) -> None:
    with SmtpConnection():
        pass

    assert mail_server.connections == 0


def test_a_goodbye_can_be_said_twice(mail_server: MailServer) -> None:
    with SmtpConnection() as connection:
        connection.send(sender="bounce@example.org", recipient=TO, raw=RAW)
        connection.close()

    assert len(mail_server.deliveries) == 1


def test_a_domain_with_umlauts_is_written_in_ascii(mail_server: MailServer) -> None:
    send(recipient="guest@exämple.org")

    assert mail_server.deliveries[0].recipients == ("guest@xn--exmple-cua.org",)


@pytest.mark.parametrize("recipient", ["gästin@example.org", "a b@example.org", "a@" + "ß" * 70])
def test_an_address_that_smtp_cannot_say_is_refused_and_stops_no_other(
    mail_server: MailServer, recipient: str
) -> None:
    with SmtpConnection() as connection:
        with pytest.raises(MailRefused):
            connection.send(sender="bounce@example.org", recipient=recipient, raw=RAW)
        connection.send(sender="bounce@example.org", recipient=TO, raw=RAW)

    assert len(mail_server.deliveries) == 1


@pytest.mark.parametrize(
    ("answer", "error", "fields"),
    [
        ("450 busy", MailDelayed, {"reply": "450 busy", "connection_lost": False}),
        ("421 closing", MailDelayed, {"reply": "421 closing", "connection_lost": False}),
        ("550 unknown", MailRefused, {"reply": "550 unknown"}),
        ("553 \x1b[31mred", MailRefused, {"reply": "553 [31mred"}),
    ],
)
def test_an_answer_about_the_recipient(
    mail_server: MailServer,
    answer: str,
    error: type[MailDelayed | MailRefused],
    fields: dict[str, object],
) -> None:
    mail_server.answers[TO] = answer

    with pytest.raises(error) as caught:
        send()

    assert caught.value.fields == fields


@pytest.mark.parametrize(
    ("answer", "error"), [("452 full", MailDelayed), ("552 too large", MailRefused)]
)
def test_an_answer_about_the_content(
    mail_server: MailServer, answer: str, error: type[MailDelayed | MailRefused]
) -> None:
    async def refuse(*_: object) -> str:
        return answer

    mail_server.handle_DATA = refuse  # type: ignore[method-assign,assignment]  # the fault of this test

    with pytest.raises(error) as caught:
        send()

    assert caught.value.fields["reply"] == answer


def nobody_listens(settings: Settings) -> None:
    settings.EMAIL_PORT = 9


def no_such_host(settings: Settings) -> None:
    settings.EMAIL_HOST = "nowhere.invalid"


def tls_is_wanted(settings: Settings) -> None:
    settings.EMAIL_USE_TLS = True


def tls_is_expected(settings: Settings) -> None:
    settings.EMAIL_USE_SSL, settings.EMAIL_TIMEOUT = True, 1


def sign_in_is_wanted(settings: Settings) -> None:
    settings.EMAIL_HOST_USER, settings.EMAIL_HOST_PASSWORD = "rundgang", "a secret"


@pytest.mark.parametrize(
    "set_wrong",
    [nobody_listens, no_such_host, tls_is_wanted, tls_is_expected, sign_in_is_wanted],
)
def test_a_set_up_that_cannot_work_is_no_mails_fault_and_tells_no_secret(
    mail_server: MailServer, settings: Settings, set_wrong: Callable[[Settings], None]
) -> None:
    set_wrong(settings)

    with pytest.raises(MailServerUnreachable) as caught:
        send()

    assert caught.value.fields["reply"] != ""
    assert "secret" not in caught.value.fields["reply"]
    assert mail_server.deliveries == []
