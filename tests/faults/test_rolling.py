"""Servers are replaced one after the other while clients call: nobody notices."""

from __future__ import annotations

import socket
import threading
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from pathlib import Path

import grpc
import pytest
from alatau.freight.v1.routing_service_pb2_grpc import RoutingServiceStub
from alatau_client import Client

from tests.api.test_routing import line_plan, line_problem
from tests.faults.history import Asked, History, now
from tests.faults.promises import breaches
from tests.faults.traffic import client, until
from tests.postgres import Cluster, cluster_or_skip
from tests.server.test_faults import solve_request
from tests.serving import running_server

GRACE = 7
"""Seconds that a server gives what runs, of which solves get all but the last five."""
CALLERS = 3


cluster = pytest.fixture(scope="module")(cluster_or_skip)


def free_port() -> int:
    """Return a port that nobody has."""
    with closing(socket.socket()) as taken:
        taken.bind(("127.0.0.1", 0))
        port: int = taken.getsockname()[1]
        return port


def both(ports: list[int]) -> str:
    """Return the target that names two servers."""
    return "ipv4:" + ",".join(f"127.0.0.1:{port}" for port in ports)


def test_calls_go_to_the_other_server(tmp_path: Path) -> None:
    """One of two drains, as a solve still runs there: every call is answered by the other."""
    with ExitStack() as stack:
        places = [tmp_path / name for name in ("one", "other")]
        for place in places:
            place.mkdir()
        first, other = (
            stack.enter_context(running_server(place, workers=1, grace_seconds=GRACE))
            for place in places
        )
        channel = stack.enter_context(grpc.insecure_channel(first.address))
        running = RoutingServiceStub(channel).SolveRoutePlan.future(solve_request(60), timeout=90)
        ours = stack.enter_context(
            Client(both([int(server.address.split(":")[1]) for server in (first, other)]))
        )
        for _ in range(4):
            assert ours.routing.evaluate(line_problem(), line_plan()).feasible
        thread = stack.enter_context(ThreadPoolExecutor(1))
        stopped = thread.submit(first.stop)
        answered = 0
        while not stopped.done():
            assert ours.routing.evaluate(line_problem(), line_plan()).feasible
            answered += 1
        assert answered > 3
        assert running.result().plan.feasible
        assert stopped.result() == 0


class Calling:
    """Callers that go on until they are told to stop, and what they have seen.

    Parameters
    ----------
    target
        Where the servers are.
    """

    def __init__(self, target: str) -> None:
        self.done = threading.Event()
        self.made: list[str] = []
        self.answered: Counter[str] = Counter()
        self._client = Client(target)

    def run(self, call: Callable[[], None]) -> None:
        """Make a call over and over."""
        while not self.done.is_set():
            call()
            self.answered[call.__name__] += 1

    def job(self) -> None:
        """Create a job, watch it to its end and fetch its plan."""
        job = self._client.jobs.create(line_problem(), time_limit=0.1)
        self.made.append(job.name)
        assert job.result(timeout=60).plan.feasible

    def solve(self) -> None:
        """Wait for a plan."""
        assert self._client.routing.solve(line_problem(), time_limit=0.3).plan.feasible

    def look(self) -> None:
        """List what there is."""
        assert len(list(self._client.jobs.list(page_size=1000))) >= len(self.made) - CALLERS
        time.sleep(0.05)


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_a_rolling_restart(tmp_path: Path, cluster: Cluster) -> None:
    """Each server is told to stop, and replaced, twice: no call fails, no job is lost."""
    store, ports = cluster.new_database(), [free_port(), free_port()]
    settings = {"store": store, "workers": 2, "grace_seconds": GRACE}
    places = [tmp_path / name for name in ("one", "other")]
    with ExitStack() as stack:
        servers = []
        for place, port in zip(places, ports, strict=True):
            place.mkdir()
            serving = running_server(place, port=port, **settings)
            servers.append(stack.enter_context(serving))
        calling, threads = Calling(both(ports)), stack.enter_context(ThreadPoolExecutor())
        stack.callback(calling.done.set)
        calls = [calling.job] * CALLERS + [calling.solve, calling.look]
        running = [threads.submit(calling.run, call) for call in calls]
        for number in (0, 1, 0, 1):
            before = calling.answered.total()
            until(lambda before=before: calling.answered.total() > before + 20, 120)
            assert servers[number].stop(60) == 0
            serving = running_server(places[number], port=ports[number], **settings)
            servers[number] = stack.enter_context(serving)
            assert not [each for each in running if each.done()], "a caller has failed"
        before = calling.answered.total()
        until(lambda: calling.answered.total() > before + 20, 120)
        calling.done.set()
        for each in running:
            each.result(90)
        history = History()
        asking = stack.enter_context(client(servers[0].address, history))
        for name in calling.made:
            history.asked.append(Asked(asking.get(name).request_id, 0, now(), "OK", name))
        asking.finish()
    assert breaches(history) == []
    assert len(history.listed) == len(set(calling.made)) == calling.answered["job"]
    assert min(calling.answered[name] for name in ("job", "solve", "look")) > 10
