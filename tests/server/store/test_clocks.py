"""Clocks that are set forward and back: jobs still end once, in a history that moves on."""

from __future__ import annotations

import hashlib
import time
from itertools import pairwise
from typing import Any

import pytest
import sqlalchemy as sa
from alatau.jobs.v1 import jobs_service_pb2 as pb

from server.jobs.uploading import UploadService
from server.settings import Settings
from server.store import jobs, leases, rows
from server.store.gateway import Store
from server.store.records import Ending, JobRecord, State
from tests.postgres import Cluster
from tests.server.store.test_store import SECOND, created, hold, taken

HOUR = 3600 * SECOND
DONE = Ending(state=State.SUCCEEDED, result=b"plan")


class Clock:
    """The store's clock, ``ahead`` microseconds before the true one."""

    def __init__(self) -> None:
        self.ahead = 0
        self._true = rows.now

    def now(self, connection: sa.Connection) -> int:
        """Return the moment."""
        return self._true(connection) + self.ahead


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """Return a clock that can be set."""
    made = Clock()
    monkeypatch.setattr(rows, "now", made.now)
    return made


async def taken_over(store: Store, owner: str) -> list[JobRecord]:
    """Put back the jobs of servers that another one believes to be gone."""
    return await store.write(lambda c: leases.take_over(c, owner, all_others=False))


async def test_a_history_never_turns_back(store: Store, clock: Clock) -> None:
    """Created, then the clock loses an hour before each step: no event is before the last."""
    record = await created(store)
    clock.ahead -= HOUR
    claimed = await taken(store)
    clock.ahead -= HOUR
    await store.write(lambda c: leases.begin(c, hold(claimed)))
    clock.ahead -= HOUR
    ended = await store.write(lambda c: leases.finish(c, hold(claimed), DONE))
    assert ended is not None and ended.started is not None and ended.ended is not None
    moments = [event.moment for event in ended.history]
    assert len(moments) == 4
    assert all(one <= other for one, other in pairwise(moments))
    assert ended.started <= ended.ended
    assert await store.read(lambda c: jobs.get(c, "city", record.id)) == ended


async def test_an_hour_forward_lets_leases_run_out(store: Store, clock: Clock) -> None:
    """The job is taken by another server and ends once, with what that one found."""
    await created(store)
    first = await taken(store, "first")
    clock.ahead = HOUR
    (moved,) = await taken_over(store, "second")
    assert moved.state is State.QUEUED
    second = await taken(store, "second")
    assert await store.write(lambda c: leases.finish(c, hold(first), DONE)) is None
    ended = await store.write(lambda c: leases.finish(c, hold(second), DONE))
    assert ended is not None and ended.state is State.SUCCEEDED


async def test_an_hour_back_holds_no_job_of_the_dead(store: Store, clock: Clock) -> None:
    """A lease of a minute that would now last for an hour and a minute is none."""
    await created(store)
    await taken(store, "dead")
    clock.ahead = -HOUR
    (moved,) = await taken_over(store, "other")
    assert moved.state is State.QUEUED


async def test_an_hour_back_leaves_the_living_alone(store: Store, clock: Clock) -> None:
    """Who has renewed its lease by the new clock keeps its job."""
    await created(store)
    claimed = await taken(store, "living")
    clock.ahead = -HOUR
    await store.write(lambda c: leases.renew(c, "living", 60 * SECOND))
    assert await taken_over(store, "other") == []
    assert await store.write(lambda c: leases.finish(c, hold(claimed), DONE)) is not None


async def test_the_longest_lease_counts(store: Store) -> None:
    """A lease as long as a server may set it is believed."""
    longest = round(Settings(lease_seconds=leases.LONGEST_LEASE).lease_seconds * SECOND)
    await created(store)
    await taken(store, "me", longest)
    assert await taken_over(store, "other") == []


async def test_uploads_live_by_the_databases_clock(
    cluster: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A server that is two days behind announces one; the others do not forget it."""
    store = Store(cluster.new_database())
    await store.open()
    uploads: Any = UploadService(store, Settings(store="sqlite:///unused.db"))
    now = time.time_ns
    monkeypatch.setattr(time, "time_ns", lambda: now() - 48 * HOUR * 1000)
    request = pb.CreateUploadRequest(size=1, sha256=hashlib.sha256(b"x").digest())
    upload = await uploads.create(request, "city")
    monkeypatch.undo()
    await store.write(leases.forget_expired)
    kept = await uploads.get(upload.name, "city")
    assert kept == upload
    assert abs(kept.expire_time.seconds - time.time() - 24 * 3600) < 60
    await store.close()
