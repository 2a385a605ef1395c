"""From a gRPC call to a job in a worker and back: deadlines, streams."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any, Protocol

import structlog
from alatau.common.v1.solving_pb2 import SolveOptions
from google.protobuf.message import Message

from server.access.caller import current
from server.access.limits import Limits
from server.errors import Reason, ServiceError
from server.rpc.context import Context
from server.rpc.received import serialized
from server.settings import Settings
from server.telemetry.traces import traceparent
from server.workers.frames import Kind
from server.workers.pool import WorkerPool
from server.workers.worker import Job

LEAST_MARGIN, MOST_MARGIN = 0.02, 0.5
"""Seconds kept of a caller's deadline so that the answer still arrives: a tenth
of the time, within these."""
CHECK_SECONDS = 60.0
"""Time of an evaluation without a deadline."""


class SolveRequest(Protocol):
    """A request with options; every part's Solve… and Stream… requests are."""

    @property
    def options(self) -> SolveOptions:
        """How long and how hard to search."""
        ...

    def SerializeToString(self) -> bytes:  # noqa: N802 - protobuf's name
        """Return the request as bytes."""
        ...


@dataclass(frozen=True, slots=True)
class Calls:
    """Sends requests to the pool that is right for them.

    Parameters
    ----------
    solves, checks
        Pools; small checks never wait behind solves.
    settings
        Default and longest time of a solve.
    limits
        How many solves each workspace may have in progress.
    """

    solves: WorkerPool
    checks: WorkerPool
    settings: Settings
    limits: Limits

    async def solve(self, name: str, request: SolveRequest, context: Context) -> bytes:
        """Return the response of a solve."""
        with self.limits.solve(current().workspace):
            return await self.solves.run(self._solve_job(name, request, context))

    async def stream(
        self, name: str, request: SolveRequest, context: Context
    ) -> AsyncIterator[bytes]:
        """Yield progress, incumbents and at last the plan of a solve.

        A caller who reads slowly misses progress that a later message replaces,
        and costs no memory.
        """
        with self.limits.solve(current().workspace):
            job = self._solve_job(name, request, context)
            mailbox = Mailbox()
            work = asyncio.create_task(self.solves.run(job, mailbox.put))
            work.add_done_callback(lambda done: mailbox.close())
            try:
                async for message in mailbox:
                    yield message
                yield await work
            finally:
                work.cancel()

    async def check(self, name: str, request: Message, context: Context) -> bytes:
        """Return the response of an evaluation."""
        give_up, deadline = _deadlines(context)
        job = Job(
            name=name,
            request=serialized(request),
            request_id=_request_id(),
            traceparent=traceparent(),
            seconds=CHECK_SECONDS,
            deadline=deadline,
            give_up=give_up,
        )
        return await self.checks.run(job)

    def _solve_job(self, name: str, request: SolveRequest, context: Context) -> Job:
        give_up, deadline = _deadlines(context)
        return Job(
            name=name,
            request=serialized(request),
            request_id=_request_id(),
            traceparent=traceparent(),
            seconds=self._seconds(request.options, deadline is not None),
            deadline=deadline,
            give_up=give_up,
        )

    def _seconds(self, options: SolveOptions, has_deadline: bool) -> float:
        """Return the time that the solve may take by the request and the settings.

        A limit that breaks a rule is left to the worker, which refuses it with
        all other faults of the request.
        """
        limit = options.time_limit
        wanted = limit.seconds + limit.nanos / 1e9
        if wanted > 0:
            return min(wanted, self.settings.max_seconds)
        return self.settings.max_seconds if has_deadline else self.settings.default_seconds


class Mailbox:
    """Holds the newest progress and the newest incumbent, nothing older."""

    def __init__(self) -> None:
        self._newest: dict[Kind, bytes] = {}
        self._changed = asyncio.Event()
        self._closed = False

    def put(self, kind: Kind, message: bytes) -> None:
        """Replace what is held of this kind."""
        self._newest.pop(kind, None)
        self._newest[kind] = message
        self._changed.set()

    def close(self) -> None:
        """Say that nothing more comes."""
        self._closed = True
        self._changed.set()

    async def __aiter__(self) -> AsyncIterator[bytes]:
        while True:
            await self._changed.wait()
            self._changed.clear()
            while self._newest:
                yield self._newest.pop(next(iter(self._newest)))
            if self._closed:
                return


def _deadlines(context: Context) -> tuple[float | None, float | None]:
    """Return the caller's deadline and the moment by which to be done for it.

    Raises
    ------
    ServiceError
        If there is no time left.
    """
    left = context.time_remaining()
    if left is None:
        return None, None
    margin = min(max(left / 10, LEAST_MARGIN), MOST_MARGIN)
    if left <= margin:
        text = f"The deadline leaves {max(left, 0.0):.3f} seconds; give at least {margin:g}."
        raise ServiceError(Reason.DEADLINE, text)
    now = time.monotonic()
    return now + left, now + left - margin


def _request_id() -> str:
    bound: dict[str, Any] = structlog.contextvars.get_contextvars()
    return str(bound.get("request_id", ""))
