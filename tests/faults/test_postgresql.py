"""PostgreSQL restarts, and one of two servers on it is killed: nothing is lost."""

from __future__ import annotations

import signal
import threading
from pathlib import Path

import pytest

from tests.faults.history import History, State
from tests.faults.promises import breaches
from tests.faults.traffic import client, until
from tests.postgres import Cluster, cluster_or_skip
from tests.serving import running_server

LEASE = 3
"""Seconds after which a job of a silent server may be taken; the least there may be."""


cluster = pytest.fixture(scope="module")(cluster_or_skip)


def test_a_database_that_restarts(tmp_path: Path, cluster: Cluster) -> None:
    """Killed while jobs run and are asked for, then started again."""
    history = History()
    with (
        running_server(tmp_path, store=cluster.new_database(), job_workers=1) as server,
        client(server.address, history) as asking,
    ):
        names = [asking.create(f"before-{n}", 0.4) for n in range(3)]
        assert None not in names
        cluster.stop(signal.SIGQUIT)
        assert asking.create("meanwhile", 0.1) is None
        assert "Nothing acknowledged is lost" in asking.refusal
        cluster.start()
        until(lambda: asking.create("meanwhile", 0.1) is not None)
        asking.finish()
    assert breaches(history) == []
    assert sorted(history.listed) == ["before-0", "before-1", "before-2", "meanwhile"]


@pytest.mark.slow
def test_a_server_beside_another_is_killed(tmp_path: Path, cluster: Cluster) -> None:
    """The other one takes its jobs once their lease has run out; watchers there see it."""
    history, store = History(), cluster.new_database()
    (tmp_path / "other").mkdir()
    settings = {"store": store, "job_workers": 1, "lease_seconds": LEASE}
    with (
        running_server(tmp_path, **settings) as first,
        running_server(tmp_path / "other", **settings) as second,
        client(first.address, history) as asking,
        client(second.address, history) as other,
    ):
        names = [asking.create(f"job-{n}", 0.8) for n in range(6)]
        watching = [
            threading.Thread(target=lambda name=name: list(other.watch(name)))
            for name in names
            if name is not None
        ]
        assert len(watching) == 6
        for thread in watching:
            thread.start()
        first.process.kill()
        for thread in watching:
            thread.join(90)
        other.finish()
    assert breaches(history) == []
    assert len(history.listed) == 6


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_a_server_that_was_only_silent(tmp_path: Path, cluster: Cluster) -> None:
    """Stopped for longer than its lease, then awake again: each job ends once."""
    history, store = History(), cluster.new_database()
    (tmp_path / "other").mkdir()
    settings = {"store": store, "job_workers": 1, "lease_seconds": LEASE}
    with (
        running_server(tmp_path, **settings) as silent,
        running_server(tmp_path / "other", **settings) as second,
        client(silent.address, history) as asking,
        client(second.address, history) as other,
    ):
        names = [asking.create(f"job-{n}", 1.5) for n in range(4)]
        assert None not in names
        until(lambda: State.STATE_RUNNING in {asking.get(str(n)).state for n in names})
        silent.process.send_signal(signal.SIGSTOP)
        until(lambda: all(other.get(str(name)).done for name in names), 120)
        silent.process.send_signal(signal.SIGCONT)
        for client_of in (asking, other):
            client_of.finish()
        assert asking.create("awake", 0.1) is not None
        other.finish()
        taken = [len(other.get(str(name)).history) for name in names]
    assert breaches(history) == []
    assert len(history.listed) == 5
    assert max(taken) > 4, "no job was taken over"
