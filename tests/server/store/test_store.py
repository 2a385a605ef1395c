"""What every store must do, whatever database it stands on."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
import sqlalchemy as sa

from server.errors import Reason, ServiceError
from server.jobs.names import new_id
from server.store import jobs, leases, rows
from server.store.gateway import Store
from server.store.leases import Hold, LiveProgress
from server.store.records import Cancel, Ending, JobFilter, JobRecord, NewJob, State
from server.store.schema import EVENTS, JOBS, METADATA, REQUESTS, RESULTS

ANY = JobFilter(labels={})
SECOND = 1_000_000


def a_job(**fields: Any) -> NewJob:
    """Return a job to create."""
    values: dict[str, Any] = {
        "id": new_id(),
        "workspace": "city",
        "kind": "routes",
        "request_hash": b"h" * 32,
        "seconds": 10.0,
        "keep": 60 * SECOND,
        "labels": {},
    }
    return NewJob(**values | fields)


async def created(store: Store, request: bytes = b"request", **fields: Any) -> JobRecord:
    """Create a job."""
    new = a_job(**fields)
    return await store.write(lambda c: jobs.create(c, new, request, queue_limit=100, workers=2))


async def taken(store: Store, owner: str = "me", lease: int = 60 * SECOND) -> JobRecord:
    """Claim the next job."""
    (record,) = await store.write(lambda c: leases.claim(c, owner, 1, lease))
    return record


def hold(record: JobRecord) -> Hold:
    """Return what the owner of a claimed job holds."""
    return Hold(record.id, record.fence)


async def refused(reason: Reason, call: Any) -> ServiceError:
    """Await a call that must fail for this reason."""
    with pytest.raises(ServiceError) as caught:
        await call
    assert caught.value.reason is reason
    return caught.value


def states(record: JobRecord) -> list[State]:
    """Return the states of a job's history; its revisions only ever grow."""
    revisions = [event.revision for event in record.history]
    assert revisions == sorted(set(revisions))
    return [event.state for event in record.history]


async def test_a_job_goes_from_creation_to_result(store: Store) -> None:
    """Queued, prepared, run, ended: each state once, revisions growing, result kept."""
    record = await created(store, labels={"day": "mon"})
    assert (record.state, record.attempt, record.labels) == (State.QUEUED, 0, {"day": "mon"})
    claimed = await taken(store)
    assert (claimed.id, claimed.state, claimed.attempt) == (record.id, State.PREPARING, 1)
    assert await store.read(lambda c: jobs.request(c, record.id)) == b"request"
    begun = await store.write(lambda c: leases.begin(c, hold(claimed)))
    assert begun is not None and begun.state is State.RUNNING
    ending = Ending(state=State.SUCCEEDED, result=b"plan", outcome=b"o", progress=b"p")
    ended = await store.write(lambda c: leases.finish(c, hold(claimed), ending))
    assert ended is not None and ended.done and ended.ended is not None
    assert ended.expires == ended.ended + 60 * SECOND
    assert (ended.owner, ended.lease) == (None, None)
    assert await store.read(lambda c: c.execute(sa.select(REQUESTS.c.job)).all()) == []
    assert states(ended) == [State.QUEUED, State.PREPARING, State.RUNNING, State.SUCCEEDED]
    assert record.revision < claimed.revision < begun.revision < ended.revision
    assert await store.read(lambda c: jobs.result(c, "city", record.id, "routes")) == b"plan"
    assert await store.read(lambda c: jobs.get(c, "city", record.id)) == ended


async def test_other_workspaces_see_nothing(store: Store) -> None:
    """Every call with another workspace's job is NOT_FOUND, and changes nothing."""
    record = await created(store)
    calls: list[Callable[[sa.Connection], object]] = [
        lambda c: jobs.get(c, "village", record.id),
        lambda c: jobs.cancel(c, "village", record.id, Cancel.DISCARD),
        lambda c: jobs.delete(c, "village", record.id),
        lambda c: jobs.result(c, "village", record.id, "routes"),
    ]
    for call in calls:
        await refused(Reason.NOT_FOUND, store.write(call))
    assert await store.read(lambda c: jobs.page(c, "village", ANY, 10)) == []
    assert await store.read(lambda c: jobs.get(c, "city", record.id)) == record


