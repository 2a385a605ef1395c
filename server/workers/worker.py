"""The server's handle on one worker process."""

from __future__ import annotations

import asyncio
import itertools
import sys
from collections.abc import Callable
from dataclasses import dataclass

from router.errors import InvalidInput
from server.workers.frames import JobHeader, Kind, frame, read_async, unpack_violations

START_SECONDS = 60.0
"""Time that a process gets for its imports."""
BUFFER = 2**22
"""Bytes of answers that the pipe's reader holds, so that large ones flow."""

_serials = itertools.count(1)

OnUpdate = Callable[[Kind, bytes], None]


class WorkerDied(Exception):
    """The process ended while the server waited for it."""


class JobFailed(Exception):
    """The job raised; the argument is its traceback."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """A request for a worker; see :class:`server.workers.frames.JobHeader`.

    ``seconds`` limits the solve, ``deadline`` (of ``time.monotonic()``) is the
    moment by which it must have ended, ``give_up`` the moment after which nobody
    waits for the answer.
    """

    name: str
    request: bytes
    request_id: str = ""
    seconds: float = 10.0
    deadline: float | None = None
    give_up: float | None = None


class Worker:
    """One process; does one job at a time."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        assert process.stdin is not None
        assert process.stdout is not None
        self._process = process
        self._stdin = process.stdin
        self._stdout = process.stdout
        self._serial = 0
        self.jobs = 0

    @classmethod
    async def start(cls, memory_mib: int | None = None) -> Worker:
        """Start a process and wait until it is ready.

        Raises
        ------
        WorkerDied
            If it ends or is silent instead.
        """
        arguments = ["-m", "server.workers.process"]
        if memory_mib is not None:
            arguments.append(str(memory_mib))
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            *arguments,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            limit=BUFFER,
        )
        worker = cls(process)
        try:
            first = await asyncio.wait_for(read_async(worker._stdout), START_SECONDS)
        except BaseException:
            worker.kill()
            await process.wait()
            raise
        if first is None:
            await process.wait()
            raise WorkerDied("a worker process ended while it started.")
        return worker

    @property
    def pid(self) -> int:
        """Process id."""
        return self._process.pid

    @property
    def alive(self) -> bool:
        """Whether the process has not ended, as far as is known."""
        return self._process.returncode is None

    async def perform(self, job: Job, on_update: OnUpdate) -> bytes:
        """Do a job; progress and incumbents go to ``on_update`` as they come.

        Raises
        ------
        InvalidInput
            If the request breaks rules.
        JobFailed
            If the job raised.
        WorkerDied
            If the process ended.
        """
        self._serial = next(_serials)
        self.jobs += 1
        header = JobHeader(self._serial, job.name, job.request_id, job.seconds, job.deadline)
        try:
            self._stdin.write(frame(Kind.JOB, header.pack(job.request)))
            await self._stdin.drain()
        except (ConnectionError, RuntimeError) as fault:
            raise WorkerDied(str(fault)) from fault
        while (received := await read_async(self._stdout)) is not None:
            kind, payload = received
            if kind is Kind.RESULT:
                return payload
            if kind is Kind.INVALID:
                raise InvalidInput(unpack_violations(payload))
            if kind is Kind.FAILED:
                raise JobFailed(payload.decode())
            on_update(kind, payload)
        raise WorkerDied(f"worker process {self.pid} ended.")

    def stop(self) -> None:
        """Ask for the best plan now."""
        if self.alive and not self._stdin.is_closing():
            self._stdin.write(frame(Kind.STOP, str(self._serial).encode()))

    def terminate(self) -> None:
        """Send SIGTERM, which ends the process unless it is stuck in the kernel."""
        if self.alive:
            self._process.terminate()

    def kill(self) -> None:
        """Send SIGKILL."""
        if self.alive:
            self._process.kill()

    async def end(self, patience: float = 1.0) -> None:
        """Close the process's input, which ends it when idle; kill it if it stays."""
        self._stdin.close()
        try:
            await asyncio.wait_for(self._process.wait(), patience)
        except TimeoutError:
            self.kill()
            await self._process.wait()
