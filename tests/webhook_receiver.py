"""A real HTTP server that takes messages, and answers as a test wants."""

import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

from launcher.ports import LOOPBACK


@dataclass
class Receiver:
    """What came in, and how the next requests are answered; the last answer repeats.

    An answer is a status, or a status with seconds to wait before it, or before each byte of it.
    """

    port: int = 0
    answers: list[tuple[int, float, float]] = field(default_factory=lambda: [(200, 0, 0)])
    messages: list[tuple[dict[str, str], bytes]] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://{LOOPBACK}:{self.port}/hook?key=1"

    def will(self, *statuses: int, wait: float = 0, drip: float = 0) -> None:
        self.answers = [(status, wait, drip) for status in statuses]

    def take(self, headers: dict[str, str], body: bytes) -> tuple[int, float, float]:
        self.messages.append((headers, body))
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]

    @property
    def ids(self) -> list[str]:
        return [headers["webhook-id"] for headers, _body in self.messages]


@contextmanager
def receiver() -> Iterator[Receiver]:
    """Run a receiver; yields it."""
    taken = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            headers = {name.lower(): value for name, value in self.headers.items()}
            status, wait, drip = taken.take(headers, body)
            time.sleep(wait)
            self.send_response(status)
            self.send_header("Location", "http://127.0.0.1/elsewhere")
            self.end_headers()
            with suppress(ConnectionError):  # who asked has hung up
                for _byte in range(1000 if drip else 0):
                    self.wfile.write(b"x")
                    time.sleep(drip)
                self.wfile.write(b"said\nso" * 100)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer((LOOPBACK, 0), Handler)
    server.daemon_threads = True
    taken.port = server.server_port
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield taken
    finally:
        server.shutdown()
        server.server_close()
