"""A real SMTP server on a free port that keeps what it takes and refuses what it is told to."""

from dataclasses import dataclass, field

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from launcher.ports import LOOPBACK, free_port


@dataclass(frozen=True)
class Delivery:
    """One accepted mail: the envelope's addresses and the bytes after DATA."""

    sender: str
    recipients: tuple[str, ...]
    content: bytes


@dataclass
class MailServer:
    """`answers` holds the reply for a recipient that is not to be accepted: {"a@b.c": "550 no"}."""

    port: int = field(default_factory=free_port)
    deliveries: list[Delivery] = field(default_factory=list)
    answers: dict[str, str] = field(default_factory=dict)
    connections: int = 0

    async def handle_EHLO(  # noqa: N802 (aiosmtpd's name)
        self,
        server: SMTP,
        session: Session,
        envelope: Envelope,
        hostname: str,
        responses: list[str],
    ) -> list[str]:
        del server, envelope
        self.connections += 1
        session.host_name = hostname
        return responses

    async def handle_RCPT(  # noqa: N802 (aiosmtpd's name)
        self,
        server: SMTP,
        session: Session,
        envelope: Envelope,
        address: str,
        options: list[str],
    ) -> str:
        del server, session, options
        if address in self.answers:
            return self.answers[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        del server, session
        content = envelope.original_content or b""
        sender = envelope.mail_from or ""
        self.deliveries.append(Delivery(sender, tuple(envelope.rcpt_tos), content))
        return "250 OK"

    def controller(self) -> Controller:
        """What starts and stops the server, in a thread."""
        return Controller(self, hostname=LOOPBACK, port=self.port)
