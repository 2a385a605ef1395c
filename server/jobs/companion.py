"""Jobs as a part of the server: put together, started, drained, ended."""

from __future__ import annotations

import asyncio
import secrets

from server.errors import ServiceError
from server.jobs.board import Board
from server.jobs.keeper import Keeper
from server.jobs.runner import Runner
from server.jobs.service import JobService
from server.jobs.uploading import UploadService
from server.jobs.watching import JobWatch
from server.settings import Settings
from server.store.gateway import Store
from server.workers.pool import WorkerPool

LAST_SECONDS = 1.0
"""Part of a stop's grace that is left to put jobs back into the queue."""


class Jobs:
    """A :class:`server.lifecycle.Companion` with the services of jobs and uploads.

    Parameters
    ----------
    settings
        What the operator has set.
    pool
        The workers that do the jobs, and nothing else.
    watch
        Hears when jobs begin and end.
    """

    def __init__(self, settings: Settings, pool: WorkerPool, watch: JobWatch | None = None) -> None:
        self._grace = settings.grace_seconds
        self._end = 0.0
        self.store = Store(settings.store)
        self.board = Board()
        self.runner = Runner(
            self.store,
            self.board,
            pool,
            owner=secrets.token_hex(8),
            size=settings.job_workers,
            attempts=settings.job_attempts,
            lease=round(settings.lease_seconds * 1e6),
            watch=watch,
        )
        self._keeper = Keeper(self.store, self.board, self.runner)
        self.service = JobService(self.store, self.board, self.runner, settings)
        self.uploads = UploadService(self.store, settings)

    async def start(self) -> None:
        """Open the store, take over jobs whose server is gone, begin to run them.

        Raises
        ------
        OSError
            If the store cannot be used; the message says why.
        """
        await self.store.open()
        try:
            await self._keeper.start()
        except ServiceError as fault:
            await self.store.close()
            raise OSError(fault.message) from fault
        self.runner.start()

    async def drain(self) -> None:
        """Take no more jobs, put back those that would not end in time, end watches."""
        seconds = max(0.0, self._grace - LAST_SECONDS)
        self._end = asyncio.get_running_loop().time() + seconds
        self.runner.drain(seconds)
        self.board.close()

    async def close(self) -> None:
        """Wait for what ends in time, put back the rest, and close the store."""
        await self.runner.stop(max(0.0, self._end - asyncio.get_running_loop().time()))
        await self._keeper.stop()
        await self.store.close()