async def test_a_request_id_makes_one_job(store: Store) -> None:
    """The same request gives the same job; another one is refused; elsewhere it is free."""
    first = await created(store, request_id="order-1")
    assert await created(store, request_id="order-1") == first
    other = created(store, request_id="order-1", request_hash=b"x" * 32)
    error = await refused(Reason.REQUEST_ID_REUSED, other)
    assert error.metadata == {"request_id": "order-1"}
    elsewhere = await created(store, request_id="order-1", workspace="village")
    assert elsewhere.id != first.id
    assert len(await store.read(lambda c: jobs.page(c, "city", ANY, 10))) == 1


async def test_one_request_id_at_once(store: Store) -> None:
    """Twenty calls at the same time with one request id make one job."""
    records = await asyncio.gather(*(created(store, request_id="r") for _ in range(20)))
    assert len({record.id for record in records}) == 1


async def test_reads_at_once_open_no_more_files(store: Store) -> None:
    """All connections are there from the start: a burst of reads takes no descriptor more."""
    before = len(os.listdir("/proc/self/fd"))
    slow = [store.read(lambda c: time.sleep(0.05)) for _ in range(20)]
    watching = asyncio.gather(*slow)
    await asyncio.sleep(0.1)
    assert len(os.listdir("/proc/self/fd")) <= before
    await watching


async def test_a_full_queue_refuses(store: Store) -> None:
    """Two may wait: the third is refused with a time to retry; one that runs is none."""
    for _ in range(2):
        await created(store)
    third = a_job()
    create = partial(jobs.create, new=third, request=b"", queue_limit=2, workers=1)
    error = await refused(Reason.QUEUE_FULL, store.write(create))
    assert error.retry_seconds is not None and error.retry_seconds > 0
    await taken(store)
    assert (await store.write(create)).id == third.id


async def test_a_hopeless_deadline_refuses(store: Store) -> None:
    """Two jobs of 10 s wait for 2 workers: 10 s of queue and 10 s of solve need 20."""
    for _ in range(2):
        await created(store)
    now = await store.read(rows.now)
    await refused(Reason.HOPELESS, created(store, deadline=now + 19 * SECOND))
    assert (await created(store, deadline=now + 40 * SECOND)).state is State.QUEUED


async def test_jobs_are_taken_in_their_order(store: Store) -> None:
    """First come, first served; places in the queue say so."""
    records = [await created(store) for _ in range(5)]
    ids = [record.id for record in records]
    assert await store.read(lambda c: jobs.positions(c, 3)) == dict(
        zip(ids, (1, 2, 3), strict=False)
    )
    assert await store.read(lambda c: jobs.position(c, records[3])) == 4
    assert [(await taken(store)).id for _ in ids] == ids
    assert not await store.read(leases.some_wait)
    assert await store.write(lambda c: leases.claim(c, "me", 5, SECOND)) == []


async def test_only_the_newest_claim_may_end_a_job(store: Store) -> None:
    """The old holder's result is dropped, the new one's counts, and only once."""
    await created(store)
    old = await taken(store, "old", lease=-SECOND)
    moved = await store.write(lambda c: leases.take_over(c, "new", all_others=False))
    assert [record.state for record in moved] == [State.QUEUED]
    new = await taken(store, "new")
    assert new.fence > old.fence and new.attempt == 2
    ending = Ending(state=State.SUCCEEDED, result=b"late")
    assert await store.write(lambda c: leases.finish(c, hold(old), ending)) is None
    assert await store.write(lambda c: leases.begin(c, hold(old))) is None
    assert await store.write(lambda c: leases.release(c, hold(old), "")) is None
    right = Ending(state=State.SUCCEEDED, result=b"right")
    ended = await store.write(lambda c: leases.finish(c, hold(new), right))
    assert ended is not None
    assert await store.write(lambda c: leases.finish(c, hold(new), ending)) is None
    assert await store.read(lambda c: jobs.result(c, "city", new.id, "routes")) == b"right"
    assert states(ended).count(State.SUCCEEDED) == 1


async def test_a_lease_that_is_renewed_is_not_taken(store: Store) -> None:
    """Only a silent server loses its jobs, and never to itself."""
    await created(store)
    mine = await taken(store, "me", lease=-SECOND)
    assert await store.write(lambda c: leases.take_over(c, "me", all_others=True)) == []
    held = await store.write(lambda c: leases.renew(c, "me", 60 * SECOND))
    assert held == {hold(mine): Cancel.NO}
    assert await store.write(lambda c: leases.take_over(c, "you", all_others=False)) == []
    assert len(await store.write(lambda c: leases.take_over(c, "you", all_others=True))) == 1


