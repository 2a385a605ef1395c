"""The HTTP listener: uvicorn in the server's own loop."""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from server.door.bounds import HEAD_BYTES
from server.door.full import FrugalSocket

HEAD_SECONDS = 10.0
"""Until the first request of a connection must have come."""
BACKLOG = 1024
"""Connections that the system holds until they are accepted."""
IDLE_SECONDS = 20
"""Until a connection without a new request is closed."""


class Listener:
    """Serves an application on one port.

    Parameters
    ----------
    app
        ASGI application.
    host, port
        Where to listen; port 0 takes a free one.
    context
        TLS, ``None`` for none.
    most
        Connections at once; further ones are refused with 503.
    """

    def __init__(
        self,
        app: Any,
        host: str,
        port: int,
        context: ssl.SSLContext | None,
        most: int | None = None,
    ) -> None:
        self._host = host.strip("[]")
        self._port = port
        config = uvicorn.Config(
            app,
            http=Punctual,
            ws="none",
            lifespan="off",
            log_config=None,
            access_log=False,
            server_header=False,
            limit_concurrency=most,
            h11_max_incomplete_event_size=HEAD_BYTES,
            timeout_keep_alive=IDLE_SECONDS,
        )
        config.load()
        config.ssl = context
        self._server = _Server(config)
        self._serving: asyncio.Task[None] | None = None

    async def start(self) -> int:
        """Begin to listen; return the port.

        Raises
        ------
        OSError
            If the address is taken or not ours.
        """
        family = socket.AF_INET6 if ":" in self._host else socket.AF_INET
        # asyncio turns off Nagle's algorithm, which costs 40 ms a call, only where
        # the socket names its protocol.
        taken = FrugalSocket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        try:
            taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            taken.bind((self._host, self._port))
            taken.listen(BACKLOG)
        except OSError as fault:
            taken.close()
            text = f"cannot listen on {self._host}:{self._port}; is the port taken?"
            raise OSError(text) from fault
        self._serving = asyncio.create_task(self._server.serve([taken]))
        await self._server.up.wait()
        port: int = taken.getsockname()[1]
        return port

    async def stop(self, seconds: float) -> None:
        """Close the listener; answers on their way get so many seconds."""
        if self._serving is None:
            return
        self._server.config.timeout_graceful_shutdown = max(1, round(seconds))
        self._server.should_exit = True
        await self._serving


class _Server(uvicorn.Server):
    """Tells when it is up, and leaves signals to the application around it."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.up = asyncio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin to listen."""
        await super().startup(sockets)
        self.up.set()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Do nothing."""
        yield


class Punctual(H11Protocol):
    """Closes connections on which no request comes."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Start the clock."""
        super().connection_made(transport)
        self.loop.call_later(HEAD_SECONDS, self._close_if_silent)

    def _close_if_silent(self) -> None:
        if self.cycle is None and not self.transport.is_closing():
            self.transport.close()
