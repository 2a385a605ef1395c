"""Several clients at once, some of whom vanish, while workers are killed."""

from __future__ import annotations

import os
import signal
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from random import Random

import grpc
from alatau.freight.v1 import routing_service_pb2 as pb
from alatau.freight.v1.routing_service_pb2_grpc import RoutingServiceStub

from tests.api.test_routing import line_plan, line_problem
from tests.server.test_faults import solve_request
from tests.serving import ServerProcess, children, running_server

SECONDS = 6.0
CLIENTS = 6


def solve(stub: RoutingServiceStub, random: Random) -> None:
    """Wait for a plan."""
    assert stub.SolveRoutePlan(solve_request(0.1), timeout=20).plan.feasible


def watch(stub: RoutingServiceStub, random: Random) -> None:
    """Watch a solve to its end."""
    request = pb.StreamRoutePlanRequest(problem=line_problem(), options=solve_request(0.2).options)
    assert list(stub.StreamRoutePlan(request, timeout=20))[-1].plan.feasible


def judge(stub: RoutingServiceStub, random: Random) -> None:
    """Have a plan judged."""
    request = pb.EvaluateRoutePlanRequest(problem=line_problem(), plan=line_plan())
    assert stub.EvaluateRoutePlan(request, timeout=20).feasible


def leave(stub: RoutingServiceStub, random: Random) -> None:
    """Cancel a long solve after a while."""
    running = stub.SolveRoutePlan.future(solve_request(60), timeout=90)
    time.sleep(random.random() * 0.3)
    running.cancel()


def client(server: ServerProcess, seed: int, until: float) -> Counter[str]:
    """Call at random until a moment; return how many calls of a kind were answered."""
    random, answered = Random(seed), Counter[str]()
    kinds: list[Callable[[RoutingServiceStub, Random], None]] = [solve, watch, judge, leave]
    with grpc.insecure_channel(server.address) as channel:
        stub = RoutingServiceStub(channel)
        while time.monotonic() < until:
            kind = random.choice(kinds)
            kind(stub, random)
            answered[kind.__name__] += 1
    return answered


def kill_workers(nursery: int, until: float) -> int:
    """Kill a worker every half second; return how many."""
    random, killed = Random(1), 0
    while time.monotonic() < until:
        time.sleep(0.5)
        with suppress(ProcessLookupError, IndexError):
            os.kill(random.choice(children(nursery)), signal.SIGKILL)
            killed += 1
    return killed


def descriptors(server: ServerProcess) -> int:
    """Return the number of files and sockets that the server holds."""
    return len(os.listdir(f"/proc/{server.process.pid}/fd"))


def test_nobody_notices_killed_workers(tmp_path: Path) -> None:
    """Every call is answered, all workers are back, and nothing has leaked."""
    with running_server(tmp_path, workers=2) as server, ThreadPoolExecutor() as threads:
        (nursery,) = server.children()
        before, until = descriptors(server), time.monotonic() + SECONDS
        killed = threads.submit(kill_workers, nursery, until)
        clients = [threads.submit(client, server, seed, until) for seed in range(CLIENTS)]
        answered = sum((each.result() for each in clients), Counter[str]())
        assert killed.result() >= 5
        assert min(answered[kind] for kind in ("solve", "watch", "judge", "leave")) > 0
        deadline = time.monotonic() + 10
        # Four processes; those with nothing to do may lie dead until they have.
        while len(children(nursery)) not in {2, 3, 4} or descriptors(server) > before:
            assert time.monotonic() < deadline
            time.sleep(0.05)
