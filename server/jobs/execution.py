"""One job that this server runs: its worker, its best result, how it is to end."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from alatau.common.v1 import solving_pb2
from alatau.jobs.v1 import jobs_pb2

from server.jobs import encode, reports
from server.store.leases import Hold
from server.store.records import Cancel, Ending, JobRecord, State
from server.workers.frames import Kind
from server.workers.pool import WorkerPool
from server.workers.worker import Job

KEEP_SECONDS = 0.7
"""Time that a search gets to hand over its best plan; then its worker is stopped by
force, and the last result that it reported counts."""

OnReport = Callable[["Execution", jobs_pb2.SolveJob], None]


class Execution:
    """A claimed job from its claim to its end.

    Parameters
    ----------
    record
        The job as it was claimed.
    pool
        Whose worker does it.
    on_report
        Hears of progress.
    """

    def __init__(self, record: JobRecord, pool: WorkerPool, on_report: OnReport) -> None:
        self.record = record
        self.hold = Hold(record.id, record.fence)
        self.wish = Cancel.NO
        self.released = False
        self.begun = False
        self.traceparent = ""
        self.live: jobs_pb2.SolveJob | None = None
        self._told: jobs_pb2.SolveJob | None = None
        self._pool = pool
        self._on_report = on_report
        self._best: tuple[jobs_pb2.SolveJob, bytes] | None = None
        self._job: Job | None = None
        self._work: asyncio.Task[bytes] | None = None
        self._force: asyncio.TimerHandle | None = None

    async def attempt(self, job: Job) -> Ending | None:
        """Do the job in a worker, once; ``None``: it was stopped before it had a result.

        Raises
        ------
        InvalidInput
            If the request breaks rules.
        ServiceError
            WORKER_LOST, OUT_OF_MEMORY, INTERNAL, STOPPING or DEADLINE.
        """
        self.begun = False
        self._job = job
        self._work = asyncio.create_task(self._pool.run(job, self._hear))
        self._obey()
        try:
            await asyncio.wait({self._work})
        finally:
            if self._force is not None:
                self._force.cancel()
        if self._work.cancelled():
            return None
        head, body = reports.unpack(self._work.result())
        return _ending(head, body)

    def cancel(self, mode: Cancel) -> None:
        """End the job, and discard or keep its best plan."""
        if self.wish in (Cancel.NO, Cancel.KEEP_BEST) and mode != self.wish:
            self.wish = mode
            self._obey()

    def release(self) -> None:
        """Stop without an end: another server, or this one later, runs the job anew."""
        self.released = True
        self._stop()

    def stopped(self) -> Ending | None:
        """Return how the job ends after it was stopped; ``None``: it runs elsewhere."""
        if self.released:
            return None
        if self.wish is Cancel.KEEP_BEST and self._best is not None:
            return _ending(*self._best, note="cancelled; the last plan reported is kept")
        return Ending(state=State.CANCELLED, note="cancelled")

    def news(self) -> solving_pb2.Progress | None:
        """Return the progress, where it has changed since this was last asked."""
        if self.live is None or self.live is self._told:
            return None
        self._told = self.live
        return self.live.progress

    def seconds_left(self) -> float:
        """Return how long the search may still take, as far as is known."""
        if self.live is None:
            return self.record.seconds
        elapsed = self.live.progress.elapsed
        return max(0.0, self.record.seconds - elapsed.seconds - elapsed.nanos / 1e9)

    def _obey(self) -> None:
        if self.wish is Cancel.DISCARD or self.released:
            self._stop()
        elif self.wish is Cancel.KEEP_BEST and self._job is not None:
            self._pool.hurry(self._job)
            self._force = asyncio.get_running_loop().call_later(KEEP_SECONDS, self._stop)

    def _stop(self) -> None:
        if self._work is not None:
            self._work.cancel()

    def _hear(self, kind: Kind, payload: bytes) -> None:
        head, body = reports.unpack(payload)
        if kind is Kind.INCUMBENT:
            self._best = head, body
        self.live = head
        self._on_report(self, head)


def _ending(head: jobs_pb2.SolveJob, body: bytes, note: str = "") -> Ending:
    proven_infeasible = head.outcome.termination == solving_pb2.TERMINATION_INFEASIBLE
    return Ending(
        state=State.INFEASIBLE if proven_infeasible else State.SUCCEEDED,
        note=note,
        result=body,
        outcome=head.outcome.SerializeToString(),
        progress=encode.progress(head),
    )
