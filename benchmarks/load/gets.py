"""``python -m benchmarks load gets``: how fast jobs are told of while every worker solves."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Annotated

import typer

from benchmarks.load.calls import callers, solve_request
from benchmarks.load.generator import Outcome, at_rate, codes, latencies, quantile
from benchmarks.load.pictures import curves
from benchmarks.load.report import Figure, Limit, finish
from benchmarks.load.server import served

CONNECTIONS = 8
"""A server refuses more than 200 calls at once over one connection."""
EMPTY_RATE = 50.0
"""Empty calls a second beside the others."""


async def measure(
    address: str, jobs: int, rate: float, seconds: float
) -> tuple[list[Outcome], list[Outcome]]:
    """Return how GetJob and empty calls went while ``jobs`` jobs were being solved."""
    async with callers(address, CONNECTIONS + 1) as (other, *several):
        caller = several[0]
        busy = [(await caller.create(solve_request(200))).name for _ in range(jobs)]
        for name in busy:
            await caller.until_running(name)

        async def get(number: int) -> None:
            await several[number % CONNECTIONS].get(busy[number % jobs])

        await at_rate(get, rate, min(3.0, seconds))
        gets, empty = await asyncio.gather(
            at_rate(get, rate, seconds),
            at_rate(other.empty, EMPTY_RATE, seconds),
        )
        for name in busy:
            await caller.cancel(name)
    return gets, empty


def command(
    rate: Annotated[float, typer.Option(help="Calls a second.", min=1)] = 300,
    seconds: Annotated[float, typer.Option(help="How long.", min=0.1)] = 30,
    workers: Annotated[int, typer.Option(help="Jobs that are solved meanwhile.", min=1)] = 2,
    out: Annotated[Path, typer.Option(help="Folder of the results.")] = Path("out/load/gets"),
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
) -> None:
    """Measure GetJob at a fixed rate while every worker solves a job."""
    store = f"sqlite:///{out.resolve()}/jobs.db"
    with served(out, job_workers=workers, workers=1, store=store) as server:
        gets, empty = asyncio.run(measure(server.address, workers, rate, seconds))
    told, nothing = latencies(gets), latencies(empty)
    limits = {0.5: None, 0.99: Limit(most=25)}
    figures = [
        Figure(
            f"GetJob p{share * 100:g}",
            quantile(told, share),
            "ms",
            limit,
            quantile(nothing, share),
        )
        for share, limit in limits.items()
    ]
    figures.append(Figure("failed", len(gets) - len(told), "calls", Limit(most=0)))
    curves(out / "latency.png", "Latency, ms", {"GetJob": told, "empty call": nothing})
    finish("gets", figures, {"codes": codes(gets), "latency_ms": told}, out, as_json=as_json)
