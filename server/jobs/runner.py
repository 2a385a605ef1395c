"""Takes jobs from the store, has workers do them, and writes down how they end."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from functools import partial

import structlog
from alatau.jobs.v1 import jobs_pb2

from router.errors import InvalidInput
from server.errors import Reason, ServiceError
from server.jobs import encode
from server.jobs.board import Board
from server.jobs.execution import Execution
from server.jobs.watching import JobWatch
from server.store import jobs, leases
from server.store.gateway import Store
from server.store.leases import Hold
from server.store.records import Cancel, Ending, JobRecord, State
from server.workers.pool import WorkerPool
from server.workers.worker import Job

LOST = {Reason.WORKER_LOST, Reason.DEADLINE}
"""Why a job is tried again: its worker died, or was ended as it did not end by itself."""
PAUSE = 1.0
"""Seconds until the next attempt to take jobs after the store has failed."""

_log = structlog.get_logger("alatau.jobs")


class Runner:
    """Runs jobs of the store in one pool.

    Parameters
    ----------
    store, board
        Where jobs are kept, and shown.
    pool
        Does them; this runner is its only user.
    owner
        Name of this server in the store.
    size
        Jobs that run at once.
    attempts
        How often a job is tried while worker processes die under it.
    lease
        Microseconds after which a job of a silent server may be taken.
    watch
        Hears when jobs begin and end.
    """

    def __init__(
        self,
        store: Store,
        board: Board,
        pool: WorkerPool,
        *,
        owner: str,
        size: int,
        attempts: int,
        lease: int,
        watch: JobWatch | None = None,
    ) -> None:
        self._watch = watch or JobWatch()
        self.owner = owner
        self.lease = lease
        self._store = store
        self._board = board
        self._pool = pool
        self._size = size
        self._attempts = attempts
        self._wake = asyncio.Event()
        self._running: dict[Hold, Execution] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._taking: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to take jobs."""
        self._taking = asyncio.create_task(self._take_jobs())

    def wake(self) -> None:
        """Say that a job may wait."""
        self._wake.set()

    @property
    def free(self) -> int:
        """Jobs that could be taken now."""
        return self._size - len(self._running)

    @property
    def running(self) -> list[Execution]:
        """Jobs that run here."""
        return list(self._running.values())

    def runs(self, job: str) -> bool:
        """Return whether a job runs here."""
        return any(hold.job == job for hold in self._running)

    def cancel(self, job: str, mode: Cancel) -> None:
        """End a job if it runs here."""
        for hold, execution in self._running.items():
            if hold.job == job:
                execution.cancel(mode)

    def drain(self, seconds: float) -> None:
        """Take no more, and put back what would not end within ``seconds``."""
        if self._taking is not None:
            self._taking.cancel()
        for execution in self.running:
            if execution.seconds_left() > seconds:
                execution.release()

    async def stop(self, seconds: float) -> None:
        """Wait for the jobs that run, at most ``seconds``, and put back the others."""
        if self._taking is not None:
            self._taking.cancel()
            await asyncio.gather(self._taking, return_exceptions=True)
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=seconds)
        for execution in self.running:
            execution.release()
        if self._tasks:
            await asyncio.wait(self._tasks)

    async def _take_jobs(self) -> None:
        while True:
            self._wake.clear()
            try:
                await self._take_free()
            except ServiceError:
                await asyncio.sleep(PAUSE)
                continue
            await self._wake.wait()

    async def _take_free(self) -> None:
        while self.free > 0:
            taken = await self._store.write(
                partial(leases.claim, owner=self.owner, most=self.free, lease=self.lease)
            )
            if not taken:
                return
            for record in taken:
                self._run(record)

    def _run(self, record: JobRecord) -> None:
        execution = Execution(record, self._pool, self._reported)
        execution.cancel(record.cancel)
        self._running[execution.hold] = execution
        task = asyncio.create_task(self._execute(execution))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _execute(self, execution: Execution) -> None:
        job, hold = execution.record.id, execution.hold
        structlog.contextvars.bind_contextvars(job_id=job, workspace=execution.record.workspace)
        log = _log.bind(kind=execution.record.kind)
        execution.traceparent = self._watch.taken(execution.record)
        with self._board.pinned(job, encode.job(execution.record)):
            log.info("job taken", attempt=execution.record.attempt)
            try:
                ending = await self._ending(execution)
            except Exception as fault:
                log.error("fault", exc_info=fault)
                text = "The server failed on this job; its log has the job's id."
                ending = _failed(ServiceError(Reason.INTERNAL, text))
            if ending is None:
                note = "its server stops"
                record = await self._store.persist(lambda c: leases.release(c, hold, note))
            else:
                record = await self._store.persist(lambda c: leases.finish(c, hold, ending))
            self._watch.left(record or execution.record)
            del self._running[hold]
            self._wake.set()
            if record is None:
                log.warning("job was taken by another server")
                return
            self._board.publish(job, encode.job(record))
            log.info("job " + record.state.name.lower(), deaths=record.deaths)

    async def _ending(self, execution: Execution) -> Ending | None:
        """Try until there is an end; ``None``: the job goes back into the queue."""
        record = execution.record
        request = await self._store.persist(lambda c: jobs.request(c, record.id))
        deaths = record.deaths
        while True:
            if execution.released:
                return None
            if execution.wish is not Cancel.NO and not execution.begun:
                return execution.stopped()
            try:
                ending = await execution.attempt(_work(execution, request))
            except InvalidInput as refused:
                return _failed(ServiceError.of_input(refused))
            except ServiceError as fault:
                if fault.reason is Reason.STOPPING:
                    return None
                deaths += 1
                if fault.reason not in LOST or deaths >= self._attempts:
                    return _failed(fault, deaths)
                if not await self._retry(execution, deaths):
                    return None
                continue
            if ending is None:
                return execution.stopped()
            return execution.stopped() if execution.wish is Cancel.DISCARD else ending

    async def _retry(self, execution: Execution, deaths: int) -> bool:
        """Note a death; return whether the job is still ours."""
        note = f"worker process died; retry {deaths} of {self._attempts - 1}"
        record = await self._store.persist(lambda c: leases.retry(c, execution.hold, note))
        if record is None:
            return False
        self._board.publish(record.id, encode.job(record))
        return True

    def _reported(self, execution: Execution, head: jobs_pb2.SolveJob) -> None:
        if not execution.begun:
            execution.begun = True
            task = asyncio.create_task(self._begin(execution))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        if not self._store.shared:  # else it is stored first
            self._board.show_progress(execution.hold.job, head.progress)

    async def _begin(self, execution: Execution) -> None:
        with suppress(ServiceError):
            record = await self._store.write(lambda c: leases.begin(c, execution.hold))
            if record is not None:
                message = encode.job(record)
                if execution.live is not None:
                    message.progress.CopyFrom(execution.live.progress)
                self._board.publish(record.id, message)


def _work(execution: Execution, request: bytes) -> Job:
    record = execution.record
    return Job(
        name=f"{record.kind}.job",
        request=request,
        request_id=record.id,
        traceparent=execution.traceparent,
        seconds=record.seconds,
        attempts=1,
    )


def _failed(fault: ServiceError, deaths: int = 0) -> Ending:
    if fault.reason is Reason.WORKER_LOST:
        text = f"{deaths} worker processes died on this job; simplify it, or give it more memory."
        fault = ServiceError(fault.reason, text)
    return Ending(state=State.FAILED, note=fault.message, error=encode.error(fault))
