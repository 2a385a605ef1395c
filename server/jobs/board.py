"""Jobs as they are this instant, for all who watch.

One message for each job that runs here or is watched here. A watcher has no queue of
its own: it waits until the message has changed and sends what it finds then, so that
a slow reader costs nothing and sees the newest.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager

from alatau.common.v1 import solving_pb2
from alatau.jobs.v1 import jobs_pb2

from server.errors import Reason, ServiceError
from server.store.rows import STEP

PACE = 0.0004
"""Seconds between two reports of progress, times the watchers of the job: 1,000 of
them get one every 0.4 s, all at once, and the event loop has the rest of the time."""
LEAST_PAUSE = 0.02
"""Shorter pauses in seconds are not worth a timer."""

SolveJob = jobs_pb2.SolveJob


class _Entry:
    """One job, with what wakes its watchers."""

    def __init__(self, job: SolveJob) -> None:
        self.job = job
        self.changed = asyncio.Event()
        self.users = 0
        self.watchers = 0
        self.gone = False
        self.told = 0.0
        self.progress: solving_pb2.Progress | None = None
        self.timer: asyncio.TimerHandle | None = None

    def show(self, job: SolveJob) -> None:
        """Show a newer message and wake whoever waits for one."""
        self.job = job
        self.wake()

    def wake(self) -> None:
        """Wake those who wait for a change."""
        self.changed.set()
        self.changed = asyncio.Event()

    def tell_progress(self) -> None:
        """Show the newest progress now."""
        self.drop_timer()
        progress, self.progress = self.progress, None
        if progress is not None and (message := _successor(self.job)) is not None:
            self.told = asyncio.get_running_loop().time()
            message.progress.CopyFrom(progress)
            self.show(message)

    def drop_timer(self) -> None:
        """Forget that progress is to be shown later."""
        if self.timer is not None:
            self.timer.cancel()
            self.timer = None


class Board:
    """The newest message of every job that anybody here cares for."""

    def __init__(self) -> None:
        self._entries: dict[str, _Entry] = {}
        self._closing = False

    def find(self, job: str) -> SolveJob | None:
        """Return the message of a job that is on the board."""
        entry = self._entries.get(job)
        return None if entry is None else entry.job

    def watched(self) -> dict[str, SolveJob]:
        """Return the jobs that somebody watches, by id."""
        return {name: entry.job for name, entry in self._entries.items() if entry.watchers}

    @contextmanager
    def pinned(self, job: str, message: SolveJob) -> Iterator[None]:
        """Keep a job on the board."""
        entry = self._entries.setdefault(job, _Entry(message))
        self.publish(job, message)
        entry.users += 1
        try:
            yield
        finally:
            entry.users -= 1
            if entry.users == 0:
                entry.drop_timer()
                del self._entries[job]

    def publish(self, job: str, message: SolveJob) -> None:
        """Show a job as it is stored, unless something newer is shown."""
        entry = self._entries.get(job)
        if entry is not None and message.revision > entry.job.revision:
            entry.progress = None
            entry.show(message)

    def show_progress(self, job: str, progress: solving_pb2.Progress) -> None:
        """Show how far a job is: at once, or when its watchers have had a pause."""
        entry = self._entries.get(job)
        if entry is None:
            return
        entry.progress = progress
        if entry.timer is not None:
            return
        loop = asyncio.get_running_loop()
        pause = entry.told + PACE * entry.watchers - loop.time()
        if pause < LEAST_PAUSE:
            entry.tell_progress()
        else:
            entry.timer = loop.call_later(pause, entry.tell_progress)

    def ahead(self, job: str, progress: solving_pb2.Progress) -> SolveJob | None:
        """Return what is to be shown of a job next, once it is stored."""
        entry = self._entries.get(job)
        message = None if entry is None else _successor(entry.job)
        if message is not None:
            message.progress.CopyFrom(progress)
        return message

    def show_position(self, job: str, position: int) -> None:
        """Show a job's place in the queue."""
        entry = self._entries.get(job)
        if entry is None or entry.job.queue_position == position:
            return
        if (message := _successor(entry.job)) is not None:
            message.queue_position = position
            entry.show(message)

    def lose(self, job: str) -> None:
        """Tell the watchers of a job that it was forgotten."""
        entry = self._entries.get(job)
        if entry is not None:
            entry.gone = True
            entry.wake()

    def close(self) -> None:
        """Send every watcher to another server."""
        self._closing = True
        for entry in self._entries.values():
            entry.wake()

    async def follow(self, job: str, after: int) -> AsyncIterator[SolveJob]:
        """Yield a job that is on the board whenever it is newer than before, until done.

        Raises
        ------
        ServiceError
            NOT_FOUND if it is forgotten, STOPPING if the server ends.
        """
        entry = self._entries[job]
        entry.watchers += 1
        try:
            while True:
                changed, message = entry.changed, entry.job
                if message.revision <= after and not message.done:
                    self._check(entry)
                    await changed.wait()
                    continue
                yield message
                if message.done:
                    return
                after = message.revision
        finally:
            entry.watchers -= 1

    def _check(self, entry: _Entry) -> None:
        if entry.gone:
            raise ServiceError(Reason.NOT_FOUND, "The job was deleted.")
        if self._closing:
            text = "The server is stopping; watch again after the last revision."
            raise ServiceError(Reason.STOPPING, text)


def _successor(job: SolveJob) -> SolveJob | None:
    """Return a copy with the next revision; ``None`` if no more come before a new state."""
    if job.done or (job.revision + 1) % STEP == 0:
        return None
    message = SolveJob()
    message.CopyFrom(job)
    message.revision += 1
    return message
