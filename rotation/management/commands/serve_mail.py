"""`manage.py serve_mail`: the SMTP receiver; one port, routed by recipient."""

import asyncio
import logging
import signal
from argparse import ArgumentParser
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from aiosmtpd.smtp import SMTP, Envelope, Session
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import InterfaceError, OperationalError, connections
from django.utils import timezone

from rotation.replies.models import Source
from rotation.replies.parsing import MAX_MAIL_BYTES
from rotation.replies.queries import is_inbound_address
from rotation.replies.services import Envelope as MailEnvelope
from rotation.replies.services import store_demo_mail
from rotation.workflows.receive_replies import receive

logger = logging.getLogger(__name__)

OK = "250 OK: stored"
AWAY = "451 4.3.0 The database is away; please try again"
NOT_HERE = "550 5.1.1 Nobody here has this address"
# Restarts and failovers of the database; anything else is a fault of ours and is logged as one.
DATABASE_AWAY = (OperationalError, InterfaceError)


class Receiver:
    """Answers the SMTP dialogue; a mail is stored before 250 is said."""

    def __init__(self) -> None:
        # One thread: Django's connections and the calendar parser belong to one thread each.
        self._worker = ThreadPoolExecutor(max_workers=1, thread_name_prefix="mail")

    async def handle_RCPT(  # noqa: N802 -- aiosmtpd's interface
        self,
        _server: SMTP,
        _session: Session,
        envelope: Envelope,
        address: str,
        _options: list[str],
    ) -> str:
        """Accept what is ours; in a demo also what would leave the house."""
        if not settings.ROTATION_DEMO and not is_inbound_address(address):
            return NOT_HERE
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(  # noqa: N802 -- aiosmtpd's interface
        self, _server: SMTP, _session: Session, envelope: Envelope
    ) -> str:
        """Store the mail exactly as it came, then say so."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._worker, _take, envelope)

    async def handle_exception(self, error: Exception) -> str:
        """Keep the sender trying: a mail that was stored is known again by its bytes."""
        logger.error("mail not taken in", exc_info=error)
        return "451 4.3.0 Something went wrong here; please try again"

    def close(self) -> None:
        """Finish the mail at hand."""
        self._worker.shutdown(wait=True)


def _take(envelope: Envelope) -> str:
    """Store one mail for all its recipients, on a connection that is not older than the mail."""
    raw = envelope.content
    if not isinstance(raw, bytes):
        raise TypeError("aiosmtpd was asked for bytes")
    try:
        _deliver(raw, envelope.mail_from or "", envelope.rcpt_tos)
    except DATABASE_AWAY:
        logger.warning("the database is away; the sender was told to try again")
        return AWAY
    finally:
        connections.close_all()
    return OK


def _deliver(raw: bytes, sender: str, recipients: list[str]) -> None:
    """Put the mail where its recipients are: the inbound side once, the demo mailbox each."""
    now = timezone.now()
    ours = tuple(address for address in recipients if is_inbound_address(address))
    if ours:
        receive(raw, source=Source.SMTP, now=now, envelope=MailEnvelope(sender, ours))
    for address in dict.fromkeys(recipients):
        if address not in ours:
            store_demo_mail(raw, recipient=address, sender=sender, now=now)


async def serve(host: str, port: int, announce: Callable[[int], None]) -> None:
    """Receive mail until SIGTERM or SIGINT; `announce` gets the port once it is open.

    Raises:
        OSError: the port is taken.
    """
    loop = asyncio.get_running_loop()
    stopped = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopped.set)
    receiver = Receiver()
    server = await loop.create_server(
        lambda: SMTP(
            receiver,
            data_size_limit=MAX_MAIL_BYTES,
            enable_SMTPUTF8=True,
            hostname="rundgang",
            ident="Rundgang",
            loop=loop,
        ),
        host,
        port,
    )
    announce(server.sockets[0].getsockname()[1])
    await stopped.wait()
    server.close()
    await loop.run_in_executor(None, receiver.close)


class Command(BaseCommand):
    """Runs until it is told to stop."""

    requires_system_checks = ()
    help = "Receive answers by SMTP; in a demo also keep the mails that would leave the house."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare where to listen."""
        parser.add_argument("--host", default="127.0.0.1")
        parser.add_argument("--port", type=int, default=settings.INBOUND_SMTP_PORT)

    def handle(self, *_args: Any, **options: Any) -> None:  # noqa: ANN401 -- Django's signature
        """Serve; the port is printed as soon as it is open."""
        host = options["host"]
        try:
            asyncio.run(serve(host, options["port"], lambda port: self._announce(host, port)))
        except OSError as error:
            raise CommandError(f"{host}:{options['port']}: {error.strerror}") from error

    def _announce(self, host: str, port: int) -> None:
        self.stdout.write(f"receiving mail on {host}:{port}")
        self.stdout.flush()
