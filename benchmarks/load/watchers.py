"""``python -m benchmarks load watchers``: what a thousand watchers of one job cost.

They watch a job that is being solved. Then it is cancelled: the time from the call of
CancelJob until each watcher has the final state is that of an update.
"""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated

import typer
from alatau.jobs.v1 import jobs_service_pb2 as pb

from benchmarks.load.calls import STREAMS, Caller, callers, solve_request
from benchmarks.load.generator import at_rate, latencies, quantile
from benchmarks.load.pictures import curves
from benchmarks.load.processes import private_mib
from benchmarks.load.report import Figure, Limit, finish
from benchmarks.load.server import Served, served

EMPTY_RATE = 20.0
"""Empty calls a second beside the watchers."""


@dataclass(slots=True)
class Watcher:
    """One watcher: when it saw which revision, as moments of ``time.perf_counter()``."""

    seen: list[tuple[float, int]] = field(default_factory=list)
    first: asyncio.Event = field(default_factory=asyncio.Event)
    ended: float = float("nan")

    async def watch(self, caller: Caller, name: str) -> None:
        """Follow a job until it is done."""
        async for answer in caller.jobs.WatchJob(pb.WatchJobRequest(name=name), timeout=600):
            self.seen.append((time.perf_counter(), answer.job.revision))
            self.first.set()
        self.ended = time.perf_counter()


@dataclass(frozen=True, slots=True)
class Watched:
    """What was measured: MiB, and times in milliseconds."""

    memory: float
    ends: list[float]
    progress: list[float]
    messages: float
    empty: list[float]


async def measure(server: Served, count: int, seconds: float) -> Watched:
    """Return what ``count`` watchers of one job cost and how fast they hear."""
    async with callers(server.address, -(-count // STREAMS) + 1) as (first, *others):
        name = (await first.create(solve_request(200))).name
        await first.until_running(name)
        before = private_mib(server.pid)
        watchers = [Watcher() for _ in range(count)]
        tasks = [
            asyncio.create_task(watcher.watch(others[number // STREAMS], name))
            for number, watcher in enumerate(watchers)
        ]
        await asyncio.gather(*(watcher.first.wait() for watcher in watchers))
        start = time.perf_counter()
        empty = latencies(await at_rate(first.empty, EMPTY_RATE, seconds))
        after = private_mib(server.pid)
        cancelled = time.perf_counter()
        await first.cancel(name)
        await asyncio.gather(*tasks)
    return Watched(
        memory=after - before,
        ends=[1e3 * (watcher.ended - cancelled) for watcher in watchers],
        progress=spread(watchers, start, cancelled),
        messages=sum(len(watcher.seen) for watcher in watchers) / count / seconds,
        empty=empty,
    )


def spread(watchers: list[Watcher], start: float, end: float) -> list[float]:
    """Return, for each watcher and revision, how long after the first one it was as far.

    Counted are revisions that somebody saw between two moments; a watcher that saw a later
    one instead is as far then.
    """
    firsts: dict[int, float] = {}
    for watcher in watchers:
        for at, revision in watcher.seen:
            firsts[revision] = min(at, firsts.get(revision, at))
    wanted = sorted((r, at) for r, at in firsts.items() if start <= at <= end)
    found = []
    for watcher in watchers:
        position = 0
        for revision, at in wanted:
            while position < len(watcher.seen) and watcher.seen[position][1] < revision:
                position += 1
            if position < len(watcher.seen):
                found.append(max(0.0, 1e3 * (watcher.seen[position][0] - at)))
    return found


def command(
    count: Annotated[int, typer.Option(help="Watchers.", min=1)] = 1000,
    seconds: Annotated[float, typer.Option(help="How long they watch.", min=0.1)] = 20,
    out: Annotated[Path, typer.Option(help="Folder of the results.")] = Path("out/load/watchers"),
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
) -> None:
    """Measure memory and latency of many watchers of one job."""
    store = f"sqlite:///{out.resolve()}/jobs.db"
    with served(out, job_workers=1, workers=1, store=store) as server:
        found = asyncio.run(measure(server, count, seconds))
    nothing = quantile(found.empty, 0.99)
    limit = Limit(most=300)
    figures = [
        Figure("extra memory", found.memory, "MiB", Limit(most=150)),
        Figure("new state p50", quantile(found.ends, 0.5), "ms"),
        Figure("new state p99", quantile(found.ends, 0.99), "ms", limit, nothing),
        Figure("progress p99", quantile(found.progress, 0.99), "ms", limit, nothing),
        Figure("reports to each watcher", found.messages, "1/s"),
    ]
    series = {"new state": found.ends, "progress": found.progress, "empty call": found.empty}
    curves(out / "latency.png", "Time until a watcher knows, ms", series)
    finish("watchers", figures, {"new_state_ms": found.ends}, out, as_json=as_json)
