"""A database that fails: a clear error, nothing half done, and on it goes afterwards."""

from __future__ import annotations

import asyncio
import signal
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from server.errors import Reason, ServiceError
from server.store import jobs, leases
from server.store.gateway import Store
from server.store.records import Ending, State
from tests.postgres import Cluster
from tests.server.store.test_store import ANY, a_job, created, hold, refused, taken


@pytest.fixture
async def file(tmp_path: Path) -> Any:
    """Open a store in a file."""
    store = Store(f"sqlite:///{tmp_path}/jobs.db")
    await store.open()
    yield store
    await store.close()


def pragma(text: str) -> Callable[[sa.Connection], None]:
    """Return a write that sets something on the writer's connection."""
    return lambda connection: connection.exec_driver_sql(f"PRAGMA {text}").close()


async def count(store: Store) -> int:
    """Return how many jobs there are."""
    return len(await store.read(lambda c: jobs.page(c, "city", ANY, 1000)))


async def test_a_locked_database(file: Store, tmp_path: Path) -> None:
    """Another process holds the lock: refused after two seconds, reads go on, then it works."""
    with sqlite3.connect(tmp_path / "jobs.db", isolation_level=None) as other:
        other.execute("BEGIN IMMEDIATE")
        error = await refused(Reason.STORE_UNAVAILABLE, created(file))
        assert "locked" in error.metadata["cause"]
        assert error.retry_seconds == 1.0
        assert await count(file) == 0
        persisting = asyncio.create_task(
            file.persist(lambda c: jobs.create(c, a_job(), b"", queue_limit=9, workers=1))
        )
        await asyncio.sleep(0.1)
        other.execute("ROLLBACK")
    await persisting
    await created(file)
    assert await count(file) == 2


async def test_a_full_disk(file: Store) -> None:
    """A large problem does not fit, beside small ones that do: only it is refused."""
    await created(file)
    pages = await file.read(lambda c: c.exec_driver_sql("PRAGMA page_count").scalar_one())
    await file.write(pragma(f"max_page_count={pages + 30}"))
    calls = [created(file), created(file, request=bytes(2**20)), created(file)]
    results = await asyncio.gather(*calls, return_exceptions=True)
    assert [isinstance(result, ServiceError) for result in results] == [False, True, False]
    error = results[1]
    assert isinstance(error, ServiceError)
    assert error.reason is Reason.STORE_UNAVAILABLE
    assert error.metadata["cause"] == "the disk is full"
    assert await count(file) == 3


async def test_a_result_waits_for_room(file: Store) -> None:
    """The disk is full when a job ends: its result is kept and stored once there is room."""
    await created(file)
    record = await taken(file)
    pages = await file.read(lambda c: c.exec_driver_sql("PRAGMA page_count").scalar_one())
    await file.write(pragma(f"max_page_count={pages}"))
    ending = Ending(state=State.SUCCEEDED, result=bytes(2**20))
    finishing = asyncio.create_task(file.persist(lambda c: leases.finish(c, hold(record), ending)))
    await asyncio.sleep(0.3)
    assert not finishing.done()
    assert (await file.read(lambda c: jobs.get(c, "city", record.id))).state is State.PREPARING
    await file.write(pragma("max_page_count=1000000"))
    ended = await finishing
    assert ended is not None and ended.state is State.SUCCEEDED
    stored = await file.read(lambda c: jobs.result(c, "city", record.id, "routes"))
    assert stored == bytes(2**20)


async def test_a_read_only_database(file: Store) -> None:
    """Writes are refused with the cause, reads go on, then it works."""
    await created(file)
    await file.write(pragma("query_only=ON"))
    error = await refused(Reason.STORE_UNAVAILABLE, created(file))
    assert error.metadata["cause"] == "the database is read-only"
    assert await count(file) == 1
    file._engine.dispose()
    await created(file)
    assert await count(file) == 2


async def test_a_file_that_is_no_database(tmp_path: Path) -> None:
    """It is named and left as it is."""
    path = tmp_path / "jobs.db"
    path.write_text("not a database, but long enough to look like a file with a header\n" * 99)
    store = Store(f"sqlite:///{path}")
    with pytest.raises(OSError, match=r"jobs\.db cannot be used"):
        await store.open()
    assert path.read_text().startswith("not a database")


async def test_a_postgresql_that_restarts(cluster: Cluster) -> None:
    """Killed and started under writes: what was acknowledged is there, refusals are clear."""
    store = Store(cluster.new_database())
    await store.open()
    acknowledged: list[str] = []
    causes: set[str] = set()

    async def create_for_a_while(number: int) -> None:
        for turn in range(25):
            try:
                record = await created(store, request_id=f"{number}-{turn}")
                acknowledged.append(record.id)
            except ServiceError as fault:
                causes.add(fault.metadata["cause"])
            await asyncio.sleep(0.02)

    creating = asyncio.gather(*(create_for_a_while(n) for n in range(3)))
    await asyncio.sleep(0.15)
    await asyncio.to_thread(cluster.stop, signal.SIGQUIT)
    persisting = asyncio.create_task(
        store.persist(lambda c: jobs.create(c, a_job(), b"", queue_limit=999, workers=1))
    )
    await asyncio.sleep(0.2)
    assert not persisting.done()
    await asyncio.to_thread(cluster.start)
    await creating
    acknowledged.append((await persisting).id)
    stored = await store.read(lambda c: jobs.page(c, "city", ANY, 1000))
    assert set(acknowledged) <= {record.id for record in stored}
    assert causes & {
        "the database cannot be reached",
        "the database is restarting",
        "the connection to the database is lost",
    }
    await store.close()
