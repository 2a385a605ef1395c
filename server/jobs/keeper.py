"""What has to be done from time to time: leases, takeovers, wishes, expiry."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import structlog

from server.errors import Reason, ServiceError
from server.jobs import encode
from server.jobs.board import Board, SolveJob
from server.jobs.runner import Runner
from server.store import jobs, leases
from server.store.gateway import Store
from server.store.leases import LiveProgress

LISTEN_SECONDS = 0.25
"""How often the store is asked what other servers have done, where there are any."""
TELL_SECONDS = 0.5
"""How often they are told of progress, and watchers here."""
QUEUE_SECONDS = 0.5
"""How often watchers hear of places in the queue."""
LATE_SECONDS = 1.0
"""How often the queue is searched for jobs whose deadline has passed."""
FORGET_SECONDS = 5.0
"""How often the store is searched for what has expired."""
LEASE_SHARE = 1 / 3
"""A lease is renewed when this share of it has passed."""
QUEUE_SHOWN = 10_000
"""Places in the queue that watchers hear of."""

_log = structlog.get_logger("alatau.jobs")


class Keeper:
    """Keeps one server's jobs in step with the store.

    Parameters
    ----------
    store, board, runner
        What it keeps.
    """

    def __init__(self, store: Store, board: Board, runner: Runner) -> None:
        self._store = store
        self._board = board
        self._runner = runner
        self._tasks: list[asyncio.Task[None]] = []

    async def start(self) -> None:
        """Take over what nobody runs any more, then go on in the background.

        Raises
        ------
        ServiceError
            STORE_UNAVAILABLE.
        """
        await self._take_over(all_others=not self._store.shared)
        lease = self._runner.lease / 1e6
        every = [
            (lease * LEASE_SHARE, self._renew),
            (QUEUE_SECONDS, self._show_queue),
            (LATE_SECONDS, self._give_up_late),
            (FORGET_SECONDS, self._forget),
        ]
        if self._store.shared:
            every += [
                (LISTEN_SECONDS, self._listen),
                (TELL_SECONDS, self._tell),
                (lease * LEASE_SHARE, self._take_over),
            ]
        self._tasks = [asyncio.create_task(_repeat(pause, work)) for pause, work in every]

    async def stop(self) -> None:
        """End the background work."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _renew(self) -> None:
        before = {execution.hold: execution for execution in self._runner.running}
        if not before:
            return
        held = await self._store.write(
            lambda c: leases.renew(c, self._runner.owner, self._runner.lease)
        )
        running = {execution.hold for execution in self._runner.running}
        for hold, execution in before.items():
            if hold in running and hold not in held:
                _log.warning("job was taken by another server", job=hold.job)
                execution.release()

    async def _listen(self) -> None:
        """Learn what callers wish of jobs here, what waits, and how jobs elsewhere are."""
        runner = self._runner
        if runner.running:
            wishes = await self._store.read(lambda c: leases.wishes(c, runner.owner))
            for hold, mode in wishes.items():
                runner.cancel(hold.job, mode)
        if runner.free > 0 and await self._store.read(leases.some_wait):
            runner.wake()
        here = {execution.hold.job for execution in runner.running}
        elsewhere = [job for job in self._board.watched() if job not in here]
        if elsewhere:
            records = await self._store.read(lambda c: jobs.many(c, elsewhere))
            for record in records:
                self._board.publish(record.id, encode.job(record))
            for job in set(elsewhere) - {record.id for record in records}:
                self._board.lose(job)

    async def _tell(self) -> None:
        """Store progress, then show it: what one server has told, the others know."""
        live, shown = [], []
        for execution in self._runner.running:
            job, progress = execution.hold.job, execution.news()
            message = None if progress is None else self._board.ahead(job, progress)
            if message is not None and progress is not None:
                shown.append((job, message))
                entry = LiveProgress(execution.hold, message.revision, progress.SerializeToString())
                live.append(entry)
        if live:
            await self._store.write(lambda c: leases.note_progress(c, live))
        for job, message in shown:
            self._board.publish(job, message)

    async def _show_queue(self) -> None:
        shown = self._board.watched()
        queued = [job for job, message in shown.items() if message.state == SolveJob.STATE_QUEUED]
        if not queued:
            return
        places = await self._store.read(lambda c: jobs.positions(c, QUEUE_SHOWN))
        for job in queued:
            if job in places:
                self._board.show_position(job, places[job])

    async def _take_over(self, *, all_others: bool = False) -> None:
        owner = self._runner.owner
        taken = await self._store.write(lambda c: leases.take_over(c, owner, all_others=all_others))
        for record in taken:
            _log.warning("job taken over", job=record.id, state=record.state.name)
            self._board.publish(record.id, encode.job(record))
        if taken:
            self._runner.wake()

    async def _give_up_late(self) -> None:
        text = "The job's deadline passed while it waited; give it a later one."
        error = encode.error(ServiceError(Reason.DEADLINE, text))
        for record in await self._store.write(lambda c: leases.give_up_late(c, error)):
            self._board.publish(record.id, encode.job(record))

    async def _forget(self) -> None:
        for job in await self._store.write(leases.forget_expired):
            self._board.lose(job)


async def _repeat(pause: float, work: Callable[[], Awaitable[None]]) -> None:
    """Do something for ever; the store's faults are logged where they happen."""
    while True:
        await asyncio.sleep(pause)
        try:
            await work()
        except ServiceError:
            continue
        except Exception as fault:  # noqa: BLE001 - one failure must not end the keeping
            _log.error("fault", exc_info=fault)
