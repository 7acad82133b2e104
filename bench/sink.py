"""A mail server in a process of its own: takes everything and counts it by Message-ID."""

import re
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from launcher.configuration import CHECKOUT
from launcher.ports import LOOPBACK, free_port, is_served
from launcher.processes import Program, start

MESSAGE_ID = re.compile(rb"^Message-ID:\s*(\S+)", re.IGNORECASE | re.MULTILINE)


class Taker:
    """Writes each mail's arrival and Message-ID to a file as soon as it says 250."""

    def __init__(self, arrivals: IO[str], refusal: Path) -> None:
        self.arrivals = arrivals
        self.refusal = refusal

    async def handle_MAIL(  # noqa: N802 -- aiosmtpd's name
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Return the answer to a sender: what `Sink.refuse` was told, as long as it holds."""
        del server, session
        if self.refusal.exists():
            return self.refusal.read_text()
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 -- aiosmtpd's name
        """Return the answer to a mail."""
        del server, session
        found = MESSAGE_ID.search(envelope.original_content or b"")
        name = found[1].decode() if found else "-"
        self.arrivals.write(f"{time.time()} {name}\n")
        self.arrivals.flush()
        return "250 OK"


@dataclass(frozen=True)
class Sink:
    """A running mail server and what it has taken."""

    port: int
    file: Path

    def taken(self) -> Counter[str]:
        """Return how often each Message-ID arrived."""
        return Counter(line.split()[1] for line in self._lines())

    def last_at(self) -> float:
        """Return when the last mail arrived, in seconds since 1970."""
        return float(self._lines()[-1].split()[0])

    def forget(self) -> None:
        """Begin to count anew."""
        self.file.write_text("")

    def refuse(self, answer: str = "") -> None:
        """Give every mail this answer, such as "451 later"; none takes mails again."""
        refusal = refusal_of(self.file)
        if answer:
            draft = refusal.with_suffix(".draft")
            draft.write_text(answer)
            draft.replace(refusal)
        else:
            refusal.unlink(missing_ok=True)

    def _lines(self) -> list[str]:
        return [line for line in self.file.read_text().splitlines() if " " in line]


def refusal_of(arrivals: Path) -> Path:
    """Return the file that holds what every mail is answered."""
    return arrivals.with_suffix(".refusal")


@contextmanager
def sink(folder: Path) -> Iterator[Sink]:
    """Run a mail server on a free port."""
    found = Sink(free_port(), folder / "arrivals")
    found.forget()
    argv = [sys.executable, "-m", "bench.sink", str(found.port), str(found.file)]
    process = start(Program("sink", argv, folder / "sink.log", {}, folder=CHECKOUT))
    try:
        while not is_served(found.port):
            assert not process.has_ended(), f"the mail server has ended; see {folder}/sink.log"
            time.sleep(0.05)
        yield found
    finally:
        process.stop()


def main(port: str, file: str) -> None:
    """Serve until the process is ended."""
    with Path(file).open("a") as arrivals:
        taker = Taker(arrivals, refusal_of(Path(file)))
        Controller(taker, hostname=LOOPBACK, port=int(port)).start()
        while True:
            time.sleep(3600)


if __name__ == "__main__":
    main(*sys.argv[1:])
