"""Workers and servers are killed mid-solve: no client sees a broken promise."""

from __future__ import annotations

import os
import signal
import time
from contextlib import suppress
from pathlib import Path
from random import Random

import pytest
from alatau.jobs.v1 import jobs_pb2

from benchmarks.load.processes import cpu_seconds
from tests.faults.history import History
from tests.faults.promises import breaches
from tests.faults.traffic import client, until
from tests.serving import ServerProcess, children, running_server

RUNNING = jobs_pb2.SolveJob.STATE_RUNNING
SUCCEEDED = jobs_pb2.SolveJob.STATE_SUCCEEDED
SOLVE_SECONDS = 0.8
"""A solve is long enough for its worker to be found and killed."""


def busy_worker(server: ServerProcess) -> int:
    """Return the process id of the worker that solves, once one has used a core."""
    (nursery,) = server.children()
    before = {pid: cpu_seconds(pid) for pid in children(nursery)}
    while True:
        time.sleep(0.02)
        for pid in children(nursery):
            if cpu_seconds(pid) >= before.setdefault(pid, 0.0) + 0.03:
                return pid


def test_killed_workers_lose_no_job(tmp_path: Path, kills: int) -> None:
    """Each job's worker is killed once while it solves: it runs again and succeeds."""
    history = History()
    with (
        running_server(tmp_path, job_workers=1, workers=1) as server,
        client(server.address, history) as asking,
    ):
        for number in range(kills):
            name = asking.create(f"job-{number}", SOLVE_SECONDS)
            assert name is not None
            killed = False
            for job in asking.watch(name):
                if job.state == RUNNING and not killed:
                    os.kill(busy_worker(server), signal.SIGKILL)
                    killed = True
        asking.finish()
        ends = [asking.get(name) for name in history.acknowledged()]
    assert breaches(history) == []
    assert {job.state for job in ends} == {SUCCEEDED}
    # A solve that ended while its worker was being looked for has no death.
    assert sum(job.worker_deaths for job in ends) >= 0.9 * kills - 1


@pytest.mark.slow
def test_a_stopped_worker_costs_a_retry(tmp_path: Path) -> None:
    """SIGSTOP: half a minute after the job should have ended, another worker does it."""
    history = History()
    with (
        running_server(tmp_path, job_workers=1, workers=1) as server,
        client(server.address, history) as asking,
    ):
        name = asking.create("stopped", SOLVE_SECONDS)
        assert name is not None
        for job in asking.watch(name):
            if job.state == RUNNING and job.attempt == 1:
                os.kill(busy_worker(server), signal.SIGSTOP)
                break
        asking.finish()
        ended = asking.get(name)
    assert breaches(history) == []
    assert (ended.state, ended.attempt, ended.worker_deaths) == (SUCCEEDED, 2, 1)


def test_killed_servers_lose_no_job(tmp_path: Path, kills: int) -> None:
    """Two jobs, then SIGKILL at any moment: all are there once, and end once."""
    history, random, known = History(), Random(1), list[str]()
    for number in range(kills):
        with (
            running_server(tmp_path, job_workers=1, workers=1) as server,
            client(server.address, history) as asking,
        ):
            for name in known[-2:]:
                asking.get(name)
            for request_id in (f"{number}-a", f"{number}-b", f"{max(0, number - 1)}-a"):
                name = asking.create(request_id, 0.2)
                assert name is not None
                known.append(name)
            with suppress(StopIteration):
                next(asking.watch(known[-2]))
            time.sleep(random.random() * 0.6)
            server.process.kill()
            server.process.wait()
    with (
        running_server(tmp_path, job_workers=1, workers=1) as server,
        client(server.address, history) as asking,
    ):
        asking.finish()
        ends = [asking.get(name) for name in history.acknowledged()]
    assert breaches(history) == []
    assert len(ends) == 2 * kills
    assert {job.state for job in ends} == {SUCCEEDED}


def test_a_server_that_is_told_to_stop_loses_no_job(tmp_path: Path) -> None:
    """SIGTERM while one job runs and one waits: both go on with the next server."""
    history = History()
    with (
        running_server(tmp_path, job_workers=1, workers=1) as server,
        client(server.address, history) as asking,
    ):
        first = asking.create("long", 3.0)
        assert first is not None
        assert asking.create("short", 0.1) is not None
        until(lambda: asking.get(first).state == RUNNING)
        assert server.stop() == 0
    with (
        running_server(tmp_path, job_workers=1, workers=1) as server,
        client(server.address, history) as asking,
    ):
        asking.finish()
    assert breaches(history) == []
    assert sorted(history.listed) == ["long", "short"]
