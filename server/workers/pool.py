"""Worker processes behind one bounded queue.

A pool runs at most ``size`` jobs at once, each in a process of its own. A
process that dies costs its job one retry; its successor is forked in
milliseconds. A job that nobody waits for any more is stopped, by force after
:data:`STOP_PATIENCE`.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Coroutine
from typing import Any

import structlog

from server.errors import Reason, ServiceError
from server.workers.forecast import Forecast
from server.workers.forge import Forge, WorkerDied
from server.workers.frames import Figures, Kind
from server.workers.line import Line
from server.workers.observer import Observer
from server.workers.worker import Job, JobFailed, NoMemory, OnUpdate, Worker

STOP_PATIENCE = 0.4
"""Seconds from the request to stop until SIGTERM."""
TERM_PATIENCE = 0.2
"""Seconds from SIGTERM until SIGKILL."""
OVERRUN = 1.0
"""Seconds beyond its limit after which a solve is asked to stop."""
ABANDON = 30.0
"""Seconds beyond its limit after which a job is given up, even where its caller
set no deadline: no worker is occupied for ever."""
ATTEMPTS = 2
"""How often a job is tried while processes die under it."""
RESTART_PAUSE = 0.5
"""Seconds between attempts to start a process."""

_log = structlog.get_logger("alatau.workers")


class WorkerPool:
    """Runs jobs in worker processes.

    Parameters
    ----------
    name
        For the log.
    size
        Jobs that run at once.
    queue_limit
        Jobs that may wait beyond those.
    forge
        Starts the processes; several pools may share one.
    jobs_per_worker
        Jobs after which a process is replaced.
    observer
        Hears what happens.
    """

    def __init__(
        self,
        name: str,
        size: int,
        queue_limit: int,
        forge: Forge,
        jobs_per_worker: int = 200,
        observer: Observer | None = None,
    ) -> None:
        self._observer = observer or Observer()
        self._size = size
        self._queue_limit = queue_limit
        self._jobs_per_worker = jobs_per_worker
        self._forge = forge
        self._line = Line(size)
        self._waiting = 0
        self._idle: asyncio.Queue[Worker] = asyncio.Queue()
        self._workers: set[Worker] = set()
        self._retiring: set[Worker] = set()
        self._running: dict[Worker, Job] = {}
        self._ends: dict[Worker, float] = {}
        self._forecast = Forecast()
        self._starts: set[asyncio.Task[None]] = set()
        self._endings: set[asyncio.Task[None]] = set()
        self._closing = False
        self._log = _log.bind(pool=name)

    async def start(self) -> None:
        """Start all processes.

        Raises
        ------
        WorkerDied
            If one of them cannot start.
        """
        for _ in range(self._size):
            self._welcome(await Worker.start(self._forge))

    @property
    def running(self) -> int:
        """Jobs that occupy a process."""
        return len(self._running)

    @property
    def waiting(self) -> int:
        """Jobs in the queue."""
        return self._waiting

    @property
    def pids(self) -> list[int]:
        """Process ids of all workers."""
        return [worker.pid for worker in self._workers]

    async def run(self, job: Job, on_update: OnUpdate = lambda kind, payload: None) -> bytes:
        """Run a job and return its response.

        When the caller is cancelled, or ``job.give_up`` passes, the job is
        stopped and its process is free again within a second.

        Raises
        ------
        InvalidInput
            If the request breaks rules.
        ServiceError
            QUEUE_FULL, HOPELESS, DEADLINE, STOPPING, WORKER_LOST, OUT_OF_MEMORY or INTERNAL.
        """
        came = time.monotonic()
        await self._take_slot(job)
        self._observer.began(job, time.monotonic() - came)
        slot = _Slot(self._line)
        try:
            return await self._attempts(job, on_update, slot)
        finally:
            slot.leave()

    def hurry(self, job: Job | None = None) -> None:
        """Ask a running job, or every one, for the best plan that it has now."""
        for worker, running in self._running.items():
            if job is None or running is job:
                worker.stop()

    async def close(self) -> None:
        """End all processes; running jobs are lost."""
        self._closing = True
        for start in self._starts:
            start.cancel()
        await asyncio.gather(*self._starts, return_exceptions=True)
        for worker in self._running:
            worker.kill()
        await asyncio.gather(*self._endings, *(worker.end() for worker in self._workers))
        self._workers.clear()

    async def _take_slot(self, job: Job) -> None:
        if self._closing:
            raise _stopping()
        if self._line.full and self._waiting >= self._queue_limit:
            raise ServiceError(
                Reason.QUEUE_FULL,
                f"{self._waiting} calls wait for {self._size} workers; try again later.",
                {"queue_limit": str(self._queue_limit), "workers": str(self._size)},
                retry_seconds=self._next_end(),
            )
        self._refuse_hopeless(job)
        self._waiting += 1
        try:
            with self._forecast.queued(job):
                await self._line.enter(_left(job.give_up))
        except TimeoutError:
            raise _too_late("while it waited for a worker") from None
        finally:
            self._waiting -= 1

    def _refuse_hopeless(self, job: Job) -> None:
        """Refuse at once what would only wait until nobody waits for it any more."""
        if job.give_up is None or not self._line.full:
            return
        wait, left = self._forecast.wait(self._size), _left(job.give_up) or 0.0
        if wait >= left:
            text = f"The call would wait about {wait:.1f} s, and its deadline leaves {left:.1f}."
            limits = {"wait_seconds": f"{wait:.3f}"}
            raise ServiceError(Reason.HOPELESS, text, limits, retry_seconds=max(0.1, wait - left))

    def _next_end(self) -> float:
        """Return the seconds until the first running job should be done."""
        now = time.monotonic()
        soonest = min((end - now for end in self._ends.values()), default=1.0)
        return min(max(soonest, 0.1), 60.0)

    async def _attempts(self, job: Job, on_update: OnUpdate, slot: _Slot) -> bytes:
        attempts = job.attempts or ATTEMPTS
        for attempt in range(1, attempts + 1):
            if self._closing:
                raise _stopping()
            worker = await self._idle_worker()
            try:
                return await self._perform(worker, job, on_update, slot)
            except WorkerDied as death:
                self._observer.died()
                self._log.warning("worker died", attempt=attempt, job=job.name, cause=str(death))
                self._replace(worker)
            except NoMemory:
                text = "The problem needs more memory than a worker process may take."
                raise ServiceError(Reason.OUT_OF_MEMORY, text) from None
            except JobFailed as fault:
                self._log.error("job failed", job=job.name, traceback=str(fault))
                text = "The server failed on this request; its log has the request id."
                raise ServiceError(Reason.INTERNAL, text) from None
        text = f"The worker process died {attempts} times on this request."
        raise ServiceError(Reason.WORKER_LOST, text, {"attempts": str(attempts)})

    async def _idle_worker(self) -> Worker:
        """Return a living idle process; a slot says that one is there or starting."""
        while True:
            worker = await self._idle.get()
            if worker.alive:
                return worker
            self._replace(worker)

    async def _perform(self, worker: Worker, job: Job, on_update: OnUpdate, slot: _Slot) -> bytes:
        self._enter(worker, job)
        overrun = asyncio.get_running_loop().call_at(self._ends[worker] + OVERRUN, worker.stop)

        def heard(kind: Kind, payload: bytes) -> None:
            if kind is Kind.FIGURES:
                self._observer.worked(job, Figures.unpack(payload))
            else:
                on_update(kind, payload)

        work = asyncio.create_task(self._occupy(worker, job, heard, slot))
        try:
            done, _ = await asyncio.wait({work}, timeout=self._patience(worker))
        except asyncio.CancelledError:
            if not work.done():
                _spawn(self._wind_down(worker, work, slot.hand_over()), self._endings)
            raise
        finally:
            overrun.cancel()
        if not done:
            _spawn(self._wind_down(worker, work, slot.hand_over()), self._endings)
            raise _too_late("before the solve had ended")
        return work.result()

    async def _occupy(self, worker: Worker, job: Job, heard: OnUpdate, slot: _Slot) -> bytes:
        """Do a job, then leave process and slot: the next one begins before its caller hears."""
        died = False
        try:
            return await worker.perform(job, heard)
        except WorkerDied:
            died = True
            raise
        finally:
            if slot.held:
                self._leave(worker, died=died)
                if not died:
                    slot.leave()

    def _enter(self, worker: Worker, job: Job) -> None:
        end = time.monotonic() + job.seconds
        self._ends[worker] = end if job.deadline is None else min(end, job.deadline)
        self._running[worker] = job
        self._forecast.begin(worker, job)
        if worker.jobs + 1 >= self._jobs_per_worker:
            self._retiring.add(worker)
            _spawn(self._start_one(), self._starts)  # while it does its last job

    def _patience(self, worker: Worker) -> float:
        """Return the seconds until nobody waits for the worker's job any more."""
        end, given = self._ends[worker] + ABANDON, self._running[worker].give_up
        return max(0.0, (end if given is None else min(end, given)) - time.monotonic())

    def _leave(self, worker: Worker, *, died: bool) -> None:
        """Make the process available again, unless it died or this was its last job."""
        del self._running[worker], self._ends[worker]
        self._forecast.end(worker)
        if died:
            return
        if worker in self._retiring:
            self._replace(worker)
        else:
            self._idle.put_nowait(worker)

    async def _wind_down(self, worker: Worker, work: asyncio.Task[bytes], slot: _Slot) -> None:
        """Free a process whose job nobody waits for: stop, SIGTERM, SIGKILL."""
        try:
            worker.stop()
            for patience, force in (
                (STOP_PATIENCE, worker.terminate),
                (TERM_PATIENCE, worker.kill),
            ):
                done, _ = await asyncio.wait({work}, timeout=patience)
                if done:
                    break
                self._observer.killed()
                force()
            await asyncio.wait({work})
            died = isinstance(work.exception(), WorkerDied)
            self._leave(worker, died=died)
            if died:
                self._replace(worker)
        finally:
            slot.leave()

    def _replace(self, worker: Worker) -> None:
        """End a process in the background, and start its successor unless that comes already."""
        self._workers.discard(worker)
        _spawn(worker.end(), self._endings)
        if worker in self._retiring:
            self._retiring.discard(worker)
        elif not self._closing:
            _spawn(self._start_one(), self._starts)

    async def _start_one(self) -> None:
        while True:
            try:
                self._welcome(await Worker.start(self._forge))
            except (OSError, WorkerDied, TimeoutError) as fault:
                self._log.error("worker does not start", cause=str(fault))
                await asyncio.sleep(RESTART_PAUSE)
            else:
                return

    def _welcome(self, worker: Worker) -> None:
        self._workers.add(worker)
        self._idle.put_nowait(worker)


class _Slot:
    """The right to occupy a process; left once, by whoever holds it last."""

    def __init__(self, line: Line) -> None:
        self._line: Line | None = line

    @property
    def held(self) -> bool:
        """Whether it is neither left nor handed over."""
        return self._line is not None

    def hand_over(self) -> _Slot:
        """Return a slot that holds the right in place of this one."""
        line, self._line = self._line, None
        assert line is not None
        return _Slot(line)

    def leave(self) -> None:
        """Give the right back, if it is still held here."""
        line, self._line = self._line, None
        if line is not None:
            line.leave()


def _left(moment: float | None) -> float | None:
    return None if moment is None else max(0.0, moment - time.monotonic())


def _too_late(when: str) -> ServiceError:
    return ServiceError(Reason.DEADLINE, f"The deadline passed {when}.")


def _stopping() -> ServiceError:
    return ServiceError(Reason.STOPPING, "The server is stopping; ask another one.")


def _spawn(work: Coroutine[Any, Any, None], into: set[asyncio.Task[None]]) -> None:
    task = asyncio.create_task(work)
    into.add(task)
    task.add_done_callback(into.discard)
