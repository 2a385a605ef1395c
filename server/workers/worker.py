"""The server's handle on one worker process."""

from __future__ import annotations

import asyncio
import itertools
import os
import signal
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

from router.errors import InvalidInput
from server.workers.forge import Forge, WorkerDied
from server.workers.frames import JobHeader, Kind, frame, head, read_async, unpack_violations

START_SECONDS = 20.0
"""Time that a forked process gets to say that it is there."""
BUFFER = 2**22
"""Bytes of answers that the pipe's reader holds, so that large ones flow."""

_serials = itertools.count(1)

OnUpdate = Callable[[Kind, bytes], None]


class JobFailed(Exception):
    """The job raised; the argument is its traceback."""


class NoMemory(Exception):
    """The job wanted more memory than its process may take."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """A request for a worker; see :class:`server.workers.frames.JobHeader`.

    ``seconds`` limits the solve, ``deadline`` (of ``time.monotonic()``) is the
    moment by which it must have ended, ``give_up`` the moment after which nobody
    waits for the answer, ``traceparent`` the span that it belongs to. ``attempts``
    says how often it is tried while processes die under it; ``None``: as often as the
    pool does.
    """

    name: str
    request: bytes
    request_id: str = ""
    traceparent: str = ""
    seconds: float = 10.0
    deadline: float | None = None
    give_up: float | None = None
    attempts: int | None = None


class Worker:
    """One process; does one job at a time."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer
        self._serial = 0
        self._busy = False
        self.pid = 0
        self.jobs = 0

    @classmethod
    async def start(cls, forge: Forge) -> Worker:
        """Start a process and wait until it is ready.

        Raises
        ------
        WorkerDied
            If it ends or is silent instead.
        """
        asked = time.monotonic()
        connection = await forge.fork()
        worker = cls(*await asyncio.open_connection(sock=connection, limit=BUFFER))
        try:
            first = await asyncio.wait_for(read_async(worker._reader), START_SECONDS)
        except BaseException as fault:
            worker._writer.close()
            if not isinstance(fault, TimeoutError):
                raise
            await forge.renew(asked)
            text = f"no worker process came within {START_SECONDS:g} s."
            raise WorkerDied(text) from fault
        if first is None:
            worker._writer.close()
            raise WorkerDied("a worker process ended while it started.")
        worker.pid = int(first[1])
        return worker

    @property
    def alive(self) -> bool:
        """Whether the process has not ended, as far as is known."""
        return not self._reader.at_eof() and self._reader.exception() is None

    async def perform(self, job: Job, on_update: OnUpdate) -> bytes:
        """Do a job; what comes before its end goes to ``on_update``.

        Raises
        ------
        InvalidInput
            If the request breaks rules.
        JobFailed
            If the job raised.
        NoMemory
            If it wanted too much.
        WorkerDied
            If the process ended.
        """
        self._busy = True
        try:
            return await self._exchange(job, on_update)
        finally:
            self._busy = False

    async def _exchange(self, job: Job, on_update: OnUpdate) -> bytes:
        self._serial = next(_serials)
        self.jobs += 1
        header = JobHeader(
            serial=self._serial,
            job=job.name,
            request_id=job.request_id,
            seconds=job.seconds,
            deadline=job.deadline,
            traceparent=job.traceparent,
        )
        try:
            self._writer.write(frame(Kind.JOB, header.pack()))
            self._writer.write(head(Kind.REQUEST, len(job.request)))
            self._writer.write(memoryview(job.request))  # a rest that waits is copied once
            await self._writer.drain()
        except (ConnectionError, RuntimeError) as fault:
            raise WorkerDied(str(fault)) from fault
        while (received := await read_async(self._reader)) is not None:
            kind, payload = received
            if kind is Kind.RESULT:
                return payload
            if kind is Kind.INVALID:
                raise InvalidInput(unpack_violations(payload))
            if kind is Kind.NO_MEMORY:
                raise NoMemory
            if kind is Kind.FAILED:
                raise JobFailed(payload.decode())
            on_update(kind, payload)
        raise WorkerDied(f"worker process {self.pid} ended.")

    def stop(self) -> None:
        """Ask for the best plan now."""
        if self.alive and not self._writer.is_closing():
            self._writer.write(frame(Kind.STOP, str(self._serial).encode()))

    def terminate(self) -> None:
        """Send SIGTERM, which ends the process unless it is stuck in the kernel."""
        self._signal(signal.SIGTERM)

    def kill(self) -> None:
        """Send SIGKILL."""
        self._signal(signal.SIGKILL)

    async def end(self, patience: float = 1.0) -> None:
        """Close the process's input, which ends it; kill it if it stays or is busy."""
        try:
            if self._busy:
                self.kill()
            elif self.alive:
                self._writer.write_eof()
                await asyncio.wait_for(self._drained(), patience)
        except (TimeoutError, OSError):
            self.kill()
        finally:
            self._writer.close()

    async def _drained(self) -> None:
        while await self._reader.read(BUFFER):
            pass

    def _signal(self, number: signal.Signals) -> None:
        if self.alive:
            with suppress(ProcessLookupError):
                os.kill(self.pid, number)
