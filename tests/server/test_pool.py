from __future__ import annotations

import asyncio
import os
import signal
import socket
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from router.errors import InvalidInput
from server import registry
from server.errors import Reason, ServiceError
from server.workers import worker
from server.workers.forge import Forge, WorkerDied
from server.workers.frames import Kind
from server.workers.pool import WorkerPool
from server.workers.worker import Job


@pytest.fixture
async def pool(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[WorkerPool]:
    """Give a pool of one worker with the toy jobs, and one place in its queue."""
    monkeypatch.setenv(registry.INSTEAD, "tests.server.toy_jobs")
    forge = Forge()
    await forge.start()
    made = WorkerPool("test", size=1, queue_limit=1, forge=forge)
    await made.start()
    yield made
    await made.close()
    await forge.close()


def job(name: str, request: bytes = b"", **fields: float) -> Job:
    """Return a job of the toy module."""
    return Job(name=f"toy.{name}", request=request, **fields)  # type: ignore[arg-type]


async def until(true: Callable[[], bool], seconds: float = 2.0) -> float:
    """Wait until something is true and return how long it took."""
    start = time.monotonic()
    while not true():
        assert time.monotonic() - start < seconds, "it did not become true in time"
        await asyncio.sleep(0.005)
    return time.monotonic() - start


async def test_answers_with_the_bytes_of_the_job(pool: WorkerPool) -> None:
    """A large request arrives whole, and so does its answer."""
    request = os.urandom(3_000_000)
    assert await pool.run(job("echo", request)) == request


async def test_a_worker_keeps_the_pages_of_large_arrays(pool: WorkerPool) -> None:
    """32 MB have 8,000 pages; the second job finds those of the first."""
    await pool.run(job("arrays"))
    assert int(await pool.run(job("arrays"))) < 100


async def test_prints_of_a_job_do_not_reach_the_pipe(pool: WorkerPool) -> None:
    """Standard output of a job is standard error of the server."""
    assert await pool.run(job("chatty", b"x")) == b"x"


async def test_violations_cross_the_border(pool: WorkerPool) -> None:
    """All violations come back, with code, path and sentence."""
    with pytest.raises(InvalidInput) as refused:
        await pool.run(job("refuse"))
    assert [(v.code, v.path) for v in refused.value.violations] == [("NEGATIVE", "a"), ("X", "b")]


async def test_a_fault_of_a_job_is_internal_and_costs_no_worker(pool: WorkerPool) -> None:
    """The caller hears no traceback, and the process goes on."""
    before = pool.pids
    with pytest.raises(ServiceError) as failed:
        await pool.run(job("fail"))
    assert failed.value.reason is Reason.INTERNAL
    assert "bug" not in failed.value.message
    assert pool.pids == before


async def test_progress_comes_at_most_ten_times_a_second(pool: WorkerPool) -> None:
    """0.55 s of reports every millisecond make 6 messages, at 0, 0.1, … 0.5 s."""
    heard: list[tuple[Kind, bytes]] = []
    answer = await pool.run(job("search", seconds=0.55), lambda *what: heard.append(what))
    assert answer == b"limit"
    assert 4 <= len(heard) <= 6
    assert {kind for kind, _ in heard} == {Kind.INCUMBENT}


async def test_a_full_queue_refuses_at_once_and_says_when_to_retry(pool: WorkerPool) -> None:
    """One runs, one waits, the third is refused: 0.5 s until the first is done."""
    running = asyncio.create_task(pool.run(job("search", seconds=0.5)))
    await until(lambda: pool.running == 1)
    waiting = asyncio.create_task(pool.run(job("echo", b"second")))
    await until(lambda: pool.waiting == 1)
    with pytest.raises(ServiceError) as refused:
        await pool.run(job("echo"))
    assert refused.value.reason is Reason.QUEUE_FULL
    assert refused.value.retry_seconds is not None
    assert 0.1 <= refused.value.retry_seconds <= 0.5
    assert await running == b"limit"
    assert await waiting == b"second"


async def test_a_deadline_passes_while_waiting(pool: WorkerPool) -> None:
    """A call gives up its place in the queue when its deadline passes."""
    running = asyncio.create_task(pool.run(job("search", seconds=0.4)))
    await until(lambda: pool.running == 1)
    with pytest.raises(ServiceError) as late:
        await pool.run(job("echo", give_up=time.monotonic() + 0.05))
    assert late.value.reason is Reason.DEADLINE
    assert pool.waiting == 0
    await running


@pytest.mark.parametrize("name", ["search", "stubborn"])
async def test_a_cancelled_caller_frees_the_worker_within_a_second(
    pool: WorkerPool, name: str
) -> None:
    """A job that listens stops at once; one that does not is killed."""
    running = asyncio.create_task(pool.run(job(name, seconds=60)))
    await until(lambda: pool.running == 1)
    await asyncio.sleep(0.1)
    running.cancel()
    start = time.monotonic()
    assert await pool.run(job("echo", b"next")) == b"next"
    assert time.monotonic() - start < 1.0
    with pytest.raises(asyncio.CancelledError):
        await running


async def test_a_solve_beyond_its_deadline_is_ended(pool: WorkerPool) -> None:
    """Nobody waits for a stubborn job longer than its caller does."""
    start = time.monotonic()
    with pytest.raises(ServiceError) as late:
        await pool.run(job("stubborn", deadline=start + 0.2, give_up=start + 0.3))
    assert late.value.reason is Reason.DEADLINE
    assert 0.25 < time.monotonic() - start < 0.6
    assert await pool.run(job("echo", b"next")) == b"next"
    assert time.monotonic() - start < 1.4


async def test_a_job_without_a_deadline_is_not_waited_for_for_ever(
    pool: WorkerPool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A stubborn job of 0.1 s is given up 0.2 s later, and the worker is free."""
    monkeypatch.setattr("server.workers.pool.ABANDON", 0.2)
    with pytest.raises(ServiceError) as late:
        await pool.run(job("stubborn", seconds=0.1))
    assert late.value.reason is Reason.DEADLINE
    assert await pool.run(job("echo", b"next")) == b"next"


async def test_a_death_costs_one_retry(pool: WorkerPool, tmp_path: Path) -> None:
    """The job that dies once is answered by the second process."""
    assert await pool.run(job("die", f"{tmp_path / 'deaths'}:1".encode())) == b"alive"


async def test_two_deaths_are_an_error(pool: WorkerPool, tmp_path: Path) -> None:
    """A job that kills two processes is given up, and the pool goes on."""
    with pytest.raises(ServiceError) as lost:
        await pool.run(job("die", f"{tmp_path / 'deaths'}:2".encode()))
    assert lost.value.reason is Reason.WORKER_LOST
    assert await pool.run(job("echo", b"next")) == b"next"


async def test_killed_from_outside_while_idle(pool: WorkerPool) -> None:
    """A process that dies while idle is replaced before a job sees it."""
    os.kill(pool.pids[0], signal.SIGKILL)
    await asyncio.sleep(0.1)
    assert await pool.run(job("echo", b"x")) == b"x"


async def test_a_worker_ends_when_its_server_hears_nothing_more() -> None:
    """The server's end closes with bytes unread: that resets the connection, it does not end it."""
    forge = Forge()
    await forge.start()
    connection = await forge.fork()
    connection.setblocking(True)
    head = await asyncio.to_thread(connection.recv, 5, socket.MSG_PEEK | socket.MSG_WAITALL)
    size = int.from_bytes(head[1:], "little")
    pid = int(connection.recv(5 + size, socket.MSG_PEEK | socket.MSG_WAITALL)[5:])
    connection.close()
    await until(lambda: not Path(f"/proc/{pid}").exists())
    await forge.close()


async def test_a_successor_starts_during_the_last_job(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of one process two are there while the only job of the first runs; then one again."""
    monkeypatch.setenv(registry.INSTEAD, "tests.server.toy_jobs")
    forge = Forge()
    await forge.start()
    pool = WorkerPool("test", size=1, queue_limit=1, forge=forge, jobs_per_worker=1)
    await pool.start()
    running = asyncio.create_task(pool.run(job("search", seconds=0.5)))
    await until(lambda: len(pool.pids) == 2)
    assert not running.done()
    await running
    assert len(pool.pids) == 1
    await pool.close()
    await forge.close()


async def test_processes_are_replaced_after_their_jobs(monkeypatch: pytest.MonkeyPatch) -> None:
    """With one job a process, each job is done by another one."""
    monkeypatch.setenv(registry.INSTEAD, "tests.server.toy_jobs")
    forge = Forge()
    pool = WorkerPool("test", size=1, queue_limit=1, forge=forge, jobs_per_worker=1)
    await pool.start()
    assert len({await pool.run(job("whoami")) for _ in range(3)}) == 3
    await pool.close()
    await forge.close()


async def test_a_hurried_solve_gives_its_best(pool: WorkerPool) -> None:
    """On hurry the job ends early with an answer instead of being lost."""
    running = asyncio.create_task(pool.run(job("search", seconds=60)))
    await until(lambda: pool.running == 1)
    await asyncio.sleep(0.1)
    pool.hurry()
    assert await running == b"stopped"


def nursery_of(pool: WorkerPool) -> int:
    """Return the process id of the parent of the pool's workers."""
    return int(Path(f"/proc/{pool.pids[0]}/stat").read_text().split()[3])


async def test_the_nursery_has_no_thread_but_its_own(pool: WorkerPool) -> None:
    """A fork of a process with threads could copy a lock that nobody opens."""
    assert len(os.listdir(f"/proc/{nursery_of(pool)}/task")) == 1


async def test_a_nursery_that_dies_is_started_again(pool: WorkerPool) -> None:
    """After its death the running workers go on, and new ones come."""
    os.kill(nursery_of(pool), signal.SIGKILL)
    assert await pool.run(job("echo", b"x")) == b"x"
    os.kill(pool.pids[0], signal.SIGKILL)
    await asyncio.sleep(0.1)
    assert await pool.run(job("echo", b"y")) == b"y"


async def test_a_nursery_that_hangs_is_replaced(
    pool: WorkerPool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Stopped, with no worker left: after the time to start one, another nursery does it."""
    monkeypatch.setattr(worker, "START_SECONDS", 1.0)
    hung = nursery_of(pool)
    os.kill(hung, signal.SIGSTOP)
    os.kill(pool.pids[0], signal.SIGKILL)
    assert await pool.run(job("echo", b"x", seconds=60)) == b"x"
    assert nursery_of(pool) != hung
    await until(lambda: not Path(f"/proc/{hung}").exists())


async def test_a_nursery_that_cannot_start_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    """A module that is not there ends the process before it is ready."""
    monkeypatch.setenv(registry.INSTEAD, "no_such_module")
    with pytest.raises(WorkerDied):
        await Forge().start()


async def test_close_while_a_job_that_nobody_wants_winds_down(pool: WorkerPool) -> None:
    """The caller has just gone and the job does not hear of it: closing kills it."""
    running = asyncio.create_task(pool.run(job("stubborn")))
    await until(lambda: pool.running == 1)
    (pid,) = pool.pids
    running.cancel()
    await asyncio.sleep(0.05)
    await pool.close()
    await until(lambda: not Path(f"/proc/{pid}").exists())


async def test_a_hopeless_deadline_is_refused_at_once(pool: WorkerPool) -> None:
    """Four searches took their 0.5 s: one of 3 s should take 3 * 1.9 / (1.9 + 3) = 1.1 s."""
    for _ in range(4):
        await pool.run(job("search", seconds=0.5))
    long = asyncio.create_task(pool.run(job("search", seconds=3.0)))
    await until(lambda: pool.running == 1)
    start = time.monotonic()
    with pytest.raises(ServiceError) as refused:
        await pool.run(job("search", seconds=1.0, give_up=start + 0.5))
    assert time.monotonic() - start < 0.4
    assert refused.value.reason is Reason.HOPELESS
    assert refused.value.retry_seconds is not None
    assert 0.1 <= refused.value.retry_seconds < 1
    assert pool.waiting == 0
    patient = asyncio.create_task(pool.run(job("echo", b"x", give_up=start + 60)))
    await until(lambda: pool.waiting == 1)
    long.cancel()
    assert await patient == b"x"


async def test_nobody_is_refused_by_a_guess(pool: WorkerPool) -> None:
    """Jobs whose kind has no history are let into the queue, and short ones expected short."""
    running = asyncio.create_task(pool.run(job("search", seconds=0.5)))
    await until(lambda: pool.running == 1)
    assert await pool.run(job("echo", b"x", give_up=time.monotonic() + 20)) == b"x"
    await running