async def test_cancel_in_the_queue_ends_at_once(store: Store) -> None:
    """A job that waits is done when the call returns, and nobody takes it."""
    record = await created(store)
    ended = await store.write(lambda c: jobs.cancel(c, "city", record.id, Cancel.KEEP_BEST))
    assert ended.state is State.CANCELLED and ended.done
    assert await store.write(lambda c: leases.claim(c, "me", 1, SECOND)) == []
    again = await store.write(lambda c: jobs.cancel(c, "city", record.id, Cancel.DISCARD))
    assert again == ended


async def test_a_wish_reaches_the_server_that_runs_it(store: Store) -> None:
    """Keep may become discard, not the other way round; the owner sees it."""
    await created(store)
    record = await taken(store)
    for wish, seen in (
        (Cancel.KEEP_BEST, Cancel.KEEP_BEST),
        (Cancel.DISCARD, Cancel.DISCARD),
        (Cancel.KEEP_BEST, Cancel.DISCARD),
    ):
        after = await store.write(partial(jobs.cancel, workspace="city", job=record.id, mode=wish))
        assert after.cancel is seen and not after.done
        assert await store.read(lambda c: leases.wishes(c, "me")) == {hold(record): seen}
    assert await store.read(lambda c: leases.wishes(c, "you")) == {}


async def test_a_cancelled_job_of_a_dead_server_ends(store: Store) -> None:
    """It is not run again."""
    await created(store)
    record = await taken(store, "dead", lease=-SECOND)
    await store.write(lambda c: jobs.cancel(c, "city", record.id, Cancel.DISCARD))
    (ended,) = await store.write(lambda c: leases.take_over(c, "me", all_others=False))
    assert ended.state is State.CANCELLED


async def test_a_death_costs_a_retry(store: Store) -> None:
    """The history tells of it; the job stays with its owner."""
    await created(store)
    record = await taken(store)
    after = await store.write(lambda c: leases.retry(c, hold(record), "worker process died"))
    assert after is not None
    assert (after.state, after.deaths, after.attempt) == (State.RETRYING, 1, 2)
    assert after.history[-1].note == "worker process died"
    assert await store.write(lambda c: leases.begin(c, hold(record))) is not None


async def test_progress_never_turns_a_revision_back(store: Store) -> None:
    """Progress of an older revision, or of a lost job, changes nothing."""
    await created(store)
    record = await taken(store)
    for revision, shown in ((record.revision + 5, b"5"), (record.revision + 3, b"5")):
        live = LiveProgress(hold(record), revision, str(revision - record.revision).encode())
        await store.write(lambda c, live=live: leases.note_progress(c, [live]))
        found = await store.read(lambda c: jobs.get(c, "city", record.id))
        assert (found.progress, found.revision) == (shown, record.revision + 5)
    begun = await store.write(lambda c: leases.begin(c, hold(record)))
    assert begun is not None and begun.revision > record.revision + 5
    assert begun.revision % rows.STEP == 0


async def test_pages_hold_each_job_once(store: Store) -> None:
    """Newest first, page by page, under conditions."""
    for number in range(7):
        await created(store, labels={"n": str(number % 2)}, kind=("docks", "routes")[number % 2])
    whole = await store.read(lambda c: jobs.page(c, "city", ANY, 100))
    seen: list[str] = []
    after = None
    while batch := await store.read(
        partial(jobs.page, workspace="city", wanted=ANY, size=3, after=after)
    ):
        seen += [record.id for record in batch]
        after = (batch[-1].created, batch[-1].id)
    assert seen == [record.id for record in whole]
    assert [record.created for record in whole] == sorted((r.created for r in whole), reverse=True)
    odd = JobFilter(labels={"n": "1"}, kind="routes", states=(State.QUEUED,))
    assert len(await store.read(lambda c: jobs.page(c, "city", odd, 100))) == 3
    none = JobFilter(labels={"n": "2"})
    assert await store.read(lambda c: jobs.page(c, "city", none, 100)) == []
    moment = whole[3].created
    early = JobFilter(labels={}, created_before=moment)
    late = JobFilter(labels={}, created_from=moment)
    counts = [
        len(await store.read(partial(jobs.page, workspace="city", wanted=w, size=9)))
        for w in (early, late)
    ]
    assert counts == [3, 4]


