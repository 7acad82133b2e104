"""A TCP connection to a server that can be cut, or fall silent, and mended: what networks do."""

import asyncio
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager, suppress
from threading import Thread
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from launcher.ports import LOOPBACK, free_port


class Wire:
    """Listens on a port of its own and passes all bytes on to the server behind it."""

    def __init__(self, server_port: int, loop: asyncio.AbstractEventLoop) -> None:
        self.port = free_port()
        self._server_port = server_port
        self._loop = loop
        self._is_silent = False
        self._links: set[asyncio.StreamWriter] = set()
        self._listener: asyncio.Server | None = None

    def cut(self) -> None:
        """End every connection at once and refuse new ones."""
        self._do(self._close())

    def silence(self) -> None:
        """Take connections and bytes, and pass nothing on any more."""
        self._is_silent = True

    def mend(self) -> None:
        """End what was cut or silent and begin to pass on again."""
        self._do(self._open())

    def _do(self, work: Coroutine[Any, Any, None]) -> None:
        asyncio.run_coroutine_threadsafe(work, self._loop).result(timeout=10)

    async def _open(self) -> None:
        await self._close()
        self._is_silent = False
        self._listener = await asyncio.start_server(self._link, LOOPBACK, self.port)

    async def _close(self) -> None:
        listener, self._listener = self._listener, None
        if listener:
            listener.close()
        for link in self._links:
            link.transport.abort()

    async def _link(self, near: asyncio.StreamReader, back: asyncio.StreamWriter) -> None:
        with suppress(OSError, asyncio.CancelledError):
            self._links.add(back)
            if not self._is_silent:
                far, forth = await asyncio.open_connection(LOOPBACK, self._server_port)
                self._links.add(forth)
                passed = asyncio.create_task(self._pass(far, back))
                await self._pass(near, forth)
                await passed
                self._links.discard(forth)
            else:
                await near.read()
        self._links.discard(back)

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            while taken := await reader.read(2**16):
                if not self._is_silent:
                    writer.write(taken)
                    await writer.drain()
        writer.close()


@contextmanager
def wires(*server_ports: int) -> Iterator[list[Wire]]:
    """Yield a wire to each of these ports, all of them whole."""
    loop = asyncio.new_event_loop()
    thread = Thread(target=loop.run_forever, name="wires", daemon=True)
    thread.start()
    found = [Wire(port, loop) for port in server_ports]
    try:
        for wire in found:
            wire.mend()
        yield found
    finally:
        for wire in found:
            wire.cut()
        loop.call_soon_threadsafe(loop.stop)
        thread.join()


def port_of(url: str) -> int:
    """Return the port that an address names."""
    port = urlsplit(url).port
    assert port, f"names no port: {url}"
    return port


def through(wire: Wire, url: str) -> str:
    """Return the address of the same server, behind the wire."""
    parts = urlsplit(url)
    login, at, _place = parts.netloc.rpartition("@")
    return urlunsplit(parts._replace(netloc=f"{login}{at}{LOOPBACK}:{wire.port}"))
