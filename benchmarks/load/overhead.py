"""``python -m benchmarks load overhead``: what the service adds to a solve of the library.

A random problem of 1,000 visits with time windows is solved with the same seed and as
many iterations as the library makes in ten seconds of a core, in turns by the library in
a process of its own and by a server: the same work, so that what is more is the service.
Wall time includes the client; the time of cores is that of the server and its workers.
Besides, the time from the arrival of a 1,000 x 1,000 matrix until it is in NumPy.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import statistics
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated

import grpc
import numpy as np
import typer
from alatau.freight.v1 import routing_service_pb2 as pb
from alatau.freight.v1.routing_service_pb2_grpc import RoutingServiceStub

from benchmarks.load.processes import usage
from benchmarks.load.report import Figure, Limit, finish
from benchmarks.load.server import served
from benchmarks.micro.classes import made
from router.freight.routes.solve import solve
from router.solving import SolveOptions
from server import registry
from server.access.build import limits
from server.calls import Calls
from server.codecs.clock import Clock
from server.codecs.routing_problem import encode_problem
from server.rpc.received import reading
from server.settings import Settings
from server.workers.forge import Forge
from server.workers.pool import WorkerPool

MOST_SECONDS = 600.0
"""Time limit of every solve; iterations end it long before."""
CLOCKED_JOBS = "benchmarks.load.clocked"
"""Module whose job stands in for the service's; only worker processes import it."""
CLOCKED_JOB = "clocked.matrix"
CHANNEL = [("grpc.max_receive_message_length", -1), ("grpc.max_send_message_length", -1)]


@dataclass(frozen=True, slots=True)
class Solved:
    """One solve: time of the clock and of cores, and what came out."""

    wall: float
    cpu: float
    cost: int
    iterations: int


class _Silent:
    """A monitor without ears."""

    def report(self, progress: object, incumbent: object = None) -> None:
        """Hear nothing."""

    def stopped(self) -> bool:
        """Never stop."""
        return False


def by_library(visits: int, seed: int, seconds: float, iterations: int | None) -> Solved:
    """Solve in this process."""
    problem = made("VRPTW", visits, seed)
    options = SolveOptions(seconds=seconds, seed=1, threads=1, max_iterations=iterations)
    wall, cpu = time.perf_counter(), time.process_time()
    plan = solve(problem, options, _Silent())
    spent = time.perf_counter() - wall, time.process_time() - cpu
    return Solved(*spent, plan.cost.total, plan.iterations)


def by_service(stub: RoutingServiceStub, pid: int, data: bytes) -> Solved:
    """Solve over gRPC, from the request in memory to the response in memory."""
    request = pb.SolveRoutePlanRequest.FromString(data)
    before, wall = usage(pid).cpu_seconds, time.perf_counter()
    plan = stub.SolveRoutePlan(request, timeout=MOST_SECONDS).plan
    spent = time.perf_counter() - wall, usage(pid).cpu_seconds - before
    return Solved(*spent, plan.cost.total, plan.summary.iterations)


def solves(
    folder: Path, visits: int, seed: int, seconds: float, repeats: int
) -> list[tuple[Solved, Solved]]:
    """Return pairs of the same solve by library and service, in turns."""
    spawn = multiprocessing.get_context("spawn")

    def library(limit: float, iterations: int | None) -> Solved:
        with spawn.Pool(1) as pool:
            return pool.apply(by_library, (visits, seed, limit, iterations))

    trial = library(seconds / 2, None)
    iterations = max(1, round(trial.iterations * seconds / trial.cpu))
    request = pb.SolveRoutePlanRequest(
        problem=encode_problem(made("VRPTW", visits, seed), Clock(0))
    )
    request.options.random_seed, request.options.threads = 1, 1
    request.options.max_iterations = iterations
    request.options.time_limit.FromSeconds(round(MOST_SECONDS))
    with served(folder, workers=1) as server, grpc.insecure_channel(server.address) as channel:
        stub = RoutingServiceStub(channel)
        data = request.SerializeToString()
        return [
            (library(MOST_SECONDS, iterations), by_service(stub, server.pid, data))
            for _ in range(repeats)
        ]


