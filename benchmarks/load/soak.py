"""``python -m benchmarks load soak``: half an hour at half load, and nothing grows.

All kinds of calls come at a steady rate: solves, evaluations, jobs that are created,
watched, fetched, cancelled and forgotten. Memory of the server process and its
descriptors are read every few seconds; growth is the difference between the medians of
the first fifth after the warm-up and of the last.
"""

from __future__ import annotations

import asyncio
import statistics
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated

import grpc
import typer
from alatau.freight.v1 import routing_service_pb2 as routing
from alatau.jobs.v1 import jobs_service_pb2 as pb

from benchmarks.load.calls import Caller, callers, solve_request
from benchmarks.load.generator import Outcome, at_rate, codes, latencies, quantile
from benchmarks.load.pictures import lines
from benchmarks.load.processes import private_mib, usage
from benchmarks.load.report import Figure, Limit, finish
from benchmarks.load.server import Served, served

SOLVE_ITERATIONS = 4000
"""A solve of some 20 ms."""
PAUSE = 5.0
"""Seconds between two samples."""


@dataclass(frozen=True, slots=True)
class Sample:
    """What the server uses at a moment."""

    second: float
    server_mib: float
    all_mib: float
    descriptors: int
    processes: int


async def sampled(server: Served, seconds: float) -> list[Sample]:
    """Return what the server uses, every few seconds."""
    start, found = time.monotonic(), []
    while (second := time.monotonic() - start) < seconds:
        now = usage(server.pid)
        own = private_mib(server.pid)
        found.append(Sample(second, own, now.memory_mib, now.descriptors, now.processes))
        await asyncio.sleep(min(PAUSE, seconds / 20))
    return found


class Mixture:
    """Calls of every kind, in turns."""

    def __init__(self, caller: Caller) -> None:
        self._caller = caller
        self._solve = solve_request(30, seconds=5, iterations=SOLVE_ITERATIONS)
        self._long = solve_request(30, seconds=60)
        self._kinds = (self._solved, self._evaluated, self._job, self._streamed, self._cancelled)

    async def __call__(self, number: int) -> None:
        """Make one call, or the few that belong together."""
        await self._kinds[number % len(self._kinds)]()

    async def _solved(self) -> None:
        await self._caller.routes.SolveRoutePlan(self._solve, timeout=20)

    async def _evaluated(self) -> None:
        request = routing.EvaluateRoutePlanRequest(problem=self._solve.problem)
        request.plan.SetInParent()
        await self._caller.routes.EvaluateRoutePlan(request, timeout=20)

    async def _streamed(self) -> None:
        request = routing.StreamRoutePlanRequest(
            problem=self._solve.problem, options=self._solve.options
        )
        async for _ in self._caller.routes.StreamRoutePlan(request, timeout=20):
            pass

    async def _job(self) -> None:
        jobs = self._caller.jobs
        name = (await self._caller.create(self._solve)).name
        async for _ in jobs.WatchJob(pb.WatchJobRequest(name=name), timeout=60):
            pass
        await jobs.GetRoutePlanResult(pb.GetRoutePlanResultRequest(name=name), timeout=20)
        await jobs.DeleteJob(pb.DeleteJobRequest(name=name), timeout=20)

    async def _cancelled(self) -> None:
        name = (await self._caller.create(self._long)).name
        await asyncio.sleep(0.2)
        await self._caller.cancel(name)


async def measure(
    server: Served, rate: float, seconds: float
) -> tuple[list[Sample], list[Outcome]]:
    """Return what the server used while calls came, and how they went."""
    async with callers(server.address) as (caller,):
        sampling = asyncio.create_task(sampled(server, seconds))
        outcomes = await at_rate(Mixture(caller), rate, seconds)
        with suppress(grpc.RpcError):
            await caller.empty()
        return await sampling, outcomes


def growth(values: Sequence[float], warm: float) -> float:
    """Return by which share the last fifth after the warm-up is above the first fifth."""
    kept = list(values[round(warm * len(values)) :])
    fifth = max(1, len(kept) // 5)
    first, last = statistics.median(kept[:fifth]), statistics.median(kept[-fifth:])
    return (last - first) / first


def command(
    minutes: Annotated[float, typer.Option(help="How long.", min=0.05)] = 30,
    rate: Annotated[float, typer.Option(help="Calls a second.", min=0.1)] = 10,
    warm: Annotated[
        float, typer.Option(help="Share of the time to warm up.", min=0, max=0.8)
    ] = 0.2,
    out: Annotated[Path, typer.Option(help="Folder of the results.")] = Path("out/load/soak"),
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
) -> None:
    """Measure whether memory or descriptors grow under a steady load of all calls."""
    store = f"sqlite:///{out.resolve()}/jobs.db"
    with served(out, store=store, job_keep_seconds=60) as server:
        samples, outcomes = asyncio.run(measure(server, rate, 60 * minutes))
    limit = Limit(most=2)
    good = latencies(outcomes)
    files = [float(each.descriptors) for each in samples]
    figures = [
        Figure("growth, server", 100 * growth([s.server_mib for s in samples], warm), "%", limit),
        Figure("growth, with workers", 100 * growth([s.all_mib for s in samples], warm), "%"),
        Figure("memory at the end, server", samples[-1].server_mib, "MiB"),
        Figure("growth of descriptors", 100 * growth(files, warm), "%", limit),
        Figure("calls", len(outcomes), ""),
        Figure("failed", len(outcomes) - len(good), "calls", Limit(most=0)),
        Figure("latency p50", quantile(good, 0.5), "ms"),
    ]
    times = [each.second / 60 for each in samples]
    memory = {
        "server, MiB": (times, [each.server_mib for each in samples]),
        "with workers, MiB": (times, [each.all_mib for each in samples]),
        "descriptors": (times, files),
    }
    lines(out / "soak.png", ("minutes", "MiB, descriptors"), memory)
    raw = {"codes": codes(outcomes), "samples": [asdict(each) for each in samples]}
    finish("soak", figures, raw, out, as_json=as_json)
