"""The server's handle on the nursery: gives a socket to a fresh worker process."""

from __future__ import annotations

import asyncio
import os
import socket
import sys
import time

import structlog

from server.workers import nursery

START_SECONDS = 60.0
"""Time that the nursery gets for its imports."""

SOCKET_BYTES = 2**22
"""Room in the socket to a worker, as far as the system allows: 8 MB reach the worker
in 3 ms, with the usual 200 kB in 11."""

_ENVIRONMENT = {
    "OPENBLAS_NUM_THREADS": "1",
    "MALLOC_MMAP_THRESHOLD_": str(2**25),
    "MALLOC_TRIM_THRESHOLD_": str(2**26),
}
"""NumPy would start threads on import, and a process with threads must not fork. Up to
64 MiB that a job has freed stay with the process: to get the pages of two matrices of
1,000 x 1,000 from the system anew takes 4 to 25 ms, to fill them 1.7."""

_log = structlog.get_logger("alatau.workers")


class WorkerDied(Exception):
    """A process ended while the server waited for it."""


class Forge:
    """Starts the nursery, and again should it die.

    Parameters
    ----------
    memory_mib
        Address space of each worker; ``None``: no limit.
    """

    def __init__(self, memory_mib: int | None = None) -> None:
        self._memory_mib = memory_mib
        self._process: asyncio.subprocess.Process | None = None
        self._control: socket.socket | None = None
        self._starting = asyncio.Lock()
        self._since = 0.0

    async def start(self) -> None:
        """Start the nursery and wait until it is ready.

        Raises
        ------
        WorkerDied
            If it ends or is silent instead.
        """
        ours, theirs = socket.socketpair()
        ours.setblocking(False)
        arguments = ["-m", nursery.__name__]
        if self._memory_mib is not None:
            arguments.append(str(self._memory_mib))
        with theirs:
            self._process = await asyncio.create_subprocess_exec(
                sys.executable, *arguments, stdin=theirs.fileno(), env=_ENVIRONMENT | os.environ
            )
        loop = asyncio.get_running_loop()
        try:
            ready = await asyncio.wait_for(loop.sock_recv(ours, 1), START_SECONDS)
        except BaseException:
            ours.close()
            self._process.kill()
            await self._process.wait()
            raise
        if ready != nursery.READY:
            ours.close()
            await self._process.wait()
            raise WorkerDied("the worker processes do not start; see the log above.")
        self._control = ours
        self._since = time.monotonic()

    async def fork(self) -> socket.socket:
        """Return a socket on whose other end a new worker process sits.

        Raises
        ------
        WorkerDied
            If the nursery died and does not start again.
        """
        async with self._starting:
            if self._control is None:
                await self.start()
            assert self._control is not None
            ours, theirs = socket.socketpair()
            ours.setblocking(False)
            for end in (ours, theirs):
                end.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SOCKET_BYTES)
            with theirs:
                try:
                    socket.send_fds(self._control, [nursery.FORK], [theirs.fileno()])
                except OSError as fault:
                    _log.error("nursery died", cause=str(fault))
                    ours.close()
                    await self.close()
                    raise WorkerDied(str(fault)) from fault
        return ours

    async def renew(self, asked: float) -> None:
        """End a nursery that has not answered since a moment: the next fork starts another."""
        async with self._starting:
            if self._since <= asked:
                _log.error("nursery hangs")
                await self.close()

    async def close(self) -> None:
        """End the nursery; its workers live as long as their sockets."""
        if self._control is not None:
            self._control.close()
            self._control = None
        if self._process is not None:
            try:
                await asyncio.wait_for(self._process.wait(), 1.0)
            except TimeoutError:
                self._process.kill()
                await self._process.wait()
