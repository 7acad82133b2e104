"""One kept SMTP connection; what the server answers becomes one of three facts."""

import smtplib
import ssl
from contextlib import suppress
from types import TracebackType
from typing import Self

from django.conf import settings
from django.core.mail.utils import DNS_NAME

from rotation.invites.errors import MailDelayed, MailRefused, MailServerUnreachable
from rotation.invites.ical import bare_address, one_line

DONE = 250
RECIPIENT_TAKEN = frozenset({250, 251})
SERVICE_CLOSING = 421
PERMANENT = 500

# Nothing that the mail could be blamed for; all of smtplib's errors are OSErrors too.
CANNOT_CONNECT = (
    smtplib.SMTPConnectError,  # the server greets with a refusal: busy, or not for us
    smtplib.SMTPHeloError,  # it does not like our name
    smtplib.SMTPNotSupportedError,  # no TLS or sign-in where the settings want it
    smtplib.SMTPAuthenticationError,  # name or password is wrong, or not valid yet
    smtplib.SMTPServerDisconnected,  # it hung up while we introduced ourselves
    OSError,  # no such host, nobody listens, no route, time out, certificate refused
)
# After these the connection is gone, and nobody knows whether the mail arrived.
CONNECTION_LOST = (
    smtplib.SMTPServerDisconnected,  # it hung up in the middle
    OSError,  # reset, time out
)


class SmtpConnection:
    """Opens when the first mail needs it and stays open; use as a context manager."""

    def __init__(self) -> None:
        self._smtp: smtplib.SMTP | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def send(self, *, sender: str, recipient: str, raw: bytes) -> None:
        """Hand one mail over; returning means the server said 250 after the data.

        Raises:
            MailServerUnreachable: there is no connection to be had.
            MailDelayed: a 4xx answer, a refused sender, or a lost connection.
            MailRefused: a 5xx answer about the recipient or the content, or an address that SMTP
                cannot say: one mail must never stop those behind it.
        """
        try:
            address = bare_address(recipient)  # domains in their ASCII form (RFC 5890)
        except ValueError as error:
            raise MailRefused(reply=one_line(str(error))[:500]) from error
        smtp = self._open()
        try:
            self._begin(smtp, sender, len(raw))
            code, reply = _hand_over(smtp, address, raw)
            if code != DONE:
                self._give_up(smtp, code)
        except CONNECTION_LOST as error:
            self.close()
            raise MailDelayed(reply=_words(error), connection_lost=True) from error
        if code >= PERMANENT:
            raise MailRefused(reply=_reply(code, reply))
        if code != DONE:
            raise MailDelayed(reply=_reply(code, reply), connection_lost=False)

    def close(self) -> None:
        """Say goodbye where somebody still listens; a lost connection is closed all the same."""
        smtp, self._smtp = self._smtp, None
        if smtp is None:
            return
        try:
            smtp.quit()
        except CONNECTION_LOST:
            smtp.close()

    def _open(self) -> smtplib.SMTP:
        if self._smtp is None:
            try:
                self._smtp = _connect()
            except CANNOT_CONNECT as error:
                raise MailServerUnreachable(reply=_words(error)) from error
        return self._smtp

    def _begin(self, smtp: smtplib.SMTP, sender: str, size: int) -> None:
        told = f" SIZE={size}" if smtp.has_extn("size") else ""
        code, reply = smtp.docmd("MAIL", f"FROM:<{sender}>{told}")
        if code != DONE:
            # The sender is ours and the same for all mails: the set-up is wrong, not this mail.
            self._give_up(smtp, code)
            raise MailDelayed(reply=_reply(code, reply), connection_lost=False)

    def _give_up(self, smtp: smtplib.SMTP, code: int) -> None:
        """Make the connection ready for the next mail; close it where the server says goodbye."""
        if code == SERVICE_CLOSING:
            self.close()
        else:
            with suppress(smtplib.SMTPServerDisconnected):  # the next mail will notice
                smtp.rset()


def _hand_over(smtp: smtplib.SMTP, address: str, raw: bytes) -> tuple[int, bytes | str]:
    """Return the server's answer to the recipient, or to the content where the guest is known.

    With `_begin` what smtplib's `sendmail` does, which takes both addresses apart once more: half
    of what a mail costs.
    """
    code, reply = smtp.docmd("RCPT", f"TO:<{address}>")
    if code not in RECIPIENT_TAKEN:
        return code, reply
    try:
        return smtp.data(raw)
    except smtplib.SMTPDataError as error:
        return error.smtp_code, error.smtp_error


def _connect() -> smtplib.SMTP:
    """Return a connection that has been greeted, encrypted and signed in as the settings say."""
    place = (settings.EMAIL_HOST, settings.EMAIL_PORT, DNS_NAME.get_fqdn())
    smtp = (
        smtplib.SMTP_SSL(*place, timeout=settings.EMAIL_TIMEOUT, context=_tls())
        if settings.EMAIL_USE_SSL
        else smtplib.SMTP(*place, timeout=settings.EMAIL_TIMEOUT)
    )
    try:
        smtp.ehlo_or_helo_if_needed()
        if settings.EMAIL_USE_TLS:
            smtp.starttls(context=_tls())
            smtp.ehlo_or_helo_if_needed()
        if settings.EMAIL_HOST_USER:
            smtp.login(settings.EMAIL_HOST_USER, settings.EMAIL_HOST_PASSWORD)
    except CANNOT_CONNECT:
        smtp.close()
        raise
    return smtp


def _tls() -> ssl.SSLContext:
    return ssl.create_default_context()


def _reply(code: int, text: bytes | str) -> str:
    words = text.decode("utf-8", "replace") if isinstance(text, bytes) else text
    return one_line(f"{code} {words}")[:500]


def _words(error: OSError) -> str:
    """Return the error in one line; an answer of the server as its code and text."""
    if isinstance(error, smtplib.SMTPResponseException):
        return _reply(error.smtp_code, error.smtp_error)
    return one_line(f"{type(error).__name__}: {error}")[:500]