def matrix_request(count: int, *, packed: bool, seed: int = 1) -> bytes:
    """Return a request with a random matrix of ``count`` x ``count``, serialised."""
    values = np.random.default_rng(seed).integers(0, 100_000, count * count).astype("<i4")
    request = pb.EvaluateRoutePlanRequest()
    for number in range(count):
        request.problem.locations.add(id=f"place-{number}")
    matrix = request.problem.travel["default"].matrix
    if packed:
        matrix.distances.extend(values.tolist())
        matrix.durations.extend(values.tolist())
    else:
        matrix.distances_le32 = matrix.durations_le32 = values.tobytes()
    return request.SerializeToString()


class _NoDeadline:
    def time_remaining(self) -> None:
        """Tell that there is no deadline."""


async def arrivals(data: bytes, repeats: int) -> tuple[list[float], float]:
    """Return the seconds from a request's arrival as bytes until it is in NumPy.

    The way is that of the service: parsed in the server, sent to a worker process,
    parsed and decoded there. Also returned: the mean seconds of cores.
    """
    os.environ[registry.INSTEAD] = CLOCKED_JOBS
    forge = Forge()
    pool = WorkerPool("clocked", 1, 1, forge)
    settings = Settings(workers=1)
    calls = Calls(pool, pool, settings, limits(settings))
    try:
        await forge.start()
        await pool.start()
        found, before = [], usage(os.getpid()).cpu_seconds
        for _ in range(repeats):
            start = time.monotonic()
            request = reading(pb.EvaluateRoutePlanRequest.FromString)(data)
            answer = await calls.check(CLOCKED_JOB, request, _NoDeadline())
            found.append(float(answer) - start)
        return found, (usage(os.getpid()).cpu_seconds - before) / repeats
    finally:
        del os.environ[registry.INSTEAD]
        await pool.close()
        await forge.close()


def command(
    visits: Annotated[int, typer.Option(help="Visits of the problem.", min=10)] = 1000,
    seconds: Annotated[float, typer.Option(help="Seconds of a core of the library's solve.")] = 10,
    repeats: Annotated[int, typer.Option(help="Solves of each, in turns.", min=1)] = 3,
    seed: Annotated[int, typer.Option(help="Seed of the problem.")] = 1,
    matrix: Annotated[int, typer.Option(help="Places of the matrix.", min=2)] = 1000,
    out: Annotated[Path, typer.Option(help="Folder of the results.")] = Path("out/load/overhead"),
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
) -> None:
    """Measure what the service adds to a solve, and how fast a matrix reaches NumPy."""
    pairs = solves(out, visits, seed, seconds, repeats)
    for library, service in pairs:
        if (library.cost, library.iterations) != (service.cost, service.iterations):
            raise typer.BadParameter("library and service did not do the same work")
    added = [(s.cpu - b.cpu) / b.cpu for b, s in pairs]
    later = [(s.wall - b.wall) / b.wall for b, s in pairs]
    raw, raw_cores = asyncio.run(arrivals(matrix_request(matrix, packed=False), 40))
    packed, packed_cores = asyncio.run(arrivals(matrix_request(matrix, packed=True), 10))
    kept = Limit(most=20)
    figures = [
        Figure("solve: added time of cores", 100 * statistics.median(added), "%", Limit(most=3)),
        Figure("solve: added time of the clock", 100 * statistics.median(later), "%"),
        Figure("matrix as bytes: time of cores", 1e3 * raw_cores, "ms", kept),
        Figure("matrix as bytes: median", 1e3 * statistics.median(raw), "ms", kept),
        Figure("matrix as bytes: best", 1e3 * min(raw), "ms"),
        Figure("packed integers: time of cores", 1e3 * packed_cores, "ms"),
        Figure("packed integers: median", 1e3 * statistics.median(packed), "ms"),
    ]
    samples = {
        "solves": [{"library": asdict(b), "service": asdict(s)} for b, s in pairs],
        "matrix_bytes": raw,
        "matrix_packed": packed,
    }
    finish("overhead", figures, samples, out, as_json=as_json)
