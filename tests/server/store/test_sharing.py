"""Several servers and one database: shared where it can be, refused where not."""

from __future__ import annotations

import asyncio
from functools import partial
from pathlib import Path

import pytest
import sqlalchemy as sa

from server.errors import Reason
from server.store import engine, jobs, leases
from server.store.engine import StoreTaken, open_engine
from server.store.gateway import Store
from server.store.records import Cancel, Ending, JobRecord, State
from tests.postgres import Cluster
from tests.server.store.test_store import ANY, SECOND, created, hold, refused


@pytest.fixture
def url(cluster: Cluster) -> str:
    """Return the URL of an empty database that may be shared."""
    return cluster.new_database()


async def test_servers_start_at_once(url: str) -> None:
    """Five servers find an empty database together: one makes the tables."""
    stores = [Store(url) for _ in range(5)]
    await asyncio.gather(*(store.open() for store in stores))
    await created(stores[0])
    assert len(await stores[4].read(lambda c: jobs.page(c, "city", ANY, 10))) == 1
    await asyncio.gather(*(store.close() for store in stores))


async def test_no_two_servers_take_the_same_job(store: Store, url: str) -> None:
    """Four servers take sixty jobs as fast as they can: each is taken once."""
    for _ in range(60):
        await created(store)
    servers = [Store(url) for _ in range(4)]
    await asyncio.gather(*(server.open() for server in servers))

    async def take_all(server: Store, owner: str) -> list[str]:
        taken: list[str] = []
        while batch := await server.write(lambda c: leases.claim(c, owner, 3, 60 * SECOND)):
            taken += [record.id for record in batch]
        return taken

    shares = await asyncio.gather(*(take_all(s, f"s{n}") for n, s in enumerate(servers)))
    ids = [job for share in shares for job in share]
    left = await store.read(leases.some_wait)
    while left:  # a claim may pass over rows that another one was about to leave
        ids += await take_all(store, "last")
        left = await store.read(leases.some_wait)
    assert len(ids) == len(set(ids)) == 60
    await asyncio.gather(*(server.close() for server in servers))


async def test_one_request_id_at_two_servers(store: Store, url: str) -> None:
    """Both calls get the same job, whoever was first."""
    other = Store(url)
    await other.open()
    for number in range(10):
        name = f"r{number}"
        calls = [created(each, request_id=name) for each in (store, other, store, other)]
        records = await asyncio.gather(*calls, return_exceptions=True)
        made = {record.id for record in records if not isinstance(record, BaseException)}
        assert len(made) == 1
    await other.close()


async def test_one_end_whoever_writes(store: Store, url: str) -> None:
    """A cancel at one server and a result at another: one final state, seen by both."""
    other = Store(url)
    await other.open()
    for _ in range(10):
        record = await created(store)
        (claimed,) = await other.write(lambda c: leases.claim(c, "other", 1, 60 * SECOND))
        ending = Ending(state=State.SUCCEEDED, result=b"plan")
        cancel = partial(jobs.cancel, workspace="city", job=record.id, mode=Cancel.DISCARD)
        finish = partial(leases.finish, hold=hold(claimed), ending=ending)
        await asyncio.gather(store.write(cancel), other.write(finish))
        found = await store.read(lambda c, job=record.id: jobs.get(c, "city", job))
        assert found.state is State.SUCCEEDED
        assert [event.state for event in found.history if event.state in (4, 7)] == [4]
    await other.close()


async def test_a_server_stopped_in_a_transaction_holds_no_job(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It has its row locked and says no more: a second later another one takes the job."""
    monkeypatch.setattr(engine, "IDLE_SECONDS", 1.0)
    silent, other = Store(url), Store(url)
    await asyncio.gather(silent.open(), other.open())
    record = await created(silent)
    await silent.write(lambda c: leases.claim(c, "silent", 1, SECOND // 10))
    stopped = silent._engine.connect()
    stopped.begin()
    await asyncio.to_thread(leases.renew, stopped, "silent", SECOND)
    moved: list[JobRecord] = []
    for _ in range(100):
        moved += await other.write(lambda c: leases.take_over(c, "other", all_others=False))
        if moved:
            break
        await asyncio.sleep(0.1)
    assert [job.id for job in moved] == [record.id]
    with pytest.raises(sa.exc.DBAPIError):
        await asyncio.to_thread(stopped.execute, sa.text("SELECT 1"))
    stopped.invalidate()
    stopped.close()
    await created(silent)
    await asyncio.gather(silent.close(), other.close())


async def test_a_file_is_not_shared(tmp_path: Path) -> None:
    """The second server is told what to do; the first is not disturbed; then it may."""
    url = f"sqlite:///{tmp_path}/jobs.db"
    first, second = Store(url), Store(url)
    await first.open()
    with pytest.raises(StoreTaken, match="in use by another server"):
        await second.open()
    await created(first)
    modes = await asyncio.to_thread(lambda: [p.stat().st_mode for p in tmp_path.glob("jobs.db*")])
    assert len(modes) >= 2 and not any(mode & 0o077 for mode in modes)
    await first.close()
    third = Store(url)
    await third.open()
    await third.close()


@pytest.mark.parametrize("url", ["mysql://h/d", "sqlite://", "jobs.db", "sqlite:///:memory:", ""])
def test_other_databases_are_refused(url: str) -> None:
    """Only a SQLite file and PostgreSQL will do."""
    with pytest.raises(ValueError, match=r"URL of a database|neither sqlite"):
        open_engine(url)


async def test_a_password_is_not_told() -> None:
    """A server that cannot be reached is named without its password."""
    store = Store("postgresql://u:hunter2@127.0.0.1:1/none")
    with pytest.raises(OSError, match="cannot be reached") as failed:
        await store.open()
    assert "hunter2" not in str(failed.value)


async def test_a_refusal_is_no_fault(store: Store) -> None:
    """What a statement refuses is told as it is, not as a fault of the database."""
    await refused(Reason.NOT_FOUND, store.write(lambda c: jobs.delete(c, "city", "0" * 28)))
