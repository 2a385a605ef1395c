"""Watching a job that ends while its watcher arrives."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

import sqlalchemy as sa

from server.jobs import names
from server.jobs.board import Board
from server.jobs.runner import Runner
from server.jobs.service import JobService
from server.settings import Settings
from server.store import jobs
from server.store.gateway import Store
from server.store.records import Cancel, NewJob, State

NEW = NewJob(
    id=names.new_id(),
    workspace="city",
    kind="routes",
    request_hash=bytes(32),
    seconds=1.0,
    keep=60_000_000,
    labels={},
)


class EndsMeanwhile:
    """A store in which the job ends once somebody has read it, before they go on."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def read(self, work: Callable[[sa.Connection], Any]) -> Any:
        """Read, and let the job end."""
        found = await self._store.read(work)
        await self._store.write(lambda c: jobs.cancel(c, NEW.workspace, NEW.id, Cancel.DISCARD))
        return found


async def test_a_job_that_ends_while_its_watcher_arrives_is_seen_to_end(tmp_path: Path) -> None:
    """Nobody shows the end to this watcher; it must look again once it is on the board."""
    store = Store(f"sqlite:///{tmp_path}/jobs.db")
    await store.open()
    await store.write(lambda c: jobs.create(c, NEW, b"", 10, 1))
    watched = cast("Store", EndsMeanwhile(store))
    service = JobService(watched, Board(), cast("Runner", None), Settings())
    name = names.job_name(NEW.workspace, NEW.id)
    async with asyncio.timeout(20):
        states = [job.state async for job in service.watch(name, 0, NEW.workspace)]
    await store.close()
    assert states[-1] == State.CANCELLED
