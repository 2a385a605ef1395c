"""``python -m benchmarks load overload``: three times more calls than can be answered.

First the knee is sought: short solves come at a growing rate until no more of
them are answered. Then three times that rate is held, then half of it. The peak is
what is answered a second when a little more than the knee comes, before or after.
As the machine itself may be faster at one time than at another, its pace is sampled
beside, and the goodput is also given as it would be at an equal pace.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import grpc
import typer

from benchmarks.load.calls import callers, solve_request
from benchmarks.load.generator import Outcome, at_rate, codes, goodput, latencies, quantile
from benchmarks.load.pace import Pace, pacing
from benchmarks.load.pictures import lines
from benchmarks.load.report import Figure, Limit, finish
from benchmarks.load.server import served

REFUSED = grpc.StatusCode.RESOURCE_EXHAUSTED.name
ITERATIONS = 1000
"""Of each solve, some 10 ms on a core of its own."""
CONNECTIONS = 8
"""A server refuses more than 200 calls at once over one connection."""
STEP = 1.4
"""From one rate to the next while the knee is sought."""
STEP_SECONDS = 6.0
"""How long each rate is held."""
PEAK_SECONDS = 20.0
"""How long a little more than the knee is held, before and after the overload. The best of
many short rates is no peak that lasts: on two idle cores, holds of 6 s differ by a tenth."""
PEAK_FACTOR = 1.2
"""How much more."""
PATIENCE = 2.0
"""Deadline of each call in seconds."""
FULL = 0.9
"""The knee is passed when fewer than this share are answered."""
CALM_SECONDS = 15.0
"""How long half the knee is held afterwards."""


@dataclass(frozen=True, slots=True)
class Held:
    """One rate held: from when to when by ``time.monotonic()``, and how each call went."""

    begin: float
    end: float
    outcomes: list[Outcome]

    @property
    def goodput(self) -> float:
        """Calls a second that were answered."""
        return goodput(self.outcomes, self.end - self.begin)

    def paced(self, pace: Pace) -> float:
        """Return the calls answered while the machine adds once."""
        return self.goodput / pace.between(self.begin, self.end)


@dataclass(frozen=True, slots=True)
class Overloaded:
    """What was measured."""

    peaks: tuple[Held, Held]
    over: Held
    calm: list[Outcome]
    normal: list[Outcome]
    empty: list[Outcome]
    sought: list[tuple[float, float]]


async def hold(call: Callable[[int], Awaitable[object]], rate: float, seconds: float) -> Held:
    """Make so many calls a second for some seconds."""
    begin = time.monotonic()
    return Held(begin, begin + seconds, await at_rate(call, rate, seconds))


async def measure(address: str, factor: float, seconds: float) -> Overloaded:
    """Seek the knee, hold ``factor`` times it, and see how the server recovers."""
    request = solve_request(30, seconds=1, iterations=ITERATIONS)
    async with callers(address, CONNECTIONS + 1) as (other, *several):

        async def solve(number: int) -> None:
            caller = several[number % CONNECTIONS]
            await caller.routes.SolveRoutePlan(request, timeout=PATIENCE)

        sought: list[tuple[float, float]] = []
        rate = 8.0
        while not sought or sought[-1][1] >= FULL * sought[-1][0]:
            outcomes = await at_rate(solve, rate, STEP_SECONDS)
            sought.append((rate, goodput(outcomes, STEP_SECONDS)))
            rate *= STEP
        knee = max(good for _, good in sought)
        normal = await at_rate(solve, knee / 2, STEP_SECONDS)
        before = await hold(solve, PEAK_FACTOR * knee, PEAK_SECONDS)
        over, empty = await asyncio.gather(
            hold(solve, factor * knee, seconds), at_rate(other.empty, 20, seconds)
        )
        calm = await at_rate(solve, knee / 2, CALM_SECONDS)
        after = await hold(solve, PEAK_FACTOR * knee, PEAK_SECONDS)
    return Overloaded((before, after), over, calm, normal, empty, sought)


def recovery(calm: Sequence[Outcome], usual: float) -> float:
    """Return the seconds until all calls of a second are answered as fast as usual.

    ``usual`` is a latency in milliseconds that most calls keep without overload.
    """
    for second in range(int(CALM_SECONDS)):
        window = [each for each in calm if second <= each.due < second + 1]
        good = latencies(window)
        if window and len(good) == len(window) and quantile(good, 0.5) <= usual:
            return float(second)
    return float("inf")


def command(
    factor: Annotated[float, typer.Option(help="Times the knee.", min=1)] = 3,
    seconds: Annotated[float, typer.Option(help="How long it is held.", min=1)] = 120,
    workers: Annotated[int, typer.Option(help="Workers of the server.", min=1)] = 1,
    out: Annotated[Path, typer.Option(help="Folder of the results.")] = Path("out/load/overload"),
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
) -> None:
    """Measure goodput, refusals and recovery under more load than can be answered."""
    store = f"sqlite:///{out.resolve()}/jobs.db"
    with (
        served(out, workers=workers, job_workers=1, queue_limit=8, store=store) as server,
        pacing() as pace,
    ):
        found = asyncio.run(measure(server.address, factor, seconds))
    refused, nothing = latencies(found.over.outcomes, REFUSED), latencies(found.empty)
    peak = max(held.goodput for held in found.peaks)
    paced = found.over.paced(pace) / max(held.paced(pace) for held in found.peaks)
    usual = 2 * quantile(latencies(found.normal), 0.9)
    figures = [
        Figure("peak", peak, "calls/s"),
        Figure(
            "goodput under overload", 100 * found.over.goodput / peak, "% of peak", Limit(least=90)
        ),
        Figure("the same at an equal pace of the machine", 100 * paced, "% of peak"),
        Figure("refusals p50", quantile(refused, 0.5), "ms", None, quantile(nothing, 0.5)),
        Figure(
            "refusals p99", quantile(refused, 0.99), "ms", Limit(most=20), quantile(nothing, 0.99)
        ),
        Figure("normal again after", recovery(found.calm, usual), "s", Limit(most=5)),
    ]
    draw(out, found, seconds)
    samples = {"codes": codes(found.over.outcomes), "knee": found.sought}
    finish("overload", figures, samples, out, as_json=as_json)


def draw(out: Path, found: Overloaded, seconds: float) -> None:
    """Draw calls answered and refused in each second of the overload and after it."""
    both = [
        *found.over.outcomes,
        *(Outcome(each.due + seconds, each.latency, each.code) for each in found.calm),
    ]
    series = {}
    for name, wanted in (("answered", "OK"), ("refused", REFUSED)):
        counts = [0] * (int(seconds + CALM_SECONDS) + 1)
        for each in both:
            counts[int(each.due)] += each.code == wanted
        series[name] = (list(range(len(counts))), counts)
    lines(out / "overload.png", ("seconds", "calls in a second"), series)