async def test_what_has_expired_is_forgotten(store: Store) -> None:
    """Job, request, result and events go; a job that is not done stays."""
    record = await created(store, keep=-SECOND)
    waiting = await created(store, keep=-SECOND)
    claimed = await taken(store)
    ending = Ending(state=State.SUCCEEDED, result=b"plan")
    await store.write(lambda c: leases.finish(c, hold(claimed), ending))
    assert await store.write(leases.forget_expired) == [record.id]
    await refused(Reason.NOT_FOUND, store.read(lambda c: jobs.get(c, "city", record.id)))
    for table in (JOBS, REQUESTS, EVENTS):
        key = table.c.id if table is JOBS else table.c.job
        left = await store.read(lambda c, key=key: set(c.execute(sa.select(key)).scalars()))
        assert left == {waiting.id}
    assert await store.read(lambda c: c.execute(sa.select(RESULTS.c.job)).all()) == []


async def test_only_what_is_done_is_deleted(store: Store) -> None:
    """A job that waits has to be cancelled first; its request id is free afterwards."""
    record = await created(store, request_id="r")
    await refused(Reason.NOT_DONE, store.write(lambda c: jobs.delete(c, "city", record.id)))
    await store.write(lambda c: jobs.cancel(c, "city", record.id, Cancel.DISCARD))
    await store.write(lambda c: jobs.delete(c, "city", record.id))
    assert (await created(store, request_id="r")).id != record.id


async def test_results_are_asked_for_in_vain(store: Store) -> None:
    """Not done, of another kind, or without a result: each has its reason."""
    record = await created(store)
    ask = partial(jobs.result, workspace="city", job=record.id)
    await refused(Reason.NOT_DONE, store.read(partial(ask, kind="routes")))
    await refused(Reason.NOT_FOUND, store.read(partial(ask, kind="docks")))
    claimed = await taken(store)
    failed = Ending(state=State.FAILED, error=b"e")
    await store.write(lambda c: leases.finish(c, hold(claimed), failed))
    await refused(Reason.NO_RESULT, store.read(partial(ask, kind="routes")))


async def test_late_jobs_are_given_up(store: Store) -> None:
    """Only those whose deadline has passed, with the error given."""
    now = await store.read(rows.now)
    late = await created(store, seconds=0.0, deadline=now + SECOND)
    other = await created(store)
    await asyncio.sleep(1.1)
    (ended,) = await store.write(lambda c: leases.give_up_late(c, b"late"))
    assert (ended.id, ended.state, ended.error) == (late.id, State.FAILED, b"late")
    assert (await taken(store)).id == other.id


async def test_one_bad_write_harms_no_other(store: Store) -> None:
    """Fifty writes at once, every fifth raises: the others are committed."""

    def fail(connection: sa.Connection) -> None:
        connection.execute(sa.delete(JOBS))
        raise RuntimeError("a bug")

    calls = [store.write(fail) if n % 5 == 0 else created(store) for n in range(50)]
    results = await asyncio.gather(*calls, return_exceptions=True)
    assert sum(isinstance(result, RuntimeError) for result in results) == 10
    assert len(await store.read(lambda c: jobs.page(c, "city", ANY, 100))) == 40


async def test_large_problems_and_plans(store: Store) -> None:
    """Twenty MiB there and back."""
    data = bytes(range(256)) * (20 * 4096)
    record = await created(store, request=data)
    assert await store.read(lambda c: jobs.request(c, record.id)) == data


async def test_the_tables_are_those_of_the_schema(store: Store) -> None:
    """What the migrations make is what the statements are written for."""
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    def differences(connection: sa.Connection) -> list[Any]:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        return list(compare_metadata(context, METADATA))

    assert await store.read(differences) == []


async def test_a_store_outlives_its_process(url: str) -> None:
    """What was committed is there when it is opened again; migrating twice does nothing."""
    first = Store(url)
    await first.open()
    record = await created(first, labels={"a": "b"})
    await first.close()
    second = Store(url)
    await second.open()
    assert await second.read(lambda c: jobs.get(c, "city", record.id)) == record
    await second.close()


@pytest.mark.parametrize(
    "key", ["a.b", '"', 'n" OR 1=1 --', "[0]", "$", "0", "$.n", "'", "\\", "ключ", "%", "a b"]
)
async def test_labels_may_have_any_key(store: Store, key: str) -> None:
    """A key is found by itself alone, whatever it means to the database."""
    mine = await created(store, labels={key: "yes", "n": "1"})
    await created(store, labels={"n": "1", "other": "yes"})

    async def found(labels: dict[str, str]) -> list[str]:
        wanted = JobFilter(labels=labels)
        return [job.id for job in await store.read(lambda c: jobs.page(c, "city", wanted, 9))]

    assert await found({key: "yes"}) == [mine.id]
    assert await found({key: "yes", "n": "1"}) == [mine.id]
    assert await found({key: "no"}) == []
