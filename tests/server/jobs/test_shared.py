"""Two servers on one PostgreSQL: one queue, one truth, and each takes the other's place."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import NamedTuple

import grpc
import pytest

from tests.postgres import Cluster, cluster_or_skip
from tests.server.jobs.asking import CANCELLED, QUEUED, RUNNING, SUCCEEDED, Asking, states
from tests.serving import ServerProcess, running_server


class Pair(NamedTuple):
    """Two servers and a caller of each."""

    first: ServerProcess
    a: Asking
    b: Asking


cluster = pytest.fixture(scope="module")(cluster_or_skip)


@pytest.fixture(scope="module")
def pair(cluster: Cluster, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    """Run two servers with one worker for jobs each; a silent one is gone after 2 s."""
    settings: dict[str, object] = {
        "workers": 1,
        "job_workers": 1,
        "lease_seconds": 2,
        "store": cluster.new_database(),
    }
    with (
        running_server(tmp_path_factory.mktemp("a"), **settings) as first,
        running_server(tmp_path_factory.mktemp("b"), **settings) as second,
        grpc.insecure_channel(first.address) as one,
        grpc.insecure_channel(second.address) as two,
    ):
        yield Pair(first, Asking(one), Asking(two))


def test_they_share_the_queue(pair: Pair) -> None:
    """Two jobs created at one server run at both, and can be followed at either."""
    created = [pair.a.create(3) for _ in range(2)]
    for job in created:
        pair.b.until(job, lambda j: j.state == RUNNING)
    ended = [pair.b.end(job) for job in created]
    assert [job.state for job in ended] == [SUCCEEDED] * 2
    spans = [(job.start_time.ToNanoseconds(), job.end_time.ToNanoseconds()) for job in ended]
    assert max(start for start, _ in spans) < min(end for _, end in spans)
    for ask in (pair.a, pair.b):
        assert [ask.get(job) for job in ended] == ended
        assert ask.plan(ended[0]).feasible


def test_progress_and_cancel_cross_over(pair: Pair) -> None:
    """Watched at both, told at both; a cancel at either ends it wherever it runs."""
    for canceller, other in ((pair.a, pair.b), (pair.b, pair.a)):
        job = other.create(60)
        for ask in (pair.a, pair.b):
            told = ask.until(job, lambda j: j.progress.iterations > 0)
            assert told.progress.cost.total == 10
        start = time.monotonic()
        answered = canceller.cancel(job)
        assert other.get(job).revision >= answered.revision
        ends = [ask.end(job) for ask in (pair.a, pair.b)]
        assert time.monotonic() - start < 15
        assert ends[0] == ends[1] and ends[0].state == CANCELLED


def test_a_dead_server_is_replaced(pair: Pair) -> None:
    """SIGKILL of one: its job runs at the other within seconds and ends once."""
    blocker = pair.b.create(4)
    pair.b.until(blocker, lambda j: j.state == RUNNING)
    job = pair.a.create(2, request_id="survivor")
    last = pair.b.until(job, lambda j: j.state == RUNNING)
    pair.first.process.kill()
    pair.first.process.wait()
    killed = time.monotonic()
    seen = [message.job for message in pair.b.watch(job, after=last.revision)]
    revisions = [message.revision for message in seen]
    assert revisions == sorted(set(revisions)) and revisions[0] > last.revision
    ended = seen[-1]
    assert (ended.state, ended.worker_deaths) == (SUCCEEDED, 0)
    assert states(ended).count(SUCCEEDED) == 1
    if ended.attempt == 2:  # else the other server had taken both
        assert "gone" in next(e.note for e in ended.history[1:] if e.state == QUEUED)
    assert pair.b.end(blocker).state == SUCCEEDED
    assert pair.b.create(2, request_id="survivor").name == job.name
    assert time.monotonic() - killed < 60
