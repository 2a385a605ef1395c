"""Jobs under faults: workers killed and hung, servers killed and stopped."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import grpc
import pytest
from alatau.common.v1 import solving_pb2
from alatau.jobs.v1 import jobs_pb2

from tests.api.calls import failure
from tests.api.test_routing import line_problem
from tests.server.jobs.asking import (
    CANCELLED,
    FAILED,
    QUEUED,
    RETRYING,
    RUNNING,
    SUCCEEDED,
    Asking,
    eventually,
    states,
)
from tests.server.spells import DIES, HANGS, SWELLS
from tests.serving import ServerProcess, children, running_server

KEEP = jobs_pb2.CANCEL_MODE_KEEP_BEST


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    """Run a server whose route jobs get stuck on request."""
    folder = tmp_path_factory.mktemp("stuck")
    os.environ["ALATAU_JOB_MODULES"] = "tests.server.jobs.stuck_jobs"
    try:
        with running_server(folder, workers=1, job_workers=1) as running:
            yield running
    finally:
        del os.environ["ALATAU_JOB_MODULES"]


@pytest.fixture
def ask(server: ServerProcess) -> Iterator[Asking]:
    """Return a caller."""
    with grpc.insecure_channel(server.address) as channel:
        yield Asking(channel)


def stuck(ask: Asking, how: str) -> jobs_pb2.SolveJob:
    """Create a job that gets stuck."""
    problem = line_problem()
    problem.name = how
    return ask.create(60, problem=problem)


def kill_workers(server: ServerProcess) -> None:
    """Kill every worker process; they are forked anew."""
    (nursery,) = server.children()
    for pid in children(nursery):
        os.kill(pid, signal.SIGKILL)


def test_a_hung_job_keeps_its_best_plan(ask: Asking) -> None:
    """It hears nothing: its worker is killed, and the last plan reported is the result."""
    job = stuck(ask, HANGS)
    reported = ask.until(job, lambda j: j.progress.HasField("cost"))
    start = time.monotonic()
    ask.cancel(job, KEEP)
    ended = ask.end(job)
    assert time.monotonic() - start < 10
    assert (ended.state, ended.outcome.feasible) == (SUCCEEDED, True)
    assert ended.outcome.termination == solving_pb2.TERMINATION_CANCELLED
    assert "last plan reported" in ended.history[-1].note
    plan = ask.plan(job)
    assert plan.feasible and plan.cost.total <= reported.progress.cost.total
    assert plan.summary.termination == solving_pb2.TERMINATION_CANCELLED
    assert ask.end(ask.create(0.1)).state == SUCCEEDED


def test_a_hung_job_is_discarded(ask: Asking) -> None:
    """Keep turns into discard: the job ends at once, and its worker is free."""
    job = stuck(ask, HANGS)
    ask.until(job, lambda j: j.state == RUNNING)
    ask.cancel(job)
    assert ask.end(job).state == CANCELLED
    assert ask.end(ask.create(0.1)).state == SUCCEEDED


def test_a_job_that_kills_workers_is_given_up(ask: Asking) -> None:
    """Three deaths, two retries, each in the history; then it fails and others run."""
    job = ask.end(stuck(ask, DIES))
    assert (job.state, job.error.reason, job.worker_deaths) == (FAILED, "WORKER_LOST", 2)
    assert (states(job).count(RETRYING), job.attempt) == (2, 3)
    assert [e.note for e in job.history if e.state == RETRYING] == [
        "worker process died; retry 1 of 2",
        "worker process died; retry 2 of 2",
    ]
    assert ask.end(ask.create(0.1)).state == SUCCEEDED


def test_a_job_that_needs_too_much_memory_fails(ask: Asking) -> None:
    """A tebibyte is not to be had: the job says so, and the worker lives on."""
    job = ask.end(stuck(ask, SWELLS))
    assert (job.state, job.error.reason, job.worker_deaths) == (FAILED, "OUT_OF_MEMORY", 0)


def test_a_killed_worker_costs_one_retry(server: ServerProcess, ask: Asking) -> None:
    """SIGKILL in the middle: the job runs again within five seconds and succeeds."""
    job = ask.create(2)
    ask.until(job, lambda j: j.state == RUNNING)
    kill_workers(server)
    killed = time.monotonic()
    ask.until(job, lambda j: j.state == RUNNING and j.attempt == 2)
    assert time.monotonic() - killed < 5
    ended = ask.end(job)
    assert (ended.state, ended.worker_deaths) == (SUCCEEDED, 1)
    assert states(ended).count(RETRYING) == 1
    assert ended.history[-1].state == SUCCEEDED


def test_a_killed_server_loses_nothing(tmp_path: Path) -> None:
    """SIGKILL with one job running, one waiting and one done: all are there afterwards."""
    with (
        running_server(tmp_path, workers=1) as first,
        grpc.insecure_channel(first.address) as channel,
    ):
        ask = Asking(channel)
        done = ask.end(ask.create(0.1))
        running = ask.create(1)
        waiting = ask.create(0.1, request_id="w")
        last = ask.until(running, lambda j: j.state == RUNNING)
        first.process.kill()
        first.process.wait()
    with (
        running_server(tmp_path, workers=1) as second,
        grpc.insecure_channel(second.address) as channel,
    ):
        ask = Asking(channel)
        assert ask.get(done) == done and ask.plan(done).feasible
        assert ask.create(0.1, request_id="w").name == waiting.name
        resumed = [message.job for message in ask.watch(running, after=last.revision)]
        assert all(job.revision > last.revision for job in resumed)
        ended = resumed[-1]
        assert (ended.state, ended.attempt, ended.worker_deaths) == (SUCCEEDED, 2, 0)
        assert "gone" in next(e.note for e in ended.history[1:] if e.state == QUEUED)
        assert ask.end(waiting).state == SUCCEEDED
        assert [states(job).count(SUCCEEDED) for job in (ended, ask.get(waiting))] == [1, 1]


def test_a_stopped_server_gives_its_jobs_back(tmp_path: Path) -> None:
    """SIGTERM: what ends in time ends, the rest waits; watchers are told to come again."""
    with (
        running_server(tmp_path, workers=1, job_workers=2, grace_seconds=6) as first,
        grpc.insecure_channel(first.address) as channel,
    ):
        ask = Asking(channel)
        long, short = ask.create(60), ask.create(3)
        for job in (long, short):
            ask.until(job, lambda j: j.state == RUNNING)
        watch = ask.watch(long)
        next(watch)
        first.process.send_signal(signal.SIGTERM)
        code, details = failure(lambda: list(watch))
        assert code is grpc.StatusCode.UNAVAILABLE
        assert details["ErrorInfo"].reason == "STOPPING"
        assert first.process.wait(30) == 0
    with (
        running_server(tmp_path, workers=1, job_workers=1) as second,
        grpc.insecure_channel(second.address) as channel,
    ):
        ask = Asking(channel)
        assert (ask.get(short).state, ask.get(short).attempt) == (SUCCEEDED, 1)
        again = ask.until(long, lambda j: j.state == RUNNING)
        assert again.attempt == 2
        assert "stops" in next(e.note for e in again.history[1:] if e.state == QUEUED)
        ask.cancel(long, KEEP)
        assert ask.end(long).state == SUCCEEDED


def test_expired_jobs_are_forgotten(tmp_path: Path) -> None:
    """A second after its end the job is gone with the next sweep."""
    with (
        running_server(tmp_path, workers=1) as server,
        grpc.insecure_channel(server.address) as channel,
    ):
        ask = Asking(channel)
        job = ask.create(0.05, time_to_live={"seconds": 1})
        ended = ask.end(job)
        assert ended.expire_time.seconds - ended.end_time.seconds == 1

        def gone() -> bool:
            try:
                ask.get(job)
            except grpc.RpcError as fault:
                return fault.code() is grpc.StatusCode.NOT_FOUND  # type: ignore[attr-defined]
            return False

        eventually(gone)
